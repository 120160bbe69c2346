//! Parameters: what is taken, what is refused, and that a value never changes the question.

use ocm_graph::query::{Kind, ParamError};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;

fn bind(name: &str, given: &[(&str, &str)]) -> Result<String, ParamError> {
    let given: Vec<_> = given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let Edition { catalogue, iris, .. } = &SMALL.edition;
    BOOK.get(name).unwrap().bind(&given, catalogue, iris).map(|query| given_rows(&query))
}

#[track_caller]
fn takes(name: &str, param: &str, value: &str, term: &str) {
    let bound = bind(name, &[(param, value)]).unwrap();
    assert!(bound.contains(term), "{param}={value:?} gives no {term} in {bound}");
}

#[track_caller]
fn refuses(name: &str, given: &[(&str, &str)], message: &str) {
    assert_eq!(bind(name, given).unwrap_err().to_string(), message);
}

#[test]
fn each_kind_takes_codes_and_names() {
    for value in ["11.a", "11.A", " 11.a ", "Towns and countryside linked", "towns and COUNTRYSIDE linked"] {
        takes("resources", "target", value, "<http://metadata.un.org/sdg/11.a>");
    }
    for value in ["11", "Sustainable cities and communities"] {
        takes("resources", "goal", value, "<http://metadata.un.org/sdg/11>");
    }
    for value in ["heritage", "Heritage", "Keep heritage safe", "cuidar el PATRIMONIO"] {
        takes("resources", "theme", value, "<https://w3id.org/ocm/theme/heritage>");
    }
    for value in ["case-studies", "Case studies"] {
        takes("resources", "type", value, "<https://w3id.org/ocm/type/case-studies>");
    }
    for value in ["id", "ID", "Indonesian", "bahasa indonesia", "Indonesio"] {
        takes("resources", "language", value, "( \"id\" )");
    }
    takes("resources", "language", "PT-br", "( \"pt-BR\" )");
    for value in ["harbour-stories", "Harbour Stories", "HARBOUR-stories"] {
        takes("resource-card", "resource", value, "<https://w3id.org/ocm/resource/harbour-stories>");
    }
    takes("resources", "words", " e\u{301}coute ", "( \"écoute\" )");
    takes("targets-together", "at_least", "+7", "( \"7\"^^");
    takes("records-partial", "field", "targets", "( \"targets\" )");
}

#[test]
fn a_default_is_bound_when_nothing_is_given() {
    assert_eq!(bind("targets-together", &[]), bind("targets-together", &[("at_least", "2")]));
    assert_eq!(bind("targets-together", &[]), bind("targets-together", &[("at_least", "  ")]));
}

#[test]
fn refusals_say_what_would_be_right() {
    refuses(
        "resources",
        &[("target", "11.44")],
        "the parameter \"target\" must be the code of an SDG target, such as 11.4: \"11.44\" is not one of the 6 in this \
         catalogue; did you mean \"11.4\"?",
    );
    refuses(
        "resources",
        &[("theme", "tourist")],
        "the parameter \"theme\" must be a theme, such as sustainable-tourism: \"tourist\" is not one of the 3 in this \
         catalogue; did you mean \"tourism\"?",
    );
    refuses(
        "resource-card",
        &[("resource", "harbour")],
        "the parameter \"resource\" must be the slug of a resource, such as \
         backstage-managing-creativity-and-arts-south-east-asia: \"harbour\" is not one of the 3 in this catalogue; did \
         you mean \"harbour-stories\"?",
    );
    refuses(
        "resource-card",
        &[],
        "the parameter \"resource\" is missing: give the slug of a resource, such as \
         resource=backstage-managing-creativity-and-arts-south-east-asia",
    );
    refuses(
        "resource-card",
        &[("resource", "  ")],
        "the parameter \"resource\" is missing: give the slug of a resource, such as \
         resource=backstage-managing-creativity-and-arts-south-east-asia",
    );
    refuses("resources", &[("tehme", "heritage")], "there is no parameter \"tehme\"; did you mean \"theme\"?");
    refuses("themes", &[("x", "1")], "there is no parameter \"x\": this query takes none");
    refuses("goal-overview", &[("x", "1")], "there is no parameter \"x\": this query takes goal");
    refuses(
        "resources",
        &[("goal", "11"), ("goal", "11")],
        "the parameter \"goal\" is given more than once: give it one value",
    );
    let at_least = "the parameter \"at_least\" must be a whole number from 1 to 1000, such as 2: ";
    for (value, why) in [
        ("0", "\"0\" is too small"),
        ("1001", "\"1001\" is too large"),
        ("1.5", "\"1.5\" is not a whole number"),
        ("99999999999999999999", "\"99999999999999999999\" is not a whole number"),
    ] {
        refuses("targets-together", &[("at_least", value)], &format!("{at_least}{why}"));
    }
    let words = "the parameter \"words\" must be some words, such as south-east asia: ";
    refuses(
        "resources",
        &[("words", "a\nb")],
        &format!("{words}\"a\u{FFFD}b\" has a line break or another control character in it"),
    );
    let long = "x".repeat(201);
    let shown = format!("{}…", "x".repeat(100));
    refuses("resources", &[("words", &long)], &format!("{words}\"{shown}\" is longer than 200 characters"));
    assert!(bind("resources", &[("words", &"é".repeat(200))]).is_ok(), "200 characters are not too many");
}

/// A title shared by two resources names neither.
#[test]
fn a_name_of_two_things_is_refused_with_both() {
    let Edition { mut catalogue, iris, .. } = small();
    for resource in catalogue.resources.values_mut() {
        resource.title = "Same".into();
    }
    let given = [("resource".to_owned(), "same".to_owned())];
    let error = BOOK.get("resource-card").unwrap().bind(&given, &catalogue, &iris).unwrap_err();
    let ParamError::Invalid { near, why, .. } = error else { panic!("{error}") };
    assert_eq!(near, ["harbour-stories", "quiet-archive", "river-songs"]);
    assert_eq!(why, "is the name of more than one");
}

const HOSTILE: [&str; 14] = [
    "\"",
    "\\",
    "\\\"",
    "\" } . ?s ?p ?o . { \"",
    "> } . DROP ALL #",
    "}} UNION { ?resource ?p ?o }",
    "'; DROP GRAPH <x>; --",
    "<script>alert(1)</script>",
    "UNDEF",
    "${x} {{x}} %7D %22 \\u0022 \\U00000022",
    "\u{2028}\u{202E}\u{FEFF}",
    "ﬁ İ ß 𝔘 👩‍👩‍👧 \u{10FFFF}",
    "?words",
    "^^<http://www.w3.org/2001/XMLSchema#integer>",
];

/// The bound query is the unbound one with exactly one more literal, whatever the value.
#[test]
fn a_value_never_becomes_syntax() {
    let words = SMALL.edition.catalogue.resources.len();
    for value in HOSTILE {
        let found = SMALL.ask(BOOK.get("resources").unwrap(), &[("words", value)]);
        assert!(found.len() < words, "{value}: everything matched");
        for (query, param) in [("resources", "words"), ("resources-by-creator", "creator"), ("targets", "words")] {
            only_a_literal(query, param, value);
        }
        for (query, param) in [("resources", "target"), ("resource-card", "resource"), ("records-partial", "field")] {
            assert!(matches!(bind(query, &[(param, value)]), Err(ParamError::Invalid { .. })), "{param}={value}");
        }
    }
    // A title made of such signs is still found by them.
    for words in ["{songs} ?x;", "\"river\"", "ÉCOUTE"] {
        let found = SMALL.column(BOOK.get("resources").unwrap(), &[("words", words)], "slug");
        assert_eq!(found, ["river-songs"], "{words}");
    }
}

/// A bound text stands in the parsed query as one literal where `UNDEF` stood, and nothing else is different. (The query
/// is never printed and parsed again: printed, `\u0022` inside a value would read as a quotation mark.)
fn only_a_literal(query: &str, param: &str, value: &str) {
    let Edition { catalogue, iris, .. } = &SMALL.edition;
    let bind = |value: &str| {
        let bound = BOOK.get(query).unwrap().bind(&[(param.to_owned(), value.to_owned())], catalogue, iris);
        bound.map(|query| format!("{query:?}"))
    };
    let Ok(bound) = bind(value) else { return };
    let normal: String = value.trim().nfc().collect();
    let expected = bind("plain").unwrap().replace("\"plain\"", &format!("{normal:?}"));
    assert!(bound == expected, "{value:?} gives {bound}");
}

proptest! {
    #[test]
    fn any_text_is_bound_as_it_is_or_refused(value in "\\PC{1,60}|[\"\\\\{}<>?$'`#;.\n\r\t ]{1,30}|.{0,250}") {
        if !value.trim().is_empty() {
            only_a_literal("resources", "words", &value);
        }
    }

    #[test]
    fn reading_a_parameter_never_panics(
        name in "target|goal|theme|type|language|creator|words|[a-z_]{0,12}|\\PC{0,12}",
        value in "\\PC{0,40}|[0-9.]{0,6}|(?s).{0,300}|(1[0-7]|[1-9])\\.([1-9]|1[0-9]|[a-dA-D])|[a-zA-Z]{2,3}(-[a-zA-Z]{2})?",
    ) {
        let _ = bind("resources", &[(&name, &value)]);
    }

    #[test]
    fn integers_are_bound_in_their_bounds(n in any::<i64>()) {
        let bound = bind("targets-together", &[("at_least", &n.to_string())]);
        prop_assert_eq!(bound.is_ok(), (1..=1000).contains(&n));
    }
}

/// What a documentation page needs, as JSON.
#[test]
fn a_query_as_json() {
    insta::assert_snapshot!(serde_json::to_string_pretty(BOOK.get("targets-together").unwrap()).unwrap());
}

#[test]
fn the_example_of_an_integer_is_its_default() {
    let query = BOOK.get("theme-goal-matrix").unwrap();
    assert_eq!(query.params[0].kind, Kind::Integer { min: Some(0), max: Some(1000) });
    assert_eq!(query.example(), [("at_least".to_owned(), "1".to_owned())]);
}
