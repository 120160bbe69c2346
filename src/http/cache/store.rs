//! Where finished answers are kept, and what is known of questions and requests.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    body::{Body, Bytes},
    http::HeaderMap,
    response::Response,
};
use futures_util::future::WeakShared;
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{self, DefaultLifecycle},
};

use super::flight::Work;
use crate::{
    engine::Shape,
    http::{coding::Coding, tag::Tag},
};

/// Bytes of answers that are kept unless the operator says otherwise.
pub(crate) const CAPACITY: u64 = 64 * 1024 * 1024;

/// What an entry takes besides its body: headers and the books kept of it.
const OVERHEAD: usize = 1024;

/// Questions that are remembered to be sound.
const QUESTIONS: usize = 10_000;

/// Requests that are remembered by the name of their answer.
const REQUESTS: usize = 4096;

/// Parts with locks of their own. The largest answer that is kept fills one.
const SHARDS: usize = 4;

/// The answers of one edition.
#[derive(Debug)]
pub(crate) struct Cache {
    capacity: u64,
    /// None with a capacity of nothing.
    answers: Option<sync::Cache<Slot, Arc<Finished>, Weight>>,
    /// The shapes of questions that were read and found sound, whose answers are the same each time.
    sound: sync::Cache<[u8; 32], Shape>,
    /// The names of answers by what asks for them.
    names: sync::Cache<String, Tag>,
    /// Answers that are being made.
    pub(super) flights: Mutex<HashMap<Slot, WeakShared<Work>>>,
}

/// Where an answer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Slot {
    pub(super) key: [u8; 32],
    /// The coding a client would like best; what does not pay is kept as it is.
    pub(super) coding: Coding,
}

/// All that is sent, save what every response carries.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

#[derive(Debug, Clone)]
pub(super) struct Weight;

impl Weighter<Slot, Arc<Finished>> for Weight {
    fn weight(&self, _: &Slot, finished: &Arc<Finished>) -> u64 {
        finished.weight()
    }
}

/// How many answers there are, and what they take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CacheFigures {
    pub(crate) entries: usize,
    pub(crate) bytes: u64,
}

impl Cache {
    /// A cache of so many bytes; with none, nothing is kept, and work is shared all the same.
    pub(crate) fn new(capacity: u64) -> Self {
        let mut options = OptionsBuilder::new();
        // Answers take some kilobytes.
        let items = usize::try_from(capacity / 8192).unwrap_or(usize::MAX).clamp(64, 1_000_000);
        let options = options.shards(SHARDS).estimated_items_capacity(items).weight_capacity(capacity).build();
        let with = |options| {
            sync::Cache::with_options(options, Weight, DefaultHashBuilder::default(), DefaultLifecycle::default())
        };
        Self {
            capacity,
            answers: options.ok().filter(|_| capacity > 0).map(with),
            sound: sync::Cache::new(QUESTIONS),
            names: sync::Cache::new(REQUESTS),
            flights: Mutex::default(),
        }
    }

    /// Bytes it may take.
    pub(crate) fn capacity(&self) -> u64 {
        self.capacity
    }

    pub(crate) fn figures(&self) -> CacheFigures {
        let answers = self.answers.as_ref();
        CacheFigures { entries: answers.map_or(0, sync::Cache::len), bytes: answers.map_or(0, sync::Cache::weight) }
    }

    /// What was noted of a question that is sound.
    pub(crate) fn known(&self, question: &[u8; 32]) -> Option<Shape> {
        self.sound.get(question)
    }

    /// Notes that a question was read, is sound, and has the same answer each time.
    pub(crate) fn note(&self, question: [u8; 32], shape: Shape) {
        self.sound.insert(question, shape);
    }

    /// The name of the answer to a request that was answered before.
    pub(crate) fn tag(&self, request: &str) -> Option<Tag> {
        self.names.get(request)
    }

    /// Remembers the name of the answer to a request.
    pub(crate) fn remember(&self, request: String, tag: Tag) {
        self.names.insert(request, tag);
    }

    pub(super) fn get(&self, slot: Slot) -> Option<Arc<Finished>> {
        self.answers.as_ref()?.get(&slot)
    }

    pub(super) fn keep(&self, slot: Slot, finished: &Finished) {
        if let Some(answers) = &self.answers
            && finished.weight() <= answers.shard_capacity()
        {
            // What was written has room to spare, and what a worker process gave counts as not yet sent.
            let body = Bytes::copy_from_slice(&finished.body);
            answers.insert(slot, Arc::new(Finished { headers: finished.headers.clone(), body }));
        }
    }

    /// Forgets an answer in all codings.
    pub(super) fn forget(&self, slot: Slot) {
        if let Some(answers) = &self.answers {
            for coding in Coding::ALL {
                answers.remove(&Slot { coding, ..slot });
            }
        }
    }
}

impl Slot {
    pub(super) fn plain(self) -> Self {
        Self { coding: Coding::Identity, ..self }
    }
}

impl Finished {
    pub(super) fn response(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }

    pub(super) fn weight(&self) -> u64 {
        (self.body.len() + OVERHEAD) as u64
    }
}
