//! AWS SNS: chosen fields of the message, sorted by name, each as `Name\nvalue\n`, under an RSA key. The
//! signature stands in the message. The certificate is the secret to verify with, and is never fetched.

use super::pem::{self, Claimed};
use super::{Claimed as SignatureOver, Code, CodedSpec, InParts, Maker, Part, Role, Setting};
use crate::body::BodyFault;
use crate::case::{Case, Fault};
use crate::json::Json;
use crate::keys::SecretUse;
use crate::keys::rsa::{self, Key, RsaHash};
use crate::secret::{Secret, SecretMalformed};
use crate::sign::{Message, SignError, Signed};
use crate::time::TimestampUnit;
use crate::verdict::{Reason, Verification};
use std::borrow::Cow;

pub(super) struct AwsSns;

const WANTED: &str = "an RSA certificate or key in PEM";
const SIGNATURE: &str = "/Signature";

/// Header, and the field whose value it repeats.
const REPEATED: [(&str, &str); 3] = [
    ("x-amz-sns-message-type", "/Type"),
    ("x-amz-sns-message-id", "/MessageId"),
    ("x-amz-sns-topic-arn", "/TopicArn"),
];

impl Code for AwsSns {
    fn sign(
        &self,
        spec: &CodedSpec,
        secrets: &[&Secret],
        message: &Message<'_>,
    ) -> Result<Signed, SignError> {
        let scheme = || spec.id.clone();
        let unfit = |source| SignError::BodyUnfit { scheme: scheme(), source };
        let secret = secrets.first().ok_or(SignError::NoSecret)?;
        let key = key(secret).map_err(|source| SignError::SecretMalformed { scheme: scheme(), source })?;
        let json = Json::read(message.body).map_err(unfit)?;
        let content = content(&json).map_err(unfit)?;
        let hash = hash(&json).map_err(unfit)?;
        let signature =
            pem::sign(&key, hash, &content).ok_or_else(|| SignError::NotPrivate { scheme: scheme() })?;
        let repeated =
            |(header, field): (&str, &str)| Some((header.to_owned(), json.text(field).ok()?.into_owned()));
        Ok(Signed {
            headers: REPEATED.into_iter().filter_map(repeated).filter(|(_, value)| is_plain(value)).collect(),
            url: None,
            body: Some(json.with_text(SIGNATURE, &signature).map_err(unfit)?),
            signed_content: content,
        })
    }

    fn verify(&self, spec: &CodedSpec, case: &Case<'_>, found: &mut Verification) -> Result<String, Fault> {
        let json = Json::read(case.received.body).map_err(|fault| case.body_unfit(&fault))?;
        if !json.has(SIGNATURE) {
            return Err(Fault::unsigned_body(SIGNATURE));
        }
        let signature = json.text(SIGNATURE).map_err(|fault| case.body_unfit(&fault))?;
        let keys = case.keys(key)?;
        found.received = vec![signature.clone().into_owned()];
        let content = content(&json).map_err(|fault| case.body_unfit(&fault))?;
        let hash = hash(&json).map_err(|fault| case.body_unfit(&fault))?;
        let time = json.text("/Timestamp").ok().and_then(|text| TimestampUnit::Iso.read(&text));
        found.signed_at = time.and_then(|ms| i64::try_from(ms).ok());
        found.signed_content = Some(content.clone());
        Claimed { hash, content: &content, signature: &signature }.judge(&keys, found)?;
        if spec.tolerance.rules() {
            return case.judge_time(spec.tolerance, TimestampUnit::Iso, time);
        }
        Ok("The signature is right.".to_owned())
    }

    fn in_parts(&self, case: &Case<'_>, secret: &Secret) -> Option<InParts> {
        let json = Json::read(case.received.body).ok()?;
        let signature = json.text(SIGNATURE).ok()?.into_owned();
        let part = |(name, value): (&'static str, Cow<'_, str>)| {
            let role = match name {
                "Timestamp" => Role::Time,
                "MessageId" => Role::Id,
                _ => Role::Other,
            };
            Part::new(name, role, format!("{name}\n{value}"))
        };
        let parts = fields(&json).ok()?.into_iter().map(part).collect();
        Some(InParts {
            maker: Maker::Rsa { hash: hash(&json).ok()?, key: key(secret).ok()? },
            between: "\n",
            behind: "\n",
            claims: vec![SignatureOver { signature, parts }],
        })
    }

    fn check_secret(&self, secret: &Secret) -> Result<SecretUse, SecretMalformed> {
        key(secret).map(|key| key.usable())
    }

    fn secret_words(&self) -> &'static str {
        "the certificate in PEM (or, to sign, an RSA private key in PEM)"
    }

    fn settings(&self) -> &'static [Setting] {
        &[Setting::Tolerance]
    }

    fn generate_secret(&self, _spec: &CodedSpec, random: &mut dyn FnMut(&mut [u8])) -> Secret {
        rsa::generate(random)
    }

    fn public_half(&self, secret: &Secret) -> Option<Secret> {
        rsa::public_half(&key(secret).ok()?).map(|pem| Secret::from(pem.as_str()))
    }

    fn is_asymmetric(&self) -> bool {
        true
    }

    fn further_headers(&self) -> &'static [&'static str] {
        &[REPEATED[0].0, REPEATED[1].0, REPEATED[2].0]
    }
}

fn key(secret: &Secret) -> Result<Key, SecretMalformed> {
    pem::key(pem::text(secret, WANTED)?, WANTED)
}

fn is_plain(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What is signed.
fn content(json: &Json<'_>) -> Result<Vec<u8>, BodyFault> {
    let mut content = String::new();
    for (name, value) in fields(json)? {
        content.extend([name, "\n", &*value, "\n"]);
    }
    Ok(content.into_bytes())
}

/// The fields that are signed, by the type of the message, and their values.
fn fields<'a>(json: &Json<'a>) -> Result<Vec<(&'static str, Cow<'a, str>)>, BodyFault> {
    let fields: &[&'static str] = match &*json.text("/Type")? {
        "Notification" => &["/Message", "/MessageId", "/Subject", "/Timestamp", "/TopicArn", "/Type"],
        "SubscriptionConfirmation" | "UnsubscribeConfirmation" => {
            &["/Message", "/MessageId", "/SubscribeURL", "/Timestamp", "/Token", "/TopicArn", "/Type"]
        }
        _ => {
            let wanted = "Notification, SubscriptionConfirmation or UnsubscribeConfirmation";
            return Err(BodyFault::WrongKind { field: "/Type".to_owned(), wanted });
        }
    };
    // A message without a subject is signed without it.
    let signed = fields.iter().filter(|field| **field != "/Subject" || json.has(field));
    signed.map(|field| Ok((&field[1..], json.text(field)?))).collect()
}

fn hash(json: &Json<'_>) -> Result<RsaHash, BodyFault> {
    match &*json.scalar("/SignatureVersion")? {
        "1" => Ok(RsaHash::Sha1),
        "2" => Ok(RsaHash::Sha256),
        _ => Err(BodyFault::WrongKind { field: "/SignatureVersion".to_owned(), wanted: "1 or 2" }),
    }
}

impl Fault {
    /// The signature would stand in the body.
    pub(super) fn unsigned_body(field: &str) -> Self {
        let message = format!("The body has no field {field}, so it is not signed.");
        Self { reason: Reason::SignatureMissing, ..Self::unsigned(message) }
    }
}
