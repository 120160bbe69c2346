//! Integration tests: one binary, one module for each part of the product.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod graph;
mod http;
mod import;
mod isolated;
mod limits;
mod loader;
mod ontology;
mod queries;
mod stop;
mod support;
mod w3c;
