use bytes::Bytes;
use hookbench_model::{ChunkRecord, ChunkRun};

use crate::fault::Fault;

/// The most bytes of chunk extensions over a whole body, and the most bytes and lines of trailers. hyper
/// has wider bounds of its own; being first keeps the answer ours.
const EXTENSIONS: usize = 8 << 10;
const TRAILERS: usize = 8 << 10;
const TRAILER_LINES: usize = 64;
/// The most runs of equal chunks that are kept of one body; senders with that many have some rule of their own, or
/// none.
const RUNS: usize = 16_384;

/// Follows a chunked body (RFC 9112 section 7.1) to its end, strictly, and keeps what of it is not the body's bytes.
#[derive(Debug)]
pub(crate) struct ChunkScan {
    at: At,
    extensions: usize,
    trailers: usize,
    trailer_lines: usize,
    notes: ChunkRecord,
    /// What came last besides the body's bytes: the line that is being read.
    line: Vec<u8>,
    /// How many bytes of the wire have been followed.
    followed: u64,
}

/// What a chunked body had besides its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ChunksSeen {
    pub(crate) chunks: ChunkRecord,
    /// The lines of its trailers, each with its CR LF.
    pub(crate) trailers: Bytes,
    /// How many bytes of the wire it took.
    pub(crate) followed: u64,
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
        Self {
            at: At::Size { size: 0, digits: 0 },
            extensions: 0,
            trailers: 0,
            trailer_lines: 0,
            notes: ChunkRecord { complete: true, closed: true, ..ChunkRecord::default() },
            line: Vec::new(),
            followed: 0,
        }
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
                self.followed += here as u64;
                let left = left - here as u64;
                self.at = if left == 0 { At::DataCr } else { At::Data(left) };
            } else {
                self.line.push(bytes[used]);
                let next = self.step(bytes[used])?;
                self.note(next);
                self.at = next;
                self.followed += 1;
                used += 1;
            }
        }
        Ok(used)
    }

    /// How many bytes of the wire have been followed.
    pub(crate) fn followed(&self) -> u64 {
        self.followed
    }

    /// Keeps what came behind a fault; its first byte, which showed it, is there already.
    pub(crate) fn keep_rest(&mut self, rest: &[u8]) {
        self.line.extend_from_slice(rest.get(1..).unwrap_or_default());
    }

    /// What has been seen so far; taken, so that it is asked for once.
    pub(crate) fn seen(&mut self) -> ChunksSeen {
        let mut chunks = std::mem::take(&mut self.notes);
        let line = std::mem::take(&mut self.line);
        chunks.ended = self.ended();
        let trailers = if chunks.ended {
            Bytes::from(line)
        } else {
            chunks.tail = Bytes::from(line);
            Bytes::new()
        };
        ChunksSeen { chunks, trailers, followed: self.followed }
    }

    /// Notes the line that has just ended, if one has.
    fn note(&mut self, next: At) {
        match (self.at, next) {
            (At::SizeEnd { size }, At::Data(_) | At::TrailerStart) => {
                self.line.truncate(self.line.len() - 2);
                self.push(size);
                self.line.clear();
            }
            (At::DataLf, _) => {
                self.notes.closed = true;
                self.line.clear();
            }
            // What is left in the line are the trailers.
            (At::EndLf, _) => self.line.truncate(self.line.len() - 2),
            _ => {}
        }
    }

    fn push(&mut self, size: u64) {
        self.notes.count += u64::from(size > 0);
        if !self.notes.complete {
            return;
        }
        let is_plain = self.line == format!("{size:x}").as_bytes();
        let is_full = self.notes.runs.len() == RUNS;
        match self.notes.runs.last_mut() {
            Some(run) if is_plain && run.size == size && run.spelt.is_none() => run.times += 1,
            _ if is_full => self.notes.complete = false,
            _ => {
                let spelt = (!is_plain).then(|| Bytes::copy_from_slice(&self.line));
                self.notes.runs.push(ChunkRun { size, times: 1, spelt });
            }
        }
        self.notes.closed = !self.notes.complete;
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
    fn what_was_followed_is_written_again_to_the_byte() {
        for (wire, body) in [
            ("0\r\n\r\n", ""),
            ("3\r\nabc\r\n3\r\ndef\r\n03\r\nghi\r\n0\r\n\r\n", "abcdefghi"),
            ("3;a=\"b\";c\r\nabc\r\nA\r\n0123456789\r\n000\r\nX-T: v\r\nY:\r\n\r\n", "abc0123456789"),
        ] {
            let mut scan = ChunkScan::default();
            scan.follow(wire.as_bytes()).unwrap();
            let ChunksSeen { chunks, trailers, followed } = scan.seen();
            assert_eq!(chunks.written(body.as_bytes(), &trailers), wire.as_bytes(), "{wire}");
            assert_eq!((followed, chunks.complete), (wire.len() as u64, true));
            // So is each beginning of it, whatever of the body had come by then.
            for end in 0..wire.len() {
                let mut scan = ChunkScan::default();
                scan.follow(&wire.as_bytes()[..end]).unwrap();
                let ChunksSeen { chunks, trailers, .. } = scan.seen();
                let written = |come: usize| chunks.written(&body.as_bytes()[..come], &trailers);
                let is_written = (0..=body.len()).any(|come| written(come) == wire.as_bytes()[..end]);
                assert!(is_written, "{end} bytes of {wire}");
            }
        }
        let mut scan = ChunkScan::default();
        assert_eq!(scan.follow(b"3\r\nabcX"), Err(Fault::Chunk));
        assert_eq!(scan.seen().chunks.written(b"abc", b""), b"3\r\nabcX");
    }

    #[test]
    fn many_unequal_chunks_are_counted_and_not_all_kept() {
        let mut scan = ChunkScan::default();
        let pairs = RUNS / 2 + 100;
        scan.follow("1\r\na\r\n2\r\nbc\r\n".repeat(pairs).as_bytes()).unwrap();
        scan.follow(b"0\r\n\r\n").unwrap();
        let seen = scan.seen().chunks;
        assert_eq!((seen.count, seen.runs.len(), seen.complete), (2 * pairs as u64, RUNS, false));
        assert_eq!(seen.sizes(3), [1, 2, 1]);
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
