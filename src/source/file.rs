//! One text file, read whole, with everything wrong about its bytes reported.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::diagnostic::{Diagnostic, Place};

/// Largest file read, in bytes. The largest table of a full toolkit stays below a tenth of it.
pub(crate) const MAX_FILE: u64 = 16 * 1024 * 1024;

/// A file as text: UTF-8, no byte order mark, line ends as LF.
pub(crate) struct TextFile {
    /// The path as the user would name it.
    pub(crate) path: PathBuf,
    /// Its text.
    pub(crate) text: String,
}

impl TextFile {
    /// Reads a file; what cannot be read as text is reported and gives `None`.
    pub(crate) fn read(path: &Path, report: &mut Vec<Diagnostic>) -> Option<Self> {
        match read_bounded(path) {
            Ok(bytes) => Self::decode(path, bytes, report),
            Err(problem) => {
                report.push(problem);
                None
            }
        }
    }

    /// Reads bytes already in hand, under the name the user knows them by.
    pub(crate) fn decode(path: &Path, bytes: Vec<u8>, report: &mut Vec<Diagnostic>) -> Option<Self> {
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
                let byte = error.as_bytes()[valid];
                report.push(
                    Diagnostic::error(
                        "not-utf8",
                        Place::offset(path, &before, valid),
                        format!("the byte 0x{byte:02X} is not UTF-8 here"),
                    )
                    .help("save the file as UTF-8; it may be in Latin-1 or Windows-1252 now"),
                );
                return None;
            }
        };
        let mut text = match text.strip_prefix('\u{feff}') {
            None => text,
            Some(rest) => {
                report.push(
                    Diagnostic::warning(
                        "byte-order-mark",
                        Place::line(path, 1),
                        "the file starts with a byte order mark",
                    )
                    .help("save it as UTF-8 without BOM; it is ignored here"),
                );
                rest.to_owned()
            }
        };
        if let Some(offset) = text.find('\r') {
            report.push(
                Diagnostic::warning(
                    "crlf",
                    Place { column: None, ..Place::offset(path, &text, offset) },
                    "lines end with CR or CRLF",
                )
                .help("save the file with LF line ends; they are read as LF here"),
            );
            text = text.replace("\r\n", "\n").replace('\r', "\n");
        }
        if let Some((offset, c)) = text.char_indices().find(|(_, c)| is_forbidden(*c)) {
            report.push(
                Diagnostic::error(
                    "control-character",
                    Place::offset(path, &text, offset),
                    format!("the control character U+{:04X} cannot be published", u32::from(c)),
                )
                .help("delete it"),
            );
            return None;
        }
        Some(Self { path: path.into(), text })
    }

    /// The place of a byte offset.
    pub(crate) fn at(&self, offset: usize) -> Place {
        Place::offset(&self.path, &self.text, offset)
    }
}

/// Control characters other than tab and line feed: XML 1.0, and so RDF/XML and OAI-PMH, cannot carry them.
pub(crate) fn is_forbidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let unreadable = |error: &io::Error| {
        let place = Place::file(path);
        match error.kind() {
            io::ErrorKind::NotFound => Diagnostic::error("missing-file", place, "there is no such file")
                .help("create it, or name another folder with --data"),
            _ => Diagnostic::error("unreadable-file", place, format!("the file cannot be read: {error}"))
                .help("check its permissions"),
        }
    };
    // Asked before opening: opening a named pipe would wait for ever.
    let metadata = path.metadata().map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        let what = if metadata.is_dir() { "a directory" } else { "not a regular file" };
        return Err(Diagnostic::error(
            "not-a-file",
            Place::file(path),
            format!("this is {what}; a file is expected here"),
        )
        .help("move it away and put the file in its place"));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    if metadata.len() <= MAX_FILE {
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    }
    let size = metadata.len().max(bytes.len() as u64);
    if size > MAX_FILE {
        return Err(Diagnostic::error(
            "file-too-large",
            Place::file(path),
            format!("the file has {size} bytes; at most {MAX_FILE} are read"),
        )
        .help("split it, or check that it is the right file"));
    }
    Ok(bytes)
}
