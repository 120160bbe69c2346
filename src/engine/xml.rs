//! What XML cannot hold. What is written all the same is no XML, and no parser takes it.

use oxigraph::model::{NamedNodeRef, TermRef};

use super::EngineError;

/// Whether a term's text can stand in a document ([XML 1.0, section 2.2](https://www.w3.org/TR/xml/#charsets)).
///
/// # Errors
/// [`EngineError::Unwritable`]
pub(super) fn check_text(term: TermRef<'_>) -> Result<(), EngineError> {
    let text = match term {
        TermRef::Literal(literal) => literal.value(),
        // IRIs and blank nodes have no such characters.
        TermRef::NamedNode(_) | TermRef::BlankNode(_) => return Ok(()),
    };
    let is_none = |c: char| matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    match text.chars().find(|c| is_none(*c)) {
        None => Ok(()),
        Some(c) => Err(EngineError::Unwritable(format!(
            "the answer has the character U+{:04X}, which XML cannot hold: ask for another format",
            u32::from(c)
        ))),
    }
}

/// Whether a predicate can be the name of an element: its IRI has to end with a name
/// ([RDF/XML, section 2.2](https://www.w3.org/TR/rdf-syntax-grammar/#section-Syntax-node-property-elements)).
///
/// # Errors
/// [`EngineError::Unwritable`]
pub(super) fn check_predicate(predicate: NamedNodeRef<'_>) -> Result<(), EngineError> {
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let iri = predicate.as_str();
    let end = iri.rfind(|c| !in_name(c)).map_or(iri, |at| &iri[at..]);
    if end.chars().any(|c| c.is_alphabetic() || c == '_') {
        return Ok(());
    }
    let shown: String = iri.chars().take(100).collect();
    Err(EngineError::Unwritable(format!(
        "RDF/XML cannot write the predicate <{shown}>, which does not end with a name: ask for another format"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::model::{Literal, NamedNode};

    #[test]
    fn what_xml_cannot_hold_is_found() {
        for (text, is_good) in [("a\tb\r\n<&>é😀", true), ("a\u{1}", false), ("\u{b}", false), ("\u{ffff}", false)] {
            assert_eq!(check_text(Literal::from(text).as_ref().into()).is_ok(), is_good, "{text:?}");
        }
        for (iri, is_good) in [
            ("http://e/name", true),
            ("http://e/a#b-1", true),
            ("urn:x:1a", true),
            ("http://e/1", false),
            ("http://e/", false),
            ("http://e/a#", false),
        ] {
            assert_eq!(check_predicate(NamedNode::new_unchecked(iri).as_ref()).is_ok(), is_good, "{iri}");
        }
    }
}
