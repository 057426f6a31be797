//! How much a diagnosis may try. Work is counted, not timed: the same request gets the same answer on every
//! machine.

/// Bytes that may be hashed or written for a body of up to [`SMALL`] bytes.
const BYTES: u64 = 96 << 20;
/// Up to this size, every hypothesis fits the budget.
const SMALL: u64 = 1 << 20;
/// For larger bodies: how often each further byte may be hashed or written.
const PER_BYTE: u64 = 12;

/// What a diagnosis may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The most signatures that are computed.
    pub hypotheses: u32,
    /// The most bytes that are hashed or written.
    pub bytes: u64,
}

impl Budget {
    /// Enough for everything where the body is small, and for the likely causes where it is not. A body of
    /// 1 MiB takes well under a second, one of 32 MiB a few.
    pub fn for_body(length: usize) -> Self {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        let more = length.saturating_sub(SMALL).saturating_mul(PER_BYTE);
        Self { hypotheses: 60_000, bytes: BYTES.saturating_add(more) }
    }
}

/// A budget that is being spent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    left: Budget,
    pub(super) tried: u32,
    pub(super) exhausted: bool,
}

impl Meter {
    pub(super) fn new(budget: Budget) -> Self {
        Self { left: budget, tried: 0, exhausted: false }
    }

    /// Takes one signature over so many bytes; false where that is more than there is left.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        if self.left.hypotheses == 0 || !self.work(bytes) {
            self.exhausted = true;
            return false;
        }
        self.left.hypotheses -= 1;
        self.tried = self.tried.saturating_add(1);
        true
    }

    /// Takes work that is no signature of its own: writing a body, or hashing its ending once more.
    pub(super) fn work(&mut self, bytes: usize) -> bool {
        // A signature over nothing costs something too.
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_add(64);
        let left = self.left.bytes.checked_sub(bytes);
        self.exhausted |= left.is_none();
        self.left.bytes = left.unwrap_or(self.left.bytes);
        left.is_some()
    }
}
