//! From records to quads: the vocabulary, the IRIs, the mapping, and the writers.

pub mod iri;
pub mod map;
pub mod vocab;
pub mod write;
