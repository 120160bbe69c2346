//! Edition files: built from every source, served over HTTP, dumped, verified and refused by the real program.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use ocm_graph::{
    dataset::Dataset,
    edition::{Edition, OpenError},
};
use tempfile::TempDir;

use crate::support::{
    fixture_copy, fixture_edition, repository,
    server::{Server, eventually},
};

fn ocm(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ocm")).args(arguments).env_remove("OCM_DATA").output().unwrap()
}

/// Runs a command that does what it should; gives what it printed.
fn well(arguments: &[&str]) -> String {
    let output = ocm(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that fails; gives its complaint.
fn ill(arguments: &[&str]) -> String {
    let output = ocm(arguments);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && !complaint.contains("panicked"), "{arguments:?}: {complaint}");
    complaint
}

/// A folder with the fixture catalogue as an edition file.
fn built() -> (TempDir, PathBuf) {
    let folder = fixture_copy();
    let file = folder.path().join("catalogue.ocm");
    let data = folder.path().join("data");
    let said = well(&["build", "--data", data.to_str().unwrap(), "--out", file.to_str().unwrap()]);
    assert!(said.contains(&fixture_edition().digest()[..12]), "{said}");
    (folder, file)
}

#[test]
fn a_catalogue_comes_back_from_its_file() {
    let (folder, file) = built();
    let (opened, direct) = (Edition::open(&file).unwrap(), fixture_edition());
    assert_eq!(opened.catalogue, direct.catalogue);
    assert_eq!(opened.iris, direct.iris);
    assert_eq!(opened.digest(), direct.digest());
    let again = folder.path().join("again.ocm");
    direct.to_file().unwrap().write(&again).unwrap();
    assert!(fs::read(&file).unwrap() == fs::read(again).unwrap(), "the same catalogue gives other bytes");
    let path = file.to_str().unwrap();
    assert!(well(&["build", "--verify", path]).contains(direct.digest()));
    let data = folder.path().join("data");
    for format in ["nquads", "trig", "turtle"] {
        let of_file = well(&["dump", "--edition", path, "--format", format]);
        assert!(of_file == well(&["dump", "--data", data.to_str().unwrap(), "--format", format]), "{format}");
    }
    let queries = repository("queries");
    let ask = ["query", "resources-for-target", "-p", "target=11.a", "--queries", queries.to_str().unwrap()];
    assert!(well(&[&ask[..], &["--edition", path]].concat()).contains("Harbour Stories"));
}

#[test]
fn a_catalogue_is_served_from_its_file() {
    let (folder, file) = built();
    let mut server = Server::of_edition(&file, &repository("queries"));
    assert_eq!(server.temporary_files(), 0, "the children map the same file");
    let (status, canned) = server.get("/queries/resources-for-target?target=11.a&format=csv", "*/*");
    assert!(status == 200 && canned.contains("Harbour Stories"), "{canned}");
    let count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }";
    let triples = fixture_edition().dataset.triples();
    assert_eq!(server.query(count), (200, format!("n\r\n{triples}\r\n")));
    let (status, page) = server.get("/resource/harbour-stories", "text/html");
    assert!(status == 200 && page.contains("<h1>Harbour Stories"), "{page}");

    // Another file under its name is the next edition, from the signal on and no sooner.
    let rdf = folder.path().join("one.nt");
    fs::write(&rdf, "<https://w3id.org/ocm/thing> <http://example.org/p> \"o\" .\n").unwrap();
    well(&["build", "--rdf", rdf.to_str().unwrap(), "--out", file.to_str().unwrap()]);
    assert_eq!(server.query(count), (200, format!("n\r\n{triples}\r\n")));
    for child in server.children() {
        let _ = Command::new("kill").args(["-KILL", &child.to_string()]).status();
    }
    eventually("new children map the edition that is served", || {
        let (status, body) = server.query(count);
        assert!(status != 200 || body == format!("n\r\n{triples}\r\n"), "{body}");
        status == 200
    });
    server.signal("HUP");
    eventually("the next edition is served", || server.query(count) == (200, "n\r\n1\r\n".into()));
    // A damaged one is refused, and the one before stays.
    let mut bytes = fs::read(&file).unwrap();
    bytes.pop();
    fs::remove_file(&file).unwrap();
    fs::write(&file, bytes).unwrap();
    server.signal("HUP");
    eventually("the damaged file is refused", || server.log().contains("make it again with ocm build"));
    assert_eq!(server.query(count), (200, "n\r\n1\r\n".into()));
    server.signal("TERM");
    assert!(server.ended());
}

#[test]
fn other_peoples_rdf_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let triples = file("a.nt", "<http://example.org/a> <http://example.org/p> \"unnamed\" .\n");
    let quads = file("b.trig", "@prefix e: <http://example.org/> . e:g { e:a e:p 'named' . } e:a e:p 'unnamed' .");
    let more =
        file("c.ttl", "@prefix e: <http://example.org/> . <http://example.org/a/b> e:p [] . e:a e:p 'unnamed' .");
    let out = folder.path().join("foreign.ocm");
    let graph = format!("http://example.org/h={more}");
    let base = ["--base-iri", "http://example.org/"];
    let build = ["build", "--rdf", &triples, &quads, "--graph", &graph, "--out", out.to_str().unwrap()];
    well(&[&build[..], &base].concat());

    let server = Server::of_edition(&out, &repository("queries"));
    let rows = |query: &str| -> Vec<String> {
        let (status, body) = server.query(query);
        assert_eq!(status, 200, "{body}");
        body.lines().skip(1).map(str::to_owned).collect()
    };
    let values = "SELECT ?o { <http://example.org/a> ?p ?o } ORDER BY ?o";
    assert_eq!(rows(values), ["named", "unnamed"], "the union has each triple once");
    let graphs = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g";
    assert_eq!(rows(graphs), ["http://example.org/g,1", "http://example.org/h,2"]);
    let (status, thing) = server.get("/a.nt", "*/*");
    assert_eq!((status, thing.lines().count()), (200, 3), "with its part: {thing}");
    for (path, expected) in [
        ("/", 200),
        ("/a", 200),
        ("/nothing", 404),
        ("/graphs", 200),
        ("/graphs?default&format=ttl", 200),
        ("/graph/catalogue", 404),
        ("/dataset", 404),
        ("/queries", 200),
        ("/ontology", 200),
        ("/ontology?format=nt", 200),
        ("/ontology/1.0.0", 404),
        ("/metrics", 200),
        ("/health/ready", 200),
        ("/queries/resources-for-target?target=11.4", 400),
    ] {
        let (status, body) = server.get(path, "text/html, */*;q=0.1");
        assert_eq!(status, expected, "{path}: {body}");
    }
    let (_, page) = server.get("/graphs", "text/html");
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let links: Vec<_> = links.filter(|link| link.contains("format=")).map(|link| link.replace("&#38;", "&")).collect();
    assert!(links.iter().any(|link| link.contains("graph=http%3A%2F%2Fexample.org%2Fh")), "{links:?}");
    for link in links {
        let (status, body) = server.get(&link, "*/*");
        assert_eq!(status, 200, "{link}: {body}");
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn a_server_whose_file_is_damaged_says_so_and_is_not_ready() {
    let (_folder, file) = built();
    let mut bytes = fs::read(&file).unwrap();
    let text = bytes.windows(15).position(|window| window == b"Harbour Stories").unwrap();
    bytes[text] = b'h';
    fs::remove_file(&file).unwrap();
    fs::write(&file, bytes).unwrap();
    let complaint = ill(&["build", "--verify", file.to_str().unwrap()]);
    assert!(complaint.contains("checksum") && complaint.contains("ocm build"), "{complaint}");
    let server = Server::of_edition(&file, &repository("queries"));
    eventually("the damage is found", || server.get("/health/ready", "application/json").0 == 503);
    let (_, problem) = server.get("/health/ready", "application/json");
    assert!(problem.contains("/problems/damaged"), "{problem}");
    assert!(server.log().contains("checksum"), "{}", server.log());
    assert_eq!(server.get("/health/live", "application/json").0, 200);
}

#[test]
fn what_cannot_be_built_or_opened_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let out = path("out.ocm");
    fs::write(path("wrong.nt"), "<http://e/a> <http://e/b> .\n").unwrap();
    for (arguments, expected) in [
        (vec!["build", "--rdf", &path("wrong.nt"), "--out", &out], "wrong.nt:1: "),
        (vec!["build", "--rdf", &path("none.nt"), "--out", &out], "none.nt: the file cannot be read"),
        (vec!["build", "--rdf", &path("none.csv"), "--out", &out], "rename the file"),
        (vec!["build", "--graph", "nothing", "--out", &out], "write an IRI, =, and a file"),
        (vec!["build", "--graph", "no iri=a.nt", "--out", &out], "not an absolute IRI"),
        (vec!["build", "--rdf", &path("wrong.nt")], "--out"),
        (vec!["build", "--rdf", "a.nt", "--data", "data", "--out", &out], "cannot be used with"),
        (vec!["serve", "--edition", &path("none.ocm"), "--data", "data"], "cannot be used with"),
        (vec!["serve", "--edition", &path("none.ocm")], "none.ocm: the file cannot be read"),
        (vec!["serve", "--edition", &path("wrong.nt")], "make one with ocm build"),
        (vec!["build", "--verify", &path("wrong.nt")], "make one with ocm build"),
    ] {
        let complaint = ill(&arguments);
        assert!(complaint.contains(expected), "{arguments:?}: {complaint}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing half written stays");
}

#[test]
fn what_stands_beside_the_graph_must_be_readable() {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str, bytes: &[u8]| {
        let path: &Path = &folder.path().join("edition");
        Dataset::default().with_attachment(name, bytes.to_vec()).write(path).unwrap();
        Edition::open(path)
    };
    assert!(matches!(open("catalogue", b"{"), Err(OpenError::Attachment { what: "the catalogue", .. })));
    assert!(matches!(open("base", b"not a base"), Err(OpenError::Attachment { .. })));
    assert!(open("unknown", b"\xFF").unwrap().is_foreign());
}
