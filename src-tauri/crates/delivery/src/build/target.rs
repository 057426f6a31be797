//! Where a request goes: its URL, and what stands in the request line.
//!
//! A URL writes some characters otherwise than they came (`'` as `%27`), and resolves `..`. What goes out as it was
//! recorded goes to the letter, since a sender may have signed it so.

use hookbench_model::{DeliveryTarget, EventRequest, SignMode};
use url::{Position, Url};

use super::{BuildError, BuildInput, HiddenParameter};

/// A URL, and the text of its path and query where that is another than the URL's.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) url: Url,
    written: Option<String>,
}

impl Target {
    /// What is asked for, and the URL's user name and password: they do not stand in a request's URL.
    pub(super) fn of(input: &BuildInput<'_>) -> Result<(Self, Option<String>), BuildError> {
        let mut url = match input.target {
            DeliveryTarget::Endpoint(_) => input.endpoint.ok_or(BuildError::EndpointGone)?.url.clone(),
            DeliveryTarget::EndpointAt(_, url) | DeliveryTarget::Url(url) => url.clone(),
        };
        let unfit = || BuildError::Url { url: input.target.url().map(Url::to_string).unwrap_or_default() };
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(unfit());
        }
        let authorization = super::basic(&url);
        url.set_username("").and_then(|()| url.set_password(None)).map_err(|()| unfit())?;
        url.set_fragment(None);
        Ok((Self::below(url, &input.event.request), authorization))
    }

    /// The target with what the request adds to its path and query.
    fn below(mut url: Url, request: &EventRequest) -> Self {
        let path = request.path.as_ref().map(|path| format!("{}{path}", url.path().trim_end_matches('/')));
        let query = request.query.as_deref().map(|more| match url.query() {
            Some(own) if own.is_empty() || more.is_empty() => format!("{own}{more}"),
            Some(own) => format!("{own}&{more}"),
            None => more.to_owned(),
        });
        let whole = {
            let path = path.as_deref().unwrap_or(url.path());
            match query.as_deref().or(url.query()) {
                Some(query) => format!("{path}?{query}"),
                None => path.to_owned(),
            }
        };
        if let Some(path) = path {
            url.set_path(&path);
        }
        if let Some(query) = query {
            url.set_query(Some(&query));
        }
        let is_recorded = request.sign != SignMode::Fresh;
        let written =
            (is_recorded && is_target(&whole) && whole != url[Position::BeforePath..]).then_some(whole);
        Self { url, written }
    }

    /// The URL as a scheme wrote it, to the letter: it has signed that.
    pub(super) fn signed(text: &str) -> Result<Self, BuildError> {
        // A secret may stand in its query.
        let before_query = || text.split('?').next().unwrap_or_default().to_owned();
        let unfit = || BuildError::SignedUrl { url: before_query() };
        let url = Url::parse(text).map_err(|_| unfit())?;
        let whole = text.strip_prefix(&url[..Position::BeforePath]).filter(|whole| is_target(whole));
        let whole = whole.ok_or_else(unfit)?;
        let written = (whole != &url[Position::BeforePath..]).then(|| whole.to_owned());
        Ok(Self { url, written })
    }

    /// Path and query as they stand in the request line.
    pub(super) fn path_and_query(&self) -> &str {
        self.written.as_deref().unwrap_or(&self.url[Position::BeforePath..])
    }

    /// The query as it stands there.
    pub(super) fn query(&self) -> Option<&str> {
        self.path_and_query().split_once('?').map(|(_, query)| query)
    }

    /// The whole, path and query as they stand there.
    pub(super) fn whole(&self) -> String {
        [&self.url[..Position::BeforePath], self.path_and_query()].concat()
    }

    /// The whole as it is shown, with these parameters of its query hidden wherever they stand.
    pub(super) fn shown(&self, hidden: &[HiddenParameter]) -> String {
        let whole = self.whole();
        let Some((before, query)) = whole.split_once('?').filter(|_| !hidden.is_empty()) else {
            return whole;
        };
        let mut pieces = query.split('&').map(|piece| {
            hidden.iter().find(|hidden| hidden.real == piece).map_or(piece, |hidden| hidden.shown.as_str())
        });
        let first = pieces.next().unwrap_or_default();
        pieces.fold(format!("{before}?{first}"), |url, piece| url + "&" + piece)
    }
}

/// Whether a request line can hold it.
fn is_target(text: &str) -> bool {
    text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn below(url: &str, path: &str, query: Option<&str>, sign: SignMode) -> Target {
        let request = EventRequest {
            path: Some(path.to_owned()),
            query: query.map(ToOwned::to_owned),
            sign,
            ..EventRequest::default()
        };
        Target::below(url.parse().unwrap(), &request)
    }

    #[test]
    fn what_is_recorded_goes_to_the_letter() {
        for (path, query, wanted) in [
            ("/p", Some("q=it's&x=\"<>"), "/in/p?q=it's&x=\"<>"),
            ("/a/../b/./c//d\\e", None, "/in/a/../b/./c//d\\e"),
            ("/%2e%2e/{x}^|`", None, "/in/%2e%2e/{x}^|`"),
            ("/p", Some(""), "/in/p?"),
            ("", None, "/in"),
        ] {
            let target = below("http://h:9/in/", path, query, SignMode::Exact);
            assert_eq!(target.path_and_query(), wanted);
            assert_eq!(target.whole(), format!("http://h:9{wanted}"));
        }
        let both = below("http://h/in?t=1", "/p", Some("x='"), SignMode::Renewed);
        assert_eq!(both.path_and_query(), "/in/p?t=1&x='");
    }

    #[test]
    fn what_no_request_line_holds_goes_as_a_url_writes_it() {
        for (path, query, wanted) in [
            ("/a b", None, "/in/a%20b"),
            ("/caf\u{e9}", None, "/in/caf%C3%A9"),
            ("/p", Some("a=\u{7f} #"), "/in/p?a=%7F%20%23"),
        ] {
            assert_eq!(below("http://h/in", path, query, SignMode::Exact).path_and_query(), wanted);
        }
        let fresh = below("http://h/in", "/a/../b", Some("x='"), SignMode::Fresh);
        assert_eq!(fresh.path_and_query(), "/in/b?x=%27");
    }

    #[test]
    fn what_a_scheme_wrote_goes_to_the_letter() {
        let signed = Target::signed("https://h/in?x='&sig=1").unwrap();
        assert_eq!((signed.whole().as_str(), signed.query()), ("https://h/in?x='&sig=1", Some("x='&sig=1")));
        for text in ["in?x", "https://h/in x", "HTTPS://h/in"] {
            assert!(Target::signed(text).is_err(), "{text}");
        }
    }
}
