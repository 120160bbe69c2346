//! The text that names targets, with a reason for each.
//!
//! It is written by many hands: `8.9 (jobs)`, `creating jobs (SDG 8.9)`, `(13.1, 13.3)` with one reason for both,
//! `(11.4 protect, 14.2 use)`, `SDGs 12.6 and 12.7 (…)`, `3.1-3.9`, lists with and without numbers. [`token`] finds the
//! codes, [`tree`] the brackets, [`mention`] reads which reason belongs to which code, [`resolve`] makes alignments.

mod mention;
mod resolve;
mod sentence;
mod token;
mod tree;

pub(super) use resolve::{Linkages, linkages};
pub(super) use token::speaks_of_goals;
