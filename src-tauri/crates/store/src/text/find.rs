//! Which keys belong to which ids: the index goes by key, and lists go by id.
//!
//! Keys are given in the order of writing and ids in that of receiving, which is nearly the same, unless a file was
//! imported. So blocks of keys know between which ids theirs are, and a list takes the blocks with the highest ids first,
//! more of them each time that too little was found.

use sqlx::SqliteConnection;

use super::fill::BLOCK_BITS;
use crate::Result;
use crate::columns::id;
use crate::query::IdRange;

/// How much wider each span is than the one before it.
const WIDER: usize = 4;

struct Block {
    no: i64,
    lowest: [u8; 16],
    highest: [u8; 16],
}

/// The blocks in which there may be something, those with the highest ids first.
pub(crate) struct Blocks {
    blocks: Vec<Block>,
    /// How many are taken next.
    width: usize,
}

/// A range of ids, and the ranges of keys that they have.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) range: IdRange,
    /// From the first key to the last.
    pub(crate) keys: Vec<(i64, i64)>,
}

impl Span {
    /// How many blocks of keys it has.
    pub(crate) fn blocks(&self) -> usize {
        let keys: i64 = self.keys.iter().map(|(first, last)| last - first + 1).sum();
        usize::try_from(keys >> BLOCK_BITS).unwrap_or(0)
    }
}

impl Blocks {
    pub(crate) async fn within(connection: &mut SqliteConnection, range: IdRange) -> Result<Self> {
        const WITHIN: &str = "SELECT block, lowest, highest FROM text_blocks \
                              WHERE lowest < ? AND highest >= ? ORDER BY highest DESC";
        let rows = sqlx::query(WITHIN).bind(range.high.to_vec()).bind(range.low.to_vec());
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok(Block { no: sqlx::Row::try_get(row, 0)?, lowest: id(row, 1)?, highest: id(row, 2)? })
        };
        let blocks = rows.fetch_all(connection).await?.iter().map(read).collect::<Result<_>>()?;
        Ok(Self { blocks, width: 1 })
    }

    /// The highest ids of the range that are not looked at yet; `None` where none are left.
    pub(crate) fn next(&mut self, range: IdRange) -> Option<Span> {
        loop {
            // What lies wholly above the range has been looked at.
            self.blocks.retain(|block| block.lowest < range.high);
            if range.low >= range.high || self.blocks.is_empty() {
                return None;
            }
            let width = self.width.min(self.blocks.len());
            // Above the highest id of the first block that is left out, all are in those that are taken.
            let low = self.blocks.get(width).map_or(range.low, |left| above(left.highest).max(range.low));
            self.width = width.saturating_mul(WIDER);
            if low < range.high {
                let range = IdRange { low, high: range.high };
                return Some(Span { range, keys: keys(&self.blocks[..width]) });
            }
        }
    }

    /// The next span has no more blocks than these.
    pub(crate) fn at_most(&mut self, blocks: usize) {
        self.width = self.width.min(blocks.max(1));
    }

    /// More was found than is wanted at once: it begins anew with one block.
    pub(crate) fn narrow(&mut self) {
        self.width = 1;
    }
}

/// The keys of these blocks, what lies side by side together.
fn keys(blocks: &[Block]) -> Vec<(i64, i64)> {
    let mut numbers: Vec<i64> = blocks.iter().map(|block| block.no).collect();
    numbers.sort_unstable();
    let mut keys: Vec<(i64, i64)> = Vec::new();
    for no in numbers {
        let (first, last) = (no << BLOCK_BITS, ((no + 1) << BLOCK_BITS) - 1);
        match keys.last_mut() {
            Some((_, end)) if *end + 1 == first => *end = last,
            _ => keys.push((first, last)),
        }
    }
    keys
}

fn above(id: [u8; 16]) -> [u8; 16] {
    u128::from_be_bytes(id).saturating_add(1).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(number: u128) -> [u8; 16] {
        number.to_be_bytes()
    }

    fn blocks(bounds: &[(i64, u128, u128)]) -> Blocks {
        let mut blocks: Vec<Block> = bounds
            .iter()
            .map(|(no, lowest, highest)| Block { no: *no, lowest: id_of(*lowest), highest: id_of(*highest) })
            .collect();
        blocks.sort_by_key(|block| std::cmp::Reverse(block.highest));
        Blocks { blocks, width: 1 }
    }

    /// From which id to which, with what keys.
    type Numbers = (u128, u128, Vec<(i64, i64)>);

    fn spans(mut blocks: Blocks, range: IdRange) -> Vec<Numbers> {
        let (mut spans, mut range) = (Vec::new(), range);
        while let Some(span) = blocks.next(range) {
            let number = |id| u128::from_be_bytes(id);
            spans.push((number(span.range.low), number(span.range.high), span.keys));
            range.high = span.range.low;
        }
        spans
    }

    #[test]
    fn spans_lie_side_by_side_and_have_all_blocks_that_reach_into_them() {
        // The fourth was imported: it reaches over the first two.
        let bounds = [(0, 10, 20), (1, 18, 30), (2, 31, 40), (3, 5, 25), (5, 41, 50)];
        let range = IdRange { low: id_of(0), high: id_of(100) };
        let spans = spans(blocks(&bounds), range);
        assert_eq!(spans.first().unwrap().1, 100);
        assert_eq!(spans.last().unwrap().0, 0);
        assert!(spans.windows(2).all(|two| two[0].0 == two[1].1));
        for (no, lowest, highest) in bounds {
            for (low, high, keys) in &spans {
                let reaches = lowest < *high && highest >= *low;
                let key = no << BLOCK_BITS;
                let has = keys.iter().any(|(first, last)| (*first..=*last).contains(&key));
                assert!(has || !reaches, "{no} {low}..{high}");
            }
        }
    }

    #[test]
    fn blocks_side_by_side_are_read_together() {
        let all = blocks(&[(0, 1, 2), (1, 3, 4), (2, 5, 6), (4, 7, 8)]);
        let block = 1 << BLOCK_BITS;
        assert_eq!(keys(&all.blocks), [(0, 3 * block - 1), (4 * block, 5 * block - 1)]);
    }
}
