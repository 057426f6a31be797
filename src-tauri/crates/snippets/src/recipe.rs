//! What a receiver has to do, in the order in which every language writes it down: read headers, put the
//! content together, compute, compare, look at the clock.

mod coded;

use hookbench_signing::template::{Token, tokens};
use hookbench_signing::{
    Algorithm, Encoding, Scheme, SchemeSpec, SecretForm, Several, TimestampUnit, Tolerance,
};

use crate::{Input, words};

/// What nearly every sender takes for success.
const USUAL_STATUS: u16 = 200;

/// The steps of one scheme.
#[derive(Debug)]
pub(crate) struct Recipe<'a> {
    /// The scheme's name for people.
    pub(crate) name: &'a str,
    pub(crate) signature: Signature<'a>,
    pub(crate) time: Option<Time<'a>>,
    /// The header whose value is signed as the id.
    pub(crate) id_header: Option<&'a str>,
    pub(crate) content: Vec<Piece<'a>>,
    pub(crate) proof: Proof,
    /// How a signature is spelt.
    pub(crate) encoding: Encoding,
    pub(crate) key: KeyForm,
    /// What has to be taken out of the request before the content can be put together.
    pub(crate) finds: Option<Find>,
    /// What is answered to a request that is believed: a status from 200 to 299.
    pub(crate) status: u16,
}

/// How the content is proven to be the sender's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// An HMAC, keyed with the secret.
    Hmac(Hash),
    /// A plain hash; the secret is part of the content.
    Plain(Hash),
    /// The secret itself, as it is.
    Token,
    /// The secret itself, in base64.
    TokenInBase64,
    /// A signature by a private key, checked with the public one.
    Public(Public),
}

/// Which public keys check a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Public {
    Ed25519,
    /// On P-256 over SHA-256, in DER.
    Ecdsa,
    /// PKCS #1 v1.5 over SHA-256.
    Rsa,
    /// The same; the message says over which hash.
    RsaOverSaidHash,
}

/// How the written secret becomes the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyForm {
    /// The bytes of the text.
    Text,
    /// Base64, behind this prefix, which may be missing.
    Base64 {
        prefix: &'static str,
    },
    /// Base64 of the alphabet for URLs; the padding may be missing.
    Base64Url,
    Hex,
    /// A public key in PEM.
    Pem,
    /// A certificate in PEM.
    Certificate,
    /// An id on the first line, which is part of the content, and a certificate in PEM below.
    IdAndCertificate,
}

/// What some schemes have to take out of a request, each in a way of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Find {
    /// Mailgun: time, token and signature stand in the body.
    Mailgun,
    /// Adyen: eight fields of the body are signed, and the signature stands in it.
    Adyen,
    /// AWS SNS: fields of the body are signed, and the signature stands in it.
    Sns,
    /// Contentful: a header lists the headers that are signed.
    Contentful,
    /// `PayPal`: the body's CRC-32 is signed.
    Paypal,
    /// Twilio: the URL holds the body's hash.
    HashInUrl,
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// Where signatures stand. Each is compared as it is written there, with its prefix.
#[derive(Debug)]
pub(crate) struct Signature<'a> {
    /// The headers that may carry one, the first first. More than one where each key has its own.
    pub(crate) headers: Vec<&'a str>,
    /// What separates several in one value.
    pub(crate) separator: Option<&'a str>,
    /// True where the whole header may come more than once.
    pub(crate) repeated: bool,
    /// What is written before a signature, and after it.
    pub(crate) around: (&'a str, &'a str),
    /// The word that says what kind of credentials follow, where it is understood in any case.
    pub(crate) word: Option<&'static str>,
}

/// The time of signing.
#[derive(Debug)]
pub(crate) struct Time<'a> {
    pub(crate) place: Place<'a>,
    pub(crate) unit: TimestampUnit,
    /// How old and how far ahead it may be, in seconds.
    pub(crate) past_s: Option<u32>,
    pub(crate) future_s: Option<u32>,
}

/// Where the time of signing stands.
#[derive(Debug)]
pub(crate) enum Place<'a> {
    Header(&'a str),
    /// In the body's JSON, at these names. A body without it is not held to any time.
    Body(Vec<&'a str>),
    /// Found with the rest.
    Found,
    /// In a part of the signature header, between these two.
    Part {
        before: &'a str,
        after: &'a str,
    },
}

/// A part of what is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Id,
    Timestamp,
    Method,
    Url,
    Path,
    Body,
    Form,
    Secret,
    /// Something that was found: the name of its variable.
    Found(&'static str),
    /// The id that is half of the secret.
    Account,
}

/// Neighbouring pieces that a language can write as one: a text with values in it, or some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Run<'a, 'b> {
    Text(&'b [Piece<'a>]),
    Bytes(Piece<'a>),
}

impl<'a> Recipe<'a> {
    #[expect(clippy::expect_used, reason = "a scheme is written in one of two forms")]
    pub(crate) fn of(scheme: &'a Scheme) -> Self {
        let keyed = scheme.keyed().map(Self::keyed);
        keyed.or_else(|| scheme.code().map(Self::coded)).expect("a scheme has one of its two forms")
    }

    fn keyed(spec: &'a SchemeSpec) -> Self {
        let content = pieces(&spec.content);
        let time = spec.timestamp.as_ref().and_then(|timestamp| {
            let place = match (&timestamp.header, &timestamp.body) {
                (Some(header), _) => Place::Header(header),
                (None, Some(pointer)) => Place::Body(pointer.split('/').skip(1).collect()),
                (None, None) => {
                    let (before, after) = part_with(spec, "ts")?;
                    Place::Part { before, after }
                }
            };
            Some(Time::new(place, timestamp.unit, spec.tolerance))
        });
        // A time that is neither signed nor judged is no concern of the receiver's.
        let time = time.filter(|time| time.is_judged() || content.contains(&Piece::Timestamp));
        Self {
            name: &spec.name,
            signature: Signature::of(spec),
            time,
            id_header: spec.id_header.as_deref().filter(|_| content.contains(&Piece::Id)),
            content,
            proof: Proof::of(spec.algorithm),
            encoding: spec.encoding,
            key: KeyForm::of(spec.secret),
            finds: None,
            status: USUAL_STATUS,
        }
    }

    pub(crate) fn has(&self, piece: Piece<'_>) -> bool {
        self.content.contains(&piece)
    }

    /// True where the receiver has to know the URL by which it is called.
    pub(crate) fn needs_url(&self) -> bool {
        self.has(Piece::Url) || self.has(Piece::Path) || self.finds == Some(Find::Contentful)
    }

    /// The time, where a rule about it exists.
    pub(crate) fn judged_time(&self) -> Option<&Time<'a>> {
        self.time.as_ref().filter(|time| time.is_judged())
    }

    /// True where nothing but the body is signed.
    pub(crate) fn is_body_alone(&self) -> bool {
        self.content == [Piece::Body]
    }

    /// True where the content can only be put together once the secret is at hand.
    pub(crate) fn content_needs_secret(&self) -> bool {
        self.has(Piece::Secret) || self.has(Piece::Account)
    }

    /// The variable that holds the content: the body itself, where that is all.
    pub(crate) fn content_name(&self) -> &'static str {
        if self.is_body_alone() { "body" } else { "content" }
    }

    /// True where a variable of its own holds the content.
    pub(crate) fn has_content_of_its_own(&self) -> bool {
        !self.content.is_empty() && !self.is_body_alone()
    }

    /// True where the body is read as JSON.
    pub(crate) fn reads_json(&self) -> bool {
        let time = self.judged_time().is_some_and(|time| matches!(time.place, Place::Body(_)));
        time || self.finds.as_ref().is_some_and(Find::gives_signature)
    }

    /// True where the URL is taken apart.
    pub(crate) fn needs_url_parts(&self) -> bool {
        self.has(Piece::Path) || matches!(self.finds, Some(Find::HashInUrl | Find::Contentful))
    }

    /// True where the secret holds a certificate, or the public key alone.
    pub(crate) fn has_certificate(&self) -> bool {
        matches!(self.key, KeyForm::Certificate | KeyForm::IdAndCertificate)
    }

    /// True where the secret has to be read to become the key: all of it that is not the key as it stands.
    pub(crate) fn reads_key(&self) -> bool {
        self.key != KeyForm::Text
    }

    /// True where the verifying function looks at the body.
    pub(crate) fn reads_body(&self) -> bool {
        self.has(Piece::Body) || self.has(Piece::Form) || self.finds.is_some() || self.reads_json()
    }

    /// True where it looks at headers.
    pub(crate) fn reads_any_header(&self) -> bool {
        self.reads_headers() || !self.signature.headers.is_empty()
    }

    /// True where nothing is signed, and a token is compared.
    pub(crate) fn is_token(&self) -> bool {
        matches!(self.proof, Proof::Token | Proof::TokenInBase64)
    }

    /// What the verifying function is given after headers, body and secrets.
    pub(crate) fn inputs(&self) -> Vec<Input> {
        let now = |time: &Time<'_>| if time.in_seconds() { Input::NowSeconds } else { Input::NowMillis };
        let method = self.has(Piece::Method).then_some(Input::Method);
        let url = self.needs_url().then_some(Input::Url);
        [method, url, self.judged_time().map(now)].into_iter().flatten().collect()
    }

    pub(crate) fn takes(&self, input: Input) -> bool {
        self.inputs().contains(&input)
    }

    /// True where any header is read by itself.
    pub(crate) fn reads_headers(&self) -> bool {
        let of_time = matches!(self.time, Some(Time { place: Place::Header(_), .. }));
        !(self.signature.repeated || self.signature.headers.is_empty()) || of_time || self.id_header.is_some()
    }

    /// The content as runs.
    pub(crate) fn runs(&self) -> Vec<Run<'a, '_>> {
        let both_text = |left: &Piece<'_>, right: &Piece<'_>| left.is_text() && right.is_text();
        self.content
            .chunk_by(both_text)
            .map(|run| if run[0].is_text() { Run::Text(run) } else { Run::Bytes(run[0]) })
            .collect()
    }

    /// Where several signatures may arrive.
    pub(crate) fn is_list(&self) -> bool {
        self.signature.headers.len() > 1 || self.signature.separator.is_some()
    }
}

impl<'a> Signature<'a> {
    fn in_header(header: &'a str, before: &'a str) -> Self {
        Self { headers: vec![header], separator: None, repeated: false, around: (before, ""), word: None }
    }

    /// Credentials behind a word, in the header that is for them. `before` is the word and a space.
    fn authorization(before: &'static str) -> Self {
        Self { word: Some(before.trim_end()), ..Self::in_header("Authorization", before) }
    }

    /// A signature that is found elsewhere.
    fn found() -> Self {
        Self { headers: Vec::new(), separator: None, repeated: false, around: ("", ""), word: None }
    }

    fn of(spec: &'a SchemeSpec) -> Self {
        let further = match &spec.several {
            Several::Headers(names) => names.as_slice(),
            _ => &[],
        };
        let repeated = spec.several == Several::RepeatedHeader;
        Self {
            headers: std::iter::once(&spec.signature_header).chain(further).map(String::as_str).collect(),
            separator: spec.separator.as_deref().or_else(|| repeated.then_some(", ")),
            repeated,
            around: part_with(spec, "sig").unwrap_or_default(),
            word: None,
        }
    }
}

impl Signature<'_> {
    /// A digest with the text that stands around signatures, put together by the language's operator.
    pub(crate) fn dressed(&self, digest: &str, plus: &str, quoted: fn(&str) -> String) -> String {
        let (before, after) = self.around;
        let before = if before.is_empty() { String::new() } else { format!("{}{plus}", quoted(before)) };
        let after = if after.is_empty() { String::new() } else { format!("{plus}{}", quoted(after)) };
        format!("{before}{digest}{after}")
    }
}

impl Proof {
    pub(crate) fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::HmacSha1 => Self::Hmac(Hash::Sha1),
            Algorithm::HmacSha256 => Self::Hmac(Hash::Sha256),
            Algorithm::HmacSha384 => Self::Hmac(Hash::Sha384),
            Algorithm::HmacSha512 => Self::Hmac(Hash::Sha512),
            Algorithm::Sha1 => Self::Plain(Hash::Sha1),
            Algorithm::Sha256 => Self::Plain(Hash::Sha256),
            Algorithm::Sha512 => Self::Plain(Hash::Sha512),
            Algorithm::Ed25519 => Self::Public(Public::Ed25519),
            Algorithm::EcdsaP256 => Self::Public(Public::Ecdsa),
        }
    }
}

impl KeyForm {
    fn of(form: SecretForm) -> Self {
        match form {
            SecretForm::Raw => Self::Text,
            SecretForm::WhsecB64 => Self::Base64 { prefix: "whsec_" },
            // Receivers hold the public half.
            SecretForm::WhskB64 => Self::Base64 { prefix: "whpk_" },
            SecretForm::Base64 => Self::Base64 { prefix: "" },
            SecretForm::Base64Url => Self::Base64Url,
            SecretForm::Hex => Self::Hex,
            SecretForm::Pem => Self::Pem,
        }
    }
}

impl Find {
    /// True where the signature itself is among what is found.
    pub(crate) fn gives_signature(&self) -> bool {
        matches!(self, Self::Mailgun | Self::Adyen | Self::Sns)
    }
}

impl Hash {
    /// As most libraries call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }
}

impl<'a> Time<'a> {
    fn new(place: Place<'a>, unit: TimestampUnit, tolerance: Tolerance) -> Self {
        Self { place, unit, past_s: tolerance.past_s, future_s: tolerance.future_s }
    }

    fn is_judged(&self) -> bool {
        self.past_s.is_some() || self.future_s.is_some()
    }

    /// Whether `now` is given in whole seconds, as the scheme counts; else in milliseconds.
    pub(crate) fn in_seconds(&self) -> bool {
        self.unit == TimestampUnit::S
    }

    /// The conditions under which the age, in a variable of that name, is refused, and why.
    pub(crate) fn rules(&self, age: &str) -> Vec<(String, &'static str)> {
        let past = self.past_s.map(|past_s| (format!("{age} > {}", self.limit(past_s)), words::STALE));
        let future =
            self.future_s.map(|future_s| (format!("{age} < -{}", self.limit(future_s)), words::FUTURE));
        past.into_iter().chain(future).collect()
    }

    /// A limit in the unit in which `now` is given.
    pub(crate) fn limit(&self, seconds: u32) -> u64 {
        u64::from(seconds) * if self.in_seconds() { 1 } else { 1000 }
    }
}

impl Piece<'_> {
    fn is_text(self) -> bool {
        !matches!(self, Self::Body | Self::Form | Self::Secret)
    }
}

pub(crate) fn pieces(template: &str) -> Vec<Piece<'_>> {
    let piece = |token| match token {
        Token::Literal(text) => Piece::Text(text),
        Token::Placeholder("id") => Piece::Id,
        Token::Placeholder("ts") => Piece::Timestamp,
        Token::Placeholder("method") => Piece::Method,
        Token::Placeholder("url") => Piece::Url,
        Token::Placeholder("path") => Piece::Path,
        Token::Placeholder("form_sorted") => Piece::Form,
        Token::Placeholder("secret") => Piece::Secret,
        Token::Placeholder(_) => Piece::Body,
    };
    // The scheme was checked, so its templates can be read.
    tokens(template).unwrap_or_default().into_iter().map(piece).collect()
}

/// What stands around a placeholder in its part of the signature header.
fn part_with<'a>(spec: &'a SchemeSpec, name: &str) -> Option<(&'a str, &'a str)> {
    let slot = format!("{{{name}}}");
    let format = spec.signature_format.as_str();
    match &spec.separator {
        Some(separator) => format.split(separator.as_str()).find_map(|part| part.split_once(&slot)),
        None => format.split_once(&slot),
    }
}
