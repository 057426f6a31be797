use crate::fault::Fault;

/// The most bytes of chunk extensions over a whole body, and the most bytes and lines of trailers. hyper
/// has wider bounds of its own; being first keeps the answer ours.
const EXTENSIONS: usize = 8 << 10;
const TRAILERS: usize = 8 << 10;
const TRAILER_LINES: usize = 64;

/// Follows a chunked body (RFC 9112 section 7.1) to its end, strictly, without keeping any of it.
#[derive(Debug)]
pub(crate) struct ChunkScan {
    at: At,
    extensions: usize,
    trailers: usize,
    trailer_lines: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// In a chunk's size, after so many digits.
    Size {
        size: u64,
        digits: u8,
    },
    /// In a chunk's extension.
    Extension {
        size: u64,
    },
    /// Before the line feed that ends the size line.
    SizeEnd {
        size: u64,
    },
    /// In a chunk's bytes.
    Data(u64),
    /// Before the CR, and then the LF, after a chunk's bytes.
    DataCr,
    DataLf,
    /// In the trailers: at the start of a line, in its name, in its value, before its line feed.
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    /// Before the last line feed.
    EndLf,
    End,
}

impl Default for ChunkScan {
    fn default() -> Self {
        Self { at: At::Size { size: 0, digits: 0 }, extensions: 0, trailers: 0, trailer_lines: 0 }
    }
}

impl ChunkScan {
    /// Whether the body has ended.
    pub(crate) fn ended(&self) -> bool {
        self.at == At::End
    }

    /// Follows the bytes up to the body's end and says how many of them belong to it.
    pub(crate) fn follow(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let mut used = 0;
        while used < bytes.len() && !self.ended() {
            if let At::Data(left) = self.at {
                let here = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len() - used);
                used += here;
                let left = left - here as u64;
                self.at = if left == 0 { At::DataCr } else { At::Data(left) };
            } else {
                self.at = self.step(bytes[used])?;
                used += 1;
            }
        }
        Ok(used)
    }

    fn step(&mut self, byte: u8) -> Result<At, Fault> {
        match (self.at, byte) {
            (At::Size { size, digits }, byte) => step_size(size, digits, byte),
            (At::Extension { size }, b'\r') => Ok(At::SizeEnd { size }),
            (At::Extension { size }, byte) if is_text(byte) => {
                self.extensions += 1;
                if self.extensions > EXTENSIONS { Err(Fault::Chunk) } else { Ok(At::Extension { size }) }
            }
            (At::SizeEnd { size: 0 }, b'\n') => Ok(At::TrailerStart),
            (At::SizeEnd { size }, b'\n') => Ok(At::Data(size)),
            (At::DataCr, b'\r') => Ok(At::DataLf),
            (At::DataLf, b'\n') => Ok(At::Size { size: 0, digits: 0 }),
            (At::TrailerStart, b'\r') => Ok(At::EndLf),
            (At::EndLf, b'\n') => Ok(At::End),
            (At::TrailerStart | At::TrailerName | At::TrailerValue | At::TrailerLf, byte) => {
                self.step_trailer(byte)
            }
            (At::EndLf, _) => Err(Fault::Trailer),
            _ => Err(Fault::Chunk),
        }
    }

    fn step_trailer(&mut self, byte: u8) -> Result<At, Fault> {
        self.trailers += 1;
        self.trailer_lines += usize::from(self.at == At::TrailerStart);
        if self.trailers > TRAILERS || self.trailer_lines > TRAILER_LINES {
            return Err(Fault::TrailersTooLarge { bytes: TRAILERS, lines: TRAILER_LINES });
        }
        match (self.at, byte) {
            (At::TrailerStart | At::TrailerName, byte) if super::scan::is_token(byte) => Ok(At::TrailerName),
            (At::TrailerName, b':') => Ok(At::TrailerValue),
            (At::TrailerValue, b'\r') => Ok(At::TrailerLf),
            (At::TrailerValue, byte) if is_text(byte) => Ok(At::TrailerValue),
            (At::TrailerLf, b'\n') => Ok(At::TrailerStart),
            _ => Err(Fault::Trailer),
        }
    }
}

fn step_size(size: u64, digits: u8, byte: u8) -> Result<At, Fault> {
    match byte {
        b'\r' if digits > 0 => Ok(At::SizeEnd { size }),
        b';' if digits > 0 => Ok(At::Extension { size }),
        // Sixteen digits are 64 bits; leading zeros beyond that are nobody's honest chunk.
        _ if digits < 16 => char::from(byte)
            .to_digit(16)
            .map(|digit| At::Size { size: (size << 4) | u64::from(digit), digits: digits + 1 })
            .ok_or(Fault::Chunk),
        _ => Err(Fault::Chunk),
    }
}

fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(bytes: &[u8]) -> Result<(usize, bool), Fault> {
        let mut scan = ChunkScan::default();
        scan.follow(bytes).map(|used| (used, scan.ended()))
    }

    #[test]
    fn a_body_is_followed_to_its_end_and_no_further() {
        for (body, rest) in [
            ("0\r\n\r\n", "GET"),
            ("3\r\nabc\r\n0\r\n\r\n", "x"),
            ("3;a=\"b\";c\r\nabc\r\nA\r\n0123456789\r\n000\r\nX-T: v\r\nY:\r\n\r\n", ""),
        ] {
            let wire = format!("{body}{rest}");
            assert_eq!(follow(wire.as_bytes()), Ok((body.len(), true)), "{wire}");
            let mut scan = ChunkScan::default();
            for byte in body.bytes() {
                assert!(!scan.ended());
                assert_eq!(scan.follow(&[byte]), Ok(1));
            }
            assert!(scan.ended(), "byte by byte: {wire}");
        }
    }

    #[test]
    fn every_departure_from_the_grammar_is_refused() {
        for bad in [
            "\r\n",
            ";\r\n",
            "g\r\n",
            "-1\r\n",
            " 3\r\n",
            "3 \r\n",
            "0x3\r\n",
            "3\n",
            "3\r\r",
            "3\r\nabcd\r\n",
            "3\r\nabc\n",
            "3\r\nabc\rx",
            "00000000000000003\r\n",
            "3;a\nb\r\n",
            "3;\0\r\n",
        ] {
            assert_eq!(follow(bad.as_bytes()), Err(Fault::Chunk), "{bad:?}");
        }
        for bad in [
            "0\r\n\rx",
            "0\r\n\n",
            "0\r\nA\r\n",
            "0\r\nA : b\r\n",
            "0\r\nA: \0\r\n",
            "0\r\n A: b\r\n",
            "0\r\nA: b\n",
        ] {
            assert_eq!(follow(bad.as_bytes()), Err(Fault::Trailer), "{bad:?}");
        }
        assert_eq!(follow(format!("3;{}", "a".repeat(9000)).as_bytes()), Err(Fault::Chunk));
        for trailers in ["A: b\r\n".repeat(65), format!("A: {}\r\n", "b".repeat(9000))] {
            let too_large = Fault::TrailersTooLarge { bytes: 8192, lines: 64 };
            assert_eq!(follow(format!("0\r\n{trailers}").as_bytes()), Err(too_large));
        }
    }
}
