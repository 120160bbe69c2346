//! `ocm query` as a person types it.

use std::process::{Command, Output};

use super::*;

fn ocm(arguments: &[&str]) -> (String, String, Option<i32>) {
    let Output { stdout, stderr, status } = Command::new(env!("CARGO_BIN_EXE_ocm"))
        .arg("query")
        .args(arguments)
        .current_dir(repository(""))
        .output()
        .unwrap();
    (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap(), status.code())
}

#[test]
fn without_a_name_it_lists_all_with_their_parameters() {
    let (listed, _, status) = ocm(&[]);
    assert_eq!(status, Some(0));
    for query in BOOK.iter() {
        let line = listed.lines().find(|line| line.split_whitespace().next() == Some(query.name.as_str())).unwrap();
        assert!(line.contains(&query.title), "{line}");
        assert!(query.params.iter().all(|p| line.contains(&p.name)), "{line}");
    }
    let (json, _, _) = ocm(&["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json.as_array().unwrap().len(), BOOK.iter().count());
}

#[test]
fn a_table_without_colour_and_without_loss() {
    let fixture = ["--data", "tests/fixtures/catalogue"];
    let (table, notes, status) = ocm(&[&["alignments", "-p", "target=11.A"], fixture.as_slice()].concat());
    assert_eq!((notes.as_str(), status), ("1 row; --iris also shows: page, target, resource\n", Some(0)));
    insta::assert_snapshot!(table);
    let (table, notes, _) = ocm(&[&["alignments", "--iris", "-p", "target=11.A"], fixture.as_slice()].concat());
    assert_eq!(notes, "1 row\n");
    assert!(table.contains("sdg:11.a") && table.contains(" resource/harbour-stories"), "{table}");
    let (table, notes, _) = ocm(&["language-goal-matrix", "-p", "at_least=0"]);
    assert_eq!(notes, format!("{} rows; --iris also shows: goal\n", table.lines().count() - 2));
    assert!(!table.contains('\u{1b}') && !table.contains('…'));
}

#[test]
fn every_format_of_each_form() {
    for (format, beginning) in [
        ("json", "{\"head\":{\"vars\":[\"figure\",\"number\"]}"),
        ("csv", "figure,number\r\n"),
        ("tsv", "?figure\t?number\n"),
        ("xml", "<?xml version=\"1.0\"?>"),
    ] {
        let (text, _, status) = ocm(&["dataset-figures", "--format", format]);
        assert!(text.starts_with(beginning) && status == Some(0), "{text}");
    }
    for (format, part) in [
        ("table", "@prefix skos: "),
        ("ttl", "@prefix skos: "),
        ("nt", "<https://w3id.org/ocm/theme/waste> <http://www.w3.org/2004/02/skos/core#prefLabel> "),
        ("rdf", "<rdf:RDF"),
        ("jsonld", "\"@id\""),
    ] {
        let (text, _, status) = ocm(&["skos-themes", "--format", format]);
        assert!(text.contains(part) && status == Some(0), "{format}: {text}");
    }
    let asked = ["any-resource", "-p", "target=11.4", "-p", "language=lo"];
    assert_eq!(ocm(&asked).0, "yes\n");
    assert!(ocm(&[&asked, ["--format", "json"].as_slice()].concat()).0.contains("\"boolean\":true"));
    let (_, error, status) = ocm(&["skos-themes", "--format", "csv"]);
    assert_eq!((error.as_str(), status), ("ocm: this query gives a graph: ask for ttl, nt, rdf or jsonld\n", Some(1)));
}

#[test]
fn what_is_wrong_is_said_and_the_exit_status_is_2() {
    for (arguments, error) in [
        (
            &["resources-for-targets"][..],
            "there is no query \"resources-for-targets\"; did you mean resources-for-target",
        ),
        (&["zzz"], "there is no query \"zzz\": ocm query lists them all"),
        (&["goal-overview"], "the parameter \"goal\" is missing: give the number of a goal, such as goal=11"),
        (
            &["goal-overview", "-p", "goal=18"],
            "the parameter \"goal\" must be the number of a goal, such as 11: \"18\"",
        ),
        (&["goal-overview", "-p", "gaol=1"], "there is no parameter \"gaol\"; did you mean \"goal\"?"),
        (&["goal-overview", "-p", "goal"], "error: invalid value 'goal' for '--param <KEY=VALUE>'"),
    ] {
        let (answer, told, status) = ocm(arguments);
        assert!(told.starts_with(error), "{arguments:?}: {told}");
        assert_eq!((answer.as_str(), status), ("", Some(2)), "{arguments:?}");
    }
}

#[test]
fn a_query_is_described_with_a_command_that_works() {
    let (text, _, status) = ocm(&["resources", "--list"]);
    assert_eq!(status, Some(0));
    assert!(text.contains("-p words='south-east asia'"), "{text}");
    insta::assert_snapshot!(text);
}
