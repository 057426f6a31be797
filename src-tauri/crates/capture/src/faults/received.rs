use std::collections::VecDeque;

use hookbench_model::{DeliveryId, Timestamp};

use super::dial::Turn;

/// A request that came to a fault receiver, in a few words.
#[derive(Clone, Debug)]
pub struct Received {
    /// Which one it was, from 1.
    pub number: u64,
    /// When it was read, or found not to be readable.
    pub at: Timestamp,
    /// Whether it came over TLS.
    pub over_tls: bool,
    /// Its method; `None` where it never came to that.
    pub method: Option<String>,
    /// Its path and query, cut where it is long; `None` where it never came to that.
    pub target: Option<String>,
    /// The size of its body, in bytes.
    pub body_size: u64,
    /// The delivery and the attempt that it is, where Hookbench itself sent it.
    pub delivery: Option<(DeliveryId, u32)>,
    /// What it was in for; `None` where it was refused.
    pub turn: Option<Turn>,
    /// What was wrong with it, or with the connection, as a sentence; `None` where nothing was.
    pub problem: Option<String>,
}

/// How many of the newest requests are remembered.
const REMEMBERED: usize = 100;
/// How much of a method is remembered, in characters.
const LONGEST_METHOD: usize = 40;
/// How much of a target is remembered, in characters.
const LONGEST_TARGET: usize = 500;

/// The newest requests, oldest first.
#[derive(Debug, Default)]
pub(super) struct Log {
    rows: VecDeque<Received>,
    count: u64,
}

impl Log {
    /// Notes one, and gives it its number.
    pub(super) fn push(&mut self, mut row: Received) {
        self.count += 1;
        row.number = self.count;
        row.method = row.method.map(|method| method.chars().take(LONGEST_METHOD).collect());
        row.target = row.target.map(|target| target.chars().take(LONGEST_TARGET).collect());
        if self.rows.len() == REMEMBERED {
            self.rows.pop_front();
        }
        self.rows.push_back(row);
    }

    /// What is remembered, newest first.
    pub(super) fn newest_first(&self) -> Vec<Received> {
        self.rows.iter().rev().cloned().collect()
    }

    /// How many there were in all.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_remembered_and_all_are_counted() {
        let mut log = Log::default();
        for _ in 0..REMEMBERED + 5 {
            log.push(Received {
                number: 0,
                at: Timestamp::EPOCH,
                over_tls: false,
                method: Some("M".repeat(LONGEST_METHOD + 1)),
                target: Some("/".repeat(LONGEST_TARGET + 1)),
                body_size: 0,
                delivery: None,
                turn: None,
                problem: None,
            });
        }
        let rows = log.newest_first();
        assert_eq!((rows.len(), log.count()), (REMEMBERED, 105));
        assert_eq!((rows[0].number, rows[99].number), (105, 6));
        assert_eq!(rows[0].method.as_ref().map(String::len), Some(LONGEST_METHOD));
        assert_eq!(rows[0].target.as_ref().map(String::len), Some(LONGEST_TARGET));
    }
}
