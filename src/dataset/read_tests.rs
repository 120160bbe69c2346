//! Files of RDF in every format, and their mistakes.

use std::{fs, path::PathBuf, slice};

use oxigraph::model::{NamedNode, Quad, QuadRef};
use tempfile::TempDir;

use super::{Dataset, RdfFile, ReadError};

fn file(folder: &TempDir, name: &str, text: &str) -> RdfFile {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    RdfFile { path, graph: None }
}

fn read(files: &[RdfFile]) -> Result<Vec<String>, ReadError> {
    let dataset = Dataset::read(files, &|_| ())?;
    Ok(dataset.iter().map(|quad| quad.to_string()).collect())
}

const TRIPLE: &str = "<http://e/a> <http://e/b> \"c\"";

#[test]
fn every_format_is_read_by_its_extension() {
    let folder = tempfile::tempdir().unwrap();
    let texts = [
        ("a.nt", format!("{TRIPLE} .\n")),
        ("a.nq", format!("{TRIPLE} .")),
        ("a.ttl", "@prefix e: <http://e/> . e:a e:b 'c' .".into()),
        ("a.TRIG", "@prefix e: <http://e/> . { e:a e:b 'c' }".into()),
        ("a.jsonld", r#"{"@id": "http://e/a", "http://e/b": "c"}"#.into()),
        (
            "a.rdf",
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:e='http://e/'>\
             <rdf:Description rdf:about='http://e/a'><e:b>c</e:b></rdf:Description></rdf:RDF>"
                .into(),
        ),
    ];
    for (name, text) in &texts {
        assert_eq!(read(&[file(&folder, name, text)]).unwrap(), [TRIPLE], "{name}");
    }
    let error = read(&[file(&folder, "a.csv", "")]).unwrap_err().to_string();
    assert!(error.contains("a.csv") && error.contains(".ttl"), "{error}");
    let error = read(&[RdfFile { path: PathBuf::from("/nowhere.nt"), graph: None }]).unwrap_err().to_string();
    assert!(error.starts_with("/nowhere.nt: "), "{error}");
}

#[test]
fn quads_go_where_they_say_and_triples_into_the_graph_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let quads = file(&folder, "a.nq", &format!("{TRIPLE} <http://e/g> .\n{TRIPLE} .\n"));
    assert_eq!(read(slice::from_ref(&quads)).unwrap(), [TRIPLE.to_owned(), format!("{TRIPLE} <http://e/g>")]);
    let named = RdfFile { graph: Some(NamedNode::new("http://e/h").unwrap()), ..quads };
    assert_eq!(read(&[named]).unwrap(), [format!("{TRIPLE} <http://e/g>"), format!("{TRIPLE} <http://e/h>")]);
}

#[test]
fn blank_nodes_of_two_files_are_two() {
    let folder = tempfile::tempdir().unwrap();
    let lines = file(&folder, "a.nt", "_:x <http://e/b> _:f2-x .\n");
    assert_eq!(read(slice::from_ref(&lines)).unwrap(), ["_:x <http://e/b> _:f2-x"]);
    let turtle = file(&folder, "b.ttl", "_:b2 <http://e/b> [ <http://e/b> _:b2 ] .");
    let several = read(&[lines.clone(), lines, turtle.clone()]).unwrap();
    let expected = [
        "_:f1-x <http://e/b> _:f1-f2-x",
        "_:f2-x <http://e/b> _:f2-f2-x",
        "_:f3-b1 <http://e/b> _:f3-b2",
        "_:f3-b2 <http://e/b> _:f3-b1",
    ];
    assert_eq!(several.len(), 4);
    assert_eq!(several[..2], expected[..2]);
    assert_eq!(several[2..], expected[2..]);
    assert_eq!(
        read(slice::from_ref(&turtle)).unwrap(),
        read(slice::from_ref(&turtle)).unwrap(),
        "the parser's own labels are random"
    );
}

#[test]
fn a_file_of_many_pieces_is_the_same_as_one_piece() {
    let folder = tempfile::tempdir().unwrap();
    let line = |n: usize| format!("<http://e/{}> <http://e/b> \"{n} {}\" .\r\n", n % 1000, "x".repeat(100));
    let mut text: String = (0..80_000).map(line).collect();
    // A line that is longer than a piece, and none after the last.
    text += "<http://e/long> <http://e/b> \"";
    text += &"y".repeat(9 << 20);
    text += "\" .";
    assert!(text.len() > 16 << 20);
    let parser = oxigraph::io::RdfParser::from_format(oxigraph::io::RdfFormat::NTriples);
    let quads: Vec<Quad> = parser.for_slice(&text).map(Result::unwrap).collect();
    let expected = Dataset::from_quads(quads.iter().map(Quad::as_ref)).unwrap();
    let read = Dataset::read(&[file(&folder, "a.nt", &text)], &|_| ()).unwrap();
    assert_eq!((read.quads(), read.digest()), (80_001, expected.digest()));
    assert!(read.iter().map(QuadRef::into_owned).eq(expected.iter().map(QuadRef::into_owned)));
}

#[test]
fn a_mistake_has_its_file_and_line_and_the_first_one_counts() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines: Vec<String> =
        (0..120_000).map(|n| format!("<http://e/{n}> <http://e/b> \"{}\" .", "x".repeat(60))).collect();
    for wrong in [70_000, 70_001, 119_999] {
        lines[wrong] = "<http://e/x> <not an iri> .".into();
    }
    let error = read(&[file(&folder, "a.nt", &lines.join("\n"))]).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("a.nt:70001: ") && !text.contains("Parser error"), "{text}");
    for (name, text, line) in [
        ("b.ttl", "@prefix e: <http://e/> .\ne:a e:b .\n", ":2: "),
        ("b.jsonld", "{\n\"@id\": ,}", ":2: "),
        ("b.rdf", "<rdf:RDF", ": "),
    ] {
        let error = read(&[file(&folder, name, text)]).unwrap_err().to_string();
        assert!(error.contains(&format!("{name}{line}")), "{error}");
    }
}
