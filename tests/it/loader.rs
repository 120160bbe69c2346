//! The loader reports every mistake, each once, and never gives up.

use std::{
    fs::{self, File},
    path::Path,
    process::Command,
};

use ocm_graph::{
    diagnostic::{Diagnostic, has_errors},
    source::load,
};
use proptest::prelude::*;

use crate::support::{copy, fixture_copy, repository};

/// What `ocm check` prints for a folder, with paths as seen from beside it.
fn report(folder: &Path) -> String {
    let diagnostics = load(&folder.join("data")).diagnostics;
    let text: String = diagnostics.iter().map(|diagnostic| format!("{diagnostic}\n")).collect();
    text.replace(&format!("{}/", folder.display()), "")
}

/// Each folder of `broken/` holds the files that differ from the sound catalogue, and in `absent` the names of those
/// that are missing.
#[test]
fn every_mistake_gives_exactly_its_report() {
    let mut cases: Vec<_> =
        fs::read_dir(repository("tests/fixtures/broken")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 40, "only {} cases were found", cases.len());
    for case in cases {
        let folder = fixture_copy();
        let data = folder.path().join("data");
        for name in fs::read_to_string(case.join("absent")).unwrap_or_default().lines() {
            let path = data.join(name);
            if path.is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) }.unwrap();
        }
        copy(&case, &data);
        for beside in ["absent", "report.snap"] {
            let _ = fs::remove_file(data.join(beside));
        }
        insta::with_settings!(
            { snapshot_path => &case, prepend_module_to_snapshot => false, omit_expression => true },
            { insta::assert_snapshot!("report", report(folder.path())) }
        );
    }
}

#[test]
fn the_fixture_and_the_shipped_data_are_clean() {
    assert_eq!(load(&repository("tests/fixtures/catalogue")).diagnostics, []);
    assert_eq!(load(&repository("data")).diagnostics, []);
}

#[test]
fn a_folder_that_is_not_there_is_a_diagnostic() {
    let folder = fixture_copy();
    fs::remove_dir_all(folder.path().join("data")).unwrap();
    insta::assert_snapshot!(report(folder.path()), @r"
    error[missing-folder] data: there is no such folder
      help: name the folder that holds dataset.toml with --data
    ");
}

#[test]
fn a_file_of_100_megabytes_is_not_read() {
    let folder = fixture_copy();
    File::create(folder.path().join("data/types.csv")).unwrap().set_len(100_000_000).unwrap();
    insta::assert_snapshot!(report(folder.path()), @r"
    error[file-too-large] data/types.csv: the file has 100000000 bytes; at most 16777216 are read
      help: split it, or check that it is the right file
    ");
}

#[test]
fn a_directory_where_a_file_should_be_is_reported() {
    let folder = fixture_copy();
    fs::create_dir(folder.path().join("data/resources/museum.toml")).unwrap();
    insta::assert_snapshot!(report(folder.path()), @r"
    error[not-a-file] data/resources/museum.toml: this is a directory; a file is expected here
      help: move it away and put the file in its place
    ");
}

#[cfg(unix)]
#[test]
fn a_named_pipe_does_not_stop_the_loader() {
    let folder = fixture_copy();
    let pipe = folder.path().join("data/resources/pipe.toml");
    let made = Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success());
    assert!(made, "mkfifo is part of every Unix");
    insta::assert_snapshot!(report(folder.path()), @r"
    error[not-a-file] data/resources/pipe.toml: this is not a regular file; a file is expected here
      help: move it away and put the file in its place
    ");
}

/// A mistake in a table is reported in the table, not again wherever a record refers to the row.
#[test]
fn a_broken_row_is_not_reported_again_by_its_references() {
    let folder = fixture_copy();
    let themes = folder.path().join("data/themes.csv");
    let text = fs::read_to_string(&themes).unwrap();
    fs::write(themes, text.replace("research,3", "research,0")).unwrap();
    let codes: Vec<&str> = load(&folder.path().join("data")).diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, ["bad-position"]);
}

fn diagnostics_with(name: &str, bytes: &[u8]) -> Vec<Diagnostic> {
    let folder = fixture_copy();
    fs::write(folder.path().join("data").join(name), bytes).unwrap();
    load(&folder.path().join("data")).diagnostics
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_bytes_in_a_record_make_the_loader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        // Random bytes are no record, so something must be said about them.
        prop_assert!(has_errors(&diagnostics_with("resources/x.toml", &bytes)));
    }

    #[test]
    fn no_cells_in_a_table_make_the_loader_panic(text in "(slug|label|[a-z,\"\\n|é]{0,9}){0,20}") {
        let _ = diagnostics_with("types.csv", text.as_bytes());
    }

    #[test]
    fn a_changed_record_is_read_or_reported(at in 0_usize..1200, piece in "[\"'\\[\\]{}=#\\n.a-z0-9é\\\\]{0,3}") {
        let mut text = fs::read_to_string(repository("tests/fixtures/catalogue/resources/harbour-stories.toml")).unwrap();
        let at = (at % text.len()..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.insert_str(at, &piece);
        let _ = diagnostics_with("resources/harbour-stories.toml", text.as_bytes());
    }
}
