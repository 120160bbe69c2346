//! What the tests share: fixture catalogues, and where things are.

pub(crate) mod server;

use std::{
    fs,
    path::{Path, PathBuf},
};

use ocm_graph::{
    edition::Edition,
    generate::Generator,
    model::Catalogue,
    rdf::iri::{DEFAULT_BASE, Iris},
};
use oxigraph::model::{Quad, QuadRef};
use tempfile::TempDir;

/// A path inside the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A copy of the fixture catalogue that a test may change, as the folder `data` of a temporary folder.
pub(crate) fn fixture_copy() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder can be made");
    copy(&repository("tests/fixtures/catalogue"), &folder.path().join("data"));
    folder
}

/// Copies a folder over another.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the folder exists") {
        let entry = entry.expect("the folder can be read");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a file can be copied");
        }
    }
}

/// The edition of a data folder that has no errors, under the default base.
pub(crate) fn edition(data: &Path) -> Edition {
    let iris = Iris::new(DEFAULT_BASE).expect("the default base is sound");
    match Edition::build(data, iris) {
        Ok((edition, _)) => edition,
        Err(error) => panic!("{}: {error:?}", data.display()),
    }
}

/// The edition of the fixture catalogue.
pub(crate) fn fixture_edition() -> Edition {
    edition(&repository("tests/fixtures/catalogue"))
}

/// The quads of an edition, sorted.
pub(crate) fn quads_of(edition: &Edition) -> Vec<Quad> {
    edition.dataset.iter().map(QuadRef::into_owned).collect()
}

/// The edition of the shipped data.
pub(crate) fn shipped_edition() -> Edition {
    edition(&repository("data"))
}

/// The tables of a catalogue with invented resources.
pub(crate) fn invented_catalogue(tables: &Catalogue, resources: usize, seed: u64) -> Catalogue {
    let generator = Generator::new(tables, seed);
    let resources = (1..=resources).map(|number| generator.resource(number));
    Catalogue { resources: resources.map(|it| (it.slug.clone(), it)).collect(), ..tables.clone() }
}

/// The edition of an invented catalogue with the tables of the shipped data.
pub(crate) fn invented_edition() -> Edition {
    let Edition { catalogue, iris, .. } = shipped_edition();
    Edition::of(invented_catalogue(&catalogue, 100, 1), iris).expect("the ontology is sound")
}
