//! A URL taken apart, as text.

use crate::verify::Received;

/// A URL in parts, as text: nothing is normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) scheme: String,
    pub(super) host: String,
    pub(super) port: Option<String>,
    pub(super) path: String,
    pub(super) query: Option<String>,
}

impl Parts {
    pub(super) fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (rest, None),
        };
        let (host, port) = host_and_port(authority);
        Some(Self { scheme: scheme.to_owned(), host, port, path: path.to_owned(), query })
    }

    /// Where no whole URL is known: what the request's own headers say.
    pub(super) fn from_host(received: &Received<'_>) -> Option<Self> {
        let host = header(received, "host")?;
        let target = if received.url.starts_with('/') { received.url } else { "/" };
        Self::of(&format!("http://{host}{target}"))
    }

    /// The path without scheme and host, with its query and without.
    pub(super) fn path_alone(&self) -> Vec<String> {
        let path = if self.path.is_empty() { "/" } else { &self.path };
        let with_query = self.query.as_ref().map(|query| format!("{path}?{query}"));
        with_query.into_iter().chain([path.to_owned()]).collect()
    }

    pub(super) fn text(&self) -> String {
        let port = self.port.as_ref().map(|port| format!(":{port}")).unwrap_or_default();
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}://{}{port}{}{query}", self.scheme, self.host, self.path)
    }
}

pub(super) fn host_and_port(authority: &str) -> (String, Option<String>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (host.to_owned(), (!port.is_empty()).then(|| port.to_owned()))
        }
        _ => (authority.to_owned(), None),
    }
}

pub(super) fn header(received: &Received<'_>, name: &str) -> Option<String> {
    let (_, value) = received.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(value).ok().map(|text| text.trim().to_owned())
}
