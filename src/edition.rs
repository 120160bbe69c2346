//! The pipeline: load, check, map, and one immutable edition of the graph comes out.

use std::path::Path;

use oxigraph::{
    io::{RdfFormat, RdfParser, RdfSyntaxError},
    model::Quad,
};

use crate::{
    diagnostic::{Diagnostic, has_errors},
    digest::sha256_hex,
    model::Catalogue,
    rdf::{
        iri::{Graph, Iris},
        map, write,
    },
    source::{self, Loaded, Progress},
};

/// The ontology, as it is published.
pub const ONTOLOGY: &str = include_str!("../ontology/ocm.ttl");

/// One version of the graph. It never changes; a change of the files is a new edition.
#[derive(Debug, Clone)]
pub struct Edition {
    /// The records it was made from.
    pub catalogue: Catalogue,
    /// How its IRIs are made.
    pub iris: Iris,
    /// All its quads, in the order of their N-Quads lines, none twice.
    pub quads: Vec<Quad>,
    /// SHA-256 of those lines, in lower-case hex. The same files give the same digest.
    pub digest: String,
}

/// Why there is no edition.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The files have mistakes: all diagnostics, warnings too.
    #[error("the catalogue has errors")]
    Refused(Vec<Diagnostic>),
    /// The ontology compiled into the program is not Turtle.
    #[error("the ontology cannot be read: {0}")]
    Ontology(#[from] RdfSyntaxError),
}

impl Edition {
    /// Builds the edition of a data folder, with the warnings and notes it gave.
    ///
    /// # Errors
    /// [`BuildError::Refused`] when the files have mistakes.
    pub fn build(data: &Path, iris: Iris) -> Result<(Self, Vec<Diagnostic>), BuildError> {
        Self::build_observed(data, iris, &|_| ())
    }

    /// As [`Edition::build`], telling how far it has come.
    ///
    /// # Errors
    /// [`BuildError::Refused`] when the files have mistakes.
    pub fn build_observed(
        data: &Path,
        iris: Iris,
        observe: &dyn Fn(Progress),
    ) -> Result<(Self, Vec<Diagnostic>), BuildError> {
        let Loaded { catalogue, diagnostics } = source::load_observed(data, observe);
        if has_errors(&diagnostics) {
            return Err(BuildError::Refused(diagnostics));
        }
        observe(Progress { stage: "mapping to RDF", done: 0, total: 0 });
        Ok((Self::of(catalogue, iris)?, diagnostics))
    }

    /// Makes the edition of a catalogue.
    ///
    /// # Errors
    /// [`BuildError::Ontology`] when the compiled-in ontology is not Turtle, which a test rules out.
    pub fn of(catalogue: Catalogue, iris: Iris) -> Result<Self, BuildError> {
        let mut quads = map::quads(&catalogue, &iris);
        quads.extend(ontology(&iris)?);
        write::sort(&mut quads);
        let digest = sha256_hex(quads.iter().map(|quad| format!("{quad} .\n")));
        Ok(Self { catalogue, iris, quads, digest })
    }
}

/// The statements of [`ONTOLOGY`], in their graph.
///
/// # Errors
/// When it is not Turtle, which a test rules out.
pub fn ontology(iris: &Iris) -> Result<Vec<Quad>, RdfSyntaxError> {
    let parser = RdfParser::from_format(RdfFormat::Turtle).with_default_graph(iris.graph(Graph::Ontology));
    parser.for_slice(ONTOLOGY).collect()
}
