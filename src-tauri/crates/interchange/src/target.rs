//! URLs taken apart, without being changed.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::Fault;

/// What a person may write in a URL and cannot stand there on the wire.
const UNWRITABLE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');

/// The parts of a URL as a request has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    /// `https://example.com:8080`; `None` where only a path was written.
    pub(crate) origin: Option<String>,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
}

impl Target {
    /// Reads `http://…`, `https://…` or a path.
    pub(crate) fn read(text: &str) -> Result<Self, Fault> {
        let text = text.split('#').next().unwrap_or_default();
        let authority_at = ["http://", "https://"]
            .into_iter()
            .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
            .map(str::len);
        let (origin, rest) = match authority_at {
            Some(at) => {
                let path_at = text[at..].find(['/', '?']).map_or(text.len(), |found| at + found);
                if path_at == at {
                    return Err(Fault::Url);
                }
                // A user and password are no part of what is addressed.
                let authority = text[at..path_at].rsplit('@').next().unwrap_or_default();
                (Some(format!("{}{authority}", &text[..at])), &text[path_at..])
            }
            None if text.starts_with('/') || text == "*" => (None, text),
            None => return Err(Fault::Url),
        };
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        Ok(Self { origin, path: path.to_owned(), query: query.map(ToOwned::to_owned) })
    }

    /// Host and port, where they are known.
    pub(crate) fn authority(&self) -> Option<&str> {
        self.origin.as_deref().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority)
    }

    /// Adds to the query.
    pub(crate) fn add_query(&mut self, more: &str) {
        match &mut self.query {
            Some(query) if !query.is_empty() => {
                query.push('&');
                query.push_str(more);
            }
            query => *query = Some(more.to_owned()),
        }
    }
}

/// A URL as a person wrote it, with what cannot stand on the wire percent-encoded.
pub(crate) fn writable(text: &str) -> String {
    utf8_percent_encode(text.trim(), UNWRITABLE).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_and_not_changed() {
        let read = |text: &str| {
            let Target { origin, path, query } = Target::read(text).unwrap();
            (origin.unwrap_or_default(), path, query)
        };
        let parts = |origin: &str, path: &str, query: Option<&str>| {
            (origin.to_owned(), path.to_owned(), query.map(ToOwned::to_owned))
        };
        assert_eq!(read("https://A.b:1/x%20/../y?q=?#f"), parts("https://A.b:1", "/x%20/../y", Some("q=?")));
        assert_eq!(read("http://a"), parts("http://a", "", None));
        assert_eq!(read("http://a?"), parts("http://a", "", Some("")));
        assert_eq!(read("http://u:p@a/"), parts("http://a", "/", None));
        assert_eq!(read("/x?y"), parts("", "/x", Some("y")));
        for bad in ["", "a", "ftp://a/", "http:///x", "javascript:alert(1)"] {
            assert_eq!(Target::read(bad), Err(Fault::Url), "{bad}");
        }
        assert_eq!(writable(" http://a/é b\n"), "http://a/%C3%A9%20b");
    }
}
