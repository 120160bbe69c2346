//! The dataset as sorted N-Quads lines. The order of numbers is the order of lines, so nothing is sorted here.

use std::{io, ops::Range};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{Data, Dataset, Id};

/// Triples of one piece of work.
const PIECE: usize = 1 << 14;

/// Pieces that are written at once, in parallel.
const PIECES: usize = 16;

/// SHA-256 of all lines. They are written in parallel while those before are hashed.
pub(super) fn digest(data: &Data) -> [u8; 32] {
    let (mut hash, mut batch) = (Sha256::new(), Vec::new());
    for start in (0..=data.spo.pairs.len()).step_by(PIECE * PIECES) {
        let next = || -> Vec<Vec<u8>> {
            let pieces = (0..PIECES).into_par_iter().map(|piece| start + piece * PIECE);
            pieces.map(|start| lines(data, start..start + PIECE)).collect()
        };
        let (next, ()) = rayon::join(next, || batch.iter().for_each(|piece: &Vec<u8>| hash.update(piece)));
        batch = next;
    }
    for piece in batch {
        hash.update(piece);
    }
    hash.finalize().into()
}

impl Dataset {
    /// Writes the sorted N-Quads lines, whose SHA-256 is [`Dataset::digest`].
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_lines(&self, output: &mut impl io::Write) -> io::Result<()> {
        for start in (0..self.triples()).step_by(PIECE) {
            output.write_all(&lines(&self.data, start..start + PIECE))?;
        }
        Ok(())
    }
}

fn lines(data: &Data, positions: Range<usize>) -> Vec<u8> {
    let mut lines = Vec::new();
    write(data, positions, &mut lines);
    lines
}

/// Appends the lines of the triples at these positions of the SPO order; `…` of the graphs they are in, ascending.
pub(super) fn write(data: &Data, positions: Range<usize>, output: &mut Vec<u8>) {
    let spo = data.spo.view();
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
                data.terms.parts(id).write(&mut text);
                text.push(b' ');
                let end = spo.starts().get(id as usize + 1).map_or(0, |end| *end as usize);
                &mut other.insert((id, end, text)).2
            }
        };
        object.clear();
        data.terms.parts(predicate).write(&mut object);
        object.push(b' ');
        data.terms.parts(o).write(&mut object);
        for graph in data.graphs_of(position) {
            output.extend_from_slice(head);
            output.extend_from_slice(&object);
            let name = graph.checked_sub(1).and_then(|graph| data.graphs.get(graph as usize));
            if let Some(name) = name {
                output.push(b' ');
                data.terms.parts(*name).write(output);
            }
            output.extend_from_slice(b" .\n");
        }
    }
}
