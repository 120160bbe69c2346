//! Files that appear whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

/// A new content for a file, written beside it and moved to its place when it is complete.
///
/// Its name begins with a dot meanwhile, so that readers of the folder pass over it. Dropped before
/// [`Replacement::commit`], it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Replacement {
    temporary: NamedTempFile,
    path: PathBuf,
}

impl Replacement {
    /// Starts a new content for a file that is there or not. A symbolic link stays a link: what it leads to is replaced.
    ///
    /// # Errors
    /// When the folder is not there or cannot be written to.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            let message = format!("the folder {} does not exist", folder.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".ocm-");
        match fs::metadata(&path) {
            Ok(former) => builder.permissions(former.permissions()),
            Err(_) => ordinary(&mut builder),
        };
        Ok(Self { temporary: builder.tempfile_in(folder)?, path })
    }

    /// Puts the new content in its place.
    ///
    /// # Errors
    /// When it cannot reach the disk or cannot be moved; then the former content is still there.
    pub(crate) fn commit(mut self) -> io::Result<()> {
        self.temporary.flush()?;
        self.temporary.as_file().sync_all()?;
        self.temporary.persist(&self.path)?;
        Ok(())
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.flush()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_old_one_until_it_is_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        let mut new = Replacement::of(&path).unwrap();
        new.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        new.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        drop(Replacement::of(&path).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        let mut new = Replacement::of(&link).unwrap();
        new.write_all(b"new").unwrap();
        new.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = Replacement::of(Path::new("/nowhere/at/all")).unwrap_err();
        assert_eq!(error.to_string(), "the folder /nowhere/at does not exist");
    }
}
