//! An invented catalogue of any size, for measurements: the same number and seed give the same bytes everywhere.
//!
//! The tables (themes, types, goals, targets, indicators, languages) are those of a data folder; the resources are
//! invented one by one and mapped by [`crate::rdf::map`] as real ones are, so that a graph of any size passes through a
//! small memory; what an edition says of its own size is left out, since it needs the whole. Themes, types, targets,
//! languages and creators are as uneven as those of a real catalogue.

mod random;
mod resource;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    io::{self, Write},
};

use oxigraph::{
    io::RdfFormat,
    model::{GraphName, Quad},
};
use random::Random;
use words::Wordlist;

use crate::{
    edition::ontology,
    model::{Catalogue, GoalNumber, Language, LanguageTag, Resource, Slug, TargetCode},
    rdf::{iri::Iris, map, write::writer},
};

/// Invents the resources of a catalogue.
#[derive(Debug)]
pub struct Generator<'c> {
    seed: u64,
    themes: Vec<Slug>,
    types: Vec<Slug>,
    goals: Vec<GoalNumber>,
    targets: Vec<TargetCode>,
    languages: Vec<&'c Language>,
    words: Vec<&'static Wordlist>,
}

impl<'c> Generator<'c> {
    /// Prepares to draw from the tables of a catalogue; its resources are not looked at. The seed also decides which
    /// themes, types, goals and targets are the frequent ones.
    #[must_use]
    pub fn new(tables: &'c Catalogue, seed: u64) -> Self {
        let random = &mut Random::of(seed, 0);
        let mut generator = Self {
            seed,
            themes: tables.themes.keys().cloned().collect(),
            types: tables.types.keys().cloned().collect(),
            goals: tables.goals.keys().copied().collect(),
            targets: tables.targets.keys().copied().collect(),
            languages: tables.languages.values().collect(),
            words: words::LANGUAGES.iter().filter(|words| tables.languages.contains_key(words.tag)).collect(),
        };
        random.shuffle(&mut generator.themes);
        random.shuffle(&mut generator.types);
        random.shuffle(&mut generator.goals);
        random.shuffle(&mut generator.targets);
        random.shuffle(&mut generator.languages);
        let rank = |language: &&Language| generator.words.iter().position(|words| words.tag == language.tag.as_str());
        generator.languages.sort_by_key(|language| rank(language).unwrap_or(usize::MAX));
        generator
    }

    /// The resource of a number, from 1: the same whatever the size of the catalogue.
    #[must_use]
    pub fn resource(&self, number: usize) -> Resource {
        resource::invent(self, number)
    }
}

/// Writes the graph of a catalogue of so many invented resources, each quad once, in an order that is always the same
/// but not sorted. Formats without graphs get the union of all. Gives the number of statements written.
///
/// # Errors
/// Those of the output; and [`io::ErrorKind::InvalidData`] when the compiled-in ontology is not Turtle, which a test
/// rules out.
pub fn write(
    tables: &Catalogue,
    iris: &Iris,
    (resources, seed): (usize, u64),
    format: RdfFormat,
    output: impl Write,
) -> io::Result<u64> {
    let mut serializer = writer(format, output)?;
    let mut written = 0;
    let mut put = |quads: Vec<Quad>| {
        written += quads.len() as u64;
        quads.into_iter().try_for_each(|quad| serializer.serialize_quad(&quad))
    };

    let tables = &described(tables, resources, seed);
    let mut frame = map::frame(tables, iris);
    frame.extend(ontology(iris).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?);
    put(once(frame, format))?;

    let generator = Generator::new(tables, seed);
    let mut agents = HashSet::new();
    let mut languages: BTreeSet<LanguageTag> = BTreeSet::new();
    for number in 1..=resources {
        let resource = generator.resource(number);
        put(once(map::resource(tables, iris, &resource), format))?;
        for creator in resource.creators {
            if !agents.contains(&creator.name) {
                put(once(map::creator(tables, iris, &creator), format))?;
                agents.insert(creator.name);
            }
        }
        languages.extend(resource.languages.into_iter().filter_map(|mention| mention.tag));
    }
    put(once(map::languages(tables, iris, &languages.iter().collect()), format))?;
    serializer.finish()?.flush()?;
    Ok(written)
}

/// The tables with a description of the dataset that says what it is.
fn described(tables: &Catalogue, resources: usize, seed: u64) -> Catalogue {
    let mut tables = Catalogue { resources: BTreeMap::new(), ..tables.clone() };
    tables.dataset.title = format!("Invented catalogue of {resources} resources, seed {seed}");
    tables.dataset.description = "Made by a program for measurements. No resource in it exists.".into();
    tables
}

/// Each quad once, or each triple when the format has no graphs.
fn once(mut quads: Vec<Quad>, format: RdfFormat) -> Vec<Quad> {
    if !format.supports_datasets() {
        for quad in &mut quads {
            quad.graph_name = GraphName::DefaultGraph;
        }
    }
    let mut seen = HashSet::with_capacity(quads.len());
    quads.retain(|quad| seen.insert(quad.clone()));
    quads
}
