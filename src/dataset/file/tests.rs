//! Edition files, whole and damaged.

use std::{fs, path::Path};

use oxigraph::model::{GraphName, Literal, NamedNode, Quad};
use proptest::prelude::*;
use tempfile::TempDir;

use super::{OpenError, Unusable};
use crate::dataset::{Dataset, tests::quads};

fn small() -> Dataset {
    let iri = |name: &str| NamedNode::new_unchecked(format!("http://example.org/{name}"));
    let quads = [
        Quad::new(iri("a"), iri("title"), Literal::new_language_tagged_literal("A", "en").unwrap(), iri("one")),
        Quad::new(iri("a"), iri("title"), Literal::new_language_tagged_literal("A", "en").unwrap(), iri("two")),
        Quad::new(iri("a"), iri("year"), Literal::from(1999), GraphName::DefaultGraph),
        Quad::new(iri("b"), iri("part"), iri("a"), iri("two")),
    ];
    Dataset::from_quads(quads.iter().map(Quad::as_ref)).unwrap()
}

fn bytes(dataset: &Dataset) -> Vec<u8> {
    let mut bytes = Vec::new();
    dataset.write_to(&mut bytes).unwrap();
    bytes
}

/// Reads everything there is, by every way.
fn visit(dataset: &Dataset) -> usize {
    let mut seen = dataset.iter().count() + dataset.union().count();
    for id in 0..dataset.terms() + 2 {
        seen += dataset.text(id).len() + usize::from(dataset.id(dataset.term(id)).is_some());
        seen += dataset.spo().of(id).len() + dataset.ops().with(id, 1).len() + dataset.pso().of(id).len();
        seen += usize::from(dataset.predicate(id).is_some() || dataset.graph_number(id).is_some());
        seen += dataset.triples_of(id).len() + dataset.graph(id).count();
    }
    for position in 0..dataset.triples() + 2 {
        let [subject, predicate, object] = dataset.triple(position);
        seen += dataset.graphs_of(position).len() + usize::from(dataset.position(subject, predicate, object).is_some());
    }
    let mut lines = Vec::new();
    dataset.write_lines(&mut lines).unwrap();
    seen + lines.len() + dataset.iris_with("http://example.org/a").len()
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn open(&self, bytes: &[u8]) -> Result<Dataset, OpenError> {
        let path = self.0.path().join("edition");
        // Anew each time: a file in use must not be written over.
        let _ = fs::remove_file(&path);
        fs::write(&path, bytes).unwrap();
        Dataset::open(&path)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_file_holds_what_was_written(quads in quads()) {
        let built = Dataset::from_quads(quads.iter().map(Quad::as_ref)).unwrap().with_attachment("note", b"x".to_vec());
        let written = bytes(&built);
        let folder = Folder::new();
        let opened = folder.open(&written).unwrap();
        opened.verify().unwrap();
        prop_assert!(opened.iter().eq(built.iter()));
        prop_assert_eq!(opened.digest(), built.digest());
        prop_assert_eq!(opened.predicates(), built.predicates());
        prop_assert_eq!(opened.attachment("note"), Some(&b"x"[..]));
        prop_assert_eq!(opened.attachment("other"), None);
        for id in 0..built.terms() {
            prop_assert_eq!(opened.id(built.term(id)), Some(id));
        }
        // The same quads in another order, and the opened file, give the same bytes.
        let reversed = Dataset::from_quads(quads.iter().rev().map(Quad::as_ref)).unwrap();
        prop_assert_eq!(&bytes(&reversed.with_attachment("note", b"x".to_vec())), &written);
        prop_assert_eq!(bytes(&opened), written);
    }
}

#[test]
fn every_changed_byte_of_the_header_is_refused_and_every_other_one_found() {
    let (whole, folder) = (bytes(&small()), Folder::new());
    let body = whole.len() - fs_body(&whole);
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x41;
        match folder.open(&damaged) {
            Err(error) => {
                let text = error.to_string();
                assert!(text.contains("edition") && text.contains("ocm build"), "{at}: {text}");
            }
            Ok(opened) => {
                assert!(at >= body, "a change of byte {at} goes unnoticed");
                visit(&opened);
                assert!(matches!(opened.verify(), Err(Unusable::Damaged(_))), "{at}");
            }
        }
    }
}

/// Bytes behind the header, by its own account of where the first section begins.
fn fs_body(whole: &[u8]) -> usize {
    let first = u64::from_ne_bytes(whole[144 + 24..144 + 32].try_into().unwrap());
    whole.len() - usize::try_from(first).unwrap()
}

#[test]
fn a_file_that_is_cut_or_longer_is_refused() {
    let (whole, folder) = (bytes(&small()), Folder::new());
    for length in 0..whole.len() {
        assert!(folder.open(&whole[..length]).is_err(), "{length}");
    }
    let longer = [&whole[..], b"\0"].concat();
    let error = folder.open(&longer).unwrap_err();
    assert!(matches!(error.why, Unusable::Length { .. }), "{error}");
    assert!(matches!(folder.open(b"<http://e/a> <http://e/b> <http://e/c> .\n").unwrap_err().why, Unusable::NotOurs));
    assert!(matches!(Dataset::open(Path::new("/nowhere")).unwrap_err().why, Unusable::Io(_)));
}

proptest! {
    /// Whatever the body holds, reading it neither panics nor hangs.
    #[test]
    fn a_damaged_body_gives_something_or_nothing(quads in quads(), changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..40)) {
        let whole = bytes(&Dataset::from_quads(quads.iter().map(Quad::as_ref)).unwrap());
        let body = whole.len() - fs_body(&whole);
        let mut damaged = whole.clone();
        if body < whole.len() {
            for (at, byte) in changes {
                damaged[body + at % (whole.len() - body)] = byte;
            }
            let folder = Folder::new();
            let opened = folder.open(&damaged).unwrap();
            visit(&opened);
            prop_assert_eq!(opened.verify().is_ok(), damaged == whole);
        }
    }
}

#[test]
fn a_file_that_is_replaced_stays_what_it_was_for_those_who_have_it_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("edition");
    small().write(&path).unwrap();
    let opened = Dataset::open(&path).unwrap();
    Dataset::default().write(&path).unwrap();
    assert_eq!((opened.quads(), Dataset::open(&path).unwrap().quads()), (4, 0));
    opened.verify().unwrap();
    if let Some(shared) = opened.shared_path() {
        assert_eq!(Dataset::open(&shared).unwrap().digest(), opened.digest());
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
