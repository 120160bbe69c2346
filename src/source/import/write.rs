//! Writing a plan: every file is prepared beside its place before the first is moved there.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

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
                Ok(temporary) => prepared.push((temporary, &file.path)),
                Err(source) => return Err(WriteError::Prepare { path: file.path.clone(), source }),
            }
        }
        for (temporary, path) in prepared {
            temporary.persist(path).map_err(|error| WriteError::Move { path: path.clone(), source: error.error })?;
        }
        Ok(())
    }
}

/// A temporary file in the folder of the file it will replace, so that moving it is one step. Its name begins with a dot:
/// a reader of the folder passes over it.
fn prepare(file: &PlannedFile) -> io::Result<NamedTempFile> {
    let folder = file.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".import-");
    match fs::metadata(&file.path) {
        Ok(former) => builder.permissions(former.permissions()),
        Err(_) => ordinary(&mut builder),
    };
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(file.text.as_bytes())?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

/// Gives the permissions of a new file: a temporary one would else be closed to everybody else. The umask still applies.
#[cfg(unix)]
fn ordinary<'b, 'a, 'p>(builder: &'b mut tempfile::Builder<'a, 'p>) -> &'b mut tempfile::Builder<'a, 'p> {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o666))
}

/// Leaves the permissions of a new file to the system.
#[cfg(not(unix))]
fn ordinary<'b, 'a, 'p>(builder: &'b mut tempfile::Builder<'a, 'p>) -> &'b mut tempfile::Builder<'a, 'p> {
    builder
}
