//! Checking a request that arrived.

use crate::case::Case;
use crate::scheme::{Form, Scheme};
use crate::secret::Secret;
use crate::verdict::{Verification, VerificationStatus};

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
    let case = Case { scheme, secrets, received, at };
    let verdict = match scheme.form() {
        Form::Keyed(keyed) => keyed.verify(&case, &mut verification),
        Form::Coded(coded) => coded.verify(&case, &mut verification),
    };
    (verification.status, verification.reason, verification.message) = match verdict {
        Ok(message) => (VerificationStatus::Valid, None, message),
        Err(fault) => (fault.status, Some(fault.reason), fault.message),
    };
    verification
}
