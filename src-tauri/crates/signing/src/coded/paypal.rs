//! PayPal: `id|time|webhook id|CRC-32 of the body` under an RSA key. The webhook id is known to both sides
//! and never sent, so it is half of the secret: its first line.

use super::pem::{self, Claimed};
use super::{Claimed as SignatureOver, Code, CodedSpec, InParts, Maker, Part, Role, Setting};
use crate::case::{Case, Fault};
use crate::keys::SecretUse;
use crate::keys::rsa::{self, Key, RsaHash};
use crate::secret::{Secret, SecretMalformed};
use crate::sign::{Message, SignError, Signed};
use crate::time::TimestampUnit;
use crate::verdict::Verification;

pub(super) struct Paypal;

const WANTED: &str = "the webhook id on the first line and an RSA certificate or key in PEM below";
const SIGNATURE: &str = "PAYPAL-TRANSMISSION-SIG";
const ID: &str = "PAYPAL-TRANSMISSION-ID";
const TIME: &str = "PAYPAL-TRANSMISSION-TIME";
const ALGORITHM: &str = "PAYPAL-AUTH-ALGO";
const ALGORITHM_VALUE: &str = "SHA256withRSA";
const CERTIFICATE: &str = "PAYPAL-CERT-URL";
const CERTIFICATE_VALUE: &str = "https://api.paypal.com/v1/notifications/certs/CERT-hookbench";

/// The two halves of the secret.
struct Parts<'a> {
    webhook_id: &'a str,
    key: Key,
}

impl Code for Paypal {
    fn sign(
        &self,
        spec: &CodedSpec,
        secrets: &[&Secret],
        message: &Message<'_>,
    ) -> Result<Signed, SignError> {
        message.check_id(&spec.id)?;
        let secret = secrets.first().ok_or(SignError::NoSecret)?;
        let parts = Parts::of(secret)
            .map_err(|source| SignError::SecretMalformed { scheme: spec.id.clone(), source })?;
        // PayPal writes whole seconds.
        let whole_ms = message.timestamp.div_euclid(1000).saturating_mul(1000);
        let time = TimestampUnit::Iso
            .write(whole_ms)
            .ok_or(SignError::TimeOutOfRange { unix_ms: message.timestamp })?;
        let content = parts.content(message.id, &time, message.body);
        let signature = pem::sign(&parts.key, RsaHash::Sha256, &content)
            .ok_or_else(|| SignError::NotPrivate { scheme: spec.id.clone() })?;
        let certificate = spec.certificate_url.as_deref().unwrap_or(CERTIFICATE_VALUE);
        let headers = [
            (ID, message.id),
            (TIME, &time),
            (SIGNATURE, &signature),
            (CERTIFICATE, certificate),
            (ALGORITHM, ALGORITHM_VALUE),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let signed_content = shown(message.id, &time, message.body);
        Ok(Signed { headers, url: None, body: None, signed_content })
    }

    fn verify(&self, spec: &CodedSpec, case: &Case<'_>, found: &mut Verification) -> Result<String, Fault> {
        let signature = case.signature_value(SIGNATURE)?;
        let keys = case.keys(Parts::of)?;
        let signature = std::str::from_utf8(signature).map_err(|_| case.malformed(SIGNATURE, "base64"))?;
        found.received = vec![signature.to_owned()];
        if case.only(ALGORITHM)?.is_some_and(|value| !value.eq_ignore_ascii_case(ALGORITHM_VALUE.as_bytes()))
        {
            return Err(case.malformed(ALGORITHM, ALGORITHM_VALUE));
        }
        let id = case.needed_text(ID)?;
        let time = case.needed_text(TIME)?;
        let signed_at = TimestampUnit::Iso.read(time);
        found.signed_at = signed_at.and_then(|ms| i64::try_from(ms).ok());
        found.signed_content = Some(shown(id, time, case.received.body));
        for (at, parts) in &keys {
            let content = parts.content(id, time, case.received.body);
            let claimed = Claimed { hash: RsaHash::Sha256, content: &content, signature };
            claimed.check(*at, &parts.key, found);
        }
        if found.secret.is_none() {
            return Err(Case::mismatch(1, keys.len()));
        }
        if spec.tolerance.rules() {
            return case.judge_time(spec.tolerance, TimestampUnit::Iso, signed_at);
        }
        Ok("The signature is right.".to_owned())
    }

    fn in_parts(&self, case: &Case<'_>, secret: &Secret) -> Option<InParts> {
        let Parts { webhook_id, key } = Parts::of(secret).ok()?;
        let signature = std::str::from_utf8(case.signature_value(SIGNATURE).ok()?).ok()?.to_owned();
        let sum = crc32fast::hash(case.received.body).to_string();
        let parts = vec![
            Part::new("id", Role::Id, case.needed_text(ID).ok()?),
            Part::new("time", Role::Time, case.needed_text(TIME).ok()?),
            Part::new("webhook id", Role::Id, webhook_id),
            Part::new("CRC-32 of the body", Role::Other, sum),
        ];
        Some(InParts {
            maker: Maker::Rsa { hash: RsaHash::Sha256, key },
            between: "|",
            behind: "",
            claims: vec![SignatureOver { signature, parts }],
        })
    }

    fn check_secret(&self, secret: &Secret) -> Result<SecretUse, SecretMalformed> {
        Parts::of(secret).map(|parts| parts.key.usable())
    }

    fn secret_words(&self) -> &'static str {
        "the webhook id on the first line, and below it the certificate in PEM (or, to sign, an RSA private key in PEM)"
    }

    fn settings(&self) -> &'static [Setting] {
        &[Setting::CertificateUrl, Setting::Tolerance]
    }

    fn generate_secret(&self, _spec: &CodedSpec, random: &mut dyn FnMut(&mut [u8])) -> Secret {
        let mut id = [0; 9];
        random(&mut id);
        let mut text = zeroize::Zeroizing::new(data_encoding::HEXUPPER.encode(&id));
        text.truncate(17);
        let key = rsa::generate(random);
        text.push('\n');
        text.push_str(key.expose_text().unwrap_or_default());
        Secret::from(text.as_str())
    }

    fn public_half(&self, secret: &Secret) -> Option<Secret> {
        let parts = Parts::of(secret).ok()?;
        Some(Secret::new(format!("{}\n{}", parts.webhook_id, rsa::public_half(&parts.key)?)))
    }

    fn is_asymmetric(&self) -> bool {
        true
    }

    fn signature_header<'a>(&self, _spec: &'a CodedSpec) -> Option<&'a str> {
        Some(SIGNATURE)
    }

    fn timestamp_header(&self) -> Option<&'static str> {
        Some(TIME)
    }

    fn id_header(&self) -> Option<&'static str> {
        Some(ID)
    }

    fn further_headers(&self) -> &'static [&'static str] {
        &[CERTIFICATE, ALGORITHM]
    }
}

impl<'a> Parts<'a> {
    fn of(secret: &'a Secret) -> Result<Self, SecretMalformed> {
        let text = pem::text(secret, WANTED)?.trim_start();
        let (first, rest) = text.split_once('\n').ok_or(SecretMalformed { wanted: WANTED })?;
        let webhook_id = first.trim();
        if webhook_id.is_empty() || webhook_id.contains("-----") {
            return Err(SecretMalformed { wanted: WANTED });
        }
        Ok(Self { webhook_id, key: pem::key(rest, WANTED)? })
    }

    fn content(&self, id: &str, time: &str, body: &[u8]) -> Vec<u8> {
        content(id, time, self.webhook_id, body)
    }
}

/// The content to show: the webhook id is half of the secret.
fn shown(id: &str, time: &str, body: &[u8]) -> Vec<u8> {
    content(id, time, "{secret}", body)
}

fn content(id: &str, time: &str, webhook_id: &str, body: &[u8]) -> Vec<u8> {
    format!("{id}|{time}|{webhook_id}|{}", crc32fast::hash(body)).into_bytes()
}
