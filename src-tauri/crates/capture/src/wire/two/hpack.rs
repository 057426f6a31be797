use std::collections::VecDeque;

use bytes::Bytes;

use super::huffman::unpacked;

/// The fields that every connection knows (RFC 7541, appendix A), numbered from 1.
const STATIC: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];
/// The most that is kept of the fields of a connection, as the standard counts, in bytes: what is said to senders by
/// saying nothing.
const TABLE: usize = 4096;
/// What each kept field counts besides its name and its value, in bytes.
const ENTRY: usize = 32;

/// A field of a head: its name and its value.
pub(super) type Field = (Bytes, Bytes);

/// Fields that were read from a block.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// Those up to the most that are taken, in their order.
    pub(super) all: Vec<Field>,
    /// Whether there are more, or larger ones.
    pub(super) too_large: bool,
}

/// Why a block cannot be read; nothing on its connection can be any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// Reads the heads of a connection (HPACK, RFC 7541), which are packed by what went before.
#[derive(Debug)]
pub(super) struct Unpacker {
    /// The newest first.
    kept: VecDeque<Field>,
    /// How large those are, and how large they may be by their sender.
    size: usize,
    most: usize,
}

impl Default for Unpacker {
    fn default() -> Self {
        Self { kept: VecDeque::new(), size: 0, most: TABLE }
    }
}

impl Unpacker {
    /// Reads a whole block. No more than so many bytes of names and values are taken of it, and it is read to its end
    /// all the same, since the next one builds on it.
    pub(super) fn read(&mut self, block: &[u8], most: usize) -> Result<Fields, Unreadable> {
        let mut fields = Fields::default();
        let (mut rest, mut taken) = (block, 0);
        while let Some(&first) = rest.first() {
            // A size is said before the first field, if at all.
            if first >> 5 == 0b001 {
                let size = number(&mut rest, 5)?;
                if size > TABLE || taken > 0 {
                    return Err(Unreadable);
                }
                self.most = size;
                self.make_room(0);
                continue;
            }
            let (name, value) = self.field(&mut rest, first)?;
            // A line of HTTP/1 has as much besides.
            taken += name.len() + value.len() + ": \r\n".len();
            if taken > most {
                fields.too_large = true;
            } else {
                fields.all.push((name, value));
            }
        }
        Ok(fields)
    }

    fn field(&mut self, rest: &mut &[u8], first: u8) -> Result<Field, Unreadable> {
        if first >> 7 == 1 {
            return self.known(number(rest, 7)?);
        }
        let is_kept = first >> 6 == 0b01;
        let name = match number(rest, if is_kept { 6 } else { 4 })? {
            0 => text(rest)?,
            index => self.known(index)?.0,
        };
        let field = (name, text(rest)?);
        if is_kept {
            self.keep(field.clone());
        }
        Ok(field)
    }

    fn known(&self, index: usize) -> Result<Field, Unreadable> {
        let index = index.checked_sub(1).ok_or(Unreadable)?;
        match STATIC.get(index) {
            Some((name, value)) => Ok((name.as_bytes().into(), value.as_bytes().into())),
            None => self.kept.get(index - STATIC.len()).cloned().ok_or(Unreadable),
        }
    }

    fn keep(&mut self, field: Field) {
        let size = size(&field);
        self.make_room(size);
        // What is larger than all of it empties it.
        if size <= self.most {
            self.size += size;
            self.kept.push_front(field);
        }
    }

    fn make_room(&mut self, wanted: usize) {
        while self.size + wanted > self.most {
            let Some(oldest) = self.kept.pop_back() else { return };
            self.size -= size(&oldest);
        }
    }
}

fn size((name, value): &Field) -> usize {
    name.len() + value.len() + ENTRY
}

/// A number that begins in the last so many bits of the first byte, RFC 7541 section 5.1.
fn number(rest: &mut &[u8], bits: u8) -> Result<usize, Unreadable> {
    let most = (1_usize << bits) - 1;
    let mut number = usize::from(next(rest)?) & most;
    if number < most {
        return Ok(number);
    }
    // Nobody needs more than 28 bits, and nothing overflows by them.
    for shift in [0, 7, 14, 21] {
        let byte = next(rest)?;
        number += usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Unreadable)
}

fn text(rest: &mut &[u8]) -> Result<Bytes, Unreadable> {
    let is_packed = rest.first().ok_or(Unreadable)? & 0x80 != 0;
    let length = number(rest, 7)?;
    let (text, after) = rest.split_at_checked(length).ok_or(Unreadable)?;
    *rest = after;
    if is_packed {
        unpacked(text).map(Bytes::from).ok_or(Unreadable)
    } else {
        Ok(Bytes::copy_from_slice(text))
    }
}

fn next(rest: &mut &[u8]) -> Result<u8, Unreadable> {
    let (first, after) = rest.split_first().ok_or(Unreadable)?;
    *rest = after;
    Ok(*first)
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    fn read(unpacker: &mut Unpacker, block: &str) -> Result<String, Unreadable> {
        let fields = unpacker.read(&HEXLOWER.decode(block.as_bytes()).unwrap(), 1000)?;
        let line = |(name, value): &Field| {
            format!("{}={}", String::from_utf8_lossy(name), String::from_utf8_lossy(value))
        };
        Ok(fields.all.iter().map(line).collect::<Vec<_>>().join(" "))
    }

    /// RFC 7541, appendix C.3 and C.4: the same three heads of one connection, as they are and packed.
    #[test]
    fn the_examples_of_the_standard_are_read() {
        for blocks in [
            [
                "828684410f7777772e6578616d706c652e636f6d",
                "828684be58086e6f2d6361636865",
                "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
            ],
            [
                "828684418cf1e3c2e5f23a6ba0ab90f4ff",
                "828684be5886a8eb10649cbf",
                "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
            ],
        ] {
            let mut unpacker = Unpacker::default();
            let expected = [
                ":method=GET :scheme=http :path=/ :authority=www.example.com",
                ":method=GET :scheme=http :path=/ :authority=www.example.com cache-control=no-cache",
                ":method=GET :scheme=https :path=/index.html :authority=www.example.com custom-key=custom-value",
            ];
            for (block, expected) in blocks.into_iter().zip(expected) {
                assert_eq!(read(&mut unpacker, block).as_deref(), Ok(expected));
            }
            assert_eq!(unpacker.size, 164);
        }
    }

    #[test]
    fn what_is_kept_makes_room_and_goes_with_the_size() {
        let mut unpacker = Unpacker::default();
        // Kept, with a new name each: `a=b`.
        assert_eq!(read(&mut unpacker, "40016101624001630164").as_deref(), Ok("a=b c=d"));
        assert_eq!(read(&mut unpacker, "bebf").as_deref(), Ok("c=d a=b"));
        // Room for one of them (34 bytes), then for none.
        assert_eq!(read(&mut unpacker, "3f03be").as_deref(), Ok("c=d"));
        assert_eq!(read(&mut unpacker, "bf"), Err(Unreadable));
        assert_eq!(read(&mut unpacker, "2040016101624001650166").as_deref(), Ok("a=b e=f"));
        assert_eq!((unpacker.kept.len(), unpacker.size), (0, 0));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for bad in [
            "80",
            "be",
            "ff",
            "ffffffffff7f",
            "40",
            "4001",
            "400161",
            "40016105",
            "40ffffffffff0f",
            "3fe21f",
            "8220",
            "408161",
        ] {
            assert_eq!(read(&mut Unpacker::default(), bad), Err(Unreadable), "{bad}");
        }
    }

    #[test]
    fn a_small_block_that_says_much_is_read_to_its_end_and_not_kept() {
        let mut unpacker = Unpacker::default();
        let long = format!("4001617f8117{}", "78".repeat(3072));
        let block = format!("{long}{}", "be".repeat(1000));
        let fields = unpacker.read(&HEXLOWER.decode(block.as_bytes()).unwrap(), 10_000).unwrap();
        assert_eq!((fields.all.len(), fields.too_large), (3, true));
    }
}
