//! What passed, what did not, and what was left out.

use std::collections::BTreeMap;

use super::{case::Case, exceptions::Exception, left_out::Why};

/// How many of a hundred that were asked have to pass.
const LEAST: usize = 98;

/// How a case ended.
#[derive(Debug)]
pub(super) enum Outcome {
    Passed,
    /// With what is wrong.
    Failed(String),
    LeftOut(Why),
}

/// The cases of one test set, or of all.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    passed: usize,
    failed: usize,
    left_out: usize,
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::LeftOut(_) => self.left_out += 1,
        }
    }

    fn asked(self) -> usize {
        self.passed + self.failed
    }

    fn row(self, name: &str) -> String {
        let (cases, asked) = (self.asked() + self.left_out, self.asked());
        format!("{name:<34}{cases:>8}{:>10}{asked:>8}{:>8}{:>8}", self.left_out, self.passed, self.failed)
    }
}

/// Prints the counts of each test set, of all, and of each rule by which cases are left out.
///
/// Fails when too few pass, and unless exactly the exceptions failed: one that passes, or that is not asked, has to be
/// taken off the list.
pub(super) fn check(outcomes: &[(&Case, Outcome)], exceptions: &[Exception]) {
    let mut sets = BTreeMap::<&str, Counts>::new();
    let mut all = Counts::default();
    for (case, outcome) in outcomes {
        sets.entry(&case.set).or_default().add(outcome);
        all.add(outcome);
    }
    println!("{:<34}{:>8}{:>10}{:>8}{:>8}{:>8}", "test set", "cases", "left out", "asked", "passed", "failed");
    for (set, counts) in &sets {
        println!("{}", counts.row(set));
    }
    println!("{}\n", all.row("all"));
    let mut wrong = wrong(outcomes, exceptions);
    wrong.extend(print_left_out(outcomes));
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(all.passed * 100 >= all.asked() * LEAST, "{} of {} passed", all.passed, all.asked());
}

/// Prints how many cases each rule leaves out, and gives the rules that leave out none.
fn print_left_out(outcomes: &[(&Case, Outcome)]) -> Vec<String> {
    let mut idle = Vec::new();
    for why in Why::ALL {
        let falls = |outcome: &Outcome| matches!(outcome, Outcome::LeftOut(of) if *of == why);
        let count = outcomes.iter().filter(|(_, outcome)| falls(outcome)).count();
        println!("{count:>6} left out: the case {why}");
        if count == 0 {
            idle.push(format!("RULE    {why:?} leaves out nothing"));
        }
    }
    idle
}

/// What is not as the list of exceptions says.
fn wrong(outcomes: &[(&Case, Outcome)], exceptions: &[Exception]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (case, outcome) in outcomes {
        let exception = exceptions.iter().find(|exception| exception.cases.contains(&case.id.as_str()));
        match (outcome, exception) {
            (Outcome::Failed(_), Some(exception)) => println!("except  {}: {}", case.id, exception.reason),
            (Outcome::Failed(error), None) => wrong.push(format!("FAIL    {}: {error}", case.id)),
            (Outcome::Passed, Some(_)) => wrong.push(format!("PASS    {}, which is an exception", case.id)),
            (Outcome::LeftOut(_), Some(_)) => wrong.push(format!("LEFT    {}, which is an exception", case.id)),
            (Outcome::Passed | Outcome::LeftOut(_), None) => {}
        }
    }
    let listed = exceptions.iter().flat_map(|exception| exception.cases);
    let gone = listed.filter(|id| outcomes.iter().all(|(case, _)| case.id != **id));
    wrong.extend(gone.map(|id| format!("GONE    {id}, which is an exception")));
    wrong
}

#[test]
fn exceptions_are_those_that_fail() {
    let case = |id: &str| Case { id: id.into(), ..Case::default() };
    let cases = [case("passed"), case("failed"), case("left")];
    let ends = [Outcome::Passed, Outcome::Failed("no".into()), Outcome::LeftOut(Why::Syntax)];
    let outcomes: Vec<_> = cases.iter().zip(ends).collect();
    let with = |cases: &'static [&'static str]| wrong(&outcomes, &[Exception { reason: "", cases }]);
    assert!(with(&["failed"]).is_empty());
    assert_eq!(with(&[]), ["FAIL    failed: no"]);
    assert_eq!(with(&["passed", "failed"]).len(), 1);
    assert_eq!(with(&["failed", "left", "gone"]).len(), 2);
}
