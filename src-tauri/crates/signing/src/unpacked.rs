//! Content codings undone: what a compressed body says, within bounds.

use std::io::Read;

/// At most so many codings are undone, one within the other.
const MOST_LAYERS: usize = 8;

/// How a body was packed, as `Content-Encoding` calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// `gzip`.
    Gzip,
    /// `deflate`: with the wrapper of zlib or, as some send it, without.
    Deflate,
    /// `br`.
    Brotli,
    /// `zstd`.
    Zstd,
}

impl Coding {
    /// Its name in `Content-Encoding`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    fn named(name: &str) -> Option<Self> {
        match name {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// The coding that the bytes begin as. Only the two with marks of four and three bytes are told so: less is
    /// found in anything.
    fn of_mark(body: &[u8]) -> Option<Self> {
        if body.starts_with(b"\x1f\x8b\x08") {
            Some(Self::Gzip)
        } else {
            body.starts_with(b"\x28\xb5\x2f\xfd").then_some(Self::Zstd)
        }
    }

    /// Whether damaged bytes were of this coding all the same. Where no mark says so, anything may be read some way,
    /// and only a text that came out of it does.
    fn is_likely(self, body: &[u8], read: &[u8]) -> bool {
        let has_mark = match self {
            Self::Gzip | Self::Zstd => true,
            Self::Deflate => has_zlib_head(body),
            Self::Brotli => false,
        };
        !read.is_empty() && (has_mark || is_text(read))
    }

    fn undo(self, body: &[u8], limit: usize) -> (Vec<u8>, Ending) {
        match self {
            Self::Gzip => bounded(flate2::read::MultiGzDecoder::new(body), limit),
            Self::Deflate if has_zlib_head(body) => bounded(flate2::read::ZlibDecoder::new(body), limit),
            Self::Deflate => bounded(flate2::read::DeflateDecoder::new(body), limit),
            Self::Brotli => bounded(brotli_decompressor::Decompressor::new(body, 4096), limit),
            Self::Zstd => frames(body, limit),
        }
    }
}

/// How the undoing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With the last byte of the content.
    Whole,
    /// At the limit: there is more than was taken.
    Limit,
    /// At bytes that are not of the coding: what stood before them is there.
    Damaged,
    /// At a coding that is not known: it is not undone.
    Unknown,
}

/// What a body says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// The content, or as much of it as could be read.
    pub bytes: Vec<u8>,
    /// What was undone, the outermost first; empty where the body is its own content.
    pub undone: Vec<Coding>,
    /// How that ended.
    pub ending: Ending,
}

/// The content of a body whose `Content-Encoding` says this; where that names nothing, of one that begins as gzip
/// or zstd. Each layer gives at most `limit` bytes.
pub fn unpacked(body: &[u8], content_encoding: &str, limit: usize) -> Unpacked {
    let said: Vec<String> = content_encoding
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty() && name != "identity")
        .collect();
    let mut layers: Vec<Option<Coding>> = said.iter().rev().map(|name| Coding::named(name)).collect();
    if layers.is_empty() {
        layers.extend(Coding::of_mark(body).map(Some));
    }
    let mut found = Unpacked { bytes: body.to_vec(), undone: Vec::new(), ending: Ending::Whole };
    for (number, layer) in layers.into_iter().enumerate() {
        let Some(coding) = layer.filter(|_| number < MOST_LAYERS) else {
            found.ending = first(found.ending, Ending::Unknown);
            break;
        };
        let (bytes, ending) = coding.undo(&found.bytes, limit);
        found.ending = first(found.ending, ending);
        if ending == Ending::Damaged && !coding.is_likely(&found.bytes, &bytes) {
            break;
        }
        found.bytes = bytes;
        found.undone.push(coding);
    }
    found
}

/// Whether the bytes are text, as far as they go: what is read by mistake holds control characters soon.
fn is_text(bytes: &[u8]) -> bool {
    let is_utf8 = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    is_utf8 && !bytes.iter().any(|&byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'))
}

/// What went wrong in an outer layer is why the inner ones are cut short.
fn first(earlier: Ending, later: Ending) -> Ending {
    if earlier == Ending::Whole { later } else { earlier }
}

/// Whether the bytes begin as zlib's do: the method, a window that exists, and the check over both.
fn has_zlib_head(body: &[u8]) -> bool {
    matches!(body, [method, flags, ..]
        if method & 0x0f == 8 && method >> 4 <= 7 && (u16::from(*method) * 256 + u16::from(*flags)) % 31 == 0)
}

fn bounded(reader: impl Read, limit: usize) -> (Vec<u8>, Ending) {
    let mut out = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let ending = match reader.take(most).read_to_end(&mut out) {
        Ok(_) if out.len() > limit => Ending::Limit,
        Ok(_) => Ending::Whole,
        Err(_) => Ending::Damaged,
    };
    out.truncate(limit);
    (out, ending)
}

/// Zstandard is a row of frames.
fn frames(mut body: &[u8], limit: usize) -> (Vec<u8>, Ending) {
    let mut out = Vec::new();
    while !body.is_empty() {
        let Ok(frame) = ruzstd::decoding::StreamingDecoder::new(&mut body) else {
            return (out, Ending::Damaged);
        };
        let (bytes, ending) = bounded(frame, limit - out.len());
        out.extend_from_slice(&bytes);
        if ending != Ending::Whole {
            return (out, ending);
        }
    }
    (out, Ending::Whole)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    const TEXT: &[u8] = b"{\"id\":\"evt_1\",\"name\":\"again and again and again\"}";
    /// The text in brotli.
    const BROTLI: &[u8] = b"\x1b\x30\x00\xf8\x2d\x12\x78\x93\x5a\xa7\x3d\x0a\x1d\x7a\x20\xc2\xbf\x16\x09\x6b\xdb\xdb\x2c\x31\x64\x76\
          \xb2\x2c\xcd\xad\x74\xfa\x5a\xe4\xab\x8c\x4e\x4a\x22\xcc\x44\xa5\x40\x43\xf3\x0a\xbc\xc2\x2d\xf4\x57\x10";

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        packed.write_all(body).unwrap();
        packed.finish().unwrap()
    }

    fn zlib(body: &[u8]) -> Vec<u8> {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
        packed.write_all(body).unwrap();
        packed.finish().unwrap()
    }

    fn raw_deflate(body: &[u8]) -> Vec<u8> {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
        packed.write_all(body).unwrap();
        packed.finish().unwrap()
    }

    fn zstd(body: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(body, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn whole(undone: &[Coding]) -> Unpacked {
        Unpacked { bytes: TEXT.to_vec(), undone: undone.to_vec(), ending: Ending::Whole }
    }

    #[test]
    fn each_coding_is_undone_by_its_name() {
        for (packed, said, undone) in [
            (gzip(TEXT), "gzip", &[Coding::Gzip][..]),
            (gzip(TEXT), "X-GZIP", &[Coding::Gzip]),
            (zlib(TEXT), "deflate", &[Coding::Deflate]),
            (raw_deflate(TEXT), "deflate", &[Coding::Deflate]),
            (zstd(TEXT), "zstd", &[Coding::Zstd]),
            (BROTLI.to_vec(), "br", &[Coding::Brotli]),
            (zstd(&gzip(TEXT)), "gzip, identity, zstd", &[Coding::Zstd, Coding::Gzip]),
            (TEXT.to_vec(), "", &[]),
            (TEXT.to_vec(), "identity", &[]),
        ] {
            assert_eq!(unpacked(&packed, said, 1000), whole(undone), "{said}");
        }
    }

    #[test]
    fn what_is_packed_and_does_not_say_so_is_told_by_its_mark() {
        assert_eq!(unpacked(&gzip(TEXT), "", 1000), whole(&[Coding::Gzip]));
        assert_eq!(unpacked(&zstd(TEXT), "identity", 1000), whole(&[Coding::Zstd]));
        let twice = unpacked(&gzip(&gzip(TEXT)), "", 1000);
        assert_eq!((twice.bytes, twice.undone.len()), (gzip(TEXT), 1), "a file within is its own content");
    }

    #[test]
    fn rows_of_members_and_frames_are_one_content() {
        let two = [&TEXT[..20], &TEXT[20..]];
        for pack in [gzip, zstd] {
            assert_eq!(unpacked(&two.map(pack).concat(), "", 1000).bytes, TEXT);
        }
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let zeros = vec![0; 1 << 20];
        for (packed, said) in [(gzip(&zeros), "gzip"), (zlib(&zeros), "deflate"), (zstd(&zeros), "zstd")] {
            let found = unpacked(&packed, said, 1000);
            assert_eq!((found.bytes.len(), found.ending), (1000, Ending::Limit), "{said}");
        }
        let nested = unpacked(&gzip(&gzip(&zeros)), "gzip, gzip", 1000);
        assert_eq!((nested.bytes.len(), nested.ending), (1000, Ending::Limit));
        let deep = vec!["gzip"; 1000].join(",");
        let found = unpacked(&gzip(TEXT), &deep, 1000);
        assert_eq!((found.undone.len(), found.ending), (1, Ending::Damaged));
        let layered = (0..MOST_LAYERS + 2).fold(TEXT.to_vec(), |body, _| gzip(&body));
        let found = unpacked(&layered, &deep, 1000);
        assert_eq!((found.undone.len(), found.ending), (MOST_LAYERS, Ending::Unknown));
    }

    #[test]
    fn what_is_cut_short_or_something_else_is_told() {
        let zeros = vec![7; 100_000];
        let packed = gzip(&zeros);
        let cut = unpacked(&packed[..packed.len() - 9], "gzip", 1 << 20);
        assert_eq!((cut.undone, cut.ending), (vec![Coding::Gzip], Ending::Damaged));
        assert!(!cut.bytes.is_empty() && cut.bytes.iter().all(|&byte| byte == 7));
        for said in ["gzip", "deflate", "br", "zstd"] {
            let found = unpacked(TEXT, said, 1000);
            assert_eq!((&found.bytes[..], found.ending), (TEXT, Ending::Damaged), "{said}");
            assert_eq!(found.undone, []);
        }
        let found = unpacked(&gzip(TEXT), "gzip, compress", 1000);
        assert_eq!((found.bytes, found.undone, found.ending), (gzip(TEXT), vec![], Ending::Unknown));
        assert_eq!(unpacked(b"", "gzip", 1000).bytes, b"");
    }
}
