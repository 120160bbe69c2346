//! Integration tests: one binary, one module for each part of the product.
