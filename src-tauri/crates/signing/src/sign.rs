//! Signing an outgoing message.

use crate::body::BodyFault;
use crate::scheme::{Form, Scheme};
use crate::secret::{Secret, SecretMalformed};

/// What is to be signed. Fields that the scheme does not use may be empty.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// HTTP method; signed in upper case.
    pub method: &'a str,
    /// The whole URL as the receiver will see it.
    pub url: &'a str,
    /// The other headers of the message, for schemes that sign some of them.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The exact body.
    pub body: &'a [u8],
    /// Time of signing in Unix milliseconds; written in the scheme's own unit.
    pub timestamp: i64,
    /// Id for schemes that sign one.
    pub id: &'a str,
}

/// The result of signing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Headers to send, in order: id, time, signatures, then the scheme's fixed ones.
    pub headers: Vec<(String, String)>,
    /// The URL to send to instead, where the scheme writes into it; `None` where it is to stay.
    pub url: Option<String>,
    /// The body to send instead, where the scheme writes into it; `None` where it is to stay.
    pub body: Option<Vec<u8>>,
    /// The bytes that were signed, with `{secret}` in the place of a secret that is part of them.
    pub signed_content: Vec<u8>,
}

/// Why a message could not be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// No secret was given.
    #[error("signing needs a secret")]
    NoSecret,
    /// A secret is not in the scheme's form.
    #[error("the secret does not fit the scheme {scheme}")]
    SecretMalformed {
        /// The scheme.
        scheme: String,
        /// What it wants.
        source: SecretMalformed,
    },
    /// The scheme has an id header and no id was given.
    #[error("the scheme {scheme} sends an id, and none was given")]
    IdMissing {
        /// The scheme.
        scheme: String,
    },
    /// The id cannot stand in a header.
    #[error("the id may hold printable ASCII only, it goes into a header")]
    IdUnprintable,
    /// The scheme signs the URL and none was given.
    #[error("the scheme {scheme} signs the URL, and none was given")]
    UrlMissing {
        /// The scheme.
        scheme: String,
    },
    /// The secret is a public key or a certificate: it verifies, and cannot sign.
    #[error("the scheme {scheme} signs with a private key, and this is a public one: it only verifies")]
    NotPrivate {
        /// The scheme.
        scheme: String,
    },
    /// The scheme writes into the URL or takes it apart, and cannot do so with this one.
    #[error("the scheme {scheme} cannot use this URL: {problem}")]
    UrlUnfit {
        /// The scheme.
        scheme: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The scheme signs parts of the body or writes into it, and cannot do so with this one.
    #[error("the scheme {scheme} cannot sign this body")]
    BodyUnfit {
        /// The scheme.
        scheme: String,
        /// What is wrong with it.
        source: BodyFault,
    },
    /// The time cannot be written in the scheme's unit.
    #[error("the time {unix_ms} ms is beyond what a date can say")]
    TimeOutOfRange {
        /// The time that was given.
        unix_ms: i64,
    },
}

/// Signs a message. Give the newest secret first: where the scheme has a form for several signatures each
/// secret makes one, in that order, and where it has none the first secret signs alone.
pub fn sign(scheme: &Scheme, secrets: &[&Secret], message: &Message<'_>) -> Result<Signed, SignError> {
    match scheme.form() {
        Form::Keyed(keyed) => keyed.sign(secrets, message),
        Form::Coded(coded) => coded.sign(secrets, message),
    }
}

impl Message<'_> {
    /// The id, where the scheme sends one.
    pub(crate) fn check_id(&self, scheme: &str) -> Result<(), SignError> {
        if self.id.is_empty() {
            return Err(SignError::IdMissing { scheme: scheme.to_owned() });
        }
        if !self.id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SignError::IdUnprintable);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SchemeCatalog;

    const MESSAGE: Message<'_> = Message {
        method: "POST",
        url: "https://a.example/",
        headers: &[],
        body: b"{}",
        timestamp: 17_000,
        id: "msg_1",
    };

    fn sign_by(id: &str, secret: &str, message: &Message<'_>) -> Result<Signed, SignError> {
        sign(SchemeCatalog::builtin().get(id).unwrap(), &[&Secret::from(secret)], message)
    }

    #[test]
    fn headers_come_in_order_id_time_signature_fixed() {
        let names = |id, secret| -> Vec<String> {
            let signed = sign_by(id, secret, &MESSAGE).unwrap();
            signed.headers.into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(
            names("sent", "whsec_AAEC"),
            ["x-webhook-id", "x-webhook-timestamp", "x-webhook-signature"]
        );
        assert_eq!(
            names("box", "k"),
            [
                "box-delivery-timestamp",
                "box-signature-primary",
                "box-signature-version",
                "box-signature-algorithm"
            ]
        );
    }

    #[test]
    fn the_time_is_written_in_the_schemes_unit() {
        let time = |id, header: &str| {
            let headers = sign_by(id, "k", &MESSAGE).unwrap().headers;
            headers.into_iter().find(|(name, _)| name == header).unwrap().1
        };
        assert_eq!(time("slack", "X-Slack-Request-Timestamp"), "17");
        assert_eq!(time("hubspot_v3", "X-HubSpot-Request-Timestamp"), "17000");
        assert_eq!(time("box", "box-delivery-timestamp"), "1970-01-01T00:00:17Z");
        assert!(time("contactsmanager", "X-Webhook-Signature").starts_with("t=17,v1="));
    }

    #[test]
    fn what_is_missing_is_said() {
        let scheme = |scheme: &str| scheme.to_owned();
        let none = sign(SchemeCatalog::builtin().get("github").unwrap(), &[], &MESSAGE);
        assert_eq!(none, Err(SignError::NoSecret));
        let no_id = Message { id: "", ..MESSAGE };
        assert_eq!(sign_by("svix", "AAEC", &no_id), Err(SignError::IdMissing { scheme: scheme("svix") }));
        let torn_id = Message { id: "a\r\nX-Evil: 1", ..MESSAGE };
        assert_eq!(sign_by("svix", "AAEC", &torn_id), Err(SignError::IdUnprintable));
        let no_url = Message { url: "", ..MESSAGE };
        assert_eq!(sign_by("square", "k", &no_url), Err(SignError::UrlMissing { scheme: scheme("square") }));
        let beyond = Message { timestamp: i64::MAX, ..MESSAGE };
        assert_eq!(sign_by("box", "k", &beyond), Err(SignError::TimeOutOfRange { unix_ms: i64::MAX }));
    }

    #[test]
    fn a_malformed_secret_is_refused_and_not_quoted() {
        let error = sign_by("svix", "hush hush", &MESSAGE).unwrap_err();
        assert!(matches!(error, SignError::SecretMalformed { .. }));
        assert!(!format!("{error} {error:?}").contains("hush"));
    }
}
