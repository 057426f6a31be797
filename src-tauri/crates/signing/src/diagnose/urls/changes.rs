//! What may have been changed about a URL between the sender and the receiver.

use super::parts::{Parts, header, host_and_port};
use super::spelling::{orders, respelt};
use super::{Cause, CauseCode};
use crate::verify::Received;

/// More hosts or ports than this of one header are not tried: it is a stranger's, and may name thousands.
const MOST_NAMED: usize = 10;

/// A changed part, and what was changed.
pub(super) type Change = (fn(&mut Parts, &str), String, Cause);

pub(super) struct Changes<'x, 'a> {
    pub(super) seen: &'x Parts,
    pub(super) received: &'x Received<'a>,
}

impl Changes<'_, '_> {
    /// Changes by what they change: scheme, host, port, path, query. Of each group one is made at a time.
    pub(super) fn groups(&self) -> [Vec<Change>; 6] {
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
            for host in header(self.received, name).unwrap_or_default().split(',').take(MOST_NAMED) {
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
        found.extend(self.respelt_hosts());
        found
    }

    /// The same host spelt otherwise. Its port stays.
    fn respelt_hosts(&self) -> Vec<Change> {
        let seen = &self.seen.host;
        let lower = seen.to_ascii_lowercase();
        let mut spellings = vec![
            (lower.clone(), "in small letters"),
            (url::quirks::domain_to_unicode(seen), "in its own letters"),
            (seen.to_ascii_uppercase(), "in capitals"),
            (capitalised(&lower, 1), "with a capital first"),
            (capitalised(&lower, usize::MAX), "with a capital at the beginning of each part"),
        ];
        if !seen.is_ascii() {
            spellings.insert(2, (url::quirks::domain_to_ascii(seen), "as DNS has it (xn--)"));
        }
        let change: fn(&mut Parts, &str) = |parts, value| value.clone_into(&mut parts.host);
        let mut found: Vec<Change> = Vec::new();
        for (spelt, how) in spellings {
            if spelt.is_empty() || spelt == *seen || found.iter().any(|(_, have, _)| *have == spelt) {
                continue;
            }
            let cause = Cause::new(
                CauseCode::UrlHost,
                format!("The sender signed the URL with the host {spelt}, and the receiver sees {seen}."),
                format!("Check with the host that is written {how}."),
            );
            found.push((change, spelt, cause));
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
        for port in header(self.received, "x-forwarded-port").unwrap_or_default().split(',').take(MOST_NAMED)
        {
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
        named.take(MOST_NAMED).map(|(_, value)| value.trim().trim_matches('"').to_owned()).collect()
    }
}

/// A host in small letters with a capital at the beginning of so many of its parts.
fn capitalised(host: &str, most: usize) -> String {
    let part = |(at, part): (usize, &str)| match part.split_at_checked(1) {
        Some((first, rest)) if at < most => format!("{}{rest}", first.to_ascii_uppercase()),
        _ => part.to_owned(),
    };
    host.split('.').enumerate().map(part).collect::<Vec<_>>().join(".")
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
