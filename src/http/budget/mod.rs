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

mod account;
mod accounts;

use std::{net::SocketAddr, sync::Arc, time::Instant};

use axum::{
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{client::Client, operations::Operations, problem::Problem};

pub use self::account::BudgetOptions;
pub(crate) use self::{
    account::Refusal,
    accounts::{Budgets, LEFT, POLICY},
};

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
