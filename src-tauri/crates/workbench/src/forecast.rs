use hookbench_delivery::{DeliveryEngine, Pace};
use hookbench_model::{DueNow, Timestamp};
use hookbench_store::{Forecast, ForecastBucket};

use crate::Workbench;
use crate::error::{Faults, Result};

/// How long a forecast looks ahead unless somebody says otherwise, in milliseconds: an hour.
const USUAL_SPAN_MS: u64 = 3_600_000;
/// The longest that one looks ahead, in milliseconds: 30 days.
const LONGEST_SPAN_MS: u64 = 30 * 24 * 3_600_000;
/// Into how many stretches of time it is cut unless somebody says otherwise.
const USUAL_BUCKETS: u32 = 60;
/// The most stretches.
const MOST_BUCKETS: u32 = 500;

/// What goes out when, should nothing fail.
#[derive(Clone, Debug)]
pub struct ForecastSeen {
    /// When that was asked.
    pub now: Timestamp,
    /// What is due when; overdue deliveries that go out bit by bit stand where they will go out.
    pub forecast: Forecast,
    /// What is due already, and what of it goes out.
    pub due_now: DueNow,
    /// When the last of the overdue deliveries goes out that go out bit by bit; `None` where none does.
    pub spread_until: Option<Timestamp>,
}

impl Workbench {
    /// What goes out when, for `span_ms` from now on, in so many stretches of time.
    pub async fn forecast(&self, span_ms: Option<u64>, buckets: Option<u32>) -> Result<ForecastSeen> {
        let (span_ms, buckets) = (span_ms.unwrap_or(USUAL_SPAN_MS), buckets.unwrap_or(USUAL_BUCKETS));
        let mut faults = Faults::default();
        faults.unless((1000..=LONGEST_SPAN_MS).contains(&span_ms), "span_ms", || {
            format!("must lie between 1000 and {LONGEST_SPAN_MS}, not {span_ms}")
        });
        faults.unless((1..=MOST_BUCKETS).contains(&buckets), "buckets", || {
            format!("must lie between 1 and {MOST_BUCKETS}, not {buckets}")
        });
        faults.finish()?;
        let now = self.now();
        let width = span_ms.div_ceil(u64::from(buckets));
        let mut forecast = self.store().deliveries().forecast(now, width, buckets).await?;
        let due_now = self.due_now().await?;
        let paces = self.with_engine(DeliveryEngine::paces).await.unwrap_or_default();
        let spread_until = paces.iter().map(|pace| end_of(pace, now)).max();
        for pace in &paces {
            lay_out(pace, now, &mut forecast.buckets);
        }
        Ok(ForecastSeen { now, forecast, due_now, spread_until })
    }

    /// What is due now, and what of it goes out.
    pub(crate) async fn due_now(&self) -> Result<DueNow> {
        // Breakers change in the engine first, and where it has stopped none is left that keeps anything back.
        let open_breakers = self.with_engine(DeliveryEngine::open_breakers).await.unwrap_or_default();
        Ok(self.store().deliveries().due_now(self.now(), &open_breakers).await?)
    }
}

/// When the last of those goes out.
fn end_of(pace: &Pace, now: Timestamp) -> Timestamp {
    now.plus(std::time::Duration::from_secs_f64(pace.left as f64 / pace.per_second))
}

/// Adds overdue deliveries to the stretches of time in which they will go out.
fn lay_out(pace: &Pace, now: Timestamp, buckets: &mut [ForecastBucket]) {
    let sent_by = |at: Timestamp| {
        let seconds = at.ms_since(now).max(0) as f64 / 1000.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to what is left")]
        let sent = (seconds * pace.per_second) as u64;
        sent.min(pace.left)
    };
    for bucket in buckets {
        bucket.count += sent_by(bucket.until) - sent_by(bucket.from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overdue_deliveries_stand_where_they_will_go_out() {
        let now = Timestamp::from_unix_ms(0);
        let mut buckets: Vec<ForecastBucket> = (0..4)
            .map(|n| ForecastBucket {
                from: now.plus_ms(n * 1000),
                until: now.plus_ms((n + 1) * 1000),
                count: 1,
            })
            .collect();
        let pace = Pace { left: 25, per_second: 10.0 };
        lay_out(&pace, now, &mut buckets);
        assert_eq!(buckets.iter().map(|bucket| bucket.count).collect::<Vec<_>>(), [11, 11, 6, 1]);
        assert_eq!(end_of(&pace, now), now.plus_ms(2500));
    }
}
