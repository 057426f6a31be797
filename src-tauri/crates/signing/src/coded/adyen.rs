//! Adyen's standard notifications: eight fields of each item, joined by colons as they are, under HMAC-SHA256
//! with a key in hexadecimal. Each item carries its own signature.

use super::shared::{hmac, signing_key};
use super::{Claimed, Code, CodedSpec, InParts, Maker, Part, Role};
use crate::algorithm::{Algorithm, Encoding};
use crate::body::BodyFault;
use crate::case::{Case, Fault};
use crate::json::{Edit, Json, edited};
use crate::keys::SecretUse;
use crate::proof::Proof;
use crate::secret::{Secret, SecretForm, SecretMalformed};
use crate::sign::{Message, SignError, Signed};
use crate::verdict::Verification;
use std::borrow::Cow;
use subtle::Choice;

pub(super) struct Adyen;

const ITEMS: &str = "/notificationItems";
/// In each element of the list.
const ITEM: &str = "/NotificationRequestItem";
const SIGNATURE: &str = "/NotificationRequestItem/additionalData/hmacSignature";
const FIELDS: [&str; 8] = [
    "pspReference",
    "originalReference",
    "merchantAccountCode",
    "merchantReference",
    "amount/value",
    "amount/currency",
    "eventCode",
    "success",
];

impl Code for Adyen {
    fn sign(
        &self,
        spec: &CodedSpec,
        secrets: &[&Secret],
        message: &Message<'_>,
    ) -> Result<Signed, SignError> {
        let key = signing_key(spec, secrets, SecretForm::Hex)?;
        let unfit = |source| SignError::BodyUnfit { scheme: spec.id.clone(), source };
        let json = Json::read(message.body).map_err(unfit)?;
        let items = items(&json).map_err(unfit)?;
        let contents = contents(&items).map_err(unfit)?;
        let edits = items
            .iter()
            .zip(&contents)
            .map(|(item, content)| item.edit_text(SIGNATURE, &sign(&key, content).to_text()))
            .collect::<Result<Vec<Edit>, BodyFault>>()
            .map_err(unfit)?;
        let body = edited(message.body, &edits);
        let signed_content = contents.join("\n").into_bytes();
        Ok(Signed { headers: Vec::new(), url: None, body: Some(body), signed_content })
    }

    fn verify(&self, _spec: &CodedSpec, case: &Case<'_>, found: &mut Verification) -> Result<String, Fault> {
        let unfit = |fault| case.body_unfit(&fault);
        let json = Json::read(case.received.body).map_err(unfit)?;
        let items = items(&json).map_err(unfit)?;
        let contents = contents(&items).map_err(unfit)?;
        if !items.iter().any(|item| item.has(SIGNATURE)) {
            return Err(Fault::unsigned_body(&format!("{ITEMS}/0{SIGNATURE}")));
        }
        let keys = case.keys(|secret| secret.key(SecretForm::Hex))?;
        found.signed_content = Some(contents.join("\n").into_bytes());
        let sent = items
            .iter()
            .map(|item| item.text(SIGNATURE).map(Cow::into_owned))
            .collect::<Result<Vec<String>, BodyFault>>()
            .map_err(unfit)?;
        found.received.clone_from(&sent);
        for (at, key) in &keys {
            let expected: Vec<Proof> = contents.iter().map(|content| sign(key, content)).collect();
            // One key signs a whole notification.
            let all = expected
                .iter()
                .zip(&sent)
                .fold(Choice::from(1), |all, (expected, sent)| all & expected.matches(sent.as_bytes()));
            if bool::from(all) {
                found.secret.get_or_insert(*at);
            }
            found
                .expected
                .get_or_insert_with(|| expected.iter().map(Proof::to_text).collect::<Vec<_>>().join(" "));
        }
        match (found.secret, contents.len()) {
            (Some(_), 1) => Ok("The signature is right.".to_owned()),
            (Some(_), items) => Ok(format!("The signatures of all {items} items are right.")),
            (None, 1) => Err(Case::mismatch(1, keys.len())),
            (None, items) => Err(Fault::invalid(
                crate::verdict::Reason::SignatureMismatch,
                format!("The signatures of the {items} items are not all those that the secret gives."),
            )),
        }
    }

    fn in_parts(&self, case: &Case<'_>, _secret: &Secret) -> Option<InParts> {
        let json = Json::read(case.received.body).ok()?;
        let claimed = |item: &Json<'_>| {
            let signature = item.text(SIGNATURE).ok()?.into_owned();
            let values = values(item).ok()?;
            let part = |(name, value): (&'static str, &Cow<'_, str>)| {
                Part::new(name, if name == FIELDS[0] { Role::Id } else { Role::Other }, value.as_bytes())
            };
            Some(Claimed { signature, parts: FIELDS.into_iter().zip(&values).map(part).collect() })
        };
        Some(InParts {
            maker: Maker::Shared {
                algorithm: Algorithm::HmacSha256,
                encoding: Encoding::Base64,
                secret: SecretForm::Hex,
            },
            between: ":",
            behind: "",
            claims: items(&json).ok()?.iter().map(claimed).collect::<Option<_>>()?,
        })
    }

    fn check_secret(&self, secret: &Secret) -> Result<SecretUse, SecretMalformed> {
        secret.key(SecretForm::Hex).map(|_| SecretUse::SignsAndVerifies)
    }

    fn secret_words(&self) -> &'static str {
        "the HMAC key, in hexadecimal"
    }

    fn generate_secret(&self, _spec: &CodedSpec, random: &mut dyn FnMut(&mut [u8])) -> Secret {
        let mut bytes = zeroize::Zeroizing::new([0; 32]);
        random(bytes.as_mut_slice());
        Secret::new(data_encoding::HEXUPPER.encode(bytes.as_slice()))
    }
}

fn sign(key: &[u8], content: &str) -> Proof {
    hmac(Algorithm::HmacSha256, Encoding::Base64, key, &[content.as_bytes()])
}

/// The items; at least one.
fn items<'a>(json: &Json<'a>) -> Result<Vec<Json<'a>>, BodyFault> {
    let items = json.elements(ITEMS)?;
    if items.is_empty() {
        return Err(BodyFault::Missing { field: format!("{ITEMS}/0{ITEM}") });
    }
    Ok(items)
}

/// What is signed of each item. The values are joined as they are, without escaping, as Adyen's own
/// libraries do for these notifications; a field that is missing or `null` counts as empty.
fn contents(items: &[Json<'_>]) -> Result<Vec<String>, BodyFault> {
    items.iter().map(content).collect()
}

fn content(item: &Json<'_>) -> Result<String, BodyFault> {
    values(item).map(|values| values.join(":"))
}

fn values<'a>(item: &Json<'a>) -> Result<Vec<Cow<'a, str>>, BodyFault> {
    let value = |name: &&str| {
        let field = format!("{ITEM}/{name}");
        if item.has(&field) { item.scalar(&field) } else { Ok(Cow::Borrowed("")) }
    };
    if !item.has(ITEM) {
        return Err(item.missing(ITEM));
    }
    FIELDS.iter().map(value).collect()
}
