//! Whether what is kept of a request is every byte that came of it.

use hookbench_model::{ChunkRecord, VEIL, WireRecord};

/// As much of something malformed and of what comes behind it as is kept in any case, in bytes: whether all of more came
/// to be kept is not known.
const KEPT_ANYWAY: usize = 64 << 10;

/// What of a request tells it; its head is kept as it came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept<'a> {
    /// The code of its fault.
    pub(super) fault: Option<&'a str>,
    /// Whether its head says that there are chunks.
    pub(super) is_chunked: bool,
    pub(super) record: &'a WireRecord,
    /// The size of its head, in bytes.
    pub(super) head_size: usize,
    /// What is kept behind a malformed head; `None` of every other.
    pub(super) behind: Option<&'a [u8]>,
}

impl Kept<'_> {
    /// Whether that is all of it, and as it came.
    pub(super) fn is_exact(self) -> bool {
        let Self { fault, is_chunked, record, head_size, behind } = self;
        match (fault, &record.chunks) {
            (None, Some(chunks)) => chunks.ended && is_as_it_came(chunks),
            (None | Some("body_broken_off"), None) => !is_chunked,
            // These are given up while more of them comes.
            (Some("body_too_large" | "body_too_slow" | "body_length" | "no_room"), _) => false,
            (Some(_), Some(chunks)) => is_as_it_came(chunks) && is_all(0, &chunks.tail),
            (Some(_), None) => behind.is_none_or(|behind| is_all(head_size, behind)),
        }
    }
}

/// Whether a fault is of a head that is malformed or not whole.
pub(super) fn is_of_head(fault: &str) -> bool {
    !fault.starts_with("body") && !matches!(fault, "chunk" | "trailer" | "trailers_too_large" | "no_room")
}

/// Whether every line between chunks is there, and nothing was taken out of it.
fn is_as_it_came(chunks: &ChunkRecord) -> bool {
    chunks.complete && !chunks.runs.iter().filter_map(|run| run.spelt.as_deref()).any(is_veiled)
}

/// The same of what came last, behind so many bytes that are malformed too.
fn is_all(before: usize, bytes: &[u8]) -> bool {
    before.saturating_add(bytes.len()) < KEPT_ANYWAY && !is_veiled(bytes)
}

/// Whether a secret was taken out of it for good.
fn is_veiled(bytes: &[u8]) -> bool {
    bytes.windows(VEIL.len()).any(|window| window == VEIL.as_bytes())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hookbench_model::ChunkRun;

    use super::*;

    fn chunks(spelt: Option<&'static str>, tail: &'static str) -> ChunkRecord {
        let spelt = spelt.map(|line| Bytes::from_static(line.as_bytes()));
        let runs = vec![ChunkRun { size: 3, times: 1, spelt }];
        ChunkRecord {
            runs,
            count: 1,
            complete: true,
            closed: true,
            tail: tail.into(),
            ..ChunkRecord::default()
        }
    }

    fn is_exact(fault: Option<&str>, chunks: Option<ChunkRecord>, behind: Option<&[u8]>) -> bool {
        let record = WireRecord { chunks, ..WireRecord::default() };
        Kept { fault, is_chunked: true, record: &record, head_size: 100, behind }.is_exact()
    }

    #[test]
    fn chunks_that_break_off_or_are_malformed_are_all_there() {
        for fault in ["body_broken_off", "chunk", "trailer", "trailers_too_large"] {
            assert!(is_exact(Some(fault), Some(chunks(None, "Zz")), None), "{fault}");
            assert!(!is_exact(Some(fault), Some(chunks(None, "a: (the secret)")), None), "{fault}");
            assert!(!is_exact(Some(fault), Some(chunks(Some("3;a=(the secret)"), "")), None), "{fault}");
            let cut = ChunkRecord { complete: false, ..chunks(None, "") };
            assert!(!is_exact(Some(fault), Some(cut), None), "{fault}");
            let long = ChunkRecord { tail: vec![b'x'; KEPT_ANYWAY].into(), ..chunks(None, "") };
            assert!(!is_exact(Some(fault), Some(long), None), "{fault}");
        }
        for fault in ["body_too_large", "body_too_slow", "no_room"] {
            assert!(!is_exact(Some(fault), Some(chunks(None, "")), None), "{fault}");
        }
    }

    #[test]
    fn a_whole_body_has_its_end_and_all_lines_between_its_chunks() {
        let whole = |spelt| ChunkRecord { ended: true, ..chunks(spelt, "") };
        assert!(is_exact(None, Some(whole(Some("3;a"))), None));
        assert!(!is_exact(None, Some(whole(Some("3;a=(the secret)"))), None));
        assert!(!is_exact(None, Some(chunks(None, "")), None), "it has no end");
        assert!(!is_exact(None, None, None), "how its chunks stood is not known");
    }

    #[test]
    fn what_comes_behind_a_malformed_head_is_all_there_unless_a_secret_was_in_it() {
        let fault = Some("length_and_encoding");
        assert!(is_of_head("length_and_encoding") && !is_of_head("body_length") && !is_of_head("chunk"));
        assert!(is_exact(fault, None, Some(b"3\r\nabc\r\n0\r\n\r\n")));
        assert!(!is_exact(fault, None, Some(b"k: (the secret)\r\n")));
        assert!(is_exact(fault, None, Some("x".repeat(KEPT_ANYWAY - 101).as_bytes())));
        assert!(!is_exact(fault, None, Some("x".repeat(KEPT_ANYWAY - 100).as_bytes())));
    }
}
