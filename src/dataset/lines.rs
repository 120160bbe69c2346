//! The dataset as sorted N-Quads lines. The order of numbers is the order of lines, so nothing is sorted here.

use std::ops::Range;

use sha2::{Digest, Sha256};

use super::{Id, Inner};

/// Triples of one piece of work.
const PIECE: usize = 1 << 14;

/// SHA-256 of all lines.
pub(super) fn digest(inner: &Inner) -> [u8; 32] {
    let (mut hash, mut lines) = (Sha256::new(), Vec::new());
    let mut start = 0;
    while start < inner.spo.pairs.len() {
        lines.clear();
        write(inner, start..start + PIECE, &mut lines);
        hash.update(&lines);
        start += PIECE;
    }
    hash.finalize().into()
}

/// Appends the lines of the triples at these positions of the SPO order; `…` of the graphs they are in, ascending.
pub(super) fn write(inner: &Inner, positions: Range<usize>, output: &mut Vec<u8>) {
    let spo = inner.spo.view();
    let mut subject: Option<(Id, usize, Vec<u8>)> = None;
    let mut object = Vec::new();
    for position in positions {
        let Some(&[predicate, o]) = spo.pairs().get(position) else { return };
        // The subject's text serves all its triples.
        let head = match &mut subject {
            Some((_, end, text)) if position < *end => text,
            other => {
                let Some(id) = spo.first_at(position) else { return };
                let mut text = Vec::new();
                inner.terms.parts(id).write(&mut text);
                text.push(b' ');
                let end = spo.starts()[id as usize + 1] as usize;
                &mut other.insert((id, end, text)).2
            }
        };
        object.clear();
        inner.terms.parts(predicate).write(&mut object);
        object.push(b' ');
        inner.terms.parts(o).write(&mut object);
        for graph in inner.graphs_of(position) {
            output.extend_from_slice(head);
            output.extend_from_slice(&object);
            let name = graph.checked_sub(1).and_then(|graph| inner.graphs.get(graph as usize));
            if let Some(name) = name {
                output.push(b' ');
                inner.terms.parts(*name).write(output);
            }
            output.extend_from_slice(b" .\n");
        }
    }
}
