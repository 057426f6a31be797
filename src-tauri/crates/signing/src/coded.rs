//! Schemes that no recipe can say: code behind the same interface as the keyed family.

mod adyen;
mod authorization;
mod aws_sns;
mod contentful;
mod in_parts;
mod mailgun;
mod paypal;
mod pem;
mod shared;
mod token;
mod twilio_json;

use crate::case::{Case, Fault};
use crate::check::{
    LONGEST, LONGEST_TEXT, SchemeError, check_header_name, check_length, check_names, check_number,
    check_printable, check_spelling, check_words,
};
use crate::keys::SecretUse;
use crate::secret::{Secret, SecretMalformed};
use crate::sign::{Message, SignError, Signed};
use crate::spec::{Spelling, Tolerance};
use crate::verdict::Verification;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub(crate) use in_parts::{Claimed, InParts, Maker, Part, Role};
pub(crate) use twilio_json::with_the_hash_of;

/// A scheme that code stands behind, as written, unchecked. Which settings there are depends on the kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodedSpec {
    /// Name in the catalogue: lower-case letters, digits and `_`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The code that signs and verifies.
    pub kind: Kind,
    /// Header that carries the token (`token`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Headers of the message that are signed too, as far as it has them (`contentful`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signed_headers: Vec<String>,
    /// Where the sender says that its certificate is (`paypal`). Nobody here fetches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_url: Option<String>,
    /// How the provider spells the secrets it makes (where they are not keys).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generates: Option<Spelling>,
    /// How far the time of signing may be from the time of checking (`aws_sns`, `paypal`, `mailgun`,
    /// `contentful`).
    #[serde(default, skip_serializing_if = "Tolerance::is_unlimited")]
    pub tolerance: Tolerance,
    /// Anything a reader should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the scheme was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
}

/// Which code signs and verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// AWS SNS: chosen fields of the body under an RSA key; the signature stands in the body.
    AwsSns,
    /// PayPal: id, time, webhook id and the body's CRC-32 under an RSA key.
    Paypal,
    /// Mailgun: time and token under a shared key; all three stand in the body.
    Mailgun,
    /// Adyen's standard notifications: eight fields of each item under a shared key; the signature stands in
    /// the item.
    Adyen,
    /// Twilio with a JSON body: its hash stands in the URL, and the URL is signed.
    TwilioJson,
    /// Contentful: method, path, chosen headers and body under a shared key.
    Contentful,
    /// A token in a header, the same in every request.
    Token,
    /// HTTP basic authentication.
    Basic,
    /// A bearer token.
    Bearer,
}

/// A checked scheme that code stands behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Coded {
    pub(crate) spec: CodedSpec,
}

/// What the code of one kind can do.
pub(crate) trait Code: Sync {
    fn sign(&self, spec: &CodedSpec, secrets: &[&Secret], message: &Message<'_>)
    -> Result<Signed, SignError>;

    fn verify(&self, spec: &CodedSpec, case: &Case<'_>, found: &mut Verification) -> Result<String, Fault>;

    /// What the request should be signed over, in parts; `None` where nothing is signed, or it cannot be read.
    fn in_parts(&self, _case: &Case<'_>, _secret: &Secret) -> Option<InParts> {
        None
    }

    fn check_secret(&self, secret: &Secret) -> Result<SecretUse, SecretMalformed>;

    /// What a person is asked for.
    fn secret_words(&self) -> &'static str;

    /// The settings that mean something to this kind, beside `generates`.
    fn settings(&self) -> &'static [Setting] {
        &[]
    }

    fn generate_secret(&self, spec: &CodedSpec, random: &mut dyn FnMut(&mut [u8])) -> Secret {
        let hex = Spelling { prefix: String::new(), encoding: crate::algorithm::Encoding::Hex, bytes: 32 };
        spell(spec.generates.as_ref().unwrap_or(&hex), random)
    }

    fn public_half(&self, _secret: &Secret) -> Option<Secret> {
        None
    }

    fn is_asymmetric(&self) -> bool {
        false
    }

    fn signs_url(&self) -> bool {
        false
    }

    /// The header with the signature; `None` where it stands in the body.
    fn signature_header<'a>(&self, _spec: &'a CodedSpec) -> Option<&'a str> {
        None
    }

    fn timestamp_header(&self) -> Option<&'static str> {
        None
    }

    fn id_header(&self) -> Option<&'static str> {
        None
    }

    /// Further headers that signing makes.
    fn further_headers(&self) -> &'static [&'static str] {
        &[]
    }
}

/// A setting that only some kinds have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Header,
    SignedHeaders,
    CertificateUrl,
    Tolerance,
}

impl Kind {
    fn code(self) -> &'static dyn Code {
        match self {
            Self::AwsSns => &aws_sns::AwsSns,
            Self::Paypal => &paypal::Paypal,
            Self::Mailgun => &mailgun::Mailgun,
            Self::Adyen => &adyen::Adyen,
            Self::TwilioJson => &twilio_json::TwilioJson,
            Self::Contentful => &contentful::Contentful,
            Self::Token => &token::Token,
            Self::Basic => &authorization::Authorization::Basic,
            Self::Bearer => &authorization::Authorization::Bearer,
        }
    }
}

impl Coded {
    pub(crate) fn new(spec: CodedSpec) -> Result<Self, SchemeError> {
        check(&spec)?;
        Ok(Self { spec })
    }

    pub(crate) fn sign(&self, secrets: &[&Secret], message: &Message<'_>) -> Result<Signed, SignError> {
        self.code().sign(&self.spec, secrets, message)
    }

    pub(crate) fn verify(&self, case: &Case<'_>, found: &mut Verification) -> Result<String, Fault> {
        self.code().verify(&self.spec, case, found)
    }

    pub(crate) fn in_parts(&self, case: &Case<'_>, secret: &Secret) -> Option<InParts> {
        self.code().in_parts(case, secret)
    }

    pub(crate) fn check_secret(&self, secret: &Secret) -> Result<SecretUse, SecretMalformed> {
        self.code().check_secret(secret)
    }

    pub(crate) fn generate_secret(&self, random: &mut dyn FnMut(&mut [u8])) -> Secret {
        self.code().generate_secret(&self.spec, random)
    }

    pub(crate) fn public_half(&self, secret: &Secret) -> Option<Secret> {
        self.code().public_half(secret)
    }

    pub(crate) fn secret_words(&self) -> &'static str {
        self.code().secret_words()
    }

    pub(crate) fn is_asymmetric(&self) -> bool {
        self.code().is_asymmetric()
    }

    pub(crate) fn signs_url(&self) -> bool {
        self.code().signs_url()
    }

    pub(crate) fn signature_header(&self) -> Option<&str> {
        self.code().signature_header(&self.spec)
    }

    pub(crate) fn timestamp_header(&self) -> Option<&str> {
        self.code().timestamp_header()
    }

    pub(crate) fn id_header(&self) -> Option<&str> {
        self.code().id_header()
    }

    pub(crate) fn made_headers(&self) -> Vec<&str> {
        let own = [self.signature_header(), self.timestamp_header(), self.id_header()];
        own.into_iter().flatten().chain(self.code().further_headers().iter().copied()).collect()
    }

    fn code(&self) -> &'static dyn Code {
        self.spec.kind.code()
    }
}

/// Random bytes, spelt.
fn spell(spelling: &Spelling, random: &mut dyn FnMut(&mut [u8])) -> Secret {
    let mut bytes = Zeroizing::new(vec![0; usize::from(spelling.bytes)]);
    random(&mut bytes);
    Secret::spell(&spelling.prefix, spelling.encoding, &bytes)
}

/// A scheme stands whole in lists and answers, so nothing in it may be without an end.
fn check_lengths(spec: &CodedSpec) -> Result<(), SchemeError> {
    check_length("header", spec.header.as_deref().unwrap_or_default(), LONGEST)?;
    check_number("signed_headers", spec.signed_headers.len())?;
    for (at, name) in spec.signed_headers.iter().enumerate() {
        check_length(&format!("signed_headers[{at}]"), name, LONGEST)?;
    }
    check_length("certificate_url", spec.certificate_url.as_deref().unwrap_or_default(), LONGEST_TEXT)?;
    check_words(spec.note.as_deref(), &spec.sources)
}

fn check(spec: &CodedSpec) -> Result<(), SchemeError> {
    check_lengths(spec)?;
    check_names(&spec.id, &spec.name)?;
    let settings = spec.kind.code().settings();
    for (setting, field, given) in [
        (Setting::Header, "header", spec.header.is_some()),
        (Setting::SignedHeaders, "signed_headers", !spec.signed_headers.is_empty()),
        (Setting::CertificateUrl, "certificate_url", spec.certificate_url.is_some()),
        (Setting::Tolerance, "tolerance", !spec.tolerance.is_unlimited()),
    ] {
        if given && !settings.contains(&setting) {
            return Err(SchemeError::at(field, "means nothing to a scheme of this kind"));
        }
    }
    match &spec.header {
        Some(header) => check_header_name("header", header)?,
        None if settings.contains(&Setting::Header) => {
            return Err(SchemeError::at("header", "name the header that carries the token"));
        }
        None => {}
    }
    for (at, name) in spec.signed_headers.iter().enumerate() {
        check_header_name(&format!("signed_headers[{at}]"), name)?;
    }
    if let Some(url) = &spec.certificate_url {
        check_printable("certificate_url", url)?;
    }
    if let Some(spelling) = &spec.generates {
        if spec.kind.code().is_asymmetric() {
            return Err(SchemeError::at("generates", "a key has one spelling only"));
        }
        check_spelling(spelling)?;
    }
    Ok(())
}
