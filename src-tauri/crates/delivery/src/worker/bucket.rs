use hookbench_model::{RateLimit, Timestamp};

/// The longest stretch of missed turns that may be made up for at once, in seconds.
const BURST_S: f64 = 0.1;

/// What adding fractions of a token may lose: a token is there when all but this of it is.
const LOST: f64 = 1e-9;

/// Turns by a rate: a bucket that fills steadily and gives one token a turn.
///
/// It holds what the rate's burst says; else a tenth of a second's tokens, and at least one, so that an endpoint
/// never sees a whole second's worth at a stroke.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenBucket {
    per_ms: f64,
    capacity: f64,
    tokens: f64,
    at: Timestamp,
}

impl TokenBucket {
    pub(super) fn new(rate: RateLimit, now: Timestamp) -> Self {
        let usual = (rate.per_second * BURST_S).max(1.0);
        let capacity = rate.burst.map_or(usual, |burst| f64::from(burst.max(1)));
        Self { per_ms: rate.per_second / 1000.0, capacity, tokens: capacity, at: now }
    }

    /// The same where all that is known is that no turn was taken after `at`: what has come since is there for certain.
    pub(super) fn filled_since(self, at: Timestamp, now: Timestamp) -> Self {
        let mut bucket = Self { tokens: 0.0, at: at.min(now), ..self };
        bucket.fill(now);
        bucket.or_less_than(Some(&self))
    }

    /// For how long it fills until it is full, in milliseconds.
    pub(super) fn fills_for_ms(&self) -> f64 {
        self.capacity / self.per_ms
    }

    /// How many turns there are now.
    pub(super) fn available(&mut self, now: Timestamp) -> usize {
        self.fill(now);
        let whole = (self.tokens + LOST).floor();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to the capacity")]
        let whole = whole as usize;
        whole
    }

    /// Takes a turn.
    pub(super) fn take(&mut self, now: Timestamp) {
        self.fill(now);
        self.tokens -= 1.0;
    }

    /// When the next turn is there.
    pub(super) fn next_at(&mut self, now: Timestamp) -> Timestamp {
        if self.available(now) > 0 {
            return now;
        }
        let wait = ((1.0 - LOST - self.tokens) / self.per_ms).ceil();
        #[expect(clippy::cast_possible_truncation, reason = "a wait beyond i64 saturates to the end of time")]
        now.plus_ms((wait as i64).max(1))
    }

    /// Takes over the fill of the bucket that was there before the rate was edited.
    pub(super) fn or_less_than(mut self, before: Option<&Self>) -> Self {
        self.tokens = before.map_or(self.tokens, |before| before.tokens.min(self.tokens));
        self
    }

    fn fill(&mut self, now: Timestamp) {
        let passed = now.ms_since(self.at);
        // A clock that was set back fills nothing, and the bucket goes on from there.
        self.at = now;
        self.tokens = (self.tokens + passed.max(0) as f64 * self.per_ms).min(self.capacity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(per_second: f64) -> TokenBucket {
        TokenBucket::new(RateLimit::per_second(per_second), Timestamp::EPOCH)
    }

    fn ms(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    #[test]
    fn slow_rates_give_one_turn_at_a_time() {
        let mut bucket = bucket(0.5);
        assert_eq!(bucket.available(ms(0)), 1);
        bucket.take(ms(0));
        assert_eq!(bucket.available(ms(1_999)), 0);
        assert_eq!(bucket.next_at(ms(1_999)), ms(2_000));
        assert_eq!(bucket.available(ms(2_000)), 1);
        assert_eq!(bucket.available(ms(60_000)), 1);
    }

    #[test]
    fn the_next_turn_is_there_when_it_was_said_and_not_before() {
        for per_second in [0.3, 2.0, 3.0, 7.0, 900.0] {
            let mut bucket = bucket(per_second);
            let mut now = ms(0);
            for _ in 0..200 {
                while bucket.available(now) > 0 {
                    bucket.take(now);
                }
                let next = bucket.next_at(now);
                // Looked at in between, as the worker does.
                while now < next {
                    assert_eq!(bucket.available(now), 0, "{per_second}/s at {now}");
                    assert_eq!(bucket.next_at(now), next, "{per_second}/s at {now}");
                    now = now.plus_ms(1);
                }
                assert!(bucket.available(now) > 0, "{per_second}/s at {now}");
            }
        }
    }

    #[test]
    fn over_any_stretch_the_rate_holds() {
        let mut bucket = bucket(50.0);
        let mut taken = 0;
        for now in 0..10_000 {
            while bucket.available(ms(now)) > 0 {
                bucket.take(ms(now));
                taken += 1;
            }
        }
        assert_eq!(taken, 5 + 499);
    }

    #[test]
    fn a_burst_goes_at_once_and_then_the_rate_holds() {
        let mut bucket = TokenBucket::new(RateLimit { per_second: 2.0, burst: Some(5) }, ms(0));
        assert_eq!(bucket.available(ms(0)), 5);
        for _ in 0..5 {
            bucket.take(ms(0));
        }
        assert_eq!(bucket.available(ms(499)), 0);
        assert_eq!(bucket.available(ms(500)), 1);
        assert_eq!(bucket.available(ms(60_000)), 5);
    }

    #[test]
    fn a_start_gives_what_has_come_since_the_newest_turn_and_no_burst() {
        let fresh = |at| TokenBucket::new(RateLimit { per_second: 1.0, burst: Some(5) }, ms(at));
        assert_eq!(fresh(10_000).filled_since(ms(7_500), ms(10_000)).available(ms(10_500)), 3);
        assert_eq!(fresh(10_000).filled_since(ms(0), ms(10_000)).available(ms(10_000)), 5);
        // A minute that has not ended yet.
        let mut bucket = fresh(10_000).filled_since(ms(60_000), ms(10_000));
        assert_eq!((bucket.available(ms(10_000)), bucket.available(ms(11_000))), (0, 1));
    }

    #[test]
    fn a_clock_set_back_neither_fills_nor_blocks() {
        let mut bucket = bucket(1.0);
        bucket.take(ms(10_000));
        assert_eq!(bucket.available(ms(5_000)), 0);
        assert_eq!(bucket.available(ms(6_000)), 1);
    }
}
