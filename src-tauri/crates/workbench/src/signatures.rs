use std::sync::Arc;

use bytes::Bytes;
use hookbench_model::{HeaderPairs, Timestamp};
use hookbench_providers::Library;
use hookbench_signing::{Message, Scheme, SchemeError, Secret, SignError, sign};
use serde_json::Value;

use crate::aside::aside;
use crate::diagnosis::{Judged, Verdict};
use crate::error::{Faults, Result, WorkbenchError};
use crate::{Workbench, checks, random};

/// Which scheme.
#[derive(Clone, Debug)]
pub enum SchemeChoice {
    /// One of the catalogue, by its id.
    Known(String),
    /// One of one's own, in the catalogue's form.
    Own(Value),
}

/// A message to be signed.
#[derive(Clone)]
pub struct SignDraft {
    /// The scheme.
    pub scheme: SchemeChoice,
    /// The secret, as its owner writes it.
    pub secret: Secret,
    /// The HTTP method.
    pub method: String,
    /// The whole URL as the receiver sees it.
    pub url: String,
    /// Headers beside which the signature's will stand.
    pub headers: HeaderPairs,
    /// The exact body, in base64.
    pub body_base64: String,
    /// The time of signing in Unix seconds; now unless given.
    pub timestamp: Option<i64>,
    /// The id, for schemes that sign one; made up unless given.
    pub id: Option<String>,
}

/// What signing gave.
#[derive(Clone, Debug)]
pub struct SignedMessage {
    /// The headers given without those the signature replaces, then the signature's.
    pub headers: HeaderPairs,
    /// The URL to send to instead, where the scheme writes into it.
    pub url: Option<String>,
    /// The body to send instead, where the scheme writes into it.
    pub body: Option<Bytes>,
    /// The bytes that were signed.
    pub signed_content: Bytes,
}

/// A message to be checked.
#[derive(Clone)]
pub struct VerifyDraft {
    /// The scheme.
    pub scheme: SchemeChoice,
    /// The secret, as its owner writes it.
    pub secret: Secret,
    /// The HTTP method.
    pub method: String,
    /// The whole URL as the sender wrote it.
    pub url: String,
    /// The headers as received.
    pub headers: HeaderPairs,
    /// The exact body, in base64.
    pub body_base64: String,
    /// As of this time in Unix seconds; now unless given.
    pub at: Option<i64>,
}

impl Workbench {
    /// Signs a message.
    pub async fn sign(&self, draft: SignDraft) -> Result<SignedMessage> {
        let (library, now) = (self.library().clone(), self.now());
        aside(draft.body_base64.len(), move || draft.sign(&library, now)).await?
    }

    /// Checks a message's signature, and says why it does not match.
    pub async fn verify(&self, draft: VerifyDraft) -> Result<Verdict> {
        let (library, now) = (self.library().clone(), self.now());
        self.judge(draft.body_base64.len(), move || draft.read(&library, now)).await
    }
}

impl SignDraft {
    fn sign(self, library: &Library, now: Timestamp) -> Result<SignedMessage> {
        let mut faults = Faults::default();
        let scheme = scheme(&mut faults, self.scheme, library);
        check_method(&mut faults, &self.method);
        checks::headers(&mut faults, "headers", &without_connection(&self.headers));
        let body = checks::base64(&mut faults, "body_base64", &self.body_base64);
        let seconds = self.timestamp.map(|seconds| in_range(&mut faults, "timestamp", seconds));
        faults.unless(!self.secret.is_empty(), "secret", || "must not be empty".to_owned());
        faults.finish()?;
        let (Some(scheme), Some(body)) = (scheme, body) else { return Err(unchecked()) };
        let id = self.id.unwrap_or_else(|| format!("msg_{}", random::token()));
        let others: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
        let message = Message {
            method: &self.method,
            url: &self.url,
            headers: &others,
            body: &body,
            timestamp: seconds.map_or(now, Timestamp::from_unix_ms).unix_ms(),
            id: &id,
        };
        let signed = sign(&scheme, &[&self.secret], &message).map_err(|error| unsigned(&error))?;
        let mut headers = self.headers;
        for (name, _) in &signed.headers {
            headers.remove(name);
        }
        headers.extend(signed.headers);
        Ok(SignedMessage {
            headers,
            url: signed.url,
            body: signed.body.map(Bytes::from),
            signed_content: signed.signed_content.into(),
        })
    }
}

impl VerifyDraft {
    fn read(self, library: &Library, now: Timestamp) -> Result<Judged> {
        let mut faults = Faults::default();
        let scheme = scheme(&mut faults, self.scheme, library);
        check_method(&mut faults, &self.method);
        let body = checks::base64(&mut faults, "body_base64", &self.body_base64);
        let at = self.at.map(|seconds| in_range(&mut faults, "at", seconds));
        faults.finish()?;
        let (Some(scheme), Some(body)) = (scheme, body) else { return Err(unchecked()) };
        Ok(Judged {
            scheme,
            secrets: if self.secret.is_empty() { Vec::new() } else { vec![self.secret] },
            method: self.method,
            url: self.url,
            headers: self.headers,
            body,
            at: at.map_or(now, Timestamp::from_unix_ms),
            received_at: None,
            within: None,
        })
    }
}

/// The scheme that is meant; its own faults are named below `scheme`.
pub(crate) fn scheme(faults: &mut Faults, choice: SchemeChoice, library: &Library) -> Option<Arc<Scheme>> {
    match choice {
        SchemeChoice::Known(id) => {
            let found = library.scheme(&id);
            faults.unless(found.is_some(), "scheme", || {
                let shown: String = id.chars().take(80).collect();
                format!("`{shown}` is no scheme: GET /v1/schemes lists them")
            });
            found
        }
        SchemeChoice::Own(form) => match Scheme::from_value(form) {
            Ok(scheme) => Some(Arc::new(scheme)),
            Err(SchemeError { field, problem }) => {
                let field = if field == "scheme" { field } else { format!("scheme.{field}") };
                faults.add(field, problem);
                None
            }
        },
    }
}

/// Seconds as milliseconds, where a date can say them.
pub(crate) fn in_range(faults: &mut Faults, field: &str, seconds: i64) -> i64 {
    // The years 1 to 9999, as far as RFC 3339 goes.
    let fits = (-62_135_596_800..=253_402_300_799).contains(&seconds);
    faults.unless(fits, field, || "is no time in Unix seconds that a date can say".to_owned());
    if fits { seconds * 1000 } else { 0 }
}

pub(crate) fn check_method(faults: &mut Faults, method: &str) {
    let fits = method.len() <= 40 && http::Method::from_bytes(method.as_bytes()).is_ok();
    faults.unless(fits, "method", || "is no HTTP method".to_owned());
}

/// A received request may well be given with the headers of its connection.
fn without_connection(headers: &HeaderPairs) -> HeaderPairs {
    headers
        .iter()
        .filter(|(name, _)| !hookbench_delivery::build::is_of_the_connection(name))
        .map(|(name, value)| (name, value.clone()))
        .collect()
}

fn unsigned(error: &SignError) -> WorkbenchError {
    let field = match error {
        SignError::NoSecret | SignError::SecretMalformed { .. } | SignError::NotPrivate { .. } => "secret",
        SignError::IdMissing { .. } | SignError::IdUnprintable => "id",
        SignError::UrlMissing { .. } | SignError::UrlUnfit { .. } => "url",
        SignError::BodyUnfit { .. } => "body_base64",
        SignError::TimeOutOfRange { .. } => "timestamp",
    };
    let mut message = error.to_string();
    if let Some(source) = std::error::Error::source(error) {
        message = format!("{message}: {source}");
    }
    WorkbenchError::field(field, message)
}

/// Every way to here has noted a fault, and faults end the call before.
fn unchecked() -> WorkbenchError {
    WorkbenchError::field("scheme", "could not be read")
}
