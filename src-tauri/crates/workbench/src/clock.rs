use hookbench_model::{Clock, Sleep, Timestamp};

/// The machine's clock. Nothing else in Hookbench reads the wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        chrono::Utc::now().into()
    }

    fn sleep_until(&self, until: Timestamp) -> Sleep {
        let clock = *self;
        Box::pin(async move {
            // Again where the wall clock was set back meanwhile; an hour at most at a time, so that one that
            // was set forward, or a machine that slept, is noticed.
            loop {
                let left = until.duration_from(clock.now());
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(std::time::Duration::from_hours(1))).await;
            }
        })
    }
}
