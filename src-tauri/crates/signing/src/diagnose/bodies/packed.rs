//! Bodies inside another layer: compressed, or in base64.

use data_encoding::{BASE64, BASE64_MIME, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};
use std::io::Read;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) enum Compression {
    Gzip,
    Zlib,
    Deflate,
    Zstd,
    Brotli,
}

impl Compression {
    pub(super) const ALL: [Self; 5] = [Self::Gzip, Self::Zlib, Self::Zstd, Self::Deflate, Self::Brotli];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib | Self::Deflate => "deflate",
            Self::Zstd => "zstd",
            Self::Brotli => "br",
        }
    }

    /// Whether the body can be of this kind. What has no mark of its own is taken for it only where the
    /// request says so.
    pub(super) fn fits(self, body: &[u8], content_encoding: &str) -> bool {
        let said = content_encoding.to_ascii_lowercase();
        match self {
            Self::Gzip => body.starts_with(b"\x1f\x8b"),
            Self::Zstd => body.starts_with(b"\x28\xb5\x2f\xfd"),
            Self::Zlib => {
                body.first() == Some(&0x78)
                    && body.get(1).is_some_and(|&flags| (0x7800 + u16::from(flags)) % 31 == 0)
            }
            Self::Deflate => said.contains("deflate"),
            Self::Brotli => said.contains("br"),
        }
    }

    /// The content; `None` where it is not of this kind, or longer than `limit`.
    pub(super) fn unpack(self, body: &[u8], limit: usize) -> Option<Vec<u8>> {
        match self {
            Self::Gzip => bounded(flate2::read::MultiGzDecoder::new(body), limit),
            Self::Zlib => bounded(flate2::read::ZlibDecoder::new(body), limit),
            Self::Deflate => bounded(flate2::read::DeflateDecoder::new(body), limit),
            Self::Zstd => bounded(ruzstd::decoding::StreamingDecoder::new(body).ok()?, limit),
            Self::Brotli => bounded(brotli_decompressor::Decompressor::new(body, 4096), limit),
        }
    }
}

fn bounded(reader: impl Read, limit: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let most = u64::try_from(limit).ok()? + 1;
    reader.take(most).read_to_end(&mut out).ok()?;
    (out.len() <= limit && !out.is_empty()).then_some(out)
}

/// The content of a body that is base64 in any alphabet; `None` where it is not.
pub(super) fn from_base64(body: &[u8]) -> Option<Vec<u8>> {
    let text = body.trim_ascii();
    let text = text.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(text);
    if text.len() < 4 {
        return None;
    }
    let ways = [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, BASE64_MIME];
    ways.iter().find_map(|way| way.decode(text).ok())
}

/// How many ways there are to write base64.
pub(super) const BASE64_WAYS: usize = 4;

/// The body in base64, in one of the ways.
pub(super) fn to_base64(body: &[u8], way: usize) -> Option<Vec<u8>> {
    let ways = [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD];
    ways.get(way).map(|way| way.encode(body).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const TEXT: &[u8] = b"{\"id\":\"evt_1\",\"name\":\"again and again and again\"}";

    fn finds(body: &[u8], content_encoding: &str) -> Option<&'static str> {
        let fits = Compression::ALL.into_iter().filter(|way| way.fits(body, content_encoding));
        fits.into_iter().find(|way| way.unpack(body, 1000).as_deref() == Some(TEXT)).map(Compression::name)
    }

    #[test]
    fn compressed_bodies_are_unpacked() {
        let level = flate2::Compression::default();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
        gzip.write_all(TEXT).unwrap();
        assert_eq!(finds(&gzip.finish().unwrap(), ""), Some("gzip"));
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), level);
        zlib.write_all(TEXT).unwrap();
        assert_eq!(finds(&zlib.finish().unwrap(), ""), Some("deflate"));
        let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), level);
        deflate.write_all(TEXT).unwrap();
        assert_eq!(finds(&deflate.finish().unwrap(), "deflate"), Some("deflate"));
        let zstd = ruzstd::encoding::compress_to_vec(TEXT, ruzstd::encoding::CompressionLevel::Fastest);
        assert_eq!(finds(&zstd, ""), Some("zstd"));
    }

    #[test]
    fn what_unpacks_to_more_than_allowed_is_left_alone() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&vec![0; 100_000]).unwrap();
        let bomb = gzip.finish().unwrap();
        assert_eq!(Compression::Gzip.unpack(&bomb, 99_999), None);
        assert_eq!(Compression::Gzip.unpack(&bomb, 100_000).map(|out| out.len()), Some(100_000));
    }

    #[test]
    fn base64_is_read_in_every_alphabet() {
        for way in 0..BASE64_WAYS {
            assert_eq!(from_base64(&to_base64(TEXT, way).unwrap()).as_deref(), Some(TEXT));
        }
        assert_eq!(from_base64(b"{}"), None);
    }
}
