//! Where a graph is written to: a file, a device, or standard output.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use anyhow::Context;

use super::is_standard_stream;
use crate::replacement::Replacement;

/// Lets something write to a path; `-` is standard output, whose reader may have read enough. A file appears whole or
/// not at all; a device or a pipe is written to as it is.
pub(crate) fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    if is_standard_stream(path) {
        return match content(&mut BufWriter::new(io::stdout().lock())) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.context("the graph cannot be written to standard output"),
        };
    }
    write_file(path, content).with_context(|| format!("{} cannot be written", path.display()))
}

fn write_file(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
        let mut device = BufWriter::new(File::options().write(true).open(path)?);
        content(&mut device)?;
        return device.flush();
    }
    let mut file = BufWriter::new(Replacement::of(path)?);
    content(&mut file)?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.commit()
}
