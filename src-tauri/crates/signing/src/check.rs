//! The checks that make a written scheme a usable one. Each error names the field at fault.

use crate::content::{Content, Segment};
use crate::read::{FormatError, SignatureFormat};
use crate::spec::{SchemeSpec, Several, Tolerance};

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
    fn at(field: &str, problem: impl Into<String>) -> Self {
        Self { field: field.to_owned(), problem: problem.into() }
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
    check_names(spec)?;
    check_headers(spec)?;
    let format = check_format(spec)?;
    let content =
        Content::parse(&spec.content).map_err(|error| SchemeError::at("content", error.to_string()))?;
    check_content(spec, &content)?;
    check_several(spec, &format)?;
    Ok((content, format))
}

fn check_names(spec: &SchemeSpec) -> Result<(), SchemeError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if spec.id.is_empty() || !spec.id.bytes().all(plain) {
        return Err(SchemeError::at("id", "use lower-case letters, digits and `_`"));
    }
    if spec.name.trim().is_empty() {
        return Err(SchemeError::at("name", "must not be empty"));
    }
    Ok(())
}

fn check_headers(spec: &SchemeSpec) -> Result<(), SchemeError> {
    check_header_name("signature_header", &spec.signature_header)?;
    if let Some(header) = spec.timestamp.as_ref().and_then(|timestamp| timestamp.header.as_ref()) {
        check_header_name("timestamp.header", header)?;
    }
    if let Some(header) = &spec.id_header {
        check_header_name("id_header", header)?;
    }
    if let Several::Headers(names) = &spec.several {
        names.iter().try_for_each(|name| check_header_name("several", name))?;
    }
    for (name, value) in &spec.extra_headers {
        check_header_name("extra_headers", name)?;
        check_printable("extra_headers", value)?;
    }
    Ok(())
}

fn check_header_name(field: &str, name: &str) -> Result<(), SchemeError> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(SchemeError::at(field, format!("`{name}` is not a header name")));
    }
    Ok(())
}

fn check_printable(field: &str, text: &str) -> Result<(), SchemeError> {
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
    }
    let format = SignatureFormat::parse(spec)
        .map_err(|error: FormatError| SchemeError::at("signature_format", error.to_string()))?;
    let in_signature = spec.timestamp.as_ref().is_some_and(|timestamp| timestamp.header.is_none());
    match (in_signature, format.has_timestamp()) {
        (true, false) => {
            let problem = "the time has no header of its own, so `{ts}` must stand in the signature format";
            Err(SchemeError::at("timestamp.header", problem))
        }
        (false, true) => {
            let problem = "has `{ts}`, but `timestamp` is missing or names a header of its own";
            Err(SchemeError::at("signature_format", problem))
        }
        _ => Ok(format),
    }
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
    if !spec.algorithm.is_keyed() && !content.has(&Segment::Secret) {
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
            ("signature_format", json!({"signature_format": "{mac}"})),
            ("signature_format", json!({"signature_format": "{sig}\r\nX: y"})),
            ("separator", json!({"separator": ""})),
            ("separator", json!({"several": "parts"})),
            ("several", json!({"several": {"headers": []}})),
            ("several", json!({"several": {"headers": ["a b"]}})),
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
            ("extra_headers", json!({"extra_headers": [["X-A", "a\nb"]]})),
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
