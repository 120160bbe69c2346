//! The text of a toolkit page as a reading: what the page says, in the types of the model, and what could not be read.
//!
//! One stage per module, in the order the text goes through them:
//!
//! 1. [`mod@line`]: text → numbered lines with their bullets told from their words;
//! 2. [`heading`]: the labels the site prints, in both its languages and with its slips;
//! 3. [`section`]: lines → the sections of a page, told apart by headings, bullets and the [`names`] of the catalogue;
//! 4. [`creator`], [`quotation`], [`list`], [`prose`], [`indicator`]: a section → fields;
//! 5. [`reading`]: all fields → one [`PageReading`] with its gaps.
//!
//! Nothing here stops at the first oddity: each is reported with its line, and the rest is read.

mod creator;
mod heading;
mod indicator;
mod label;
mod line;
mod list;
mod names;
mod preamble;
mod prose;
mod quotation;
mod reading;
mod report;
mod section;

pub(crate) use indicator::Block;
pub(crate) use reading::{MAX_PAGE, PageReading, read, too_large};
pub(crate) use report::Report;
