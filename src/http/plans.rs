//! Plans of strangers' queries, so that what is asked again is neither read nor planned again.

use std::{sync::Arc, time::Instant};

use quick_cache::{Weighter, sync};

use crate::engine::{DatasetSpec, Engine, Light, Prepared};

/// Bytes that plans may take.
const CAPACITY: u64 = 16 * 1024 * 1024;

/// Bytes of a plan for a byte of its query's text, at most, and of what is kept beside it.
const PER_BYTE: u64 = 64;
const OVERHEAD: u64 = 1024;

/// What a stranger asks.
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

/// What was found out about a question when it was planned.
#[derive(Debug, Clone)]
pub(crate) enum Planned {
    /// It is thought to be done soon, and how.
    Light(Arc<Light>),
    /// It is not, or was not.
    Heavy,
}

/// What was found out, and the length of the query's text.
#[derive(Debug, Clone)]
struct Plan(Planned, usize);

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<[u8; 32], Plan> for Weight {
    fn weight(&self, _: &[u8; 32], plan: &Plan) -> u64 {
        let Plan(planned, text) = plan;
        match planned {
            Planned::Light(_) => PER_BYTE * *text as u64 + OVERHEAD,
            Planned::Heavy => OVERHEAD,
        }
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
    pub(crate) fn plan(&self, engine: &Engine, question: &Question, prepared: Prepared) -> Option<Arc<Light>> {
        let light = engine.plan_if_light(prepared, &question.dataset).map(Arc::new);
        self.insert(question, light.clone().map_or(Planned::Heavy, Planned::Light));
        light
    }

    /// Keeps what was found out.
    pub(crate) fn insert(&self, question: &Question, planned: Planned) {
        self.0.insert(question.digest, Plan(planned, question.text.len()));
    }
}
