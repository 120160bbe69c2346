//! The pipeline: load, check, map, and one immutable edition of the graph comes out.

use std::{
    io,
    path::{Path, PathBuf},
};

use oxigraph::{
    io::{RdfFormat, RdfParser, RdfSyntaxError},
    model::Quad,
};

use crate::{
    dataset::{self, Dataset},
    diagnostic::{Diagnostic, has_errors},
    model::Catalogue,
    rdf::{
        iri::{Graph, Iris},
        map,
    },
    source::{self, Loaded, Progress},
};

/// The ontology, as it is published.
pub const ONTOLOGY: &str = include_str!("../ontology/ocm.ttl");

/// What the records are called in an edition file.
const CATALOGUE: &str = "catalogue";

/// What the base of the IRIs is called there.
const BASE: &str = "base";

/// One version of the graph. It never changes; a change of the files is a new edition.
#[derive(Debug, Clone)]
pub struct Edition {
    /// The records it was made from. None, when it was made from RDF that somebody else wrote.
    pub catalogue: Catalogue,
    /// How its IRIs are made.
    pub iris: Iris,
    /// All its statements, and the index of the words in them.
    pub dataset: Dataset,
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
    /// There is more than a dataset can hold.
    #[error(transparent)]
    Dataset(#[from] dataset::BuildError),
}

/// Why an edition file gives no edition.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is none, or damaged.
    #[error(transparent)]
    File(#[from] dataset::OpenError),
    /// What it says beside the graph cannot be understood.
    #[error("{}: {what} in this edition file cannot be read ({why}): make it again with ocm build", .path.display())]
    Attachment {
        /// The file.
        path: PathBuf,
        /// What cannot be read.
        what: &'static str,
        /// Why.
        why: String,
    },
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
        quads.extend(map::statistics(&quads, &iris));
        let dataset = Dataset::from_quads(quads.iter().map(Quad::as_ref))?.with_words();
        Ok(Self { catalogue, iris, dataset })
    }

    /// Makes an edition of RDF that somebody else wrote. It has no records.
    #[must_use]
    pub fn foreign(dataset: Dataset, iris: Iris) -> Self {
        Self { catalogue: Catalogue::default(), iris, dataset: dataset.with_words() }
    }

    /// Whether it was made from RDF that somebody else wrote, and has no records.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.catalogue == Catalogue::default()
    }

    /// SHA-256 of the sorted N-Quads lines, in lower-case hex. The same files give the same digest.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.dataset.digest()
    }

    /// The graph with the records and the base beside it, as it goes into an edition file.
    ///
    /// # Errors
    /// When the records cannot be written as JSON, which a test rules out.
    pub fn to_file(&self) -> io::Result<Dataset> {
        let catalogue = serde_json::to_vec(&self.catalogue)?;
        Ok(self.dataset.clone().with_attachment(CATALOGUE, catalogue).with_attachment(BASE, self.iris.base().into()))
    }

    /// Opens an edition file.
    ///
    /// # Errors
    /// [`OpenError`], which names the file and what to do.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let dataset = Dataset::open(path)?;
        let unreadable = |what, why: String| OpenError::Attachment { path: path.to_owned(), what, why };
        let catalogue = match dataset.attachment(CATALOGUE) {
            Some(json) => {
                serde_json::from_slice(json).map_err(|error| unreadable("the catalogue", error.to_string()))?
            }
            None => Catalogue::default(),
        };
        let iris = match dataset.attachment(BASE) {
            Some(base) => Iris::new(&String::from_utf8_lossy(base))
                .map_err(|error| unreadable("the base of the addresses", error.to_string()))?,
            None => Iris::default(),
        };
        Ok(Self { catalogue, iris, dataset })
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
