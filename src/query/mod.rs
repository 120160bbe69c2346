//! The canned queries: files people add, questions people ask.
//!
//! A canned query is one file `queries/NAME.rq`. Its name is the file's name, a [`Slug`](crate::model::Slug). The file is
//! valid SPARQL 1.1 as it stands and can be sent to any endpoint; what it is for stands in `#+` comment lines at its top,
//! its *front matter*:
//!
//! ```sparql
//! #+ title: Resources for a target
//! #+ summary: The resources that support one SDG target, and why.
//! #+   A line that is indented goes on with the one before.
//! #+ tags: resources, targets
//! #+ param target: target, required, example 11.4 — The SDG target.
//! #+ param at_least: integer, default 1, min 0, max 100 — Leave out rows with fewer.
//! #+ column slug: text — Identifier of the resource.
//! #+ column title: text — Title, as printed.
//! ```
//!
//! | line | says |
//! |---|---|
//! | `title` | required; one line, as a person would ask for it |
//! | `summary` | required; what comes back, what is counted, what to keep in mind |
//! | `tags` | topics, separated by commas |
//! | `param NAME` | a [`Kind`], then `required`, `optional` or `default VALUE`, then `example VALUE` (a default serves as one), for integers `min N` and `max N`, separated by commas; after ` — ` its meaning |
//! | `column NAME` | one for each column of a SELECT: a [`ColumnKind`], after ` — ` its meaning |
//!
//! The examples of one query go together: the request with all of them has an answer ([`CannedQuery::example`]).
//!
//! A parameter `x` is the variable of every block `VALUES ?x { UNDEF }` in the query. To bind it is to replace the
//! `UNDEF` inside the *parsed* query by a term; a value never meets the text, so it cannot change what is asked. A
//! parameter left out keeps its `UNDEF`, which joins with everything: "any". The query must be written so:
//!
//! ```sparql
//! VALUES ?theme { UNDEF }
//! FILTER(!BOUND(?theme) || EXISTS { ?resource dcterms:subject ?theme })
//! ```
//!
//! Reading order: [`Param`] and [`Kind`] (what may be asked), the front matter, the binding, [`CannedQuery`],
//! [`QueryBook`].

mod bind;
mod book;
mod canned;
mod front_matter;
mod param;

pub use book::QueryBook;
pub use canned::{CannedQuery, Column, ColumnKind, Form};
pub use param::{Kind, Param, ParamError};
