//! The edition that is served now, and how it gives way to the next.
//!
//! Each edition has a router of its own, with its engine and its worker processes. A request is handed to the router of
//! the moment it arrives and stays with it; what an edition held goes when the last of its requests has ended.

use std::{
    mem,
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use axum::{Router, extract::Request};
use hyper_util::service::TowerToHyperService;

use super::{AppState, router};

/// The edition that is served now. A clone is the same.
#[derive(Debug, Clone)]
pub struct Live(Arc<RwLock<Current>>);

#[derive(Debug)]
struct Current {
    router: Router,
    status: LiveStatus,
}

/// What `GET /health/ready` and the metrics say of editions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveStatus {
    /// The digest of the edition that is served.
    pub digest: String,
    /// Since when.
    pub since: SystemTime,
    /// How often an edition has given way to the next.
    pub reloads: u64,
    /// How often there was to be a next edition, and it was refused.
    pub refusals: u64,
    /// Why the edition that is served cannot be trusted; none when it can.
    pub damaged: Option<String>,
    /// Why the newest files are not what is served; none when they are.
    pub refused: Option<Refused>,
}

/// A next edition that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// When.
    pub at: SystemTime,
    /// Why: one line, with the first mistake and where it is.
    pub why: String,
}

impl Live {
    /// Serves a first edition.
    #[must_use]
    pub fn new(state: AppState) -> Self {
        let digest = state.edition.digest().to_owned();
        let status =
            LiveStatus { digest, since: SystemTime::now(), reloads: 0, refusals: 0, damaged: None, refused: None };
        Self(Arc::new(RwLock::new(Current { router: router(state), status })))
    }

    /// Serves another edition from the next request on. Gives the router of the one before; dropping it may free a whole
    /// graph.
    pub fn replace(&self, state: AppState) -> Router {
        let digest = state.edition.digest().to_owned();
        let next = router(state);
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let reloads = current.status.reloads + 1;
        current.status = LiveStatus {
            digest,
            since: SystemTime::now(),
            reloads,
            damaged: None,
            refused: None,
            ..current.status.clone()
        };
        mem::replace(&mut current.router, next)
    }

    /// Notes that the files are again those of the edition that is served.
    pub fn keep(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).status.refused = None;
    }

    /// Notes why the next edition was refused; the one before stays.
    pub fn refuse(&self, why: String) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        current.status.refusals += 1;
        current.status.refused = Some(Refused { at: SystemTime::now(), why });
    }

    /// Notes that what is served is damaged, unless another edition has taken its place.
    pub fn condemn(&self, digest: &str, why: String) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if current.status.digest == digest {
            current.status.damaged = Some(why);
        }
    }

    /// What is served now.
    #[must_use]
    pub fn status(&self) -> LiveStatus {
        self.0.read().unwrap_or_else(PoisonError::into_inner).status.clone()
    }

    /// A router that hands each request to the edition of its moment. Handlers find the `Live` among the extensions of
    /// the request.
    pub fn router(&self) -> Router {
        let live = self.clone();
        Router::new().fallback(move |mut request: Request| {
            let current = live.current();
            request.extensions_mut().insert(live.clone());
            async move { hyper::service::Service::call(&TowerToHyperService::new(current), request).await }
        })
    }

    fn current(&self) -> Router {
        self.0.read().unwrap_or_else(PoisonError::into_inner).router.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tower::ServiceExt;

    use super::*;
    use crate::{
        edition::Edition,
        engine::Limits,
        query::QueryBook,
        rdf::iri::{DEFAULT_BASE, Iris},
    };

    fn state(title: &str) -> AppState {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/catalogue");
        let (edition, _) = Edition::build(&data, Iris::new(DEFAULT_BASE).unwrap()).unwrap();
        let mut catalogue = edition.catalogue;
        catalogue.dataset.title = title.into();
        let edition = Edition::of(catalogue, edition.iris).unwrap();
        AppState::new(edition, QueryBook::default(), Limits::default(), None).unwrap()
    }

    async fn home(router: &Router) -> String {
        let request = Request::get("/").header("host", "localhost").body(axum::body::Body::empty()).unwrap();
        let answer = router.clone().oneshot(request).await.unwrap();
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_status_says_what_is_served_and_why_not_something_newer() {
        let (first, second) = (state("First"), state("Second"));
        let digests = [first.edition.digest().to_owned(), second.edition.digest().to_owned()];
        let live = Live::new(first);
        let router = live.router();
        assert!(home(&router).await.contains("<h1>First</h1>"));

        live.refuse("types.csv:3: a mistake".into());
        let status = live.status();
        assert_eq!((status.digest.as_str(), status.refusals), (digests[0].as_str(), 1));
        assert_eq!(status.refused.unwrap().why, "types.csv:3: a mistake");
        live.keep();
        assert_eq!((live.status().refused, live.status().refusals), (None, 1));

        live.refuse("again".into());
        drop(live.replace(second));
        let status = live.status();
        assert_eq!((status.digest.as_str(), status.reloads, status.refusals), (digests[1].as_str(), 1, 2));
        assert_eq!(status.refused, None);
        // The router in use before is the one that answers now.
        assert!(home(&router).await.contains("<h1>Second</h1>"));
    }
}
