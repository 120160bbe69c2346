//! The index of words in a dataset, in its file, and damaged.

use oxigraph::model::{GraphName, Literal, NamedNode, Quad, Term};
use proptest::{collection::vec, prelude::*};

use super::{Dataset, Id};
use crate::text::Search;

fn dataset(texts: &[(String, Option<&str>)]) -> Dataset {
    let iri = |name: &str| NamedNode::new_unchecked(format!("http://example.org/{name}"));
    let object = |(text, language): &(String, Option<&str>)| -> Term {
        match language {
            Some("typed") => Literal::new_typed_literal(text, iri("museum")).into(),
            Some(tag) => Literal::new_language_tagged_literal_unchecked(text, *tag).into(),
            None => Literal::from(text.as_str()).into(),
        }
    };
    let quads = texts.iter().map(|text| Quad::new(iri("museum"), iri("says"), object(text), GraphName::DefaultGraph));
    Dataset::from_quads(quads.collect::<Vec<_>>().iter().map(Quad::as_ref)).unwrap()
}

fn texts() -> impl Strategy<Value = Vec<(String, Option<&'static str>)>> {
    let language =
        prop_oneof![Just(None), Just(Some("en")), Just(Some("en-gb")), Just(Some("fr")), Just(Some("typed"))];
    vec(("([abé]{1,2} ?){0,4}|museum", language), 0..30)
}

/// What the index gives, as the executor reads it.
fn found(dataset: &Dataset, search: &Search) -> Vec<Id> {
    let index = dataset.words().unwrap();
    let has = |id: Id| search.words().iter().all(|sought| index.texts_of(&index.find(sought)).any(|text| text == id));
    let speaks = |id: Id| dataset.string(id).is_some_and(|(_, language)| search.is_in_language(language));
    (0..dataset.terms()).filter(|id| has(*id) && speaks(*id)).collect()
}

proptest! {
    #[test]
    fn the_index_has_the_strings_and_nothing_else(texts in texts(), sought in "[ab]{1,2}[*]?( [ab]{1,2})?|museum") {
        let dataset = dataset(&texts).with_words();
        for language in [None, Some("en"), Some("fr")] {
            let search = Search::new(&sought, language).unwrap();
            let is = |id: &Id| dataset.string(*id).is_some_and(|(text, language)| search.matches(text, language));
            prop_assert_eq!(found(&dataset, &search), (0..dataset.terms()).filter(is).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_index_goes_with_the_file(texts in texts()) {
        let built = dataset(&texts).with_words();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("edition");
        built.write(&path).unwrap();
        let opened = Dataset::open(&path).unwrap();
        opened.verify().unwrap();
        let search = Search::new("a* é", None).unwrap();
        prop_assert_eq!(found(&opened, &search), found(&built, &search));
        prop_assert_eq!(opened.attachment("words"), built.attachment("words"));
    }
}

#[test]
fn a_string_is_told_from_other_literals() {
    let texts = [("a".to_owned(), None), ("b".to_owned(), Some("en")), ("c".to_owned(), Some("typed"))];
    let dataset = dataset(&texts);
    let strings: Vec<_> = (0..dataset.terms() + 2).filter_map(|id| dataset.string(id)).collect();
    assert_eq!(strings, [("a", None), ("b", Some("en"))]);
    assert!(dataset.words().is_none() && dataset.with_attachment("words", b"none".to_vec()).words().is_none());
}
