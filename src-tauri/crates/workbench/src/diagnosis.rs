//! Checking a request's signature and saying why it does not match, away from what has to be quick.

use std::sync::Arc;

use bytes::Bytes;
use hookbench_model::{HeaderPairs, Timestamp, VEIL, VerificationStatus, Within};
use hookbench_signing::{
    Budget, Candidate, Cause, CauseCode, Diagnosis, Received, Report, Scheme, Secret, Verification, diagnose,
    verify,
};

use crate::Workbench;
use crate::aside::aside;
use crate::error::Result;
use crate::time::{DemoTime, LEAST_TOLD_MS};

/// What to do where a demo's time was moved, and the sender's was not.
const MEND_OF_A_DEMO: &str = "Whoever signs by the machine's time has nothing to mend: check the request as of the \
                              time when it was signed, or send it to a demo whose time was not moved.";

/// What checking gave.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The verdict, its reason and its sentence.
    pub statement: Statement,
    /// The scheme that was applied.
    pub scheme: String,
    /// What is proven to have caused it; empty where it is valid.
    pub causes: Vec<Cause>,
    /// How many signatures were computed to prove it.
    pub tried: u32,
    /// Whether the bounds of a diagnosis left something out.
    pub exhausted: bool,
    /// The time of checking.
    pub as_of: Timestamp,
    /// The verdict as of the request's arrival, where that is another time.
    pub at_receipt: Option<Statement>,
    /// Which of the secrets made the signature, counted from 0.
    pub matched_secret: Option<usize>,
    /// The bytes that the signature should be over.
    pub signed_content: Option<Bytes>,
    /// The signature that would have been right.
    pub expected: Option<String>,
    /// The signatures that the request carried.
    pub received: Vec<String>,
}

/// A verdict in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The verdict.
    pub status: VerificationStatus,
    /// Why it is not valid, as a stable code.
    pub reason: Option<String>,
    /// The verdict as a sentence.
    pub message: String,
}

/// A message as it arrived, to be judged.
pub(crate) struct Judged {
    pub(crate) scheme: Arc<Scheme>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: HeaderPairs,
    pub(crate) body: Bytes,
    pub(crate) at: Timestamp,
    /// When it arrived, where that is known.
    pub(crate) received_at: Option<Timestamp>,
    /// What is hidden of it, where something is: it stands in nothing that is said of it.
    pub(crate) within: Option<Within>,
}

/// A secret of the workspace, and whose it is.
struct Other {
    name: String,
    secret: Secret,
    rotated: bool,
}

impl Workbench {
    /// What a scheme and secrets say of a message of so many bytes; where they refuse it, why. It is read where
    /// it is judged: with a large one even that takes its time.
    pub(crate) async fn judge(
        &self,
        bytes: usize,
        read: impl FnOnce() -> Result<Judged> + Send + 'static,
    ) -> Result<Verdict> {
        let check = move || -> Result<(Judged, Verdict)> {
            let judged = read()?;
            let (checked, at_receipt) = judged.check();
            let mut verdict = judged.verdict(checked, at_receipt);
            verdict.take_out(judged.within.as_ref());
            Ok((judged, verdict))
        };
        let (judged, mut verdict) = aside(bytes, check).await??;
        if verdict.statement.status == VerificationStatus::Valid {
            return Ok(verdict);
        }
        let within = judged.within.clone();
        let others = self.other_secrets().await?;
        let catalog = self.library().schemes();
        let ahead_ms = self.demo_time().map_or(0, DemoTime::ahead_ms);
        let report = aside(bytes, move || judged.explain(&others, &catalog, ahead_ms)).await?;
        verdict.causes = report.causes;
        verdict.tried = report.tried;
        verdict.exhausted = report.exhausted;
        verdict.take_out_of_causes(within.as_ref());
        Ok(verdict)
    }

    /// Every secret of the workspace, named by its endpoint or inbox, those that hold first.
    async fn other_secrets(&self) -> Result<Vec<Other>> {
        let now = self.now();
        let endpoints = self.store().endpoints().all().await?;
        let inboxes = self.store().inboxes().all().await?;
        let endpoints = endpoints.into_iter().map(|one| (format!("the endpoint {}", one.name), one.secrets));
        let inboxes = inboxes.into_iter().map(|one| (format!("the inbox {}", one.name), one.secrets));
        let mut others: Vec<Other> = endpoints
            .chain(inboxes)
            .flat_map(|(name, secrets)| {
                secrets.into_iter().map(move |kept| Other {
                    name: name.clone(),
                    rotated: !kept.holds_at(now),
                    secret: kept.secret,
                })
            })
            .collect();
        others.sort_by_key(|other| other.rotated);
        Ok(others)
    }
}

impl Judged {
    fn with_received<T>(&self, then: impl FnOnce(&[&Secret], &Received<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
        let secrets: Vec<&Secret> = self.secrets.iter().collect();
        let received = Received { method: &self.method, url: &self.url, headers: &headers, body: &self.body };
        then(&secrets, &received)
    }

    /// As of the time asked for, and as of the arrival where that is another.
    fn check(&self) -> (Verification, Option<Statement>) {
        self.with_received(|secrets, received| {
            let at = |time: Timestamp| verify(&self.scheme, secrets, received, time.unix_ms());
            let other = self.received_at.filter(|&arrived| arrived != self.at);
            (at(self.at), other.map(|arrived| Statement::of(at(arrived))))
        })
    }

    fn verdict(&self, checked: Verification, at_receipt: Option<Statement>) -> Verdict {
        Verdict {
            scheme: self.scheme.id().to_owned(),
            causes: Vec::new(),
            tried: 0,
            exhausted: false,
            as_of: self.at,
            at_receipt,
            matched_secret: checked.secret,
            signed_content: checked.signed_content.clone().map(Bytes::from),
            expected: checked.expected.clone(),
            received: checked.received.iter().map(|text| self.without_secret(text)).collect(),
            statement: Statement::of(checked),
        }
    }

    /// A signature as it was received, unless it is the secret itself.
    fn without_secret(&self, received: &str) -> String {
        // A shorter one may stand in a signature by chance.
        let mut secrets = self.secrets.iter().filter_map(Secret::expose_text).filter(|text| text.len() >= 8);
        if secrets.any(|secret| received.contains(secret)) { VEIL.to_owned() } else { received.to_owned() }
    }

    /// Why it does not verify. Where the workspace's time is ahead of the machine's by so much, and a time that is
    /// wrong here would be right there, that is said of it: nobody's clock is to be mended.
    fn explain(&self, others: &[Other], catalog: &[Arc<Scheme>], ahead_ms: i64) -> Report {
        let mut report = self.diagnose(others, catalog, self.at);
        let is_of_time = |cause: &Cause| matches!(cause.code, CauseCode::TimeStale | CauseCode::TimeFuture);
        if ahead_ms.unsigned_abs() < LEAST_TOLD_MS || !report.causes.iter().any(is_of_time) {
            return report;
        }
        // Where time is all that is wrong, this costs no more than verifying.
        let there = self.diagnose(others, catalog, self.at.plus_ms(ahead_ms.saturating_neg()));
        let codes = |causes: &[Cause]| -> Vec<CauseCode> {
            causes.iter().filter(|cause| !is_of_time(cause)).map(|cause| cause.code).collect()
        };
        if there.causes.iter().any(is_of_time) || codes(&there.causes) != codes(&report.causes) {
            return report;
        }
        for cause in report.causes.iter_mut().filter(|cause| is_of_time(cause)) {
            let way = if ahead_ms > 0 { "ahead of" } else { "behind" };
            cause.explanation = format!(
                "{} This demo's time is {} {way} the machine's, and by the machine's time it would be in time.",
                cause.explanation,
                span(ahead_ms.unsigned_abs())
            );
            MEND_OF_A_DEMO.clone_into(&mut cause.fix);
        }
        report
    }

    fn diagnose(&self, others: &[Other], catalog: &[Arc<Scheme>], at: Timestamp) -> Report {
        let others: Vec<Candidate<'_>> = others
            .iter()
            .map(|other| Candidate { name: &other.name, secret: &other.secret, rotated: other.rotated })
            .collect();
        let catalog: Vec<&Scheme> = catalog.iter().map(AsRef::as_ref).collect();
        self.with_received(|secrets, received| {
            diagnose(&Diagnosis {
                scheme: &self.scheme,
                secrets,
                received,
                at_ms: at.unix_ms(),
                others: &others,
                catalog: &catalog,
                budget: Budget::for_body(received.body.len()),
            })
        })
    }
}

impl Verdict {
    /// Leaves nothing that is hidden of the request in what is said of it.
    fn take_out(&mut self, within: Option<&Within>) {
        let Some(within) = within else { return };
        let statements = [Some(&mut self.statement), self.at_receipt.as_mut()];
        let messages = statements.into_iter().flatten().map(|statement| &mut statement.message);
        for text in messages.chain(&mut self.received) {
            within.taken_out_of_text(text);
        }
        let content = self.signed_content.take();
        self.signed_content = content.map(|content| Bytes::from(within.taken_out_of(&content).into_owned()));
    }

    /// The same of the causes.
    fn take_out_of_causes(&mut self, within: Option<&Within>) {
        let Some(within) = within else { return };
        for cause in &mut self.causes {
            within.taken_out_of_text(&mut cause.explanation);
            within.taken_out_of_text(&mut cause.fix);
        }
    }
}

impl Statement {
    fn of(checked: Verification) -> Self {
        let known = hookbench_model::Verification::from(checked);
        Self { status: known.status, reason: known.reason, message: known.message }
    }
}

/// A length of time in its two largest units: "1 day", "2 h 5 min", "40 s".
pub(crate) fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    let days = |count: u64| if count == 1 { "1 day".to_owned() } else { format!("{count} days") };
    let (large, small) = match seconds {
        ..60 => (format!("{seconds} s"), None),
        60..3_600 => (format!("{} min", seconds / 60), Some((seconds % 60, "s"))),
        3_600..86_400 => (format!("{} h", seconds / 3_600), Some((seconds % 3_600 / 60, "min"))),
        _ => (days(seconds / 86_400), Some((seconds % 86_400 / 3_600, "h"))),
    };
    match small {
        Some((count, unit)) if count > 0 => format!("{large} {count} {unit}"),
        _ => large,
    }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_length_of_time_is_told_in_two_units() {
        let all = [40_000, 60_000, 7_500_000, 86_400_000, 176_400_000].map(span);
        assert_eq!(all, ["40 s", "1 min", "2 h 5 min", "1 day", "2 days 1 h"]);
    }
}
