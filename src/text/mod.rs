//! Words in texts: what a word is, which texts have the words that are sought, how well they fit, and an index of them.
//!
//! ```
//! # use ocm_graph::text::Search;
//! # fn main() -> Result<(), &'static str> {
//! let search = Search::new("museum clim*", None).ok_or("there are words in it")?;
//! assert!(search.matches("Climate action in MUSÉUMS: every museum counts", Some("en")));
//! assert!(!search.matches("Museums and their climate", Some("en")));
//! assert!(search.score("Museum climate") > search.score("A museum and the climate of its city"));
//! # Ok(())
//! # }
//! ```
//!
//! [`Search`] is a function of a text and of what is sought, and depends on nothing else. [`Index`] finds the texts for
//! which it is true without reading them; it is made of the very words that `Search` reads, so it cannot say anything else.
//! `docs/TEXT-SEARCH.md` tells the rules to those who search.

mod build;
mod fold;
mod index;
mod search;
#[cfg(test)]
mod tests;
mod words;

pub use self::{
    build::index,
    index::{Index, Run},
    search::{Search, Sought},
};
