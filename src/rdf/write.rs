//! Quads as text, byte for byte the same for the same quads.

use std::io::{self, Write};

use oxigraph::{
    io::{RdfFormat, RdfSerializer},
    model::{Quad, Triple},
};

use super::vocab::PREFIXES;

/// Brings quads into the order of their N-Quads lines and drops what is there twice.
pub fn sort(quads: &mut Vec<Quad>) {
    quads.sort_by_cached_key(ToString::to_string);
    quads.dedup();
}

/// Writes quads in the order given. Formats without graphs get the union of all: each triple once.
///
/// N-Quads come out as their canonical lines, so that the SHA-256 of the output is [`crate::edition::Edition::digest`].
///
/// # Errors
/// Those of the writer.
pub fn dump(quads: &[Quad], format: RdfFormat, output: impl Write) -> io::Result<()> {
    let mut serializer = RdfSerializer::from_format(format);
    for (prefix, namespace) in PREFIXES {
        // Every namespace was checked to be an IRI by a test of the vocabulary.
        serializer = serializer.with_prefix(*prefix, *namespace).map_err(io::Error::other)?;
    }
    let mut serializer = serializer.for_writer(output);
    if format.supports_datasets() {
        let mut quads: Vec<&Quad> = quads.iter().collect();
        if format == RdfFormat::TriG {
            // Each graph in one block.
            quads.sort_by_cached_key(|quad| quad.graph_name.to_string());
        }
        for quad in quads {
            serializer.serialize_quad(quad)?;
        }
    } else {
        let mut last = None;
        let mut triples: Vec<Triple> = quads.iter().map(|quad| quad.clone().into()).collect();
        triples.sort_by_cached_key(ToString::to_string);
        for triple in &triples {
            if last != Some(triple) {
                serializer.serialize_triple(triple)?;
            }
            last = Some(triple);
        }
    }
    serializer.finish()?.flush()
}
