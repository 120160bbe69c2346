//! Files become records, records become quads, quads become one immutable edition of a graph, and the edition answers.
//!
//! The modules in reading order, which is the order the data flows in:
//!
//! 1. [`model`]: the typed catalogue; no files, no RDF, no HTTP.
//! 2. [`diagnostic`]: the one voice for everything that can be wrong with a file people write.
//! 3. [`digest`]: how things are told apart by content.
//! 4. [`source`]: a folder of TOML and CSV in, a catalogue and all its diagnostics out; the page importer.
//! 5. [`rdf`]: vocabulary, IRIs, the mapping from records to quads, writing.
//! 6. [`text`]: words in texts, and an index of them.
//! 7. [`dataset`]: quads in, an immutable dataset with dictionary and indexes out.
//! 8. [`edition`]: the pipeline that joins the above.
//! 9. [`generate`]: invented catalogues of any size, for measurements.
//! 10. [`engine`]: SPARQL over one edition, with limits.
//! 11. [`query`]: the canned queries and their parameters.
//! 12. [`http`]: everything on the wire.
//! 13. [`cli`]: the commands.

pub mod cli;
pub mod dataset;
pub mod diagnostic;
pub mod digest;
pub mod edition;
pub mod engine;
pub mod generate;
pub mod http;
pub mod model;
mod progress;
pub mod query;
pub mod rdf;
mod replacement;
pub mod source;
pub mod sparql;
pub mod text;
pub mod value;
pub mod worker;
