//! Packing of finished bytes, and of every response that is not packed yet.

use std::io::{self, Write};

use axum::{
    body::{Bytes, HttpBody, to_bytes},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tokio::task::spawn_blocking;

use super::{
    coding::{Accepted, Coding},
    headers::vary,
    tag,
};

/// Bytes from which packing pays: less fits into a packet anyway.
pub(crate) const WORTH: usize = 1024;

/// Bytes that are packed on the spot, in about a millisecond; more than that is not for a thread that serves.
const BRIEF: usize = 16 * 1024;

/// Half as much again as the fast levels for a quarter of their output; the levels above take several times as long.
const BROTLI: i32 = 5;

/// Packs bytes. Gives them back as they are when that does not make them fewer, unless it `must` be.
pub(crate) async fn pack(bytes: Bytes, coding: Coding, must: bool) -> (Bytes, Coding) {
    if coding == Coding::Identity || (bytes.len() < WORTH && !must) {
        return (bytes, Coding::Identity);
    }
    let plain = bytes.clone();
    let packed = if bytes.len() <= BRIEF {
        encode(&plain, coding)
    } else {
        spawn_blocking(move || encode(&plain, coding)).await.unwrap_or_else(|error| Err(io::Error::other(error)))
    };
    match packed {
        Ok(packed) if packed.len() < bytes.len() || must => (packed.into(), coding),
        Ok(_) => (bytes, Coding::Identity),
        Err(error) => {
            tracing::error!(%error, "an answer cannot be compressed and is sent as it is");
            (bytes, Coding::Identity)
        }
    }
}

fn encode(bytes: &[u8], coding: Coding) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    match coding {
        Coding::Identity => packed.extend_from_slice(bytes),
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(packed, Compression::default());
            encoder.write_all(bytes)?;
            packed = encoder.finish()?;
        }
        Coding::Brotli => {
            let params = BrotliEncoderParams { quality: BROTLI, size_hint: bytes.len(), ..Default::default() };
            brotli::BrotliCompress(&mut &*bytes, &mut packed, &params)?;
        }
        Coding::Zstd => packed = compress_to_vec(bytes, CompressionLevel::Fastest),
    }
    Ok(packed)
}

/// Packs the body of a response for its client, unless it is packed already or too small.
pub(crate) async fn for_client(accepted: Accepted, response: Response) -> Response {
    let coding = accepted.best();
    let must = !accepted.takes(Coding::Identity);
    let size = response.body().size_hint().exact();
    let is_worth = size.is_some_and(|size| size >= WORTH as u64 || (must && size > 0));
    if !is_worth || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    vary(&mut head.headers, "Accept-Encoding");
    if coding == Coding::Identity {
        return Response::from_parts(head, body);
    }
    // All bodies here are in memory already, so that this neither waits nor fails.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let (bytes, coding) = pack(bytes, coding, must).await;
    if let Some(name) = coding.name() {
        head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        head.headers.remove(header::CONTENT_LENGTH);
        tag::suffix(&mut head.headers, coding);
    }
    Response::from_parts(head, bytes.into())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use proptest::prelude::*;

    fn unpack(bytes: &[u8], coding: Coding) -> Vec<u8> {
        let mut plain = Vec::new();
        match coding {
            Coding::Identity => plain.extend_from_slice(bytes),
            Coding::Gzip => {
                flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
            }
            Coding::Brotli => brotli::BrotliDecompress(&mut &*bytes, &mut plain).unwrap(),
            Coding::Zstd => {
                ruzstd::decoding::StreamingDecoder::new(bytes).unwrap().read_to_end(&mut plain).unwrap();
            }
        }
        plain
    }

    fn packed(bytes: Vec<u8>, coding: Coding, must: bool) -> (Bytes, Coding) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(pack(bytes.into(), coding, must))
    }

    #[test]
    fn text_is_packed_on_either_side_of_the_line() {
        for size in [WORTH, BRIEF, BRIEF + 1, 1 << 20] {
            let text: Vec<u8> =
                (0..).flat_map(|n: u32| format!("resource {}, ", n * n).into_bytes()).take(size).collect();
            for coding in [Coding::Brotli, Coding::Gzip, Coding::Zstd] {
                let (bytes, got) = packed(text.clone(), coding, false);
                assert_eq!(got, coding);
                assert!(bytes.len() < text.len(), "{coding:?} {size}: {}", bytes.len());
                assert!(unpack(&bytes, coding) == text, "{coding:?} {size}");
            }
        }
    }

    #[test]
    fn what_does_not_pay_stays_as_it_is() {
        let chance: Vec<u8> = (0..4000u64).map(|n| crate::digest::sha256([n.to_le_bytes()])[0]).collect();
        for coding in [Coding::Brotli, Coding::Gzip, Coding::Zstd] {
            for bytes in [vec![b'x'; WORTH - 1], chance.clone()] {
                let (same, got) = packed(bytes.clone(), coding, false);
                assert_eq!((&*same, got), (&*bytes, Coding::Identity), "{coding:?}");
                let (must, got) = packed(bytes.clone(), coding, true);
                assert_eq!((unpack(&must, coding), got), (bytes, coding));
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_is_packed_can_be_unpacked(bytes in "(\\PC|[a-d]{3,90}|,){0,600}") {
            for coding in [Coding::Brotli, Coding::Gzip, Coding::Zstd] {
                let (packed, _) = packed(bytes.clone().into(), coding, true);
                prop_assert_eq!(unpack(&packed, coding), bytes.as_bytes());
            }
        }
    }
}
