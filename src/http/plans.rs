//! What is known of strangers' queries that were asked before, so that they are neither read nor planned again.
//!
//! A text of any length can be made that takes for ever to read, to plan, or to evaluate, whatever is thought of it
//! before. So the server reads by itself only what is short, and evaluates by itself only what is short, or what a child
//! has answered before, quickly: on the same edition it takes as long again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use quick_cache::{Weighter, sync};

use crate::engine::{DatasetSpec, Engine, Light, Prepared};

/// Bytes that plans may take.
const CAPACITY: u64 = 16 * 1024 * 1024;

/// Bytes of a plan for a byte of its query's text, and of what is kept beside it.
const PER_BYTE: u64 = 64;
const OVERHEAD: u64 = 1024;

/// Bytes of a text that is short: the worst that can be put into it takes milliseconds to read and to plan.
const SHORT: usize = 256;

/// Bytes of the longest text that is planned in the server. Names with a prefix may make a query of it that is larger by a
/// twelfth of its square.
const MODERATE: usize = 8 * 1024;

/// Processor time of an answer that is light: the server makes it by itself the next time.
const LIGHT: Duration = Duration::from_millis(50);

/// Processor time of an answer that may keep a thread of the runtime. A child that has just been started takes several times
/// as long as the server will.
const BRIEF: Duration = Duration::from_millis(10);

/// Time of an answer that a thread of the runtime should make the next time.
const QUICK: Duration = Duration::from_millis(3);

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

impl Question {
    /// Whether the server may read it by itself.
    pub(crate) fn is_short(&self) -> bool {
        self.text.len() <= SHORT
    }
}

/// The plans for one edition, bounded in bytes.
#[derive(Debug)]
pub(crate) struct Plans(sync::Cache<[u8; 32], Plan, Weight>);

/// What was found out about a question.
#[derive(Debug, Clone)]
pub(crate) enum Planned {
    /// A child has answered it, with so much of a processor's time.
    Tried(Duration),
    /// It is done soon, and how; perhaps so soon that it is not worth another thread.
    Light(Arc<Light>, bool),
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
            Planned::Light(..) => {
                let text = *text as u64;
                PER_BYTE * text + text * text / 6 + OVERHEAD
            }
            Planned::Heavy | Planned::Tried(_) => OVERHEAD,
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

    /// Plans a question that was read, and keeps what is found out. It was tried before, or is short.
    pub(crate) fn plan(&self, engine: &Engine, question: &Question, prepared: Prepared) -> Option<Arc<Light>> {
        let took = match self.get(question) {
            Some(Planned::Tried(took)) => took,
            _ => Duration::ZERO,
        };
        let light = engine.plan_if_light(prepared, &question.dataset).map(Arc::new);
        let is_brief = |light: &Light| light.is_brief() && took <= BRIEF;
        let planned =
            light.clone().map_or(Planned::Heavy, |light| Planned::Light(Arc::clone(&light), is_brief(&light)));
        self.insert(question, planned);
        light
    }

    /// Notes how long a thread of the server needed for a question that is done soon.
    pub(crate) fn measured(&self, question: &Question, light: &Arc<Light>, took: Duration) {
        if took <= QUICK && light.is_brief() {
            self.insert(question, Planned::Light(Arc::clone(light), true));
        }
    }

    /// Notes what a child needed to answer a question that nothing was known of. That it failed would say nothing: it may have
    /// waited for most of its time.
    pub(crate) fn note(&self, question: &Question, took: Duration) {
        if self.get(question).is_none() {
            let is_light = took <= LIGHT && question.text.len() <= MODERATE;
            self.insert(question, if is_light { Planned::Tried(took) } else { Planned::Heavy });
        }
    }

    /// Keeps what was found out.
    pub(crate) fn insert(&self, question: &Question, planned: Planned) {
        self.0.insert(question.digest, Plan(planned, question.text.len()));
    }
}
