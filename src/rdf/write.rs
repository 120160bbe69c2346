//! Quads as text, byte for byte the same for the same quads.

use std::io::{self, Write};

use oxigraph::{
    io::{RdfFormat, RdfSerializer, WriterQuadSerializer},
    model::{GraphName, Quad, Triple},
};

use super::vocab::{PREFIXES, rdf};

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
pub fn triples<'t>(triples: impl IntoIterator<Item = &'t Triple>, format: RdfFormat) -> io::Result<Vec<u8>> {
    let mut serializer = writer(format, Vec::new())?;
    for triple in triples {
        serializer.serialize_triple(triple)?;
    }
    serializer.finish()
}

/// Writes quads in the order given. Formats without graphs get the union of all: each triple once.
///
/// N-Quads come out as their canonical lines, so that the SHA-256 of the output is [`crate::edition::Edition::digest`].
///
/// # Errors
/// Those of the writer.
pub fn dump(quads: &[Quad], format: RdfFormat, output: impl Write) -> io::Result<()> {
    let mut serializer = writer(format, output)?;
    match format {
        RdfFormat::NQuads => {
            for quad in quads {
                serializer.serialize_quad(quad)?;
            }
        }
        _ if format.supports_datasets() => {
            let mut quads: Vec<&Quad> = quads.iter().collect();
            quads.sort_by_cached_key(|quad| (quad.graph_name.to_string(), reading_order(quad)));
            for quad in quads {
                serializer.serialize_quad(quad)?;
            }
        }
        _ => {
            let mut triples: Vec<Quad> =
                quads.iter().map(|quad| Quad { graph_name: GraphName::DefaultGraph, ..quad.clone() }).collect();
            triples.sort_by_cached_key(reading_order);
            triples.dedup();
            for triple in triples {
                serializer.serialize_triple(&Triple::from(triple))?;
            }
        }
    }
    serializer.finish()?.flush()
}

/// Subject by subject, what a thing is before all else.
fn reading_order(quad: &Quad) -> (String, bool, String) {
    (quad.subject.to_string(), quad.predicate != rdf::TYPE, quad.to_string())
}
