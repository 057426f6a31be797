//! The checks that make a written scheme a usable one. Each error names the field at fault.

use crate::algorithm::{Algorithm, Encoding};
use crate::content::{Content, Segment};
use crate::json::is_pointer;
use crate::read::{FormatError, SignatureFormat};
use crate::secret::SecretForm;
use crate::spec::{SchemeSpec, Several, Spelling, TimestampSpec, Tolerance};
use crate::time::TimestampUnit;

/// The longest name of a scheme, and the longest header name or template, in bytes.
pub(crate) const LONGEST: usize = 200;
/// The longest text that is written for people or goes out as it stands: a note, a source, a header's value.
pub(crate) const LONGEST_TEXT: usize = 2000;
/// The most headers or sources that a scheme names.
const MOST: usize = 32;
/// How many random bytes a secret may be made of.
const SECRET_BYTES: std::ops::RangeInclusive<u16> = 8..=256;

/// Why a written scheme cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct SchemeError {
    /// The field at fault, as a path (`timestamp.unit`); `scheme` where no single field is.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

impl SchemeError {
    pub(crate) fn at(field: &str, problem: impl Into<String>) -> Self {
        Self { field: field.to_owned(), problem: problem.into() }
    }

    /// Of the scheme as a whole, where no single field is at fault.
    pub(crate) fn whole(problem: impl Into<String>) -> Self {
        Self::at("scheme", problem)
    }
}

impl<E: std::error::Error> From<serde_path_to_error::Error<E>> for SchemeError {
    fn from(error: serde_path_to_error::Error<E>) -> Self {
        let path = error.path().to_string();
        let field = if path == "." { "scheme".to_owned() } else { path };
        Self { field, problem: error.into_inner().to_string() }
    }
}

/// Checks everything and reads the two templates.
pub(crate) fn check(spec: &SchemeSpec) -> Result<(Content, SignatureFormat), SchemeError> {
    check_lengths(spec)?;
    check_names(&spec.id, &spec.name)?;
    check_headers(spec)?;
    check_secret(spec)?;
    check_timestamp(spec)?;
    let format = check_format(spec)?;
    let content =
        Content::parse(&spec.content).map_err(|error| SchemeError::at("content", error.to_string()))?;
    check_content(spec, &content)?;
    check_several(spec, &format)?;
    Ok((content, format))
}

/// A scheme stands whole in lists and answers, so nothing in it may be without an end.
fn check_lengths(spec: &SchemeSpec) -> Result<(), SchemeError> {
    check_length("signature_header", &spec.signature_header, LONGEST)?;
    check_length("signature_format", &spec.signature_format, LONGEST)?;
    check_length("content", &spec.content, LONGEST)?;
    check_length("separator", spec.separator.as_deref().unwrap_or_default(), LONGEST)?;
    check_length("id_header", spec.id_header.as_deref().unwrap_or_default(), LONGEST)?;
    if let Some(timestamp) = &spec.timestamp {
        check_length("timestamp.header", timestamp.header.as_deref().unwrap_or_default(), LONGEST)?;
        check_length("timestamp.body", timestamp.body.as_deref().unwrap_or_default(), LONGEST)?;
    }
    if let Several::Headers(names) = &spec.several {
        check_number("several.headers", names.len())?;
        for (at, name) in names.iter().enumerate() {
            check_length(&format!("several.headers[{at}]"), name, LONGEST)?;
        }
    }
    check_number("extra_headers", spec.extra_headers.len())?;
    for (at, (name, value)) in spec.extra_headers.iter().enumerate() {
        check_length(&format!("extra_headers[{at}][0]"), name, LONGEST)?;
        check_length(&format!("extra_headers[{at}][1]"), value, LONGEST_TEXT)?;
    }
    check_words(spec.note.as_deref(), &spec.sources)
}

/// What a scheme says of itself, and where that is from.
pub(crate) fn check_words(note: Option<&str>, sources: &[String]) -> Result<(), SchemeError> {
    check_length("note", note.unwrap_or_default(), LONGEST_TEXT)?;
    check_number("sources", sources.len())?;
    for (at, source) in sources.iter().enumerate() {
        check_length(&format!("sources[{at}]"), source, LONGEST_TEXT)?;
    }
    Ok(())
}

pub(crate) fn check_length(field: &str, text: &str, longest: usize) -> Result<(), SchemeError> {
    if text.len() > longest {
        return Err(SchemeError::at(field, format!("may be at most {longest} bytes long")));
    }
    Ok(())
}

pub(crate) fn check_number(field: &str, number: usize) -> Result<(), SchemeError> {
    if number > MOST {
        return Err(SchemeError::at(field, format!("may be at most {MOST}")));
    }
    Ok(())
}

pub(crate) fn check_names(id: &str, name: &str) -> Result<(), SchemeError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if id.is_empty() || id.len() > LONGEST || !id.bytes().all(plain) {
        return Err(SchemeError::at("id", "use lower-case letters, digits and `_`, at most 200"));
    }
    if name.trim().is_empty() {
        return Err(SchemeError::at("name", "must not be empty"));
    }
    if name.len() > LONGEST || name.chars().any(char::is_control) {
        return Err(SchemeError::at("name", "may be at most 200 bytes long, without control characters"));
    }
    Ok(())
}

/// Every header has a name that can be sent, and no two things stand in one header.
fn check_headers(spec: &SchemeSpec) -> Result<(), SchemeError> {
    let mut named = vec![("signature_header".to_owned(), spec.signature_header.as_str())];
    if let Several::Headers(names) = &spec.several {
        named.extend(
            names.iter().enumerate().map(|(at, name)| (format!("several.headers[{at}]"), name.as_str())),
        );
    }
    if let Some(header) = spec.timestamp.as_ref().and_then(|timestamp| timestamp.header.as_deref()) {
        named.push(("timestamp.header".to_owned(), header));
    }
    if let Some(header) = spec.id_header.as_deref() {
        named.push(("id_header".to_owned(), header));
    }
    for (at, (name, value)) in spec.extra_headers.iter().enumerate() {
        check_printable(&format!("extra_headers[{at}][1]"), value)?;
        named.push((format!("extra_headers[{at}][0]"), name));
    }
    for (at, (field, name)) in named.iter().enumerate() {
        check_header_name(field, name)?;
        if named[..at].iter().any(|(_, before)| before.eq_ignore_ascii_case(name)) {
            return Err(SchemeError::at(field, format!("`{name}` carries something else already")));
        }
    }
    Ok(())
}

/// The form of the secret fits the algorithm.
fn check_secret(spec: &SchemeSpec) -> Result<(), SchemeError> {
    let problem = match (spec.algorithm, spec.secret) {
        (Algorithm::Ed25519, SecretForm::Raw | SecretForm::WhsecB64) => {
            "an Ed25519 key is written as hex, base64, base64url, whsk_b64 or pem"
        }
        (Algorithm::EcdsaP256, SecretForm::Raw | SecretForm::WhsecB64 | SecretForm::WhskB64) => {
            "a P-256 key is written as hex, base64, base64url or pem"
        }
        (shared, SecretForm::WhskB64 | SecretForm::Pem) if !shared.is_asymmetric() => {
            "is for ed25519 and ecdsa-p256: a shared secret is raw, whsec_b64, base64, base64url or hex"
        }
        _ => return spec.generates.as_ref().map_or(Ok(()), |own| check_generated(spec, own)),
    };
    Err(SchemeError::at("secret", problem))
}

fn check_generated(spec: &SchemeSpec, own: &Spelling) -> Result<(), SchemeError> {
    if spec.algorithm.is_asymmetric() {
        return Err(SchemeError::at("generates", "a key has one spelling only"));
    }
    check_spelling(own)?;
    let example = crate::secret::Secret::spell(&own.prefix, own.encoding, &vec![7; usize::from(own.bytes)]);
    example
        .key(spec.secret)
        .map(|_| ())
        .map_err(|error| SchemeError::at("generates", format!("it would not fit `secret`: {error}")))
}

pub(crate) fn check_spelling(own: &Spelling) -> Result<(), SchemeError> {
    if own.prefix.len() > LONGEST || !own.prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(SchemeError::at("generates.prefix", "use printable ASCII without spaces"));
    }
    if !SECRET_BYTES.contains(&own.bytes) {
        return Err(SchemeError::at("generates.bytes", "must be from 8 to 256"));
    }
    Ok(())
}

fn check_timestamp(spec: &SchemeSpec) -> Result<(), SchemeError> {
    let Some(TimestampSpec { header, body: Some(pointer), .. }) = &spec.timestamp else { return Ok(()) };
    if header.is_some() {
        return Err(SchemeError::at(
            "timestamp.body",
            "the time stands in a header or in the body, not in both",
        ));
    }
    if !is_pointer(pointer) {
        return Err(SchemeError::at("timestamp.body", "is not a JSON pointer such as /sent_at"));
    }
    if !spec.content.contains("{body}") {
        let problem = "the body is not signed, so anybody could change the time in it";
        return Err(SchemeError::at("timestamp.body", problem));
    }
    Ok(())
}

pub(crate) fn check_header_name(field: &str, name: &str) -> Result<(), SchemeError> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || name.len() > LONGEST || !name.bytes().all(token) {
        return Err(SchemeError::at(field, format!("`{name}` is not a header name")));
    }
    Ok(())
}

pub(crate) fn check_printable(field: &str, text: &str) -> Result<(), SchemeError> {
    if text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(SchemeError::at(field, "a header takes printable ASCII only"))
    }
}

fn check_format(spec: &SchemeSpec) -> Result<SignatureFormat, SchemeError> {
    check_printable("signature_format", &spec.signature_format)?;
    if let Some(separator) = &spec.separator {
        check_printable("separator", separator)?;
        if separator.is_empty() {
            return Err(SchemeError::at("separator", "leave it out instead of leaving it empty"));
        }
        check_separator(spec, separator)?;
    }
    let format = SignatureFormat::parse(spec)
        .map_err(|error: FormatError| SchemeError::at("signature_format", error.to_string()))?;
    let in_signature = spec.timestamp.as_ref().is_some_and(TimestampSpec::in_signature);
    match (in_signature, format.has_timestamp()) {
        (true, false) => {
            let problem = "the time has neither a header nor a place in the body, so `{ts}` must stand in the signature format";
            Err(SchemeError::at("timestamp.header", problem))
        }
        (false, true) => {
            let problem = "has `{ts}`, but `timestamp` is missing or says that the time stands elsewhere";
            Err(SchemeError::at("signature_format", problem))
        }
        _ => Ok(format),
    }
}

/// A separator that can stand inside a signature or a time would tear it apart.
fn check_separator(spec: &SchemeSpec, separator: &str) -> Result<(), SchemeError> {
    let in_signature = |byte: u8| match spec.encoding {
        Encoding::Hex => byte.is_ascii_hexdigit(),
        Encoding::Base64 => byte.is_ascii_alphanumeric() || b"+/=".contains(&byte),
        Encoding::Base64Url => byte.is_ascii_alphanumeric() || b"-_".contains(&byte),
    };
    let iso = spec.timestamp.as_ref().is_some_and(|at| at.unit == TimestampUnit::Iso && at.in_signature());
    let in_time = |byte: u8| byte.is_ascii_digit() || (iso && b"TZ:-+.".contains(&byte));
    if separator.bytes().all(in_signature) || separator.bytes().all(in_time) {
        return Err(SchemeError::at("separator", "can stand inside what it separates"));
    }
    Ok(())
}

fn check_content(spec: &SchemeSpec, content: &Content) -> Result<(), SchemeError> {
    let message =
        [Segment::Body, Segment::FormSorted, Segment::Url, Segment::Path, Segment::Timestamp, Segment::Id];
    if !message.iter().any(|segment| content.has(segment)) {
        return Err(SchemeError::at("content", "nothing of the message is signed"));
    }
    if content.has(&Segment::Timestamp) && spec.timestamp.is_none() {
        return Err(SchemeError::at("content", "has `{ts}`, but `timestamp` is missing"));
    }
    if content.has(&Segment::Id) && spec.id_header.is_none() {
        return Err(SchemeError::at("content", "has `{id}`, but `id_header` is missing"));
    }
    if spec.algorithm.is_asymmetric() && content.has(&Segment::Secret) {
        return Err(SchemeError::at(
            "content",
            "has `{secret}`, and no secret is shared where keys come in pairs",
        ));
    }
    let hash = !spec.algorithm.is_keyed() && !spec.algorithm.is_asymmetric();
    if hash && !content.has(&Segment::Secret) {
        return Err(SchemeError::at("content", "a plain hash needs `{secret}` in it, or anybody could sign"));
    }
    if spec.timestamp.is_none() && spec.tolerance != Tolerance::default() {
        return Err(SchemeError::at("tolerance", "there is no `timestamp` it could apply to"));
    }
    Ok(())
}

fn check_several(spec: &SchemeSpec, format: &SignatureFormat) -> Result<(), SchemeError> {
    match &spec.several {
        Several::Parts if spec.separator.is_none() => {
            Err(SchemeError::at("separator", "repeated parts need something between them"))
        }
        Several::RepeatedHeader | Several::Headers(_) if format.has_timestamp() => {
            Err(SchemeError::at("several", "a header that carries the time cannot be repeated"))
        }
        Several::Headers(names) if names.is_empty() => {
            Err(SchemeError::at("several", "name at least one further header"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::Scheme;
    use serde_json::{Value, json};

    fn sound() -> Value {
        json!({
            "id": "own", "name": "Our own", "signature_header": "X-Sig", "signature_format": "v1={sig}",
            "content": "{body}", "algorithm": "hmac-sha256", "encoding": "hex", "secret": "raw",
        })
    }

    fn field_at_fault(changes: &Value) -> String {
        let mut scheme = sound();
        for (name, value) in changes.as_object().unwrap() {
            scheme[name] = value.clone();
        }
        Scheme::from_value(scheme).unwrap_err().field
    }

    #[test]
    fn a_sound_scheme_passes() {
        assert!(Scheme::from_value(sound()).is_ok());
    }

    #[test]
    fn no_text_of_a_scheme_is_without_an_end() {
        let long = "x".repeat(2001);
        for (field, changes) in [
            ("signature_header", json!({"signature_header": long})),
            ("signature_format", json!({"signature_format": format!("{long}{{sig}}")})),
            ("separator", json!({"separator": long})),
            ("several.headers[0]", json!({"several": {"headers": [long]}})),
            ("several.headers", json!({"several": {"headers": vec!["X-Other"; 33]}})),
            ("timestamp.header", json!({"timestamp": {"unit": "s", "header": long}})),
            ("timestamp.body", json!({"timestamp": {"unit": "s", "body": format!("/{long}")}})),
            ("id_header", json!({"id_header": long})),
            ("content", json!({"content": format!("{long}{{body}}")})),
            ("name", json!({"name": long})),
            ("note", json!({"note": long})),
            ("sources[1]", json!({"sources": ["https://example.com", long]})),
            ("sources", json!({"sources": vec!["https://example.com"; 33]})),
            ("extra_headers[0][0]", json!({"extra_headers": [[long, "a"]]})),
            ("extra_headers[0][1]", json!({"extra_headers": [["X-A", long]]})),
            ("extra_headers", json!({"extra_headers": vec![["X-A", "a"]; 33]})),
        ] {
            let mut scheme = sound();
            scheme[changes.as_object().unwrap().keys().next().unwrap()] =
                changes.as_object().unwrap().values().next().unwrap().clone();
            let error = Scheme::from_value(scheme).unwrap_err();
            assert_eq!(error.field, field);
            assert!(error.problem.len() < 100, "the text is quoted: {field}");
        }
    }

    #[test]
    fn every_fault_is_reported_at_its_field() {
        for (field, changes) in [
            ("id", json!({"id": "Own Scheme"})),
            ("id", json!({"id": ""})),
            ("name", json!({"name": "  "})),
            ("signature_header", json!({"signature_header": "X Sig"})),
            ("signature_header", json!({"signature_header": 7})),
            ("signature_format", json!({"signature_format": "v1="})),
            ("signature_format", json!({"signature_format": "{sig}{sig}"})),
            ("signature_format", json!({"signature_format": "t={ts},v1={sig}", "separator": ","})),
            ("signature_format", json!({"signature_format": "{sig"})),
            ("signature_format", json!({"signature_format": " {sig}"})),
            (
                "signature_format",
                json!({
                    "signature_format": "{sig}.{ts}", "separator": ".", "several": "parts",
                    "timestamp": {"unit": "s"},
                }),
            ),
            ("signature_format", json!({"signature_format": "{mac}"})),
            ("signature_format", json!({"signature_format": "{sig}\r\nX: y"})),
            ("separator", json!({"separator": ""})),
            ("separator", json!({"several": "parts"})),
            ("several", json!({"several": {"headers": []}})),
            ("several.headers[0]", json!({"several": {"headers": ["a b"]}})),
            ("several.headers[0]", json!({"several": {"headers": ["x-sig"]}})),
            ("several.headers[1]", json!({"several": {"headers": ["X-Sig-2", "X-Sig-2"]}})),
            ("timestamp.header", json!({"timestamp": {"unit": "s", "header": "X-Sig"}})),
            ("timestamp.body", json!({"timestamp": {"unit": "s", "body": "sent_at"}})),
            ("timestamp.body", json!({"timestamp": {"unit": "s", "body": "/at", "header": "X-T"}})),
            ("timestamp.body", json!({"timestamp": {"unit": "s", "body": "/at"}, "content": "{ts}.{url}"})),
            ("id_header", json!({"id_header": "X-SIG"})),
            ("name", json!({"name": "a\nb"})),
            ("id", json!({"id": "a".repeat(201)})),
            ("separator", json!({"separator": "ab"})),
            ("separator", json!({"separator": "+", "encoding": "base64"})),
            (
                "separator",
                json!({"separator": ":", "timestamp": {"unit": "iso"}, "signature_format": "{ts}:{sig}"}),
            ),
            ("secret", json!({"algorithm": "ed25519"})),
            ("secret", json!({"algorithm": "ecdsa-p256", "secret": "whsk_b64"})),
            ("secret", json!({"secret": "pem"})),
            ("secret", json!({"secret": "whsk_b64"})),
            ("content", json!({"algorithm": "ed25519", "secret": "hex", "content": "{secret}{body}"})),
            ("content", json!({"content": format!("{{body}}{}", "x".repeat(200))})),
            ("generates", json!({"generates": {"encoding": "base64", "bytes": 32}, "secret": "hex"})),
            (
                "generates",
                json!({"generates": {"encoding": "hex", "bytes": 32}, "algorithm": "ed25519", "secret": "hex"}),
            ),
            ("generates.bytes", json!({"generates": {"encoding": "hex", "bytes": 1}})),
            ("generates.prefix", json!({"generates": {"prefix": "a b", "encoding": "hex", "bytes": 32}})),
            ("generates.encoding", json!({"generates": {"encoding": "words", "bytes": 32}})),
            ("several", json!({"several": "some"})),
            ("timestamp.header", json!({"timestamp": {"unit": "s"}})),
            ("timestamp.header", json!({"timestamp": {"unit": "s", "header": "a:b"}})),
            ("timestamp.unit", json!({"timestamp": {"unit": "minutes", "header": "X-T"}})),
            ("id_header", json!({"id_header": ""})),
            ("content", json!({"content": "{ts}.{body}"})),
            ("content", json!({"content": "{id}.{body}"})),
            ("content", json!({"content": "{nonce}.{body}"})),
            ("content", json!({"content": "fixed"})),
            ("content", json!({"algorithm": "sha256"})),
            ("algorithm", json!({"algorithm": "md5"})),
            ("encoding", json!({"encoding": "HEX"})),
            ("secret", json!({"secret": "base32"})),
            ("tolerance", json!({"tolerance": {"past_s": 300}})),
            ("tolerance.past_s", json!({"tolerance": {"past_s": -1}})),
            ("extra_headers[0][1]", json!({"extra_headers": [["X-A", "a\nb"]]})),
            ("extra_headers[0][0]", json!({"extra_headers": [["X A", "b"]]})),
            ("extra_headers[1][0]", json!({"extra_headers": [["X-A", "b"], ["x-a", "b"]]})),
            ("flavour", json!({"flavour": "sweet"})),
        ] {
            assert_eq!(field_at_fault(&changes), field, "{changes}");
        }
    }

    #[test]
    fn a_missing_field_is_named_in_the_problem() {
        let mut scheme = sound();
        scheme.as_object_mut().unwrap().remove("content");
        let error = Scheme::from_value(scheme).unwrap_err();
        assert!(error.problem.contains("content"), "{error}");
    }
}
