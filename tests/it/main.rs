//! Integration tests: one binary, one module for each part of the product.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod editions;
mod engines;
mod generate;
mod graph;
mod http;
mod import;
mod isolated;
mod limits;
mod loader;
mod no_network;
mod ontology;
mod qt3;
mod queries;
mod reload;
mod semantics;
mod statistics;
mod stop;
mod support;
mod w3c;
