//! Headers as they stand on the wire.
//!
//! On HTTP/1.1 the header names go out with a capital after each hyphen (`X-Event-Id`), in the order in
//! which they were added, several of one name beside each other. The record is made from the very map that
//! goes out, so that it cannot say anything else. What goes out exactly as it was recorded keeps the case of its names
//! and their order too: then the record is made from those.

use bytes::Bytes;
use hookbench_model::{HeaderPairs, HeaderValue};
use http::HeaderMap;
use http::header::HeaderName;

use super::BuildError;

/// Headers that belong to a connection or to the framing of a message and not to the webhook: they are made
/// anew for every request. The first nine are from RFC 9110, section 7.6.1, and its predecessors.
const OF_THE_CONNECTION: [&str; 11] = [
    "connection",
    "proxy-connection",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "proxy-authenticate",
    "proxy-authorization",
    "host",
    "content-length",
];

/// Whether a header of this name belongs to the connection it came over, so that a record of it is not sent
/// on. The pseudo headers of HTTP/2 do too.
pub fn is_of_the_connection(name: &str) -> bool {
    hookbench_model::is_pseudo(name) || OF_THE_CONNECTION.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Headers in layers: what a later layer names replaces what earlier ones said under that name.
#[derive(Debug, Default)]
pub(super) struct Layers(HeaderPairs);

impl Layers {
    pub(super) fn add<'a>(&mut self, layer: impl IntoIterator<Item = (&'a str, HeaderValue)>) {
        let layer: Vec<_> = layer.into_iter().collect();
        for (name, _) in &layer {
            self.0.remove(name);
        }
        self.0.extend(layer);
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some()
    }

    /// Names and values as they stand so far, for a scheme that signs headers.
    pub(super) fn pairs(&self) -> Vec<(&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name, value.as_bytes())).collect()
    }

    /// The map that goes out, or the first header that cannot.
    pub(super) fn into_map(self) -> Result<HeaderMap, BuildError> {
        let mut map = HeaderMap::with_capacity(self.0.len());
        for (name, value) in self.0.iter() {
            let unsendable = || BuildError::Header { name: name.to_owned() };
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable())?;
            let value = http::HeaderValue::from_bytes(value.as_bytes()).map_err(|_| unsendable())?;
            map.append(name, value);
        }
        Ok(map)
    }
}

/// The headers of a request that goes out exactly as they were recorded, in their order and case. What belongs to the
/// connection stays behind; the host and the length stand where they stood, and say what is so now.
pub(super) fn exact(recorded: &HeaderPairs, host: Option<&str>, length: Option<usize>) -> HeaderPairs {
    let mut lines = HeaderPairs::new();
    let (mut hosts, mut lengths) = (0, 0);
    for (name, value) in recorded.iter() {
        if name.eq_ignore_ascii_case("host") {
            hosts += 1;
            match host {
                Some(host) if hosts == 1 => lines.push(name, HeaderValue::from(host)),
                // Another one would leave it to the receiver which of them counts.
                None if hosts == 1 => lines.push(name, value.clone()),
                _ => {}
            }
        } else if name.eq_ignore_ascii_case("content-length") {
            lengths += 1;
            if let Some(length) = length.filter(|_| lengths == 1) {
                lines.push(name, HeaderValue::from(length.to_string()));
            }
        } else if !is_of_the_connection(name) {
            lines.push(name, value.clone());
        }
    }
    if let Some(length) = length.filter(|_| lengths == 0) {
        lines.push("Content-Length", HeaderValue::from(length.to_string()));
    }
    lines
}

/// How a request is written down.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WireForm<'a> {
    /// For the server itself, on HTTP/1.1.
    Http1,
    /// For a proxy that speaks HTTP/1.1 and hands it on, with what that proxy is told of us.
    Forwarded(Option<&'a http::HeaderValue>),
    /// On HTTP/2.
    Http2,
}

/// The record of a map that goes out.
pub(super) fn record(map: &HeaderMap) -> HeaderPairs {
    map.iter()
        .map(|(name, value)| (title_case(name.as_str()), Bytes::copy_from_slice(value.as_bytes())))
        .collect()
}

/// As HTTP/1.1 clients write header names: a capital at the beginning and after each hyphen.
fn title_case(name: &str) -> String {
    let mut capital = true;
    name.chars()
        .map(|c| {
            let written = if capital { c.to_ascii_uppercase() } else { c };
            capital = c == '-';
            written
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_layers_replace_and_duplicates_within_a_layer_stay() {
        let mut layers = Layers::default();
        layers.add([("Accept", "*/*".into()), ("x-id", "1".into())]);
        layers.add([
            ("X-ID", "2".into()),
            ("x-id", "3".into()),
            ("X-Raw", Bytes::from_static(b"\xff").into()),
        ]);
        let map = layers.into_map().unwrap();
        let headers = record(&map);
        let shown: Vec<_> = headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
        assert_eq!(shown, [("Accept", &b"*/*"[..]), ("X-Id", b"2"), ("X-Id", b"3"), ("X-Raw", b"\xff")]);
    }

    #[test]
    fn a_header_that_cannot_stand_on_the_wire_is_named() {
        for (name, value) in [("X Y", "1"), ("", "1"), ("X-A", "1\r\nX-B: 2"), ("Ü", "1")] {
            let mut layers = Layers::default();
            layers.add([(name, value.into())]);
            assert!(matches!(layers.into_map(), Err(BuildError::Header { name: named }) if named == name));
        }
    }
}
