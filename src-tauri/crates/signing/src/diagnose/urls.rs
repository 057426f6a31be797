//! URLs that the sender may have signed, where what the receiver sees is another.

use super::cause::{Cause, CauseCode};
use crate::verify::Received;
use percent_encoding::NON_ALPHANUMERIC;

/// More URLs than this are not tried.
const MOST: usize = 400;
/// Queries with more parameters than this are not put in every order.
const MOST_REORDERED: usize = 4;

/// A URL that may have been signed.
#[derive(Clone, Debug)]
pub(super) struct UrlWay {
    pub(super) url: String,
    pub(super) causes: Vec<Cause>,
}

/// A URL in parts, as text: nothing is normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    scheme: String,
    host: String,
    port: Option<String>,
    path: String,
    query: Option<String>,
}

/// A changed part, and what was changed.
type Change = (fn(&mut Parts, &str), String, Cause);

/// The URLs, those with fewer changes first; the one seen is not among them.
pub(super) fn ways(received: &Received<'_>) -> Vec<UrlWay> {
    let seen = Parts::of(received.url).or_else(|| Parts::from_host(received));
    let Some(seen) = seen else { return Vec::new() };
    let groups = Changes { seen: &seen, received }.groups();
    let mut found: Vec<UrlWay> = Vec::new();
    let mut add = |changes: &[&Change]| {
        let mut parts = seen.clone();
        for (change, value, _) in changes {
            change(&mut parts, value);
        }
        let url = parts.text();
        if found.len() < MOST && url != received.url && !found.iter().any(|way| way.url == url) {
            found.push(UrlWay { url, causes: changes.iter().map(|(_, _, cause)| cause.clone()).collect() });
        }
    };
    let all: Vec<(usize, &Change)> =
        groups.iter().enumerate().flat_map(|(at, group)| group.iter().map(move |one| (at, one))).collect();
    for (_, one) in &all {
        add(&[one]);
    }
    for (at, one) in &all {
        for (_, other) in all.iter().filter(|(other, _)| other > at) {
            add(&[one, other]);
        }
    }
    // What a proxy changes goes together: scheme, host and port, and a beginning of the path.
    for one in &groups[0] {
        for two in &groups[1] {
            for three in groups[2].iter().chain(&groups[3]) {
                add(&[one, two, three]);
            }
        }
    }
    for url in seen.path_alone().into_iter().filter(|url| url != received.url) {
        found.push(UrlWay { causes: vec![path_alone_cause(&url)], url });
    }
    found
}

impl Parts {
    fn of(url: &str) -> Option<Self> {
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
    fn from_host(received: &Received<'_>) -> Option<Self> {
        let host = header(received, "host")?;
        let target = if received.url.starts_with('/') { received.url } else { "/" };
        Self::of(&format!("http://{host}{target}"))
    }

    /// The path without scheme and host, with its query and without.
    fn path_alone(&self) -> Vec<String> {
        let path = if self.path.is_empty() { "/" } else { &self.path };
        let with_query = self.query.as_ref().map(|query| format!("{path}?{query}"));
        with_query.into_iter().chain([path.to_owned()]).collect()
    }

    fn text(&self) -> String {
        let port = self.port.as_ref().map(|port| format!(":{port}")).unwrap_or_default();
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}://{}{port}{}{query}", self.scheme, self.host, self.path)
    }
}

struct Changes<'x, 'a> {
    seen: &'x Parts,
    received: &'x Received<'a>,
}

impl Changes<'_, '_> {
    /// Changes by what they change: scheme, host, port, path, query. Of each group one is made at a time.
    fn groups(&self) -> [Vec<Change>; 6] {
        [
            self.schemes(),
            self.hosts(),
            self.ports(),
            self.prefixes(),
            self.slashes_and_encodings(),
            self.queries(),
        ]
    }

    fn schemes(&self) -> Vec<Change> {
        let other = if self.seen.scheme.eq_ignore_ascii_case("https") { "http" } else { "https" };
        let cause = Cause::new(
            CauseCode::UrlScheme,
            format!(
                "The sender signed the URL with {other}://, and the receiver sees {}://.",
                self.seen.scheme
            ),
            format!(
                "Check with {other}://: a proxy before the receiver ends TLS, and X-Forwarded-Proto tells."
            ),
        );
        vec![(|parts, value| value.clone_into(&mut parts.scheme), other.to_owned(), cause)]
    }

    fn hosts(&self) -> Vec<Change> {
        let mut found: Vec<Change> = Vec::new();
        let mut add = |authority: &str, from: &str| {
            let authority = authority.trim();
            if authority.is_empty() || authority.contains(['/', ' ', '@']) {
                return;
            }
            let cause = Cause::new(
                CauseCode::UrlHost,
                format!(
                    "The sender signed the URL with the host {authority}, and the receiver sees {}.",
                    self.seen.host
                ),
                format!("Check with the host that {from}."),
            );
            // The same host with another port is a matter of the port.
            if host_and_port(authority).0 == self.seen.host {
                return;
            }
            let change: fn(&mut Parts, &str) = |parts, value| (parts.host, parts.port) = host_and_port(value);
            if !found.iter().any(|(_, have, _)| have == authority) {
                found.push((change, authority.to_owned(), cause));
            }
        };
        for name in ["x-forwarded-host", "x-original-host", "x-host", "x-forwarded-server", "host"] {
            for host in header(self.received, name).unwrap_or_default().split(',') {
                let host = host.trim();
                add(host, &format!("the {name} header names"));
                if let (bare, Some(_)) = host_and_port(host) {
                    add(&bare, &format!("the {name} header names"));
                }
            }
        }
        for host in self.forwarded("host") {
            add(&host, "the Forwarded header names");
        }
        let lower = self.seen.host.to_ascii_lowercase();
        if lower != self.seen.host {
            add(&lower, "is written in small letters");
        }
        found
    }

    fn ports(&self) -> Vec<Change> {
        let mut found: Vec<Change> = Vec::new();
        let mut add = |port: Option<&str>| {
            let value = port.unwrap_or_default();
            if self.seen.port.as_deref() == port || found.iter().any(|(_, have, _)| have == value) {
                return;
            }
            let said = |port: Option<&str>| {
                port.map_or("without a port".to_owned(), |port| format!("with port {port}"))
            };
            let cause = Cause::new(
                CauseCode::UrlPort,
                format!(
                    "The sender signed the URL {}, and the receiver sees it {}.",
                    said(port),
                    said(self.seen.port.as_deref())
                ),
                format!("Check the URL {}, as the sender was given it.", said(port)),
            );
            let change: fn(&mut Parts, &str) = |parts, value| {
                parts.port = (!value.is_empty()).then(|| value.to_owned());
            };
            found.push((change, value.to_owned(), cause));
        };
        add(None);
        add(Some("443"));
        add(Some("80"));
        for name in ["host", "x-forwarded-host"] {
            let authority = header(self.received, name).unwrap_or_default();
            if let (host, Some(port)) = host_and_port(&authority)
                && host == self.seen.host
            {
                add(Some(&port));
            }
        }
        for port in header(self.received, "x-forwarded-port").unwrap_or_default().split(',') {
            let port = port.trim();
            if !port.is_empty() && port.len() < 6 && port.bytes().all(|byte| byte.is_ascii_digit()) {
                add(Some(port));
            }
        }
        found
    }

    fn prefixes(&self) -> Vec<Change> {
        let mut found: Vec<Change> = Vec::new();
        let path = &self.seen.path;
        let mut add = |other: String| {
            if other == *path || found.iter().any(|(_, have, _)| *have == other) {
                return;
            }
            let cause = Cause::new(
                CauseCode::UrlPrefix,
                format!("The sender signed the path {other}, and the receiver sees {path}."),
                "Check with the path that the sender was given: a proxy before the receiver changes its beginning.",
            );
            found.push((|parts, value| value.clone_into(&mut parts.path), other, cause));
        };
        for name in [
            "x-forwarded-prefix",
            "x-forwarded-path",
            "x-script-name",
            "x-original-uri",
            "x-rewrite-url",
            "x-original-url",
            "x-envoy-original-path",
        ] {
            let Some(value) = header(self.received, name) else { continue };
            let value = value.split('?').next().unwrap_or_default().trim();
            if !value.starts_with('/') {
                continue;
            }
            add(format!("{}{path}", value.trim_end_matches('/')));
            add(value.to_owned());
        }
        // Without its first, its first two, its first three parts.
        let mut rest = path.as_str();
        for _ in 0..3 {
            let Some(next) = rest.get(1..).and_then(|tail| tail.find('/')) else { break };
            rest = &rest[next + 1..];
            add(rest.to_owned());
        }
        found
    }

    fn slashes_and_encodings(&self) -> Vec<Change> {
        let path = &self.seen.path;
        let mut found: Vec<Change> = Vec::new();
        let set: fn(&mut Parts, &str) = |parts, value| value.clone_into(&mut parts.path);
        let (other, said) = match path.strip_suffix('/') {
            Some(bare) => (bare.to_owned(), "without the slash at its end"),
            None => (format!("{path}/"), "with a slash at its end"),
        };
        let toggle: fn(&mut Parts, &str) = |parts, _| match parts.path.strip_suffix('/') {
            Some(bare) => parts.path = bare.to_owned(),
            None => parts.path.push('/'),
        };
        let slash = Cause::new(
            CauseCode::UrlTrailingSlash,
            format!("The sender signed the URL {said}."),
            format!("Check the URL {said}, exactly as the sender was given it."),
        );
        found.push((toggle, other, slash));
        for spelt in respelt(path) {
            found.push((set, spelt.clone(), encoding_cause("path", &spelt)));
        }
        found
    }

    fn queries(&self) -> Vec<Change> {
        let mut found: Vec<Change> = Vec::new();
        let set: fn(&mut Parts, &str) = |parts, value| parts.query = Some(value.to_owned());
        let cause = |what: &str| {
            Cause::new(
                CauseCode::UrlQuery,
                format!("The sender signed the URL {what}."),
                "Check with the query exactly as the sender was given it, before anything parses and rewrites it.",
            )
        };
        let Some(query) = &self.seen.query else {
            found.push((set, String::new(), cause("with a question mark and nothing behind it")));
            if let Some((_, query)) =
                self.original_target().as_deref().and_then(|target| target.split_once('?'))
            {
                found.push((set, query.to_owned(), cause(&format!("with the query {query}"))));
            }
            return found;
        };
        found.push((|parts, _| parts.query = None, String::new(), cause("without its query")));
        let pairs: Vec<&str> = query.split('&').collect();
        for order in orders(&pairs) {
            let joined = order.join("&");
            if joined != *query {
                found.push((set, joined, cause("with its query in another order")));
            }
        }
        for spelt in respelt(query) {
            found.push((set, spelt.clone(), encoding_cause("query", &spelt)));
        }
        found
    }

    fn original_target(&self) -> Option<String> {
        let names = ["x-original-uri", "x-rewrite-url", "x-original-url", "x-envoy-original-path"];
        names.iter().find_map(|name| header(self.received, name))
    }

    /// The values of one parameter of the Forwarded header.
    fn forwarded(&self, parameter: &str) -> Vec<String> {
        let text = header(self.received, "forwarded").unwrap_or_default();
        let pairs = text.split([',', ';']).filter_map(|pair| pair.split_once('='));
        let named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case(parameter));
        named.map(|(_, value)| value.trim().trim_matches('"').to_owned()).collect()
    }
}

fn path_alone_cause(path: &str) -> Cause {
    Cause::new(
        CauseCode::UrlHost,
        format!("The path alone was signed, {path}, without scheme and host."),
        "Let the sender sign the whole URL as it was given, with scheme and host.",
    )
}

fn encoding_cause(what: &str, spelt: &str) -> Cause {
    Cause::new(
        CauseCode::UrlEncoding,
        format!(
            "The sender signed the {what} as {spelt}: it is percent-encoded otherwise than the receiver sees it."
        ),
        format!(
            "Check with the {what} exactly as it stood on the wire, before anything decodes or encodes it."
        ),
    )
}

/// Every order of a few, sorted and reversed for many.
fn orders<'q>(pairs: &[&'q str]) -> Vec<Vec<&'q str>> {
    if pairs.len() <= MOST_REORDERED {
        let mut found: Vec<Vec<&str>> = vec![Vec::new()];
        for pair in pairs {
            let longer = |order: &Vec<&'q str>, at: usize| {
                let mut order = order.clone();
                order.insert(at, pair);
                order
            };
            found = found
                .iter()
                .flat_map(|order| (0..=order.len()).map(|at| longer(order, at)).collect::<Vec<_>>())
                .collect();
        }
        return found;
    }
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable();
    vec![sorted, pairs.iter().rev().copied().collect()]
}

/// The text percent-encoded otherwise: decoded, encoded, hexadecimal in the other case, `+` for `%20`.
fn respelt(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |spelt: String| {
        if spelt != text && !found.contains(&spelt) {
            found.push(spelt);
        }
    };
    if let Ok(decoded) = percent_encoding::percent_decode_str(text).decode_utf8() {
        add(decoded.replace('+', " "));
        add(decoded.into_owned());
    }
    add(cased(text, char::to_ascii_uppercase));
    add(cased(text, char::to_ascii_lowercase));
    add(text.replace("%20", "+"));
    add(text.replace('+', "%20"));
    let mut encoded = String::new();
    let mut encoded_more = String::new();
    for letter in text.chars() {
        let mut bytes = [0; 4];
        let spelt = percent_encoding::utf8_percent_encode(letter.encode_utf8(&mut bytes), NON_ALPHANUMERIC);
        if letter.is_ascii_graphic() && !"\"<>`{}|\\^".contains(letter) {
            encoded.push(letter);
            if "!'()*~".contains(letter) {
                encoded_more.extend(spelt);
            } else {
                encoded_more.push(letter);
            }
        } else {
            encoded.extend(spelt.clone());
            encoded_more.extend(spelt);
        }
    }
    add(encoded);
    add(encoded_more);
    // Characters that some encode and some do not.
    for (code, letter) in [
        ("%21", "!"),
        ("%27", "'"),
        ("%28", "("),
        ("%29", ")"),
        ("%2A", "*"),
        ("%7E", "~"),
        ("%3A", ":"),
        ("%2C", ","),
        ("%40", "@"),
        ("%2F", "/"),
        ("%2f", "/"),
        ("%3a", ":"),
    ] {
        add(text.replace(code, letter));
        add(text.replace(letter, code));
    }
    found
}

/// The letters of percent-escapes in another case.
fn cased(text: &str, case: fn(&char) -> char) -> String {
    let mut left = 0;
    let letter = |letter: char| {
        left = if letter == '%' {
            2
        } else if left > 0 {
            left - 1
        } else {
            return letter;
        };
        case(&letter)
    };
    text.chars().map(letter).collect()
}

fn host_and_port(authority: &str) -> (String, Option<String>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            (host.to_owned(), (!port.is_empty()).then(|| port.to_owned()))
        }
        _ => (authority.to_owned(), None),
    }
}

fn header(received: &Received<'_>, name: &str) -> Option<String> {
    let (_, value) = received.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(value).ok().map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(seen: &str, headers: &[(&str, &[u8])], signed: &str) -> Option<Vec<CauseCode>> {
        let received = Received { method: "POST", url: seen, headers, body: b"" };
        let way = ways(&received).into_iter().find(|way| way.url == signed)?;
        Some(way.causes.iter().map(|cause| cause.code).collect())
    }

    #[test]
    fn each_part_can_have_been_another() {
        let seen = "http://h.example/a/b?x=1&y=%2f";
        for (signed, code) in [
            ("https://h.example/a/b?x=1&y=%2f", CauseCode::UrlScheme),
            ("http://h.example:80/a/b?x=1&y=%2f", CauseCode::UrlPort),
            ("http://h.example/a/b/?x=1&y=%2f", CauseCode::UrlTrailingSlash),
            ("http://h.example/a/b", CauseCode::UrlQuery),
            ("http://h.example/a/b?y=%2f&x=1", CauseCode::UrlQuery),
            ("http://h.example/a/b?x=1&y=%2F", CauseCode::UrlEncoding),
            ("http://h.example/a/b?x=1&y=/", CauseCode::UrlEncoding),
            ("http://h.example/b?x=1&y=%2f", CauseCode::UrlPrefix),
        ] {
            assert_eq!(codes(seen, &[], signed), Some(vec![code]), "{signed}");
        }
        assert_eq!(codes(seen, &[], seen), None);
    }

    #[test]
    fn what_a_proxy_says_is_believed_as_far_as_the_signature_bears_it_out() {
        let headers: [(&str, &[u8]); 2] =
            [("X-Forwarded-Host", b"pub.example"), ("X-Forwarded-Prefix", b"/api")];
        let seen = "http://inner:8080/in";
        assert_eq!(
            codes(seen, &headers, "https://pub.example/api/in"),
            Some(vec![CauseCode::UrlScheme, CauseCode::UrlHost, CauseCode::UrlPrefix])
        );
        assert_eq!(codes("", &[("Host", b"h.example")], "http://h.example/"), None);
    }
}
