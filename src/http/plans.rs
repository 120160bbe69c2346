//! Plans of strangers' queries, so that what is asked again is neither read nor planned again.

use std::sync::Arc;

use quick_cache::{Weighter, sync};

use crate::engine::{DatasetSpec, Light};

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
    /// Hashes all of it.
    pub(crate) digest: [u8; 32],
}

/// The plans for one edition, bounded in bytes.
#[derive(Debug)]
pub(crate) struct Plans(sync::Cache<[u8; 32], Plan, Weight>);

/// A plan and the length of the query's text.
#[derive(Debug, Clone)]
struct Plan {
    light: Option<Arc<Light>>,
    text: usize,
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<[u8; 32], Plan> for Weight {
    fn weight(&self, _: &[u8; 32], plan: &Plan) -> u64 {
        let text = if plan.light.is_some() { plan.text as u64 } else { 0 };
        PER_BYTE * text + OVERHEAD
    }
}

impl Default for Plans {
    fn default() -> Self {
        Self(sync::Cache::with_weighter(1000, CAPACITY, Weight))
    }
}

impl Plans {
    /// The plan of a question that was planned before; none inside, if it was found to be no light one.
    pub(crate) fn get(&self, question: &Question) -> Option<Option<Arc<Light>>> {
        Some(self.0.get(&question.digest)?.light)
    }

    /// Keeps a plan, or that it is no light question.
    pub(crate) fn insert(&self, question: &Question, light: Option<Arc<Light>>) {
        self.0.insert(question.digest, Plan { light, text: question.text.len() });
    }
}
