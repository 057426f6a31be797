use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::veil::{is_credential_name, veiled};

/// The value of a header as it stood on the wire: usually text, but any bytes are kept.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HeaderValue(Bytes);

impl HeaderValue {
    /// The bytes as they stood on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The value as text; `None` where it is not UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl std::fmt::Debug for HeaderValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

impl From<&str> for HeaderValue {
    fn from(text: &str) -> Self {
        Self(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl From<String> for HeaderValue {
    fn from(text: String) -> Self {
        Self(Bytes::from(text))
    }
}

impl From<Bytes> for HeaderValue {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

/// Whether this is the name of a pseudo header of HTTP/2: `:method`, `:scheme`, `:path` and `:authority` say what stands
/// in the request line and in `Host` of HTTP/1. They are recorded with the headers, and never sent on as such.
pub fn is_pseudo(name: &str) -> bool {
    name.starts_with(':')
}

/// Header names and values in their order, with their case and duplicates.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HeaderPairs(Vec<(String, HeaderValue)>);

impl HeaderPairs {
    /// No headers.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a header at the end; one of the same name stays.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<HeaderValue>) {
        self.0.push((name.into(), value.into()));
    }

    /// The first value of that name, whatever its case.
    pub fn get(&self, name: &str) -> Option<&HeaderValue> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The first value of that name as text; `None` where there is none or it is not UTF-8.
    pub fn get_str(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(HeaderValue::as_str)
    }

    /// All values of that name, whatever its case, in their order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a HeaderValue> {
        self.0.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Takes out every header of that name, whatever its case.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// Name and value in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &HeaderValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// As pairs; a value whose name tells a credential stays out of it.
impl std::fmt::Debug for HeaderPairs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |name: &str, value: &HeaderValue| {
            if is_credential_name(name) { veiled(name, value) } else { value.clone() }
        };
        f.debug_list().entries(self.iter().map(|(name, value)| (name, shown(name, value)))).finish()
    }
}

impl<N: Into<String>, V: Into<HeaderValue>> FromIterator<(N, V)> for HeaderPairs {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl<N: Into<String>, V: Into<HeaderValue>> Extend<(N, V)> for HeaderPairs {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, pairs: I) {
        self.0.extend(pairs.into_iter().map(|(name, value)| (name.into(), value.into())));
    }
}

/// As `["Name", "value"]`, or `["Name", {"base64": "…"}]` where the value is not UTF-8.
impl Serialize for HeaderPairs {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|(name, value)| match value.as_str() {
            Some(text) => (name, HeaderText::Text(text.to_owned())),
            None => (name, HeaderText::Base64 { base64: data_encoding::BASE64.encode(value.as_bytes()) }),
        }))
    }
}

impl<'de> Deserialize<'de> for HeaderPairs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = Vec::<(String, HeaderText)>::deserialize(deserializer)?;
        pairs
            .into_iter()
            .map(|(name, value)| match value {
                HeaderText::Text(text) => Ok((name, HeaderValue::from(text))),
                HeaderText::Base64 { base64 } => data_encoding::BASE64
                    .decode(base64.as_bytes())
                    .map(|bytes| (name, HeaderValue::from(Bytes::from(bytes))))
                    .map_err(serde::de::Error::custom),
            })
            .collect()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum HeaderText {
    Text(String),
    Base64 { base64: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_credential() {
        let headers = HeaderPairs::from_iter([("Authorization", "Bearer abc"), ("X-One", "1")]);
        assert_eq!(format!("{headers:?}"), r#"[("Authorization", "Bearer (the secret)"), ("X-One", "1")]"#);
    }

    #[test]
    fn order_case_duplicates_and_odd_bytes_survive_json() {
        let mut headers = HeaderPairs::from_iter([("X-One", "1"), ("x-one", "2"), ("Accept", "*/*")]);
        headers.push("X-Raw", Bytes::from_static(&[0xff, 0x00]));
        let json = serde_json::to_string(&headers).unwrap();
        assert_eq!(json, r#"[["X-One","1"],["x-one","2"],["Accept","*/*"],["X-Raw",{"base64":"/wA="}]]"#);
        assert_eq!(serde_json::from_str::<HeaderPairs>(&json).unwrap(), headers);
        assert_eq!(headers.get_all("x-ONE").count(), 2);
        assert_eq!(headers.get_str("X-Raw"), None);
    }
}
