//! What parent and child say to each other: a kind, a length in four bytes (big-endian), and that many bytes.

use std::io::{self, Read, Write};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Longest frame accepted, in bytes.
pub(super) const MAX_LEN: usize = 4 * 1024 * 1024;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Child to parent, once: it is ready for its first job.
    Ready = b'R' as isize,
    /// Parent to child: do this.
    Job = b'J' as isize,
    /// Child to parent: the work goes well, and this is what the body will be.
    Head = b'H' as isize,
    /// A piece of the body.
    Body = b'B' as isize,
    /// The body is complete.
    End = b'E' as isize,
    /// The work has failed, and why. After a head: the body is not complete and never will be.
    Fail = b'F' as isize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    pub(super) bytes: Vec<u8>,
}

impl Kind {
    fn from_byte(byte: u8) -> io::Result<Self> {
        [Self::Ready, Self::Job, Self::Head, Self::Body, Self::End, Self::Fail]
            .into_iter()
            .find(|kind| kind.byte() == byte)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "an unknown kind of frame"))
    }

    fn byte(self) -> u8 {
        self as u8
    }
}

fn header(kind: Kind, bytes: &[u8]) -> io::Result<[u8; 5]> {
    let too_long = || io::Error::new(io::ErrorKind::InvalidInput, "the frame is too long");
    let len = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= MAX_LEN).ok_or_else(too_long)?;
    let [a, b, c, d] = len.to_be_bytes();
    Ok([kind.byte(), a, b, c, d])
}

fn parse([kind, a, b, c, d]: [u8; 5]) -> io::Result<(Kind, usize)> {
    let kind = Kind::from_byte(kind)?;
    let len = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
    if len > MAX_LEN {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the frame is too long"));
    }
    Ok((kind, len))
}

/// Writes a frame and does not flush.
pub(super) fn write(output: &mut (impl Write + ?Sized), kind: Kind, bytes: &[u8]) -> io::Result<()> {
    output.write_all(&header(kind, bytes)?)?;
    output.write_all(bytes)
}

/// Reads a frame; none when the other side has closed the pipe between two frames.
pub(super) fn read(input: &mut impl Read) -> io::Result<Option<Frame>> {
    let mut start = [0; 5];
    if input.read(&mut start[..1])? == 0 {
        return Ok(None);
    }
    input.read_exact(&mut start[1..])?;
    let (kind, len) = parse(start)?;
    let mut bytes = vec![0; len];
    input.read_exact(&mut bytes)?;
    Ok(Some(Frame { kind, bytes }))
}

/// As [`write`], for the parent.
pub(super) async fn send(output: &mut (impl AsyncWrite + Unpin), kind: Kind, bytes: &[u8]) -> io::Result<()> {
    output.write_all(&header(kind, bytes)?).await?;
    output.write_all(bytes).await?;
    output.flush().await
}

/// As [`read`], for the parent; a closed pipe is an error.
pub(super) async fn receive(input: &mut (impl AsyncRead + Unpin)) -> io::Result<Frame> {
    let mut start = [0; 5];
    input.read_exact(&mut start).await?;
    let (kind, len) = parse(start)?;
    let mut bytes = vec![0; len];
    input.read_exact(&mut bytes).await?;
    Ok(Frame { kind, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut wire = Vec::new();
            write(&mut wire, Kind::Body, &bytes).unwrap();
            let mut wire = wire.as_slice();
            prop_assert_eq!(read(&mut wire).unwrap(), Some(Frame { kind: Kind::Body, bytes }));
            prop_assert_eq!(read(&mut wire).unwrap(), None);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = read(&mut bytes.as_slice());
        }
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_it_is_allocated() {
        assert!(read(&mut [b'B', 255, 255, 255, 255].as_slice()).is_err());
    }
}
