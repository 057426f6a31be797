use bytes::Bytes;

/// Chunks of one size, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkRun {
    /// The size of each, in bytes.
    pub size: u64,
    /// How many.
    pub times: u64,
    /// The line of the size as it stood, without its CR LF, where it was not the size in small hex digits alone.
    pub spelt: Option<Bytes>,
}

/// How a body was cut into chunks. The last of them, of size 0, is among them where it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChunkRecord {
    /// The chunks in their order, up to the most that are kept.
    pub runs: Vec<ChunkRun>,
    /// How many chunks with any bytes came in all.
    pub count: u64,
    /// Whether all of them are kept.
    pub complete: bool,
    /// Whether the end came: the last chunk, the trailers and the empty line behind them.
    pub ended: bool,
    /// Whether the CR LF behind the last kept chunk came.
    pub closed: bool,
    /// What came last of an unfinished body besides its bytes: a size line that breaks off or is malformed, part of a
    /// chunk's CR LF, of the trailers.
    pub tail: Bytes,
}

impl ChunkRecord {
    /// The sizes of the chunks with any bytes, in their order, at most so many.
    pub fn sizes(&self, most: usize) -> Vec<u64> {
        let sizes = self.runs.iter().flat_map(|run| {
            std::iter::repeat_n(run.size, usize::try_from(run.times).unwrap_or(usize::MAX).min(most))
        });
        sizes.filter(|size| *size > 0).take(most).collect()
    }

    /// The lines of size that were not plain, as they stood, at most so many.
    pub fn unusual(&self, most: usize) -> Vec<&[u8]> {
        self.runs.iter().filter_map(|run| run.spelt.as_deref()).take(most).collect()
    }

    /// The body in its chunks, as it stood on the wire: to the byte where all of them are kept, else with what is left
    /// as one chunk.
    pub fn written(&self, body: &[u8], trailers: &[u8]) -> Vec<u8> {
        let mut wire = Vec::with_capacity(body.len() + trailers.len() + 32);
        let mut rest = body;
        let chunks = self
            .runs
            .iter()
            .flat_map(|run| std::iter::repeat_n(run, usize::try_from(run.times).unwrap_or(0)));
        let mut chunks = chunks.peekable();
        while let Some(run) = chunks.next() {
            match &run.spelt {
                Some(line) => wire.extend_from_slice(line),
                None => wire.extend_from_slice(format!("{:x}", run.size).as_bytes()),
            }
            wire.extend_from_slice(b"\r\n");
            if run.size == 0 {
                break;
            }
            let here = usize::try_from(run.size).unwrap_or(usize::MAX).min(rest.len());
            wire.extend_from_slice(&rest[..here]);
            rest = &rest[here..];
            let is_cut = (here as u64) < run.size;
            let is_last = chunks.peek().is_none();
            // What came of the CR LF behind the last one of an unfinished body stands in the tail.
            if is_cut || (is_last && self.complete && !self.ended && !self.closed) {
                break;
            }
            wire.extend_from_slice(b"\r\n");
        }
        if !self.complete && !rest.is_empty() {
            wire.extend_from_slice(format!("{:x}\r\n", rest.len()).as_bytes());
            wire.extend_from_slice(rest);
            wire.extend_from_slice(b"\r\n");
        }
        if !self.complete {
            wire.extend_from_slice(b"0\r\n");
        }
        if self.ended || !self.complete {
            wire.extend_from_slice(trailers);
            wire.extend_from_slice(b"\r\n");
        } else {
            wire.extend_from_slice(&self.tail);
        }
        wire
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(size: u64, times: u64, spelt: Option<&'static str>) -> ChunkRun {
        ChunkRun { size, times, spelt: spelt.map(|line| Bytes::from_static(line.as_bytes())) }
    }

    fn record(runs: Vec<ChunkRun>) -> ChunkRecord {
        ChunkRecord { runs, count: 0, complete: true, ended: true, closed: true, tail: Bytes::new() }
    }

    #[test]
    fn a_body_is_cut_again_as_it_was() {
        let whole = record(vec![run(3, 2, None), run(10, 1, Some("00A;x=1")), run(0, 1, Some("000"))]);
        let wire = whole.written(b"abcdef0123456789", b"T: v\r\n");
        let expected = "3\r\nabc\r\n3\r\ndef\r\n00A;x=1\r\n0123456789\r\n000\r\nT: v\r\n\r\n";
        assert_eq!(String::from_utf8(wire).unwrap(), expected);
        assert_eq!(whole.sizes(2), [3, 3]);
        assert_eq!((whole.sizes(9), whole.unusual(9)), (vec![3, 3, 10], vec![&b"00A;x=1"[..], b"000"]));
    }

    #[test]
    fn an_unfinished_body_ends_where_it_ended() {
        let unfinished = |runs, closed, tail: &'static str| {
            let tail = Bytes::from_static(tail.as_bytes());
            ChunkRecord { ended: false, closed, tail, ..record(runs) }
        };
        for (cut, body, expected) in [
            (unfinished(vec![], false, "3;"), "", "3;"),
            (unfinished(vec![run(5, 1, None)], false, ""), "ab", "5\r\nab"),
            (unfinished(vec![run(2, 1, None)], false, ""), "ab", "2\r\nab"),
            (unfinished(vec![run(2, 1, None)], false, "\r"), "ab", "2\r\nab\r"),
            (unfinished(vec![run(2, 1, None)], true, "x"), "ab", "2\r\nab\r\nx"),
            (unfinished(vec![run(2, 2, None)], true, ""), "abcd", "2\r\nab\r\n2\r\ncd\r\n"),
            (unfinished(vec![run(2, 1, None), run(0, 1, None)], true, "A: b"), "ab", "2\r\nab\r\n0\r\nA: b"),
        ] {
            assert_eq!(String::from_utf8(cut.written(body.as_bytes(), b"")).unwrap(), expected);
        }
    }

    #[test]
    fn what_was_not_kept_is_one_chunk() {
        let part = ChunkRecord { complete: false, ..record(vec![run(1, 2, None)]) };
        let wire = part.written(b"abcdef", b"T: v\r\n");
        assert_eq!(wire, b"1\r\na\r\n1\r\nb\r\n4\r\ncdef\r\n0\r\nT: v\r\n\r\n");
    }
}
