//! Mailgun: HMAC-SHA256 over time and token; all three stand in the body, in the object `signature` of JSON
//! or as fields of a form. Nothing else of the body is signed.

use super::shared::{hmac, signing_key};
use super::{Claimed, Code, CodedSpec, InParts, Maker, Part, Role, Setting};
use crate::algorithm::{Algorithm, Encoding};
use crate::body::BodyFault;
use crate::case::{Case, Fault};
use crate::content::form_pair;
use crate::json::Json;
use crate::keys::SecretUse;
use crate::secret::{Secret, SecretForm, SecretMalformed};
use crate::sign::{Message, SignError, Signed};
use crate::time::TimestampUnit;
use crate::verdict::Verification;

pub(super) struct Mailgun;

const FIELDS: [&str; 3] = ["timestamp", "token", "signature"];
/// Mailgun's tokens have this many characters.
const TOKEN_LENGTH: usize = 50;

impl Code for Mailgun {
    fn sign(
        &self,
        spec: &CodedSpec,
        secrets: &[&Secret],
        message: &Message<'_>,
    ) -> Result<Signed, SignError> {
        let key = signing_key(spec, secrets, SecretForm::Raw)?;
        let unfit = |source| SignError::BodyUnfit { scheme: spec.id.clone(), source };
        let body = Body::read(message.body).map_err(unfit)?;
        let time = TimestampUnit::S
            .write(message.timestamp)
            .ok_or(SignError::TimeOutOfRange { unix_ms: message.timestamp })?;
        // Nobody can guess it, and the same message has the same one: receivers drop a token seen before.
        let seed: [&[u8]; 4] = [b"token:", message.id.as_bytes(), time.as_bytes(), message.body];
        let mut token = hmac(Algorithm::HmacSha256, Encoding::Hex, &key, &seed).to_text();
        token.truncate(TOKEN_LENGTH);
        let content = [time.as_bytes(), token.as_bytes()];
        let signature = hmac(Algorithm::HmacSha256, Encoding::Hex, &key, &content).to_text();
        let rewritten = body.with([&time, &token, &signature]).map_err(unfit)?;
        Ok(Signed { headers: Vec::new(), url: None, body: Some(rewritten), signed_content: content.concat() })
    }

    fn verify(&self, spec: &CodedSpec, case: &Case<'_>, found: &mut Verification) -> Result<String, Fault> {
        let body = Body::read(case.received.body).map_err(|fault| case.body_unfit(&fault))?;
        if !body.is_signed() {
            return Err(Fault::unsigned_body(body.place()));
        }
        let keys = case.keys(|secret| secret.key(SecretForm::Raw))?;
        let [time, token, signature] = body.fields().map_err(|fault| case.body_unfit(&fault))?;
        let content = [time.as_bytes(), token.as_bytes()];
        let signed_at = TimestampUnit::S.read(&time);
        found.signed_at = signed_at.and_then(|ms| i64::try_from(ms).ok());
        found.signed_content = Some(content.concat());
        found.received = vec![signature.clone()];
        for (at, key) in &keys {
            let expected = hmac(Algorithm::HmacSha256, Encoding::Hex, key, &content);
            if bool::from(expected.matches(signature.as_bytes())) {
                found.secret.get_or_insert(*at);
            }
            found.expected.get_or_insert_with(|| expected.to_text());
        }
        if found.secret.is_none() {
            return Err(Case::mismatch(1, keys.len()));
        }
        if spec.tolerance.rules() {
            return case.judge_time(spec.tolerance, TimestampUnit::S, signed_at);
        }
        Ok("The signature is right. It is over time and token, and over nothing else of the body.".to_owned())
    }

    fn in_parts(&self, case: &Case<'_>, _secret: &Secret) -> Option<InParts> {
        let [time, token, signature] = Body::read(case.received.body).ok()?.fields().ok()?;
        let parts = vec![Part::new("timestamp", Role::Time, time), Part::new("token", Role::Id, token)];
        Some(InParts {
            maker: Maker::Shared {
                algorithm: Algorithm::HmacSha256,
                encoding: Encoding::Hex,
                secret: SecretForm::Raw,
            },
            between: "",
            behind: "",
            claims: vec![Claimed { signature, parts }],
        })
    }

    fn check_secret(&self, secret: &Secret) -> Result<SecretUse, SecretMalformed> {
        secret.key(SecretForm::Raw).map(|_| SecretUse::SignsAndVerifies)
    }

    fn secret_words(&self) -> &'static str {
        "the webhook signing key, as it was given"
    }

    fn settings(&self) -> &'static [Setting] {
        &[Setting::Tolerance]
    }
}

/// A body in one of Mailgun's two shapes.
enum Body<'a> {
    Json(Json<'a>),
    Form(&'a [u8]),
}

impl<'a> Body<'a> {
    fn read(body: &'a [u8]) -> Result<Self, BodyFault> {
        match Json::read(body) {
            Ok(json) => Ok(Self::Json(json)),
            Err(_) if is_form(body) => Ok(Self::Form(body)),
            Err(fault) => Err(fault),
        }
    }

    fn place(&self) -> &'static str {
        match self {
            Self::Json(_) => "/signature",
            Self::Form(_) => "signature",
        }
    }

    fn is_signed(&self) -> bool {
        match self {
            Self::Json(json) => json.has("/signature"),
            Self::Form(form) => form_value(form, "signature").is_some(),
        }
    }

    /// Time, token and signature.
    fn fields(&self) -> Result<[String; 3], BodyFault> {
        let mut found = FIELDS.map(|_| String::new());
        for (name, value) in FIELDS.into_iter().zip(&mut found) {
            *value = match (self, name) {
                // A number is no signature that could be another's; as time and token it reads as it is spelt.
                (Self::Json(json), "signature") => json.text("/signature/signature")?.into_owned(),
                (Self::Json(json), _) => json.scalar(&format!("/signature/{name}"))?.into_owned(),
                (Self::Form(form), _) => {
                    form_value(form, name).ok_or_else(|| BodyFault::Missing { field: name.to_owned() })?
                }
            };
        }
        Ok(found)
    }

    fn with(&self, values: [&str; 3]) -> Result<Vec<u8>, BodyFault> {
        let pairs = FIELDS.into_iter().zip(values);
        match self {
            Self::Json(json) => {
                let mut body = json.body().to_vec();
                for (name, value) in pairs {
                    body = Json::read(&body)?.with_text(&format!("/signature/{name}"), value)?;
                }
                Ok(body)
            }
            Self::Form(form) => {
                Ok(pairs.fold(form.to_vec(), |form, (name, value)| with_form_value(&form, name, value)))
            }
        }
    }
}

/// Text with `=` in it and nothing that a form would have escaped.
fn is_form(body: &[u8]) -> bool {
    body.contains(&b'=') && body.iter().all(u8::is_ascii_graphic)
}

fn form_value(form: &[u8], name: &str) -> Option<String> {
    let mut pairs = form.split(|&byte| byte == b'&').map(form_pair);
    let (_, value) = pairs.rfind(|(have, _)| have == name.as_bytes())?;
    String::from_utf8(value).ok()
}

/// The form with a field set. The value has no characters that a form would escape.
fn with_form_value(form: &[u8], name: &str, value: &str) -> Vec<u8> {
    let mut set = false;
    let mut pairs: Vec<Vec<u8>> = form
        .split(|&byte| byte == b'&')
        .map(|pair| {
            if form_pair(pair).0 != name.as_bytes() {
                return pair.to_vec();
            }
            set = true;
            format!("{name}={value}").into_bytes()
        })
        .collect();
    if !set {
        pairs.push(format!("{name}={value}").into_bytes());
    }
    pairs.join(&b'&')
}
