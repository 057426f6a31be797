//! A fault receiver's dial as somebody asks for it, and the checks that make it one.

use bytes::Bytes;
use hookbench_capture::faults::{BadCertificate, Dial, FaultKind, RetryAfterSent};
use hookbench_model::HeaderPairs;

use crate::checks;
use crate::error::Faults;

/// What somebody says of a dial. It is set as a whole: what is left out is as usual.
#[derive(Clone, Debug, Default)]
pub struct DialDraft {
    /// The statuses of the answers, one a request; 200 unless given.
    pub statuses: Option<Vec<u16>>,
    /// Whether they begin anew after the last one; the last one stays unless given.
    pub repeat: bool,
    /// How long each answer waits, in milliseconds.
    pub delay_ms: u64,
    /// Headers of the answers.
    pub headers: HeaderPairs,
    /// What answers other than 2xx say of when to try again.
    pub retry_after: Option<RetryAfterSent>,
    /// The body of the answers.
    pub body: Bytes,
    /// What is done in place of answering.
    pub fault: Option<FaultKind>,
    /// How many requests meet the fault; all unless given.
    pub fail_first: Option<u32>,
    /// What is wrong with a bad certificate; it has expired unless given.
    pub certificate: Option<BadCertificate>,
    /// How fast an answer drips, in bytes a second; one unless given.
    pub drip_bytes_per_s: Option<u32>,
}

impl DialDraft {
    /// The dial that is asked for; what is wrong with it is noted.
    pub(crate) fn check(self, faults: &mut Faults) -> Dial {
        let usual = Dial::default();
        let statuses = self.statuses.unwrap_or(usual.statuses);
        faults.unless(!statuses.is_empty(), "dial.statuses", || "must hold a status at least".to_owned());
        faults.unless(statuses.len() <= Dial::MOST_STATUSES, "dial.statuses", || {
            format!("may hold at most {} statuses", Dial::MOST_STATUSES)
        });
        for (at, status) in statuses.iter().take(Dial::MOST_STATUSES).enumerate() {
            faults.unless(Dial::STATUSES.contains(status), &format!("dial.statuses[{at}]"), || {
                format!("must lie between 200 and 599, not be {status}")
            });
        }
        faults.unless(self.delay_ms <= Dial::MAX_DELAY_MS, "dial.delay_ms", || {
            format!("may be at most {} (two minutes)", Dial::MAX_DELAY_MS)
        });
        checks::headers(faults, "dial.headers", &self.headers);
        let after = self.retry_after.is_none_or(|after| after.seconds <= Dial::MAX_RETRY_AFTER_S);
        faults.unless(after, "dial.retry_after.seconds", || {
            format!("may be at most {} (7 days)", Dial::MAX_RETRY_AFTER_S)
        });
        faults.unless(self.body.len() <= Dial::MAX_BODY, "dial.body", || {
            format!("may be at most {} bytes long", Dial::MAX_BODY)
        });
        faults.unless(self.fail_first.is_none() || self.fault.is_some(), "dial.fail_first", || {
            "says how many requests meet the fault, and there is none: give `fault` too".to_owned()
        });
        let drip = self.drip_bytes_per_s.unwrap_or(usual.drip_bytes_per_s);
        faults.unless((1..=Dial::FASTEST_DRIP).contains(&drip), "dial.drip_bytes_per_s", || {
            format!("must lie between 1 and {}", Dial::FASTEST_DRIP)
        });
        Dial {
            statuses,
            repeat: self.repeat,
            delay_ms: self.delay_ms,
            headers: self.headers,
            retry_after: self.retry_after,
            body: self.body,
            fault: self.fault,
            fail_first: self.fail_first,
            certificate: self.certificate.unwrap_or_default(),
            drip_bytes_per_s: drip,
        }
    }
}
