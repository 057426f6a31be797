//! How near an endpoint is to being disabled by its rule, in words and as a share of the way.
//!
//! Pure, like the plan that disables it.

use std::time::Duration;

use hookbench_model::{DisableRule, FailureCount, Timestamp};

use crate::plan::{EndpointHealth, in_words};

/// How near an endpoint is to being disabled.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearing {
    /// The rule and where it stands, as a sentence.
    pub sentence: String,
    /// From 0, nothing has failed, to 1, the next failure disables it (or has).
    pub progress: f64,
}

/// How near an endpoint is to being disabled at `at`; `None` where no rule would.
pub fn nearing(rule: &DisableRule, health: &EndpointHealth, at: Timestamp) -> Option<Nearing> {
    match *rule {
        DisableRule::Never => None,
        DisableRule::ConsecutiveFailures { count, counting } => {
            let what = match counting {
                FailureCount::Attempts => "attempts",
                FailureCount::Deliveries => "deliveries",
            };
            let failures = health.consecutive_failures;
            let sentence = format!("Disabled after {count} {what} failed in a row; {failures} have by now");
            Some(Nearing { sentence, progress: share(f64::from(failures), f64::from(count)) })
        }
        DisableRule::FailingFor { duration_ms } => {
            let rule = format!(
                "Disabled after nothing but failures for {}",
                in_words(Duration::from_millis(duration_ms))
            );
            let Some(since) = health.failing_since else {
                return Some(Nearing { sentence: format!("{rule}; it is not failing"), progress: 0.0 });
            };
            let failing = u64::try_from(at.ms_since(since)).unwrap_or(0);
            let sentence = format!("{rule}; it has been failing since {since}");
            Some(Nearing { sentence, progress: share(failing as f64, duration_ms as f64) })
        }
        DisableRule::FailureShare { share: most, window_ms, min_attempts } => {
            let recent = health.recent;
            let sentence = format!(
                "Disabled when {:.0} % of at least {min_attempts} attempts within {} fail; {} of {} have",
                most * 100.0,
                in_words(Duration::from_millis(window_ms)),
                recent.failures,
                recent.attempts
            );
            let enough = share(f64::from(recent.attempts), f64::from(min_attempts));
            Some(Nearing { sentence, progress: enough.min(share(recent.share(), most)) })
        }
    }
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use hookbench_model::Timestamp;

    use super::*;
    use crate::plan::Recent;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_unix_ms(s * 1000)
    }

    #[test]
    fn each_rule_says_how_far_it_is() {
        let health = EndpointHealth {
            enabled: true,
            consecutive_failures: 4,
            failing_since: Some(at(0)),
            recent: Recent { attempts: 10, failures: 5 },
        };
        let row = DisableRule::ConsecutiveFailures { count: 10, counting: FailureCount::Deliveries };
        let near = nearing(&row, &health, at(0)).unwrap();
        assert_eq!(near.sentence, "Disabled after 10 deliveries failed in a row; 4 have by now");
        assert!((near.progress - 0.4).abs() < 1e-9);

        let long = DisableRule::FailingFor { duration_ms: 86_400_000 };
        let near = nearing(&long, &health, at(21_600)).unwrap();
        assert!(near.sentence.starts_with("Disabled after nothing but failures for 24 hours; it has been"));
        assert!((near.progress - 0.25).abs() < 1e-9);
        let well = EndpointHealth { failing_since: None, ..health };
        let near = nearing(&long, &well, at(21_600)).unwrap();
        assert_eq!(near.sentence, "Disabled after nothing but failures for 24 hours; it is not failing");
        assert!(near.progress.abs() < 1e-9);

        let window = DisableRule::FailureShare { share: 0.5, window_ms: 60_000, min_attempts: 20 };
        let near = nearing(&window, &health, at(0)).unwrap();
        assert!((near.progress - 0.5).abs() < 1e-9, "half of the attempts that it takes");
        assert_eq!(nearing(&DisableRule::Never, &health, at(0)), None);
    }
}
