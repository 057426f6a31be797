use crate::fault::Fault;

/// What a request is addressed to, as it stood on the wire: nothing decoded, nothing normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// `http://host:port` where the target was a whole URL.
    origin: Option<String>,
    /// Path and query; `*` for the whole server.
    path_and_query: String,
}

impl Target {
    /// Reads the target of a request line.
    pub(crate) fn read(text: &str) -> Result<Self, Fault> {
        if text.starts_with('/') || text == "*" {
            return Ok(Self { origin: None, path_and_query: text.to_owned() });
        }
        let authority_at = ["http://", "https://"]
            .into_iter()
            .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
            .ok_or(Fault::Target)?
            .len();
        let path_at = text[authority_at..].find(['/', '?', '#']).map_or(text.len(), |at| authority_at + at);
        if path_at == authority_at {
            return Err(Fault::Target);
        }
        let path = &text[path_at..];
        let path_and_query = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { origin: Some(text[..path_at].to_owned()), path_and_query })
    }

    /// Takes a path that no request may have, and that may tell an inbox all the same: by its first segment, which ends
    /// before what no path may hold.
    pub(crate) fn malformed(origin: Option<String>, path_and_query: String) -> Option<Self> {
        let target = Self { origin, path_and_query };
        let is_told = target.path_and_query.starts_with('/') && !target.slug().is_empty();
        is_told.then_some(target)
    }

    /// Path and query as they stood on the wire.
    pub(crate) fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// The first segment of the path, undecoded; empty where there is none. What no path may hold ends it too.
    pub(crate) fn slug(&self) -> &str {
        let path = self.path();
        let below = path.strip_prefix('/').unwrap_or_default();
        let ends = |letter: char| letter == '/' || letter <= ' ' || letter == '\x7f';
        below.find(ends).map_or(below, |end| &below[..end])
    }

    /// The path below the slug: empty, or from its slash on.
    pub(crate) fn path_below_slug(&self) -> &str {
        self.path().get(1 + self.slug().len()..).unwrap_or_default()
    }

    /// The query without its question mark; `None` where there is no question mark.
    pub(crate) fn query(&self) -> Option<&str> {
        self.path_and_query.split_once('?').map(|(_, query)| query)
    }

    /// The whole URL as the sender addressed it, for schemes that sign it; `host` is the Host header's.
    pub(crate) fn url(&self, host: Option<&str>) -> Option<String> {
        match (&self.origin, host) {
            (Some(origin), _) => Some(format!("{origin}{}", self.path_and_query)),
            (None, Some(host)) => Some(format!("http://{host}{}", self.path_and_query)),
            (None, None) => None,
        }
    }

    fn path(&self) -> &str {
        self.path_and_query.split_once('?').map_or(self.path_and_query.as_str(), |(path, _)| path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, String, Option<String>) {
        let target = Target::read(text).unwrap();
        (target.slug().to_owned(), target.path_below_slug().to_owned(), target.query().map(ToOwned::to_owned))
    }

    fn expect(slug: &str, below: &str, query: Option<&str>) -> (String, String, Option<String>) {
        (slug.to_owned(), below.to_owned(), query.map(ToOwned::to_owned))
    }

    #[test]
    fn slug_path_and_query_are_what_stood_on_the_wire() {
        assert_eq!(parts("/in"), expect("in", "", None));
        assert_eq!(parts("/in/"), expect("in", "/", None));
        assert_eq!(parts("/in?"), expect("in", "", Some("")));
        assert_eq!(parts("/in/a%2Fb//../c?x=1?y=/z"), expect("in", "/a%2Fb//../c", Some("x=1?y=/z")));
        assert_eq!(parts("//in"), expect("", "/in", None));
        assert_eq!(parts("/?a/b"), expect("", "", Some("a/b")));
        assert_eq!(parts("*"), expect("", "", None));
    }

    #[test]
    fn a_whole_url_is_split_after_its_authority() {
        assert_eq!(parts("HTTP://Host:80/in/a?b"), expect("in", "/a", Some("b")));
        assert_eq!(parts("http://host"), expect("", "", None));
        assert_eq!(parts("http://host?a"), expect("", "", Some("a")));
        let target = Target::read("http://Host:80/in?b").unwrap();
        assert_eq!(target.url(Some("other")).unwrap(), "http://Host:80/in?b");
        let target = Target::read("/in?b").unwrap();
        assert_eq!(target.url(Some("other:1")).unwrap(), "http://other:1/in?b");
        assert_eq!(target.url(None), None);
    }

    #[test]
    fn a_malformed_path_tells_its_first_segment() {
        let malformed = |path: &str| Target::malformed(Some("http://h".to_owned()), path.to_owned());
        for (path, slug, below, query) in [
            ("/in a?b=c d", "in", " a", Some("b=c d")),
            ("/in/x y", "in", "/x y", None),
            ("/in\0", "in", "\0", None),
            ("/in\u{fffd}/x", "in\u{fffd}", "/x", None),
            ("/in/\u{fffd}", "in", "/\u{fffd}", None),
        ] {
            let target = malformed(path).unwrap();
            assert_eq!((target.slug(), target.path_below_slug(), target.query()), (slug, below, query));
            assert_eq!(target.url(None).unwrap(), format!("http://h{path}"));
        }
        for path in ["in a", "/ in", "//in a", "", "/?a b"] {
            assert_eq!(malformed(path), None, "{path}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for bad in ["in", "host:80", "ftp://host/in", "http:///in", "?x", ""] {
            assert_eq!(Target::read(bad), Err(Fault::Target), "{bad}");
        }
    }
}
