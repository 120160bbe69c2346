//! Numbers in a row: owned, or in a mapped file.

use std::{ops::Deref, sync::Arc};

use bytemuck::{AnyBitPattern, NoUninit};
use memmap2::Mmap;

/// Numbers that never change. Reads like a slice.
#[derive(Debug)]
pub(super) enum Column<T> {
    /// In memory.
    Owned(Vec<T>),
    /// Bytes of a file.
    Mapped { file: Arc<Mmap>, start: usize, end: usize },
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self::Owned(Vec::new())
    }
}

impl<T> From<Vec<T>> for Column<T> {
    fn from(numbers: Vec<T>) -> Self {
        Self::Owned(numbers)
    }
}

impl<T: AnyBitPattern> Deref for Column<T> {
    type Target = [T];

    /// Nothing when the place is not one of the file, which the file's header rules out.
    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Self::Owned(numbers) => numbers,
            Self::Mapped { file, start, end } => {
                let bytes = file.get(*start..*end).unwrap_or_default();
                bytemuck::try_cast_slice(bytes).unwrap_or_default()
            }
        }
    }
}

impl<T: AnyBitPattern + NoUninit> Column<T> {
    /// As they are in memory.
    pub(super) fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(self)
    }
}
