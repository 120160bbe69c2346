//! Quads as text, byte for byte the same for the same quads.

use std::{
    io::{self, Write},
    iter,
};

use oxigraph::{
    io::{RdfFormat, RdfSerializer, WriterQuadSerializer},
    model::{Quad, TripleRef},
};

use super::vocab::{PREFIXES, rdf};
use crate::dataset::{Dataset, GraphNumber};

/// Brings quads into the order of their N-Quads lines and drops what is there twice.
pub fn sort(quads: &mut Vec<Quad>) {
    quads.sort_by_cached_key(ToString::to_string);
    quads.dedup();
}

/// A writer of a format that shortens IRIs by our prefixes, where the format can.
///
/// # Errors
/// When a namespace is no IRI, which a test of the vocabulary rules out.
pub fn writer<W: Write>(format: RdfFormat, output: W) -> io::Result<WriterQuadSerializer<W>> {
    let mut serializer = RdfSerializer::from_format(format);
    for (prefix, namespace) in PREFIXES {
        serializer = serializer.with_prefix(*prefix, *namespace).map_err(io::Error::other)?;
    }
    Ok(serializer.for_writer(output))
}

/// Writes triples one after the other, into memory.
///
/// # Errors
/// Those of [`writer`].
pub fn triples<'t>(triples: impl IntoIterator<Item = TripleRef<'t>>, format: RdfFormat) -> io::Result<Vec<u8>> {
    let mut serializer = writer(format, Vec::new())?;
    for triple in triples {
        serializer.serialize_triple(triple)?;
    }
    serializer.finish()
}

/// What of a dataset is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All graphs, with their names where the format has names; without, their union.
    All,
    /// The union of all graphs.
    Union,
    /// One graph, without its name.
    Graph(GraphNumber),
}

impl Part {
    /// How many statements it has.
    #[must_use]
    pub fn statements(self, dataset: &Dataset) -> usize {
        match self {
            Self::All => dataset.quads(),
            Self::Union => dataset.triples(),
            Self::Graph(graph) => dataset.triples_of(graph).len(),
        }
    }
}

/// Writes a dataset, or a part of it, as it comes from its indexes.
///
/// N-Quads of all come out as their canonical lines, so that the SHA-256 of the output is [`Dataset::digest`]. The other
/// formats go graph by graph and subject by subject, and say what a thing is before all else.
///
/// # Errors
/// Those of the writer.
pub fn dump(dataset: &Dataset, part: Part, format: RdfFormat, mut output: impl Write) -> io::Result<()> {
    if (part, format) == (Part::All, RdfFormat::NQuads) {
        dataset.write_lines(&mut output)?;
        return output.flush();
    }
    let mut serializer = writer(format, output)?;
    match part {
        Part::All if format.supports_datasets() => {
            let unnamed_and_named = 0..=GraphNumber::try_from(dataset.graphs().len()).unwrap_or(GraphNumber::MAX);
            for graph in unnamed_and_named {
                let name = dataset.graph_name(graph);
                for triple in reading_order(dataset, Rows::Some(dataset.triples_of(graph))) {
                    serializer.serialize_quad(triple.in_graph(name))?;
                }
            }
        }
        Part::All | Part::Union => {
            for triple in reading_order(dataset, Rows::All(dataset.triples())) {
                serializer.serialize_triple(triple)?;
            }
        }
        Part::Graph(graph) => {
            for triple in reading_order(dataset, Rows::Some(dataset.triples_of(graph))) {
                serializer.serialize_triple(triple)?;
            }
        }
    }
    serializer.finish()?.flush()
}

/// Positions in the SPO order, ascending.
#[derive(Clone, Copy)]
enum Rows<'d> {
    All(usize),
    Some(&'d [u32]),
}

impl Rows<'_> {
    fn len(self) -> usize {
        match self {
            Self::All(count) => count,
            Self::Some(rows) => rows.len(),
        }
    }

    fn position(self, row: usize) -> usize {
        match self {
            Self::All(_) => row,
            Self::Some(rows) => rows.get(row).map_or(usize::MAX, |position| *position as usize),
        }
    }

    /// How many rows lie before a position of the SPO order.
    fn before(self, position: usize) -> usize {
        match self {
            Self::All(count) => position.min(count),
            Self::Some(rows) => rows.partition_point(|known| (*known as usize) < position),
        }
    }
}

/// Subject by subject, what a thing is before all else.
fn reading_order<'d>(dataset: &'d Dataset, rows: Rows<'d>) -> impl Iterator<Item = TripleRef<'d>> {
    let (spo, kind) = (dataset.spo(), dataset.iri(rdf::TYPE.as_str()));
    let mut next = 0;
    let subjects = iter::from_fn(move || {
        let start = next;
        let [subject, ..] = (start < rows.len()).then(|| dataset.triple(rows.position(start)))?;
        let end = spo.starts().get(subject as usize + 1).map_or(usize::MAX, |end| *end as usize);
        // A damaged file must not stop us from coming to an end.
        next = rows.before(end).max(start + 1);
        Some((subject, start..next))
    });
    subjects.flat_map(move |(subject, range)| {
        let of = move |is_kind: bool| {
            let pairs = range.clone().filter_map(move |row| spo.pairs().get(rows.position(row)));
            pairs.filter(move |[predicate, _]| (Some(*predicate) == kind) == is_kind)
        };
        let all = of.clone()(true).chain(of(false));
        all.filter_map(move |[predicate, object]| dataset.decode([subject, *predicate, *object]))
    })
}
