//! What passed and what did not.

/// A test that the endpoint is known to fail, by identifier, and why it may.
pub(super) type Exception = (&'static str, &'static str);

/// How a test ended: well, or with what was wrong.
pub(super) type Outcome = Result<(), String>;

/// Prints each outcome and the totals of a suite.
///
/// Fails unless exactly the exceptions failed: one that passes, or that is no test of this suite, is to be taken off
/// the list.
pub(super) fn check(suite: &str, outcomes: &[(String, Outcome)], exceptions: &[Exception]) {
    let reason = |id: &str| exceptions.iter().find(|(excepted, _)| *excepted == id).map(|(_, reason)| *reason);
    let mut wrong = Vec::new();
    let (mut passed, mut excepted) = (0, 0);
    for (id, outcome) in outcomes {
        match (outcome, reason(id)) {
            (Ok(()), None) => {
                passed += 1;
                println!("pass    {id}");
            }
            (Err(_), Some(reason)) => {
                excepted += 1;
                println!("except  {id}: {reason}");
            }
            (Err(error), None) => wrong.push(format!("FAIL    {id}: {error}")),
            (Ok(()), Some(_)) => wrong.push(format!("PASS    {id}, which is on the list of exceptions")),
        }
    }
    let gone = exceptions.iter().filter(|(excepted, _)| outcomes.iter().all(|(id, _)| id != excepted));
    wrong.extend(gone.map(|(id, _)| format!("GONE    {id}, which is on the list of exceptions")));
    println!("{suite}: {passed} of {} passed, {excepted} excepted, {} wrong", outcomes.len(), wrong.len());
    assert!(!outcomes.is_empty(), "{suite} has no tests");
    assert!(wrong.is_empty(), "{suite}: {} wrong\n{}", wrong.len(), wrong.join("\n"));
}
