//! What every way of checking shares: the request under judgement, its headers, and what may stand in the
//! way of "valid".

use crate::body::BodyFault;
use crate::scheme::Scheme;
use crate::secret::{Secret, SecretMalformed};
use crate::spec::Tolerance;
use crate::time::TimestampUnit;
use crate::verdict::{Reason, VerificationStatus};
use crate::verify::Received;
use chrono::{DateTime, Datelike};

/// One request to be judged under one scheme.
pub(crate) struct Case<'a> {
    pub(crate) scheme: &'a Scheme,
    pub(crate) secrets: &'a [&'a Secret],
    pub(crate) received: &'a Received<'a>,
    /// The time of checking, in Unix milliseconds.
    pub(crate) at: i64,
}

/// What stands in the way of "valid".
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) status: VerificationStatus,
    pub(crate) reason: Reason,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn invalid(reason: Reason, message: impl Into<String>) -> Self {
        Self { status: VerificationStatus::Invalid, reason, message: message.into() }
    }

    pub(crate) fn not_checked(reason: Reason, message: impl Into<String>) -> Self {
        Self { status: VerificationStatus::NotChecked, reason, message: message.into() }
    }

    pub(crate) fn unsigned(message: impl Into<String>) -> Self {
        Self { status: VerificationStatus::Unsigned, reason: Reason::HeaderMissing, message: message.into() }
    }
}

impl<'a> Case<'a> {
    /// The keys of all secrets that can be read, each with its place among the secrets given.
    pub(crate) fn keys<K>(
        &self,
        read: impl Fn(&'a Secret) -> Result<K, SecretMalformed>,
    ) -> Result<Vec<(usize, K)>, Fault> {
        let mut malformed = None;
        let mut keys = Vec::with_capacity(self.secrets.len());
        for (at, secret) in self.secrets.iter().enumerate() {
            match read(secret) {
                Ok(key) => keys.push((at, key)),
                Err(error) => malformed = Some(error),
            }
        }
        match malformed {
            _ if !keys.is_empty() => Ok(keys),
            Some(error) => Err(Fault::not_checked(
                Reason::SecretMalformed,
                format!("The signature could not be checked: {error}, which {} wants.", self.scheme.name()),
            )),
            None => Err(Fault {
                status: VerificationStatus::NoSecret,
                reason: Reason::SecretMissing,
                message: "There is no secret to check the signature with.".to_owned(),
            }),
        }
    }

    /// The URL, for schemes that sign it.
    pub(crate) fn url(&self) -> Result<&'a str, Fault> {
        if self.received.url.is_empty() {
            let message = format!("{} signs the URL, and none was given.", self.scheme.name());
            return Err(Fault::not_checked(Reason::UrlMissing, message));
        }
        Ok(self.received.url)
    }

    /// The values of a header, in order.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.received
            .headers
            .iter()
            .filter(move |(have, _)| have.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim_ascii())
    }

    /// The one value of a header; the same value twice is one.
    pub(crate) fn only(&self, name: &str) -> Result<Option<&'a [u8]>, Fault> {
        let mut values = self.values(name);
        let first = values.next();
        if values.any(|value| Some(value) != first) {
            return Err(self.conflict(name, self.values(name).count()));
        }
        Ok(first)
    }

    /// The one value of a header without which a request is not signed.
    pub(crate) fn signature_value(&self, name: &str) -> Result<&'a [u8], Fault> {
        let missing =
            || Fault::unsigned(format!("The request carries no {name} header, so it is not signed."));
        self.only(name)?.ok_or_else(missing)
    }

    /// The one value of a header that is part of what is signed, as text.
    pub(crate) fn needed_text(&self, name: &str) -> Result<&'a str, Fault> {
        let missing = || {
            Fault::invalid(
                Reason::HeaderMissing,
                format!("The {name} header is missing, and it is part of what {} signs.", self.scheme.name()),
            )
        };
        let value = self.only(name)?.ok_or_else(missing)?;
        std::str::from_utf8(value).map_err(|_| self.malformed(name, "text"))
    }

    pub(crate) fn malformed(&self, name: &str, wanted: &str) -> Fault {
        Fault::invalid(
            Reason::HeaderMalformed,
            format!("The {name} header is not of the form {wanted} that {} sends.", self.scheme.name()),
        )
    }

    pub(crate) fn conflict(&self, name: &str, times: usize) -> Fault {
        Fault::invalid(
            Reason::HeaderConflict,
            format!(
                "The {name} header came {times} times with different values, where {} sends one.",
                self.scheme.name()
            ),
        )
    }

    /// A body that the scheme reads and cannot read.
    pub(crate) fn body_unfit(&self, fault: &BodyFault) -> Fault {
        let message = format!("{} signs what stands in the body, and {fault}.", self.scheme.name());
        Fault::invalid(Reason::BodyMalformed, message)
    }

    /// None of the signatures is the one that any of the secrets gives.
    pub(crate) fn mismatch(signatures: usize, secrets: usize) -> Fault {
        let signatures = match signatures {
            1 => "The signature is not the one".to_owned(),
            several => format!("None of the {several} signatures is the one"),
        };
        let secrets = match secrets {
            1 => "the secret gives",
            _ => "any of the secrets gives",
        };
        Fault::invalid(Reason::SignatureMismatch, format!("{signatures} that {secrets} for this request."))
    }

    /// Judges the time of signing, once the signature is known to be right. `None` is a time that cannot be
    /// read.
    pub(crate) fn judge_time(
        &self,
        tolerance: Tolerance,
        unit: TimestampUnit,
        signed_ms: Option<i128>,
    ) -> Result<String, Fault> {
        let Some(signed_ms) = signed_ms else {
            return Err(Fault::invalid(
                Reason::TimestampMalformed,
                "The signature is right, but the time of signing cannot be read.",
            ));
        };
        let age_ms = unit.age_ms(signed_ms, self.at);
        let beyond = |limit_s: Option<u32>, age_ms: i128| {
            limit_s.filter(|&limit_s| age_ms > i128::from(limit_s) * 1000)
        };
        let time_is_not = "The signature is right, the time is not: it was signed";
        if let Some(limit_s) = beyond(tolerance.past_s, age_ms) {
            let message = format!(
                "{time_is_not} {} s before it was checked, and {limit_s} s are allowed.",
                age_ms / 1000
            );
            return Err(Fault::invalid(Reason::TimeStale, message));
        }
        if let Some(limit_s) = beyond(tolerance.future_s, -age_ms) {
            let message = format!(
                "{time_is_not} {} s after the time of checking, and {limit_s} s are allowed.",
                -age_ms / 1000
            );
            return Err(Fault::invalid(Reason::TimeFuture, message));
        }
        Ok(match unlimited(tolerance, unit, age_ms, signed_ms) {
            Some(far) => {
                format!("The signature is right. {far}, and {} sets no limit there.", self.scheme.name())
            }
            None => "The signature and the time are right.".to_owned(),
        })
    }
}

/// More than clocks differ by.
const NEAR_MS: i128 = 5 * 60 * 1000;

/// What a time is that no limit refuses and that is far from the time of checking all the same.
fn unlimited(tolerance: Tolerance, unit: TimestampUnit, age_ms: i128, signed_ms: i128) -> Option<String> {
    let (limit_s, direction) = match age_ms {
        NEAR_MS.. => (tolerance.past_s, "before"),
        ..=0 if -age_ms > NEAR_MS => (tolerance.future_s, "after"),
        _ => return None,
    };
    if limit_s.is_some() {
        return None;
    }
    let at_ms = signed_ms + age_ms;
    let year_of =
        |ms: i128| i64::try_from(ms).ok().and_then(DateTime::from_timestamp_millis).map(|at| at.year());
    let year = year_of(signed_ms);
    if year.is_some() && year == year_of(at_ms) {
        return Some(format!("It was signed {} s {direction} it was checked", age_ms.abs() / 1000));
    }
    let year = year.map_or("beyond every calendar".to_owned(), |year| format!("in the year {year}"));
    let in_ms = unit == TimestampUnit::S && (at_ms - signed_ms / 1000).abs() < 24 * 60 * 60 * 1000;
    let hint = if in_ms { " (read as milliseconds it would be near)" } else { "" };
    Some(format!("Its time lies {year}{hint}"))
}
