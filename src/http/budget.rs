//! What one client may ask of a server that belongs to everybody: seconds of work, and mistakes.
//!
//! Two token buckets for each client. The one for work loses a second for each second that a query of the client is with
//! the evaluators, waiting for one included, and fills up again at a steady rate; so work counts while it is done, and
//! also when it is killed or its client has left. The one for errors loses one for each answer that is an error. A client
//! with an empty bucket is answered 429 until it has filled up a little.
//!
//! What is left is said in the fields `RateLimit` and `RateLimit-Policy` of
//! [draft-ietf-httpapi-ratelimit-headers-10](https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10):
//! `q` is what the bucket holds, `w` how many seconds it takes to fill, `r` what is left, `t` when it is full again.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};

use super::{client::Client, operations::Operations, problem::Problem};

/// How often accounts that are full again are forgotten.
const SWEEP: Duration = Duration::from_mins(1);

/// What a client may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetOptions {
    /// Work that flows in each minute.
    pub work_per_minute: Duration,
    /// Most work that can be saved up.
    pub work_burst: Duration,
    /// Errors that flow in each minute, and the most that can be saved up.
    pub errors_per_minute: u32,
    /// Whether clients on this machine have budgets too.
    pub limit_loopback: bool,
    /// Clients remembered. With more, those that have used least are forgotten.
    pub clients: usize,
}

impl Default for BudgetOptions {
    fn default() -> Self {
        Self {
            work_per_minute: Duration::from_mins(1),
            work_burst: Duration::from_mins(2),
            errors_per_minute: 30,
            limit_loopback: false,
            clients: 10_000,
        }
    }
}

/// How fast a bucket fills, and what it holds.
#[derive(Debug, Clone, Copy)]
struct Rate {
    name: &'static str,
    per_second: f64,
    holds: f64,
}

impl BudgetOptions {
    fn work(&self) -> Rate {
        let holds = self.work_burst.as_secs_f64();
        Rate { name: "work-seconds", per_second: self.work_per_minute.as_secs_f64() / 60.0, holds }
    }

    fn errors(&self) -> Rate {
        let holds = f64::from(self.errors_per_minute);
        Rate { name: "errors", per_second: holds / 60.0, holds }
    }
}

impl Rate {
    /// Whole seconds until a bucket that has `has` has `wanted`.
    fn seconds_until(self, has: f64, wanted: f64) -> u64 {
        whole(((wanted - has) / self.per_second).ceil())
    }

    fn policy(self) -> String {
        format!("\"{}\";q={};w={}", self.name, whole(self.holds), self.seconds_until(0.0, self.holds))
    }

    fn left(self, has: f64) -> String {
        format!("\"{}\";r={};t={}", self.name, whole(has), self.seconds_until(has, self.holds))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded just before")]
fn whole(number: f64) -> u64 {
    number.clamp(0.0, 1e9) as u64
}

/// What a client has left. Work may be owed.
#[derive(Debug, Clone, Copy)]
struct Account {
    work: f64,
    errors: f64,
    /// Queries of this client with the evaluators.
    running: u32,
    /// When this was so.
    at: Instant,
}

impl Account {
    fn new(options: &BudgetOptions, at: Instant) -> Self {
        Self { work: options.work().holds, errors: options.errors().holds, running: 0, at }
    }

    /// Brings the account up to date: buckets fill, and running queries empty the one for work.
    fn settle(&mut self, options: &BudgetOptions, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        let (work, errors) = (options.work(), options.errors());
        self.work = (self.work + (work.per_second - f64::from(self.running)) * seconds).min(work.holds);
        self.errors = (self.errors + errors.per_second * seconds).min(errors.holds);
        self.at = self.at.max(now);
    }

    fn is_untouched(&self, options: &BudgetOptions) -> bool {
        self.running == 0 && self.work >= options.work().holds && self.errors >= options.errors().holds
    }

    /// What is empty, and the seconds until it no longer is.
    fn refusal(&self, options: &BudgetOptions) -> Option<Refusal> {
        if self.work <= 0.0 {
            return Some(Refusal { budget: Budget::Work, retry_after: options.work().seconds_until(self.work, 1.0) });
        }
        let retry_after = options.errors().seconds_until(self.errors, 1.0);
        (self.errors < 1.0).then_some(Refusal { budget: Budget::Errors, retry_after })
    }
}

/// One of the two budgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Budget {
    Work,
    Errors,
}

/// Why a client has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) budget: Budget,
    /// Seconds.
    pub(crate) retry_after: u64,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (what, advice) = match self.budget {
            Budget::Work => ("the time for queries", "ask for less at once"),
            Budget::Errors => ("the number of errors", "look at what the earlier answers say is wrong"),
        };
        write!(f, "{what} that one client may use is used up; wait {} s, and {advice}", self.retry_after)
    }
}

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
    fn admit(&self, client: Client, now: Instant) -> Result<(), Refusal> {
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
    fn begin(&self, client: Client, now: Instant) {
        self.account(client, now, |account| account.running += 1);
    }

    /// It no longer is.
    fn end(&self, client: Client, now: Instant) {
        self.account(client, now, |account| account.running = account.running.saturating_sub(1));
    }

    /// The answer was an error.
    fn err(&self, client: Client, now: Instant) {
        self.account(client, now, |account| account.errors = (account.errors - 1.0).max(0.0));
    }

    /// Says what is left.
    fn write(&self, client: Client, now: Instant, headers: &mut HeaderMap) {
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

pub(crate) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
pub(crate) const LEFT: HeaderName = HeaderName::from_static("ratelimit");

tokio::task_local! {
    /// On whose account the request at hand is answered; none when somebody pays already.
    static PAYER: Option<(Arc<Operations>, Client)>;
}

/// Work that several wait for, each of whom pays for waiting: by itself it costs nothing more.
pub(crate) fn unpaid<F: Future>(work: F) -> impl Future<Output = F::Output> {
    PAYER.scope(None, work)
}

/// Charges whoever asked for the time until it is dropped: also when the request is given up.
pub(crate) struct Charge(Arc<Operations>, Client);

/// The work begins. None when nobody has to pay.
pub(crate) fn charge() -> Option<Charge> {
    let (operations, client) = PAYER.try_with(Clone::clone).ok()??;
    operations.budgets.begin(client, Instant::now());
    Some(Charge(operations, client))
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.0.budgets.end(self.1, Instant::now());
    }
}

/// Answers 429 to clients that have used up what they may, and keeps the accounts of the others.
pub(crate) async fn within<F: Future<Output = Response>>(
    operations: &Arc<Operations>,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let Some(client) = payer(operations, &request) else { return next(request).await };
    let budgets = &operations.budgets;
    let mut response = if let Err(refusal) = budgets.admit(client, Instant::now()) {
        Problem::TooManyRequests(refusal).into_response()
    } else {
        PAYER.scope(Some((Arc::clone(operations), client)), next(request)).await
    };
    if is_clients_error(&response) {
        budgets.err(client, Instant::now());
    }
    budgets.write(client, Instant::now(), response.headers_mut());
    response
}

/// Who pays for a request. Not a client on this machine, unless so configured; a proxy on this machine is none.
fn payer(operations: &Operations, request: &Request) -> Option<Client> {
    // Without a peer the request comes from this very program.
    let peer = request.extensions().get::<SocketAddr>()?.ip().to_canonical();
    let proxies = &operations.proxies;
    if peer.is_loopback() && !proxies.trusts(peer) && !operations.budgets.options.limit_loopback {
        return None;
    }
    Some(Client::of(proxies.client(peer, request.headers())))
}

/// Whether an answer counts as an error of the client. That everybody asks at once is not its fault; that a worker died
/// of its query is.
fn is_clients_error(response: &Response) -> bool {
    let status = response.status();
    let nobodys = matches!(response.extensions().get(), Some(Problem::Busy | Problem::Stopping));
    (status.is_client_error() || status.is_server_error()) && status != StatusCode::TOO_MANY_REQUESTS && !nobodys
}

#[cfg(test)]
mod tests {
    use super::*;
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
