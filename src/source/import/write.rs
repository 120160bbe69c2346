//! Writing a plan: every file is prepared beside its place before the first is moved there.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::replacement::Replacement;

use super::{Action, Plan, PlannedFile};

/// Why a plan was not written, or not whole.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file could not be prepared; nothing has changed.
    #[error("{} cannot be written; nothing has changed", .path.display())]
    Prepare {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A prepared file could not be moved to its place.
    #[error("{} cannot be put in its place; import the page again once that is mended", .path.display())]
    Move {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Plan {
    /// Writes the files that are new or change. The record comes last, so that it never names a type that is not there.
    ///
    /// # Errors
    ///
    /// When a file cannot be written. A file is always the old or the new one, never half of it.
    pub fn write(&self) -> Result<(), WriteError> {
        let mut prepared = Vec::new();
        for file in self.files.iter().filter(|file| file.action != Action::Keep) {
            match prepare(file) {
                Ok(new) => prepared.push((new, &file.path)),
                Err(source) => return Err(WriteError::Prepare { path: file.path.clone(), source }),
            }
        }
        for (new, path) in prepared {
            new.commit().map_err(|source| WriteError::Move { path: path.clone(), source })?;
        }
        Ok(())
    }
}

fn prepare(file: &PlannedFile) -> io::Result<Replacement> {
    if let Some(folder) = file.path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut new = Replacement::of(&file.path)?;
    new.write_all(file.text.as_bytes())?;
    new.flush()?;
    Ok(new)
}

/// Keeps other imports from a data folder until it is dropped.
///
/// An import reads the tables and writes them with more: two at a time would lose what one of them adds.
#[derive(Debug)]
pub struct Lock {
    _held: File,
}

impl Lock {
    /// Waits until no other import holds the folder.
    ///
    /// # Errors
    ///
    /// When the folder is not there or cannot be locked.
    pub fn of(data: &Path) -> io::Result<Self> {
        let held = lock_file(data)?;
        held.lock()?;
        Ok(Self { _held: held })
    }
}

/// The folder itself: nothing is left in it.
#[cfg(unix)]
fn lock_file(data: &Path) -> io::Result<File> {
    File::open(data)
}

/// A file of its own: a folder cannot be opened, and a table that is locked cannot be read.
#[cfg(not(unix))]
fn lock_file(data: &Path) -> io::Result<File> {
    File::create(data.join(".ocm-lock"))
}
