//! Integration tests: one binary, one module for each part of the product.

mod graph;
mod loader;
mod support;
