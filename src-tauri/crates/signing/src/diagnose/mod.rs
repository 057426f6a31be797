//! Why a signature does not match.
//!
//! Hypotheses are tried in order of likelihood, and only what is proven is named: under its assumption the
//! signature matches to the byte (or its time is off, or a header is not there). What cannot be proven is
//! said to be unexplained, together with what was tried. There is no scoring and no guess.

mod bodies;
mod body_length;
mod budget;
mod cause;
mod claims;
mod coded;
mod contents;
mod credentials;
mod digests;
mod hashing;
mod judge;
mod keys;
mod laid;
mod other_scheme;
mod parts;
mod search;
mod targets;
mod times;
mod unexplained;
mod unfit;
mod urls;

pub use budget::Budget;
pub use cause::{Cause, CauseCode, Topic};

use crate::scheme::Scheme;
use crate::secret::Secret;
use crate::spec::SchemeSpec;
use crate::verdict::{Reason, Verification, VerificationStatus};
use crate::verify::{Received, verify};
use bodies::Bodies;
use budget::Meter;
use search::{Proven, Search};

/// Another secret of the workspace that may have signed the request.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Whose it is, for people: an endpoint's or inbox's name.
    pub name: &'a str,
    /// The secret.
    pub secret: &'a Secret,
    /// True where it has been replaced by a newer one.
    pub rotated: bool,
}

/// What is to be explained.
#[derive(Clone, Copy, Debug)]
pub struct Diagnosis<'a> {
    /// The scheme it was checked under.
    pub scheme: &'a Scheme,
    /// The secrets it was checked with, the newest first.
    pub secrets: &'a [&'a Secret],
    /// The request.
    pub received: &'a Received<'a>,
    /// The time of checking in Unix milliseconds.
    pub at_ms: i64,
    /// Other secrets that may have been used.
    pub others: &'a [Candidate<'a>],
    /// Other schemes that may have been used.
    pub catalog: &'a [&'a Scheme],
    /// How much may be tried.
    pub budget: Budget,
}

/// What a diagnosis found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What is proven, together; [`CauseCode::Unexplained`] alone where nothing is. Empty where the signature
    /// is valid, and where there is no secret to prove anything with.
    pub causes: Vec<Cause>,
    /// How many signatures were computed.
    pub tried: u32,
    /// True where the body was too large to try everything.
    pub exhausted: bool,
}

/// Explains why a request does not verify. Pure and deterministic; takes time in proportion to the budget.
pub fn diagnose(diagnosis: &Diagnosis<'_>) -> Report {
    let verdict = verify(diagnosis.scheme, diagnosis.secrets, diagnosis.received, diagnosis.at_ms);
    if verdict.status == VerificationStatus::Valid {
        return Report { causes: Vec::new(), tried: 0, exhausted: false };
    }
    let mut work = Work { d: diagnosis, verdict: &verdict, meter: Meter::new(diagnosis.budget), cut: false };
    let causes = work.causes();
    let exhausted = work.meter.exhausted || work.cut;
    let tried = work.meter.tried;
    let unexplained = || match verdict.status {
        VerificationStatus::NoSecret => Vec::new(),
        _ => vec![unexplained::cause(diagnosis, &verdict, tried, exhausted)],
    };
    Report { causes: causes.unwrap_or_else(unexplained), tried, exhausted }
}

struct Work<'x, 'a> {
    d: &'x Diagnosis<'a>,
    verdict: &'x Verification,
    meter: Meter,
    cut: bool,
}

impl Work<'_, '_> {
    fn causes(&mut self) -> Option<Vec<Cause>> {
        if let Some(time) = self.time() {
            return Some(time);
        }
        let found = match self.d.scheme.keyed() {
            Some(spec) => self.search(spec),
            None => self.judge(),
        };
        found.or_else(|| Some(vec![body_length::lost(self.d, self.verdict)?])).or_else(|| self.missing())
    }

    /// The signature is right and only its time is not.
    fn time(&self) -> Option<Vec<Cause>> {
        let wrong = [Reason::TimeStale, Reason::TimeFuture, Reason::TimestampMalformed];
        if !self.verdict.reason.is_some_and(|reason| wrong.contains(&reason)) {
            return None;
        }
        let causes = times::of_scheme(self.d.scheme, self.d.received, self.verdict.signed_at, self.d.at_ms);
        // No search: the signature is the secret's own, whatever became of the time.
        Some(if causes.is_empty() { vec![times::unreadable(None, None)] } else { causes })
    }

    /// Schemes of the keyed family.
    fn search(&mut self, spec: &SchemeSpec) -> Option<Vec<Cause>> {
        let received = self.d.received;
        let claims = claims::claims(spec, received);
        let urls = if self.d.scheme.signs_url() { urls::ways(received) } else { Vec::new() };
        let contents: Vec<_> =
            claims.iter().map(|claim| contents::ways(spec, claim, received, &urls)).collect();
        let keys = keys::ways(spec, self.d.secrets, self.d.others);
        let content_encoding = header(received, "content-encoding").unwrap_or_default();
        let bodies = Bodies::new(received.body, content_encoding);
        let mut search = Search {
            claims: &claims,
            contents: &contents,
            digests: &digests::ways(spec.algorithm),
            keys: &keys,
            bodies: &bodies,
            signs_body: true,
            body: received.body,
            meter: self.meter,
        };
        // What stands under another name may be another scheme's own.
        let renamed =
            |proven: &Proven<'_>| proven.causes.iter().any(|cause| cause.code == CauseCode::HeaderRenamed);
        let mut proven = search.spelt_otherwise().filter(|proven| !renamed(proven));
        if proven.is_none() {
            self.meter = search.meter;
            if let Some(causes) = other_scheme::by_secret(self.d, &mut self.meter) {
                return Some(causes);
            }
            search.meter = self.meter;
            proven = search.run();
        }
        self.meter = search.meter;
        self.cut = bodies.are_cut();
        proven.map(|proven| self.with_time(spec, proven))
    }

    /// What is proven, and what is wrong with the time besides.
    fn with_time(&self, spec: &SchemeSpec, proven: Proven<'_>) -> Vec<Cause> {
        let mut causes = proven.causes;
        for cause in times::causes(spec, proven.timestamp, self.d.at_ms) {
            if !causes.iter().any(|have| have.code == cause.code) {
                causes.push(cause);
            }
        }
        causes
    }

    /// Schemes that code stands behind.
    fn judge(&mut self) -> Option<Vec<Cause>> {
        let mut judge = judge::Judge::new(self.d, self.meter);
        let mut found = judge.credentials().or_else(|| judge.headers_and_secrets());
        self.meter = judge.meter;
        if found.is_none() {
            found = other_scheme::by_secret(self.d, &mut self.meter);
        }
        if found.is_none() {
            found = coded::search(self.d, &judge.urls(), self.verdict.signed_at, &mut self.meter);
        }
        if found.is_none() {
            found = credentials::of_another_kind(self.d, self.verdict).map(|cause| vec![cause]);
        }
        if found.is_none() {
            judge.meter = self.meter;
            found = judge.everything();
            self.meter = judge.meter;
            self.cut = judge.cut;
        }
        found
    }

    /// What is not there is proven by its absence.
    fn missing(&self) -> Option<Vec<Cause>> {
        match self.verdict.reason {
            Some(Reason::HeaderMissing | Reason::TimestampMissing) => {
                let other = other_scheme::by_headers(self.d);
                other.or_else(|| Some(vec![claims::missing(self.d.scheme, self.d.received, self.verdict)?]))
            }
            _ => None,
        }
    }
}

/// A header's first value, as text.
fn header<'a>(received: &Received<'a>, name: &str) -> Option<&'a str> {
    let (_, value) = received.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(value).ok().map(str::trim)
}
