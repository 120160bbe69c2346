//! What is known of queries that were asked before, so that they are neither read nor planned again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use quick_cache::{Weighter, sync};

use crate::engine::{DatasetSpec, Engine, EngineError, Light, Prepared};

/// Bytes that plans may take.
const CAPACITY: u64 = 16 * 1024 * 1024;

/// Bytes of a plan for a byte of its query's text, and of what is kept beside it.
const PER_BYTE: u64 = 64;
const OVERHEAD: u64 = 1024;

/// Time of an answer that a thread of the runtime should make the next time.
const QUICK: Duration = Duration::from_millis(3);

/// What somebody asks.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) text: String,
    pub(crate) dataset: DatasetSpec,
    /// Hashes all of that.
    pub(crate) digest: [u8; 32],
    /// Since when it is waited for.
    pub(crate) asked: Instant,
}

/// The plans for one edition, bounded in bytes.
#[derive(Debug)]
pub(crate) struct Plans(sync::Cache<[u8; 32], Plan, Weight>);

/// What was found out about a question.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) prepared: Prepared,
    pub(crate) pace: Pace,
}

/// How long an answer is thought to take.
#[derive(Debug, Clone)]
pub(crate) enum Pace {
    /// So little that it is not worth another thread.
    Brief(Arc<Light>),
    /// Little enough for a thread of the server.
    Light(Arc<Light>),
    /// More than that.
    Heavy,
}

/// What was found out, and the length of the query's text.
#[derive(Debug, Clone)]
struct Plan(Planned, usize);

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<[u8; 32], Plan> for Weight {
    fn weight(&self, _: &[u8; 32], Plan(_, text): &Plan) -> u64 {
        PER_BYTE * *text as u64 + OVERHEAD
    }
}

impl Default for Plans {
    fn default() -> Self {
        Self(sync::Cache::with_weighter(1000, CAPACITY, Weight))
    }
}

impl Plans {
    /// What is known of a question that was planned before.
    pub(crate) fn get(&self, question: &Question) -> Option<Planned> {
        self.0.get(&question.digest).map(|Plan(planned, _)| planned)
    }

    /// Plans a question that was read, and keeps what is found out.
    ///
    /// # Errors
    /// [`EngineError::UnknownFunction`]
    pub(crate) fn plan(
        &self,
        engine: &Engine,
        question: &Question,
        prepared: Prepared,
    ) -> Result<Planned, EngineError> {
        let light = engine.plan_if_light(prepared.clone(), &question.dataset)?.map(Arc::new);
        let pace = match light {
            Some(light) if light.is_brief() => Pace::Brief(light),
            Some(light) => Pace::Light(light),
            None => Pace::Heavy,
        };
        let planned = Planned { prepared, pace };
        self.0.insert(question.digest, Plan(planned.clone(), question.text.len()));
        Ok(planned)
    }

    /// Notes how long a thread of the server needed for a question.
    pub(crate) fn measured(&self, question: &Question, light: &Arc<Light>, took: Duration) {
        if took <= QUICK && light.is_brief() {
            self.note(question, Pace::Brief(Arc::clone(light)));
        }
    }

    /// Notes what pace a question that was planned turned out to have.
    pub(crate) fn note(&self, question: &Question, pace: Pace) {
        if let Some(planned) = self.get(question) {
            self.0.insert(question.digest, Plan(Planned { pace, ..planned }, question.text.len()));
        }
    }
}
