//! The query book: what is wrong with a file, said at once and with its place.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

const SOUND: &str = "#+ title: Everything\n#+ summary: All of it.\n#+ column s: iri — A thing.\n\nSELECT ?s WHERE { ?s ?p ?o } ORDER BY ?s\n";

/// The report of a folder of files, with the folder called `queries`.
fn report(files: &[(&str, &[u8])]) -> (QueryBook, String) {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let (book, diagnostics) = QueryBook::load(folder.path());
    let text: String = diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect();
    (book, text.replace(&folder.path().display().to_string(), "queries"))
}

#[test]
fn every_mistake_has_its_report() {
    let front = "#+ title: T\n#+ summary: S\n";
    let with = |rest: &str| format!("{front}{rest}").into_bytes();
    let select = "#+ column s: iri — S\nSELECT ?s WHERE { VALUES ?t { UNDEF } ?s ?p ?t } ORDER BY ?s\n";
    let files = [
        ("a-title-and-summary-missing.rq", b"ASK { ?s ?p ?o }\n".to_vec()),
        ("b-syntax.rq", with("SELECT ?s WHERE {\n  ?s ?p\n}\n")),
        ("c-update.rq", with("DROP ALL\n")),
        ("d-service.rq", with("ASK { SERVICE <http://example.org/> { ?s ?p ?o } }\n")),
        ("e-lateral.rq", with("ASK { ?s ?p ?o LATERAL { ?o ?q ?r } }\n")),
        ("f-param-undeclared.rq", with(select)),
        ("g-param-unused.rq", with("#+ param t: text, optional, example x — T\nASK { ?s ?p ?o }\n")),
        ("h-param-kind.rq", with(&format!("#+ param t: tekst, optional, example x — T\n{select}"))),
        ("i-param-need.rq", with(&format!("#+ param t: text, required, default y, example x — T\n{select}"))),
        ("j-param-example.rq", with(&format!("#+ param t: text, optional — T\n{select}"))),
        ("k-param-facet.rq", with(&format!("#+ param t: text, optional, example x, min 3 — T\n{select}"))),
        ("l-param-meaning.rq", with(&format!("#+ param t: text, optional, example x\n{select}"))),
        (
            "m-param-twice.rq",
            with(&format!(
                "#+ param t: text, optional, example x — T\n#+ param t: text, optional, example x — T\n{select}"
            )),
        ),
        (
            "n-param-name.rq",
            with("#+ param format: text, optional, example x — T\nASK { VALUES ?format { UNDEF } ?s ?p ?format }\n"),
        ),
        ("o-column-unknown.rq", with("#+ column s: iri — S\n#+ column x: iri — X\nSELECT ?s ?p WHERE { ?s ?p ?o }\n")),
        ("p-column-kind.rq", with("#+ column s: url — S\nSELECT ?s WHERE { ?s ?p ?o }\n")),
        ("q-key.rq", with("#+ tag: x\nASK { ?s ?p ?o }\n")),
        ("r-line.rq", with("#+ this is no entry\n#+ tags:\n#+ a b c: d\n#+ title x: y\nASK { ?s ?p ?o }\n")),
        ("s-place.rq", with("\n#+ tags: late\nASK { ?s ?p ?o }\n")),
        ("t-continued.rq", b"#+   from nothing\n#+ title: T\n#+ title: U\n#+ summary: S\nASK { ?s ?p ?o }\n".to_vec()),
        ("u-latin-1.rq", b"#+ title: caf\xe9\n".to_vec()),
        ("v-too-long.rq", with(&format!("# {}\nASK {{ ?s ?p ?o }}\n", "x".repeat(256 * 1024)))),
        ("w-too-deep.rq", with(&format!("ASK {}{}\n", "{".repeat(20_000), "}".repeat(20_000)))),
        ("W and X.rq", with("ASK { ?s ?p ?o }\n")),
        ("y-same-title.rq", with("ASK { ?s ?p ?o }\n")),
        ("z-same-title.rq", with("ASK { ?s ?p ?o }\n")),
        ("not-a-query.txt", b"left alone".to_vec()),
    ];
    let files: Vec<_> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    let (book, text) = report(&files);
    let names: Vec<_> = book.iter().map(|q| q.name.to_string()).collect();
    assert_eq!(names, ["y-same-title", "z-same-title"]);
    insta::assert_snapshot!(text);
}

#[test]
fn folders_that_are_not_there_and_files_that_are_not_files() {
    let folder = TempDir::new().unwrap();
    let (book, diagnostics) = QueryBook::load(&folder.path().join("nowhere"));
    assert_eq!((book.iter().count(), diagnostics.len(), diagnostics[0].code), (0, 1, "query-folder"));
    fs::create_dir(folder.path().join("folder.rq")).unwrap();
    fs::write(folder.path().join("sound.rq"), SOUND).unwrap();
    let (book, diagnostics) = QueryBook::load(folder.path());
    assert_eq!((book.iter().count(), diagnostics.len(), diagnostics[0].code), (1, 1, "not-a-file"));
}

/// An example the catalogue does not know is a warning, so a catalogue of one's own can be served with these queries; a
/// default that cannot be bound would refuse every request.
#[test]
fn examples_and_defaults_are_checked_against_the_catalogue() {
    let text = "#+ title: T\n#+ summary: S\n#+ param theme: theme, default wast — T\n#+ param goal: goal, optional, \
                example 18 — G\nASK { VALUES ?theme { UNDEF } VALUES ?goal { UNDEF } ?theme ?p ?goal }\n";
    let (book, problems) = report(&[("a.rq", text.as_bytes())]);
    assert_eq!(problems, "");
    let Edition { catalogue, iris, .. } = &SHIPPED.edition;
    let found: Vec<_> = book
        .check(catalogue, iris)
        .iter()
        .map(|d| (d.severity.to_string(), d.code, d.place.line, d.message.clone()))
        .collect();
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].0.as_str(), found[0].1, found[0].2), ("error", "param-default", Some(3)));
    assert_eq!((found[1].0.as_str(), found[1].1, found[1].2), ("warning", "param-example", Some(4)));
    assert!(found[0].3.contains("\"wast\" is not one of the 13 in this catalogue"), "{}", found[0].3);
}

#[test]
fn placeholders_are_bound_wherever_they_stand() {
    let text = "#+ title: T\n#+ summary: S\n#+ param x: integer, required, example 7 — X\n#+ column n: integer — N\n\
        SELECT (COUNT(*) + SUM(IF(EXISTS { VALUES ?x { UNDEF } FILTER(?x = 1) }, 1, 2)) AS ?n) WHERE {\n\
        VALUES ?x { UNDEF }\n\
        OPTIONAL { VALUES ?x { UNDEF } ?s ?p ?x FILTER NOT EXISTS { VALUES ?x { UNDEF } ?x ?q ?o } }\n\
        { SELECT ?x WHERE { VALUES ?x { UNDEF } } } UNION { VALUES ?x { UNDEF } } MINUS { VALUES ?x { UNDEF } }\n\
        GRAPH ?g { VALUES ?x { UNDEF } }\n\
        BIND(EXISTS { VALUES ?x { UNDEF } } AS ?b)\n\
        VALUES (?x ?y) { (UNDEF UNDEF) }\n\
        } GROUP BY (EXISTS { VALUES ?x { UNDEF } } AS ?e) HAVING(EXISTS { VALUES ?x { UNDEF } })\n\
        ORDER BY (EXISTS { VALUES ?x { UNDEF } })\n";
    let (book, problems) = report(&[("a.rq", text.as_bytes())]);
    assert_eq!(problems, "");
    let query = book.get("a").unwrap();
    let Edition { catalogue, iris, .. } = &SMALL.edition;
    let blocks = |text: &str, what: &str| text.matches(what).count();
    let printed = query.bind(&[("x".into(), "4711".into())], catalogue, iris).unwrap();
    let printed = given_rows(&printed);
    assert_eq!(blocks(&given_rows(query.unbound()), "UNDEF"), 12 + 2);
    assert_eq!(blocks(&printed, "UNDEF"), 2, "a row of several values is no placeholder: {printed}");
    assert_eq!(blocks(&printed, "4711"), 12, "{printed}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_is_read_or_reported(text in "(#\\+ ?(title|summary|tags|param|column)?( [a-z]{0,3})?:?[ —,a-z]{0,30}\n){0,6}\\PC{0,40}") {
        let (book, problems) = report(&[("a.rq", text.as_bytes())]);
        prop_assert_eq!(book.iter().count() == 0, problems.contains("error["));
    }
}
