//! SHA-256, as 32 bytes and as lower-case hexadecimal digits.

use sha2::{Digest, Sha256};

/// The digest of the parts, one after the other.
#[must_use]
pub fn sha256(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// Two lower-case hexadecimal digits for each byte.
///
/// ```
/// # use ocm_graph::digest::hex;
/// assert_eq!(hex(&[0, 171]), "00ab");
/// ```
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The digest of the parts, one after the other, as 64 digits.
///
/// ```
/// # use ocm_graph::digest::sha256_hex;
/// assert!(sha256_hex(["ab", "c"]).starts_with("ba7816bf"));
/// ```
#[must_use]
pub fn sha256_hex(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    hex(&sha256(parts))
}
