//! URLs that the sender may have signed, where what the receiver sees is another.

mod changes;
mod parts;
mod spelling;

use super::cause::{Cause, CauseCode};
use crate::verify::Received;
use changes::{Change, Changes};
use parts::Parts;

/// More URLs than this are not tried.
const MOST: usize = 400;
/// Nor more bytes of them written, about: a long URL is tried with fewer changes.
const MOST_WRITTEN: usize = 4 << 20;

/// A URL that may have been signed.
#[derive(Clone, Debug)]
pub(in crate::diagnose) struct UrlWay {
    pub(in crate::diagnose) url: String,
    pub(in crate::diagnose) causes: Vec<Cause>,
}

/// The URLs, those with fewer changes first; the one seen is not among them.
pub(in crate::diagnose) fn ways(received: &Received<'_>) -> Vec<UrlWay> {
    let seen = Parts::of(received.url).or_else(|| Parts::from_host(received));
    seen.map(|seen| Ways::of(&seen, received).found).unwrap_or_default()
}

/// URLs as they are put together.
struct Ways<'x> {
    seen: &'x Parts,
    url: &'x str,
    /// None of them has the fragment: nothing on the wire does.
    fragment: Option<Cause>,
    found: Vec<UrlWay>,
    /// How many bytes of URLs were written, those that are found already among them.
    written: usize,
}

impl<'x> Ways<'x> {
    fn of(seen: &'x Parts, received: &Received<'x>) -> Self {
        let groups = Changes { seen, received }.groups();
        let fragment = received.url.split_once('#').map(|(_, fragment)| fragment_cause(fragment));
        let mut ways = Self { seen, url: received.url, fragment, found: Vec::new(), written: 0 };
        ways.combine(&groups);
        for url in seen.path_alone().into_iter().filter(|url| url != received.url) {
            ways.found.push(UrlWay { causes: ways.with(vec![path_alone_cause(&url)]), url });
        }
        ways
    }

    fn combine(&mut self, groups: &[Vec<Change>; 6]) {
        let all: Vec<(usize, &Change)> = groups
            .iter()
            .enumerate()
            .flat_map(|(at, group)| group.iter().map(move |one| (at, one)))
            .collect();
        if self.fragment.is_some() {
            self.add(&[]);
        }
        for (_, one) in &all {
            self.add(&[one]);
        }
        for (at, one) in &all {
            for (_, other) in all.iter().filter(|(other, _)| other > at) {
                self.add(&[one, other]);
            }
        }
        // What a proxy changes goes together: scheme, host and port, and a beginning of the path.
        for one in &groups[0] {
            for two in &groups[1] {
                for three in groups[2].iter().chain(&groups[3]) {
                    self.add(&[one, two, three]);
                }
            }
        }
    }

    /// Adds what these changes come to, unless it is there already or enough has been put together.
    fn add(&mut self, changes: &[&Change]) {
        if self.found.len() >= MOST || self.written >= MOST_WRITTEN {
            return;
        }
        let mut parts = self.seen.clone();
        for (change, value, _) in changes {
            change(&mut parts, value);
        }
        let url = parts.text();
        self.written += url.len();
        if url != self.url && !self.found.iter().any(|way| way.url == url) {
            let causes = self.with(changes.iter().map(|(_, _, cause)| cause.clone()).collect());
            self.found.push(UrlWay { url, causes });
        }
    }

    fn with(&self, causes: Vec<Cause>) -> Vec<Cause> {
        self.fragment.iter().cloned().chain(causes).collect()
    }
}

fn fragment_cause(fragment: &str) -> Cause {
    Cause::new(
        CauseCode::UrlQuery,
        format!(
            "The sender signed the URL without what stands behind its #, {fragment}, which is never sent."
        ),
        "Check with the URL up to the #, and give the sender the URL without it.",
    )
}

fn path_alone_cause(path: &str) -> Cause {
    Cause::new(
        CauseCode::UrlHost,
        format!("The path alone was signed, {path}, without scheme and host."),
        "Let the sender sign the whole URL as it was given, with scheme and host.",
    )
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
    fn a_host_is_spelt_in_other_ways_and_keeps_its_port() {
        for (seen, signed) in [
            ("http://hooks.example:8080/a", "http://HOOKS.EXAMPLE:8080/a"),
            ("http://Hooks.Example:8080/a", "http://hooks.example:8080/a"),
            ("http://hooks.example/a", "http://Hooks.example/a"),
            ("http://hooks.example/a", "http://Hooks.Example/a"),
            ("http://xn--bcher-kva.example:81/a", "http://bücher.example:81/a"),
            ("http://bücher.example:81/a", "http://xn--bcher-kva.example:81/a"),
        ] {
            assert_eq!(codes(seen, &[], signed), Some(vec![CauseCode::UrlHost]), "{signed}");
        }
    }

    #[test]
    fn a_fragment_is_dropped_and_said_with_all_else() {
        let seen = "http://h.example/in?a=1#top";
        assert_eq!(codes(seen, &[], "http://h.example/in?a=1"), Some(vec![CauseCode::UrlQuery]));
        let other = codes(seen, &[], "https://h.example/in?a=1");
        assert_eq!(other, Some(vec![CauseCode::UrlQuery, CauseCode::UrlScheme]));
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

    #[test]
    fn what_a_stranger_names_does_not_make_the_work_longer() {
        let names = |count: u32| (0..count).map(|at| format!("{at:04}")).collect::<Vec<_>>().join(",");
        let (hosts, ports) = (names(8_000), names(8_000));
        let headers: [(&str, &[u8]); 3] = [
            ("X-Forwarded-Host", hosts.as_bytes()),
            ("X-Forwarded-Port", ports.as_bytes()),
            ("Forwarded", b"for=a"),
        ];
        let url = format!("http://h.example/{}", "a%20b/".repeat(5_000));
        let received = Received { method: "POST", url: &url, headers: &headers, body: b"" };
        let seen = Parts::of(&url).unwrap();
        let ways = Ways::of(&seen, &received);
        assert!(ways.written < MOST_WRITTEN + 2 * url.len(), "{}", ways.written);
        assert!(ways.found.len() <= MOST + 2);
        let changes = Changes { seen: &seen, received: &received }.groups();
        assert!(changes.iter().map(Vec::len).sum::<usize>() < 120);
        // The first of them is tried still.
        assert!(ways.found.iter().any(|way| way.url.starts_with("http://0000/")));
    }
}
