//! `ocm generate`: invented catalogues that are always the same and look like real ones.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use ocm_graph::{
    edition::Edition,
    generate,
    model::Completeness,
    rdf::vocab::void,
    source::{load, write::resource_toml},
};
use oxigraph::{
    io::{RdfFormat, RdfParser},
    model::Quad,
};

use crate::support::{copy, fixture_edition, invented_catalogue, repository, shipped_edition};

fn written(edition: &Edition, resources: usize, seed: u64, format: RdfFormat) -> String {
    let mut bytes = Vec::new();
    let count = generate::write(&edition.catalogue, &edition.iris, (resources, seed), format, &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.lines().count() as u64, count);
    text
}

/// Numbers, words and order are the same on every machine and with every release.
#[test]
fn three_records_of_the_fixture() {
    let edition = fixture_edition();
    let text = written(&edition, 3, 1, RdfFormat::NTriples);
    let ours = |line: &&str| line.contains("specimen") || line.contains("/agent/");
    insta::assert_snapshot!(text.lines().filter(ours).collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_same_number_and_seed_give_the_same_bytes() {
    let edition = shipped_edition();
    let text = written(&edition, 200, 7, RdfFormat::NQuads);
    assert_eq!(text, written(&edition, 200, 7, RdfFormat::NQuads));
    assert_ne!(text, written(&edition, 200, 8, RdfFormat::NQuads));
}

#[test]
fn a_larger_catalogue_begins_with_the_smaller() {
    let tables = shipped_edition().catalogue;
    let (smaller, larger) = (invented_catalogue(&tables, 50, 1), invented_catalogue(&tables, 500, 1));
    assert!(smaller.resources.iter().all(|(slug, resource)| larger.resources[slug] == *resource));
}

/// What is written record by record is what the edition of the same catalogue holds, but for its figures.
#[test]
fn it_is_the_graph_that_an_edition_would_have() {
    let mut edition = shipped_edition();
    let text = written(&edition, 100, 1, RdfFormat::NQuads);
    let read: Vec<Quad> = RdfParser::from_format(RdfFormat::NQuads).for_slice(&text).map(Result::unwrap).collect();
    edition = Edition::of(invented_catalogue(&edition.catalogue, 100, 1), edition.iris).unwrap();
    let dataset = format!("<{}", edition.iris.dataset().as_str());
    let is_figure = |quad: &Quad| quad.subject.to_string().starts_with(&dataset) || quad.predicate == void::TRIPLES;
    let others = |quads: Vec<Quad>| -> BTreeSet<String> {
        quads.into_iter().filter(|quad| !is_figure(quad)).map(|quad| quad.to_string()).collect()
    };
    assert_eq!(read.len(), read.iter().collect::<std::collections::HashSet<_>>().len(), "a quad is there twice");
    assert_eq!(others(read), others(crate::support::quads_of(&edition)));
}

#[test]
fn triples_are_the_union_of_the_graphs() {
    let edition = shipped_edition();
    let union: BTreeSet<String> = RdfParser::from_format(RdfFormat::NQuads)
        .for_slice(&written(&edition, 20, 1, RdfFormat::NQuads))
        .map(|quad| oxigraph::model::Triple::from(quad.unwrap()).to_string())
        .collect();
    let text = written(&edition, 20, 1, RdfFormat::NTriples);
    let triples: Vec<String> = RdfParser::from_format(RdfFormat::NTriples)
        .for_slice(&text)
        .map(|quad| oxigraph::model::Triple::from(quad.unwrap()).to_string())
        .collect();
    assert_eq!(triples.len(), union.len(), "a triple is there twice");
    assert_eq!(triples.into_iter().collect::<BTreeSet<_>>(), union);
}

/// Written as files, invented records pass the loader without a remark and come back as they were.
#[test]
fn the_loader_has_nothing_to_say_against_them() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    copy(&repository("data"), data);
    fs::remove_dir_all(data.join("resources")).unwrap();
    fs::create_dir(data.join("resources")).unwrap();
    let invented = invented_catalogue(&load(data).catalogue, 60, 3);
    for resource in invented.resources.values() {
        fs::write(data.join(format!("resources/{}.toml", resource.slug)), resource_toml(resource)).unwrap();
    }
    let loaded = load(data);
    let about_records = loaded.diagnostics.iter().filter(|it| it.place.file.starts_with(data.join("resources")));
    assert_eq!(about_records.map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(loaded.catalogue.resources, invented.resources);
}

#[test]
fn figures_are_those_of_a_real_catalogue() {
    let edition = shipped_edition();
    let (smaller, larger) = (1_000, 3_000);
    let lines = |resources| written(&edition, resources, 1, RdfFormat::NTriples).lines().count();
    let each = (lines(larger) - lines(smaller)) / (larger - smaller);
    assert!((38..=42).contains(&each), "{each} triples a resource");

    let resources = invented_catalogue(&edition.catalogue, larger, 1).resources;
    let counted = |keys: Vec<String>| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for key in keys {
            *counts.entry(key).or_default() += 1;
        }
        let mut counts: Vec<usize> = counts.into_values().collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        counts
    };
    let of =
        |keys: fn(&ocm_graph::model::Resource) -> Vec<String>| counted(resources.values().flat_map(keys).collect());
    let targets = of(|it| it.alignments.iter().map(|alignment| alignment.target.to_string()).collect());
    let themes = of(|it| it.themes.iter().map(ToString::to_string).collect());
    let creators = of(|it| it.creators.iter().map(|creator| creator.name.clone()).collect());
    let languages = of(|it| it.languages.iter().map(|language| language.printed.clone()).collect());
    assert_eq!((targets.len(), themes.len()), (169, 13), "every target and theme is used");
    for (what, counts) in [("targets", targets), ("themes", themes), ("creators", creators), ("languages", languages)] {
        assert!(counts[0] > 3 * counts[counts.len() / 2], "{what} are even: {counts:?}");
    }
    let complete = resources.values().filter(|it| it.completeness == Completeness::Complete).count();
    assert!((larger / 20..larger / 2).contains(&complete), "{complete} records are complete");
}

#[test]
fn the_command_writes_a_file_or_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("invented.nt");
    let ocm = || {
        let mut ocm = Command::new(env!("CARGO_BIN_EXE_ocm"));
        ocm.args(["generate", "--resources", "5", "--seed", "9", "--format", "nt"]);
        ocm.current_dir(env!("CARGO_MANIFEST_DIR"));
        ocm
    };
    let printed = ocm().output().unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    assert!(ocm().arg("--out").arg(&path).status().unwrap().success());
    assert_eq!(fs::read(&path).unwrap(), printed.stdout);
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), written(&shipped_edition(), 5, 9, RdfFormat::NTriples));
}
