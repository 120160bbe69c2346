//! Files in, a catalogue and its diagnostics out.

mod wording;

pub use wording::{normalise_wording, wording_digest};
