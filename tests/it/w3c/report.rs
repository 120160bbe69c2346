//! What passed and what did not.

/// Tests that the endpoint is known to fail, and why it may.
#[derive(Debug)]
pub(super) struct Exception {
    pub(super) reason: &'static str,
    /// Identifiers.
    pub(super) tests: &'static [&'static str],
}

/// How a test ended: well, or with what was wrong.
pub(super) type Outcome = Result<(), String>;

/// Prints each outcome and the totals of a suite.
///
/// Fails unless exactly the exceptions failed: one that passes, or that is no test of this suite, has to be taken off
/// the list.
pub(super) fn check(suite: &str, outcomes: &[(String, Outcome)], exceptions: &[Exception]) {
    let mut wrong = Vec::new();
    let (mut passed, mut excepted) = (0, 0);
    for (id, outcome) in outcomes {
        let exception = exceptions.iter().find(|exception| exception.tests.contains(&id.as_str()));
        match (outcome, exception) {
            (Ok(()), None) => {
                passed += 1;
                println!("pass    {id}");
            }
            (Err(_), Some(exception)) => {
                excepted += 1;
                println!("except  {id}: {}", exception.reason);
            }
            (Err(error), None) => wrong.push(format!("FAIL    {id}: {error}")),
            (Ok(()), Some(_)) => wrong.push(format!("PASS    {id}, which is on the list of exceptions")),
        }
    }
    let listed = exceptions.iter().flat_map(|exception| exception.tests);
    let gone = listed.filter(|test| outcomes.iter().all(|(id, _)| id != *test));
    wrong.extend(gone.map(|test| format!("GONE    {test}, which is on the list of exceptions")));
    println!("{suite}: {passed} of {} passed, {excepted} excepted, {} wrong", outcomes.len(), wrong.len());
    assert!(!outcomes.is_empty(), "{suite} has no tests");
    assert!(wrong.is_empty(), "{suite}: {} wrong\n{}", wrong.len(), wrong.join("\n"));
}
