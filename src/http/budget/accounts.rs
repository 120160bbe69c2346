//! The accounts of all clients, bounded in number.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::account::{Account, Budget, BudgetOptions, Refusal};
use crate::http::client::Client;

/// How often accounts that are full again are forgotten.
const SWEEP: Duration = Duration::from_mins(1);

pub(crate) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
pub(crate) const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// The accounts of all clients.
#[derive(Debug)]
pub(crate) struct Budgets {
    pub(crate) options: BudgetOptions,
    accounts: Mutex<Accounts>,
    refused_for_work: AtomicU64,
    refused_for_errors: AtomicU64,
}

#[derive(Debug)]
struct Accounts {
    of: HashMap<Client, Account>,
    swept: Instant,
}

/// What has happened so far, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BudgetFigures {
    pub(crate) clients: usize,
    pub(crate) refused_for_work: u64,
    pub(crate) refused_for_errors: u64,
}

impl Budgets {
    pub(crate) fn new(options: BudgetOptions) -> Self {
        let accounts = Mutex::new(Accounts { of: HashMap::new(), swept: Instant::now() });
        Self { options, accounts, refused_for_work: AtomicU64::new(0), refused_for_errors: AtomicU64::new(0) }
    }

    pub(crate) fn figures(&self) -> BudgetFigures {
        BudgetFigures {
            clients: self.lock().of.len(),
            refused_for_work: self.refused_for_work.load(Ordering::Relaxed),
            refused_for_errors: self.refused_for_errors.load(Ordering::Relaxed),
        }
    }

    /// Whether a client may ask now.
    pub(super) fn admit(&self, client: Client, now: Instant) -> Result<(), Refusal> {
        let refusal = self.account(client, now, |account| account.refusal(&self.options));
        let Some(refusal) = refusal else { return Ok(()) };
        let count = match refusal.budget {
            Budget::Work => &self.refused_for_work,
            Budget::Errors => &self.refused_for_errors,
        };
        count.fetch_add(1, Ordering::Relaxed);
        Err(refusal)
    }

    /// From now on a query of the client is at work.
    pub(super) fn begin(&self, client: Client, now: Instant) {
        self.account(client, now, |account| account.running += 1);
    }

    /// It no longer is.
    pub(super) fn end(&self, client: Client, now: Instant) {
        self.account(client, now, |account| account.running = account.running.saturating_sub(1));
    }

    /// The answer was an error.
    pub(super) fn err(&self, client: Client, now: Instant) {
        self.account(client, now, |account| account.errors = (account.errors - 1.0).max(0.0));
    }

    /// Says what is left.
    pub(super) fn write(&self, client: Client, now: Instant, headers: &mut HeaderMap) {
        let (work, errors) = (self.options.work(), self.options.errors());
        let (has_work, has_errors) = self.account(client, now, |account| (account.work, account.errors));
        let policy = [work.policy(), errors.policy()].join(", ");
        let left = [work.left(has_work), errors.left(has_errors)].join(", ");
        for (name, value) in [(POLICY, policy), (LEFT, left)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }

    /// Works on an account that is up to date.
    fn account<T>(&self, client: Client, now: Instant, work: impl FnOnce(&mut Account) -> T) -> T {
        let mut accounts = self.lock();
        if now.saturating_duration_since(accounts.swept) > SWEEP
            || (accounts.of.len() >= self.options.clients && !accounts.of.contains_key(&client))
        {
            accounts.sweep(&self.options, now);
        }
        let account = accounts.of.entry(client).or_insert_with(|| Account::new(&self.options, now));
        account.settle(&self.options, now);
        work(account)
    }

    fn lock(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Accounts {
    /// Forgets clients that are as good as new. When there are still too many, an eighth of all goes, those first that
    /// have used least; not one with a query at work.
    fn sweep(&mut self, options: &BudgetOptions, now: Instant) {
        self.swept = now;
        self.of.retain(|_, account| {
            account.settle(options, now);
            !account.is_untouched(options)
        });
        if self.of.len() < options.clients {
            return;
        }
        let used = |account: &Account| {
            (1.0 - account.work / options.work().holds).max(1.0 - account.errors / options.errors().holds)
        };
        let mut idle: Vec<_> = self.of.iter().filter(|(_, a)| a.running == 0).map(|(c, a)| (*c, used(a))).collect();
        idle.sort_by(|(_, a), (_, b)| a.total_cmp(b));
        for (client, _) in idle.iter().take(options.clients / 8 + 1) {
            self.of.remove(client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::budget::account::whole;
    use std::net::IpAddr;

    fn client(last: u8) -> Client {
        Client::of(IpAddr::from([192, 0, 2, last]))
    }

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn work_is_paid_for_while_it_is_done() {
        let budgets = Budgets::new(BudgetOptions::default());
        let start = Instant::now();
        assert_eq!(budgets.admit(client(1), start), Ok(()));
        // Four queries at once use four seconds a second and one flows in: 120 s are gone after 40.
        for _ in 0..4 {
            budgets.begin(client(1), start);
        }
        assert_eq!(budgets.admit(client(1), start + seconds(39)), Ok(()));
        let refusal = budgets.admit(client(1), start + seconds(40)).unwrap_err();
        assert_eq!(refusal, Refusal { budget: Budget::Work, retry_after: 1 });
        assert_eq!(budgets.admit(client(2), start + seconds(40)), Ok(()), "others have their own");
        // What is done beyond is owed.
        for _ in 0..4 {
            budgets.end(client(1), start + seconds(50));
        }
        let refusal = budgets.admit(client(1), start + seconds(50)).unwrap_err();
        assert_eq!(refusal.retry_after, 31);
        assert!(budgets.admit(client(1), start + seconds(79)).is_err());
        assert_eq!(budgets.admit(client(1), start + seconds(50 + refusal.retry_after)), Ok(()));
        assert_eq!(budgets.figures().refused_for_work, 3);
    }

    #[test]
    fn one_query_after_the_other_never_runs_out() {
        let budgets = Budgets::new(BudgetOptions::default());
        let mut now = Instant::now();
        for _ in 0..1000 {
            assert_eq!(budgets.admit(client(1), now), Ok(()));
            budgets.begin(client(1), now);
            now += seconds(10);
            budgets.end(client(1), now);
        }
    }

    #[test]
    fn errors_run_out_and_come_back() {
        let budgets = Budgets::new(BudgetOptions::default());
        let now = Instant::now();
        for _ in 0..30 {
            assert_eq!(budgets.admit(client(1), now), Ok(()));
            budgets.err(client(1), now);
        }
        assert_eq!(budgets.admit(client(1), now), Err(Refusal { budget: Budget::Errors, retry_after: 2 }));
        assert_eq!(budgets.admit(client(1), now + seconds(2)), Ok(()));
        assert_eq!(budgets.figures().refused_for_errors, 1);
    }

    #[test]
    fn the_fields_say_what_is_left() {
        let budgets = Budgets::new(BudgetOptions::default());
        let (now, mut headers) = (Instant::now(), HeaderMap::new());
        budgets.begin(client(1), now);
        budgets.begin(client(1), now);
        budgets.err(client(1), now + seconds(20));
        budgets.write(client(1), now + seconds(20), &mut headers);
        assert_eq!(headers[POLICY], "\"work-seconds\";q=120;w=120, \"errors\";q=30;w=60");
        assert_eq!(headers[LEFT], "\"work-seconds\";r=100;t=20, \"errors\";r=29;t=2");
    }

    #[test]
    fn memory_is_bounded_and_debtors_are_remembered() {
        let budgets = Budgets::new(BudgetOptions { clients: 64, ..BudgetOptions::default() });
        let now = Instant::now();
        let at_work = client(255);
        budgets.begin(at_work, now);
        for _ in 0..30 {
            budgets.err(client(0), now);
        }
        for last in 1..=200 {
            budgets.err(client(last), now);
            assert!(budgets.figures().clients <= 64);
        }
        assert!(budgets.admit(client(0), now).is_err(), "who has used most is forgotten last");
        assert!(budgets.lock().of.contains_key(&at_work));
        budgets.end(at_work, now);
        assert_eq!(budgets.admit(client(7), now + seconds(600)), Ok(()));
        assert_eq!(budgets.figures().clients, 1, "all others are as good as new");
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_away() {
        let budgets = Budgets::new(BudgetOptions::default());
        let now = Instant::now() + seconds(100);
        budgets.begin(client(1), now);
        budgets.end(client(1), now.checked_sub(seconds(50)).unwrap());
        assert_eq!(budgets.account(client(1), now, |account| whole(account.work)), 120);
    }
}
