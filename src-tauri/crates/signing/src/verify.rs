//! Checking a request that arrived.

use crate::content::{Fields, Segment};
use crate::scheme::Scheme;
use crate::secret::{Secret, SecretMalformed};
use crate::spec::Several;
use crate::verdict::{Reason, Verification, VerificationStatus};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// A request as it arrived. Header names may be in any case; values are bytes, in the order of the wire,
/// duplicates kept.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// The whole URL as the sender wrote it, for schemes that sign it.
    pub url: &'a str,
    /// Name and value of every header.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The exact body.
    pub body: &'a [u8],
}

/// Checks a request under a scheme, as of the time `at` (Unix milliseconds). Any one of the secrets may have
/// signed it; give the newest first. Never fails: whatever is wrong is the verdict.
///
/// The signature is judged before the time, so that "the signature is right, the time is not" is its own
/// answer. Signatures are compared in constant time.
pub fn verify(scheme: &Scheme, secrets: &[&Secret], received: &Received<'_>, at: i64) -> Verification {
    let mut verification = Verification {
        status: VerificationStatus::NotChecked,
        scheme: scheme.id().to_owned(),
        reason: None,
        message: String::new(),
        signed_content: None,
        expected: None,
        received: Vec::new(),
        secret: None,
        signed_at: None,
    };
    let verdict = Check { scheme, secrets, received }.run(at, &mut verification);
    (verification.status, verification.reason, verification.message) = match verdict {
        Ok(message) => (VerificationStatus::Valid, None, message),
        Err(fault) => (fault.status, Some(fault.reason), fault.message),
    };
    verification
}

struct Check<'a> {
    scheme: &'a Scheme,
    secrets: &'a [&'a Secret],
    received: &'a Received<'a>,
}

/// What stands in the way of "valid".
struct Fault {
    status: VerificationStatus,
    reason: Reason,
    message: String,
}

/// The signature header, read.
struct Claim<'a> {
    signatures: Vec<&'a str>,
    timestamp: Option<&'a [u8]>,
}

impl Fault {
    fn invalid(reason: Reason, message: String) -> Self {
        Self { status: VerificationStatus::Invalid, reason, message }
    }
}

impl<'a> Check<'a> {
    fn run(&self, at: i64, verification: &mut Verification) -> Result<String, Fault> {
        let values = self.signature_values()?;
        let keys = self.keys()?;
        let claim = self.claim(&values)?;
        verification.received = claim.signatures.iter().map(|&text| text.to_owned()).collect();
        verification.signed_at = self.signed_at(&claim).and_then(|ms| i64::try_from(ms).ok());
        let fields = self.fields(&claim)?;

        let laid = self.scheme.content().lay(&fields);
        verification.signed_content = Some(laid.to_show());
        let spec = self.scheme.form();
        for (at, key) in &keys {
            let expected = spec.encoding.encode(&spec.algorithm.digest(key, &laid.pieces(key)));
            let mut matched = Choice::from(0);
            for signature in &claim.signatures {
                matched |= signature.as_bytes().ct_eq(expected.as_bytes());
            }
            if bool::from(matched) {
                verification.secret.get_or_insert(*at);
            }
            verification.expected.get_or_insert(expected);
        }
        if verification.secret.is_none() {
            return Err(Self::mismatch(&claim, keys.len()));
        }
        self.judge_time(&claim, at)
    }

    /// The values of all headers that may carry a signature.
    fn signature_values(&self) -> Result<Vec<&'a [u8]>, Fault> {
        let mut values = Vec::new();
        for name in self.scheme.signature_headers() {
            let mut here: Vec<&[u8]> = self.values(name).collect();
            if !self.may_repeat() && here.windows(2).any(|pair| pair[0] != pair[1]) {
                return Err(self.conflict(name, here.len()));
            }
            here.dedup();
            values.append(&mut here);
        }
        if values.is_empty() {
            let header = &self.scheme.form().signature_header;
            return Err(Fault {
                status: VerificationStatus::Unsigned,
                reason: Reason::HeaderMissing,
                message: format!("The request carries no {header} header, so it is not signed."),
            });
        }
        Ok(values)
    }

    /// Signature headers of these schemes are a list however many headers it is spread over.
    fn may_repeat(&self) -> bool {
        let listed = self.scheme.format().repeats() && !self.scheme.format().has_timestamp();
        listed || self.scheme.form().several == Several::RepeatedHeader
    }

    fn keys(&self) -> Result<Vec<(usize, Zeroizing<Vec<u8>>)>, Fault> {
        if self.secrets.is_empty() {
            return Err(Fault {
                status: VerificationStatus::NoSecret,
                reason: Reason::SecretMissing,
                message: "There is no secret to check the signature with.".to_owned(),
            });
        }
        let form = self.scheme.form().secret;
        let usable = |(at, secret): (usize, &&Secret)| Some((at, secret.key(form).ok()?));
        let keys: Vec<_> = self.secrets.iter().enumerate().filter_map(usable).collect();
        if keys.is_empty() {
            return Err(Fault {
                status: VerificationStatus::NotChecked,
                reason: Reason::SecretMalformed,
                message: format!(
                    "The signature could not be checked: {}, which {} wants.",
                    SecretMalformed { form },
                    self.scheme.name()
                ),
            });
        }
        Ok(keys)
    }

    fn claim(&self, values: &[&'a [u8]]) -> Result<Claim<'a>, Fault> {
        let mut signatures = Vec::new();
        let mut timestamps = Vec::new();
        for value in values.iter().filter_map(|value| std::str::from_utf8(value).ok()) {
            let read = self.scheme.format().read(value);
            signatures.extend(read.signatures.into_iter().filter(|signature| !signature.is_empty()));
            timestamps.extend(read.timestamps);
        }
        timestamps.dedup();
        let spec = self.scheme.form();
        if signatures.is_empty() || timestamps.len() > 1 {
            return Err(Fault::invalid(
                Reason::HeaderMalformed,
                format!(
                    "The {} header is not of the form {} that {} sends.",
                    spec.signature_header,
                    spec.signature_format,
                    self.scheme.name()
                ),
            ));
        }
        let header = spec.timestamp.as_ref().and_then(|timestamp| timestamp.header.as_deref());
        let timestamp = match header {
            Some(header) => self.only(header)?,
            None => timestamps.first().map(|text| text.as_bytes()),
        };
        Ok(Claim { signatures, timestamp })
    }

    fn fields(&self, claim: &Claim<'a>) -> Result<Fields<'a>, Fault> {
        let content = self.scheme.content();
        if content.has(&Segment::Timestamp) && claim.timestamp.is_none() {
            return Err(self.no_timestamp());
        }
        if self.scheme.signs_url() && self.received.url.is_empty() {
            return Err(Fault {
                status: VerificationStatus::NotChecked,
                reason: Reason::UrlMissing,
                message: format!("{} signs the URL, and none was given.", self.scheme.name()),
            });
        }
        Ok(Fields {
            id: self.id()?,
            timestamp: claim.timestamp.unwrap_or_default(),
            method: self.received.method,
            url: self.received.url,
            body: self.received.body,
        })
    }

    fn id(&self) -> Result<&'a [u8], Fault> {
        let Some(header) = &self.scheme.form().id_header else { return Ok(&[]) };
        match self.only(header)? {
            Some(id) => Ok(id),
            None if !self.scheme.content().has(&Segment::Id) => Ok(&[]),
            None => Err(Fault::invalid(
                Reason::HeaderMissing,
                format!(
                    "The {header} header is missing, and it is part of what {} signs.",
                    self.scheme.name()
                ),
            )),
        }
    }

    fn signed_at(&self, claim: &Claim<'_>) -> Option<i128> {
        let unit = self.scheme.form().timestamp.as_ref()?.unit;
        unit.read(std::str::from_utf8(claim.timestamp?).ok()?)
    }

    fn judge_time(&self, claim: &Claim<'_>, at: i64) -> Result<String, Fault> {
        let spec = self.scheme.form();
        let (Some(timestamp), true) = (&spec.timestamp, spec.tolerance.rules()) else {
            return Ok("The signature is right.".to_owned());
        };
        if claim.timestamp.is_none() {
            return Err(self.no_timestamp());
        }
        let Some(signed_at) = self.signed_at(claim) else {
            return Err(Fault::invalid(
                Reason::TimestampMalformed,
                "The signature is right, but the time of signing cannot be read.".to_owned(),
            ));
        };
        let age_ms = timestamp.unit.age_ms(signed_at, at);
        let beyond = |limit_s: Option<u32>, age_ms: i128| {
            limit_s.filter(|&limit_s| age_ms > i128::from(limit_s) * 1000)
        };
        let time_is_not = "The signature is right, the time is not: it was signed";
        if let Some(limit_s) = beyond(spec.tolerance.past_s, age_ms) {
            let message = format!(
                "{time_is_not} {} s before it was checked, and {limit_s} s are allowed.",
                age_ms / 1000
            );
            return Err(Fault::invalid(Reason::TimeStale, message));
        }
        if let Some(limit_s) = beyond(spec.tolerance.future_s, -age_ms) {
            let message = format!(
                "{time_is_not} {} s after the time of checking, and {limit_s} s are allowed.",
                -age_ms / 1000
            );
            return Err(Fault::invalid(Reason::TimeFuture, message));
        }
        Ok("The signature and the time are right.".to_owned())
    }

    fn mismatch(claim: &Claim<'_>, keys: usize) -> Fault {
        let signatures = match claim.signatures.len() {
            1 => "The signature is not the one".to_owned(),
            several => format!("None of the {several} signatures is the one"),
        };
        let secrets = match keys {
            1 => "the secret gives",
            _ => "any of the secrets gives",
        };
        let message = format!("{signatures} that {secrets} for this request.");
        Fault::invalid(Reason::SignatureMismatch, message)
    }

    fn no_timestamp(&self) -> Fault {
        let spec = self.scheme.form();
        let place = match spec.timestamp.as_ref().and_then(|timestamp| timestamp.header.as_ref()) {
            Some(header) => format!("The {header} header is missing"),
            None => format!("The {} header holds no time", spec.signature_header),
        };
        Fault::invalid(
            Reason::TimestampMissing,
            format!("{place}, and {} needs the time of signing.", self.scheme.name()),
        )
    }

    fn conflict(&self, name: &str, times: usize) -> Fault {
        Fault::invalid(
            Reason::HeaderConflict,
            format!(
                "The {name} header came {times} times with different values, where {} sends one.",
                self.scheme.name()
            ),
        )
    }

    /// The one value of a header; the same value twice is one.
    fn only(&self, name: &str) -> Result<Option<&'a [u8]>, Fault> {
        let mut values = self.values(name);
        let first = values.next();
        if values.any(|value| Some(value) != first) {
            return Err(self.conflict(name, self.values(name).count()));
        }
        Ok(first)
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.received
            .headers
            .iter()
            .filter(move |(have, _)| have.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim_ascii())
    }
}
