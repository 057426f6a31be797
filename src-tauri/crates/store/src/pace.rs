//! How hard the work behind the capturing goes: the index of texts, and the learning of shapes.

use std::time::Duration;

/// While others write it rests so many times as long as it worked.
const GIVES_WAY: u32 = 19;
/// Others write where they have had more transactions than this in a second.
const BUSY: f64 = 50.0;

/// How long work that writes behind others rests: most of the time while these write, and hardly where nobody does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    /// How many transactions there had been.
    commits: u64,
}

impl Pace {
    /// From when so many transactions had been written by anybody.
    pub const fn new(commits: u64) -> Self {
        Self { commits }
    }

    /// For how long to rest after a step of so many transactions of its `own`: `commits` have been written by anybody up to
    /// its end, `took` is how long it took, and `passed` is the time since the step before it ended.
    pub fn rest(&mut self, own: u64, commits: u64, took: Duration, passed: Duration) -> Duration {
        let others = commits.saturating_sub(self.commits).saturating_sub(own);
        self.commits = commits;
        #[expect(clippy::cast_precision_loss, reason = "a rate, roughly")]
        let is_busy = others as f64 > BUSY * passed.as_secs_f64();
        if is_busy { took * GIVES_WAY } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_for_most_of_the_time_while_others_write_and_not_where_none_does() {
        let mut pace = Pace::new(1000);
        let (took, second) = (Duration::from_millis(8), Duration::from_secs(1));
        assert_eq!(pace.rest(3, 1003, took, second), Duration::ZERO);
        assert_eq!(pace.rest(3, 1003 + 53, took, second), Duration::ZERO);
        assert_eq!(pace.rest(3, 1056 + 54, took, second), took * GIVES_WAY);
        assert_eq!(pace.rest(3, 1110 + 3, took, second), Duration::ZERO);
    }
}
