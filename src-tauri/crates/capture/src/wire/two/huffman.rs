use std::sync::OnceLock;

/// How many bits the code of each byte has, and last that of the end (RFC 7541, appendix B). The code is canonical: of
/// codes of one length those of lesser bytes come first, so that the lengths say all of it.
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28,
    28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6,
    6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7,
    8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7,
    15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24,
    23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23,
    23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26,
    26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20,
    21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27,
    27, 27, 26, 30,
];
const LONGEST: usize = 30;
/// In the place of a byte: the text may not say its own end.
const END: u16 = 256;

/// The code, by the lengths of its words.
struct Code {
    /// The first word of each length, how many there are, and where the first one's byte stands among `bytes`.
    of_length: [(u32, u32, usize); LONGEST + 1],
    /// All bytes in the order of their words.
    bytes: Vec<u16>,
}

impl Code {
    fn get() -> &'static Self {
        static CODE: OnceLock<Code> = OnceLock::new();
        CODE.get_or_init(|| {
            let mut of_length = [(0, 0, 0); LONGEST + 1];
            let mut bytes = Vec::with_capacity(LENGTHS.len());
            let mut word = 0;
            for (length, place) in of_length.iter_mut().enumerate() {
                let start = bytes.len();
                let these = LENGTHS.iter().zip(0..).filter(|(other, _)| usize::from(**other) == length);
                bytes.extend(these.map(|(_, byte): (_, u16)| byte));
                let count = u32::try_from(bytes.len() - start).unwrap_or(0);
                *place = (word, count, start);
                word = (word + count) << 1;
            }
            Self { of_length, bytes }
        })
    }
}

/// A text that was packed by it; `None` where it is none.
pub(super) fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let code = Code::get();
    let mut text = Vec::with_capacity(packed.len() * 8 / 5);
    let (mut word, mut length) = (0_u32, 0);
    for bit in packed.iter().flat_map(|byte| (0..8).rev().map(move |at| u32::from(byte >> at & 1))) {
        word = word << 1 | bit;
        length += 1;
        let (first, count, start) = *code.of_length.get(length)?;
        if let Some(at) = word.checked_sub(first).filter(|at| *at < count) {
            let byte = code.bytes[start + usize::try_from(at).ok()?];
            text.push(u8::try_from(byte).ok().filter(|_| byte != END)?);
            (word, length) = (0, 0);
        }
    }
    // What fills the last byte is the beginning of the end's word: ones, and fewer than eight.
    (length < 8 && word == (1 << length) - 1).then_some(text)
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    fn text(packed: &str) -> Option<String> {
        unpacked(&HEXLOWER.decode(packed.as_bytes()).unwrap()).map(|text| String::from_utf8(text).unwrap())
    }

    /// RFC 7541, appendix C.4 and C.6.
    #[test]
    fn the_examples_of_the_standard_are_unpacked() {
        for (packed, expected) in [
            ("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com"),
            ("a8eb10649cbf", "no-cache"),
            ("25a849e95bb8e8b4bf", "custom-value"),
            ("d07abe941054d444a8200595040b8166e082a62d1bff", "Mon, 21 Oct 2013 20:13:21 GMT"),
            (
                "94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
                "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
            ),
            ("", ""),
        ] {
            assert_eq!(text(packed).as_deref(), Some(expected), "{packed}");
        }
    }

    #[test]
    fn what_ends_in_no_end_is_no_text() {
        for bad in ["ff", "f1e3c2e5f23a6ba0ab90f4ffff", "fffffffc", "f1e3c2e5f23a6ba0ab90f4fe", "ffffffff"] {
            assert_eq!(text(bad), None, "{bad}");
        }
    }
}
