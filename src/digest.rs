//! SHA-256, written as 64 lower-case hexadecimal digits.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The digest of the parts, one after the other.
///
/// ```
/// # use ocm_graph::digest::sha256_hex;
/// assert!(sha256_hex(["ab", "c"]).starts_with("ba7816bf"));
/// ```
#[must_use]
pub fn sha256_hex(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
