//! What is shown in place of a secret that stands in a header as it is.

use std::borrow::Cow;

use data_encoding::BASE64;
use hookbench_signing::Secret;
use zeroize::Zeroizing;

use crate::{HeaderPairs, HeaderValue};

mod within;

pub use within::Within;

/// Stands in a record for a secret that was sent as it is, after the word that names its kind (`Bearer`), if
/// any.
pub const VEIL: &str = "(the secret)";

/// Headers and a query as they are shown, where they hold a secret: of a captured request, or of what goes out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The headers, with [`VEIL`] in place of what is secret.
    pub headers: HeaderPairs,
    /// The query, likewise.
    pub query: Option<String>,
}

/// What of a request that arrives is secret.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hidden<'a> {
    /// Secrets that the receiver knows: a value that holds one is hidden.
    pub secrets: &'a [&'a Secret],
    /// The headers in which a secret of any length is looked for; elsewhere a short one is found by chance.
    pub tokens_in: &'a [&'a str],
    /// The headers whose values are secret whatever they are.
    pub whole: &'a [&'a str],
    /// The headers that are looked through, besides those of `whole`; `None` for all of them, and the query.
    pub only_in: Option<&'a [&'a str]>,
}

/// Secrets shorter than this are not looked for just anywhere, in bytes.
const SHORTEST_SOUGHT: usize = 8;

impl Shown {
    /// How headers and a query are shown; `None` where there is nothing to hide.
    pub fn of(headers: &HeaderPairs, query: Option<&str>, hidden: &Hidden<'_>) -> Option<Self> {
        let is_any = |name: &str, names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let mut found = false;
        let mut show = |name: &str, value: &HeaderValue| {
            let shortest = if is_any(name, hidden.tokens_in) { 1 } else { SHORTEST_SOUGHT };
            let looks = hidden.only_in.is_none_or(|names| is_any(name, names));
            let hides = (is_any(name, hidden.whole) && !value.as_bytes().is_empty())
                || (looks && hidden.is_in(value.as_bytes(), shortest));
            // Over HTTP/2 the path is among the headers, and its query hides what the query does.
            if let Some((path, query)) = path_and_query(name, value).filter(|_| hidden.only_in.is_none()) {
                let shown = hidden.query(query, &mut found);
                return (name.to_owned(), HeaderValue::from(format!("{path}?{shown}")));
            }
            found |= hides;
            (name.to_owned(), if hides { veiled(name, value) } else { value.clone() })
        };
        let headers = headers.iter().map(|(name, value)| show(name, value)).collect();
        let query = query.map(|query| match hidden.only_in {
            Some(_) => query.to_owned(),
            None => hidden.query(query, &mut found),
        });
        found.then_some(Self { headers, query })
    }
}

/// What a path over HTTP/2 is made of, where that header is one and has a query.
fn path_and_query<'v>(name: &str, value: &'v HeaderValue) -> Option<(&'v str, &'v str)> {
    value.as_str().filter(|_| name == ":path")?.split_once('?')
}

/// Headers and a query as they are, not as they are shown.
#[derive(Clone, Copy)]
pub(crate) struct Whole<'a> {
    pub(crate) headers: &'a HeaderPairs,
    pub(crate) query: Option<&'a str>,
}

impl Shown {
    /// How something is shown that was made of what is shown like this: what was hidden of `from` is hidden of
    /// `made` too, wherever it stands there. `None` where there is none of it.
    pub(crate) fn carried(&self, from: Whole<'_>, made: Whole<'_>) -> Option<Self> {
        let hidden = from.headers.iter().zip(self.headers.iter()).filter(|(real, shown)| real != shown);
        let hidden: Vec<(&str, &HeaderValue)> = hidden.map(|(real, _)| real).collect();
        let mut secrets: Vec<Secret> = Vec::new();
        for (_, value) in &hidden {
            secrets.push(Secret::new(value.as_bytes()));
            secrets.extend(value.as_str().and_then(|text| text.split_once(' ')).map(|(_, rest)| rest.into()));
        }
        let pieces = from.query.zip(self.query.as_deref());
        for (real, shown) in
            pieces.into_iter().flat_map(|(real, shown)| real.split('&').zip(shown.split('&')))
        {
            secrets.extend(decoded(real).filter(|_| real != shown).map(|value| Secret::from(&*value)));
        }
        let secrets: Vec<&Secret> = secrets.iter().collect();
        let names: Vec<&str> = hidden.iter().map(|(name, _)| *name).collect();
        let hidden = Hidden { secrets: &secrets, tokens_in: &names, ..Hidden::default() };
        Self::of(made.headers, made.query, &hidden)
    }
}

/// The value of a query's parameter; one that is no more than a value reads as a name.
fn decoded(piece: &str) -> Option<Cow<'_, str>> {
    let (alone, value) = url::form_urlencoded::parse(piece.as_bytes()).next()?;
    Some(if piece.contains('=') { value } else { alone })
}

impl Hidden<'_> {
    /// The bytes without the secrets that stand in them, short ones apart; `None` where there is none.
    pub fn taken_out_of(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let sought = self.secrets.iter().map(|secret| secret.expose()).filter(|s| s.len() >= SHORTEST_SOUGHT);
        let forms = sought.flat_map(|secret| {
            let encoded = BASE64.encode(secret).into_bytes();
            [Zeroizing::new(secret.to_vec()), Zeroizing::new(encoded)]
        });
        forms.fold(None, |left: Option<Vec<u8>>, form| {
            within::exchange(left.as_deref().unwrap_or(bytes), &form, VEIL.as_bytes()).or(left)
        })
    }

    fn is_in(&self, value: &[u8], shortest: usize) -> bool {
        let holds =
            |part: &[u8]| part.len() >= shortest && value.windows(part.len()).any(|window| window == part);
        self.secrets
            .iter()
            .map(|secret| secret.expose())
            .filter(|secret| secret.len() >= shortest)
            .any(|secret| holds(secret) || holds(Zeroizing::new(BASE64.encode(secret)).as_bytes()))
    }

    /// A query without what is secret in it.
    fn query(&self, query: &str, found: &mut bool) -> String {
        let mut shown = query.split('&').map(|piece| self.piece(piece, found));
        let first = shown.next().unwrap_or_default();
        shown.fold(first, |query, piece| query + "&" + &piece)
    }

    /// A parameter of a query, without its value where that is secret.
    fn piece(&self, piece: &str, found: &mut bool) -> String {
        let name = piece.split_once('=').map(|(name, _)| name);
        let hides = decoded(piece).is_some_and(|value| {
            let whole = self.secrets.iter().any(|secret| **secret == Secret::from(&*value));
            whole || self.is_in(value.as_bytes(), SHORTEST_SOUGHT)
        });
        *found |= hides;
        match name {
            Some(name) if hides => format!("{name}={VEIL}"),
            None if hides => VEIL.to_owned(),
            _ => piece.to_owned(),
        }
    }
}

/// Whether a header's name says that its value is a credential: `Authorization`, `Proxy-Authorization`, `Cookie`,
/// and names with `token`, `secret`, `password` or `credential` in them, or with `key`, `api-key` or `auth` as a
/// word. The names of signatures, of ids and of algorithms are none, nor is `Idempotency-Key`.
pub fn is_credential_name(name: &str) -> bool {
    const INSIDE: [&str; 8] =
        ["authorization", "cookie", "token", "secret", "password", "passwd", "credential", "apikey"];
    const WORDS: [&str; 4] = ["auth", "key", "accesskey", "authkey"];
    const NONE_BY_LAST_WORD: [&str; 4] = ["id", "algo", "algorithm", "timestamp"];
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let last = name.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    if name.contains("signature") || name == "idempotency-key" || NONE_BY_LAST_WORD.contains(&last) {
        return false;
    }
    INSIDE.iter().any(|part| name.contains(part)) || words.any(|word| WORDS.contains(&word))
}

/// What is shown instead of a header's value. Of an `Authorization` the word that names the kind stays.
pub fn veiled(name: &str, value: &HeaderValue) -> HeaderValue {
    let is_authorization = ["authorization", "proxy-authorization"]
        .iter()
        .any(|authorization| name.eq_ignore_ascii_case(authorization));
    let kind = value.as_str().and_then(|text| text.split_once(' ')).map(|(kind, _)| kind);
    match kind.filter(|kind| is_authorization && kind.bytes().all(|byte| byte.is_ascii_alphabetic())) {
        Some(kind) => HeaderValue::from(format!("{kind} {VEIL}")),
        None => HeaderValue::from(VEIL),
    }
}

/// Whether a header's value as it is shown is not what was sent.
pub fn is_veiled(value: &HeaderValue) -> bool {
    value.as_str().is_some_and(|text| text.ends_with(VEIL))
}

/// Headers as they are shown, with what stands for the secrets in them put back from `known`: each value once, so that
/// two of one name keep their order. What is veiled and not known stays veiled.
pub fn unveiled_headers<'k>(
    shown: &HeaderPairs,
    known: impl IntoIterator<Item = (&'k str, &'k HeaderValue)>,
) -> HeaderPairs {
    let mut known: Vec<(&str, &HeaderValue)> = known.into_iter().collect();
    let mut real = |name: &str, value: &HeaderValue| {
        let fits = |(known, arrived): &(&str, &HeaderValue)| {
            known.eq_ignore_ascii_case(name) && veiled(name, arrived) == *value
        };
        let at = if is_veiled(value) { known.iter().position(fits) } else { None };
        at.map_or_else(|| value.clone(), |at| known.remove(at).1.clone())
    };
    shown.iter().map(|(name, value)| (name.to_owned(), real(name, value))).collect()
}

/// A query that was edited as it is shown, with the parameters put back that still stand as `shown` has them in
/// place of those of `known`: each once.
pub fn unveiled_query(edited: &str, shown: &str, known: &str) -> String {
    let mut hidden: Vec<(&str, &str)> =
        shown.split('&').zip(known.split('&')).filter(|(shown, known)| shown != known).collect();
    let mut pieces = edited.split('&').map(|piece| {
        let at = hidden.iter().position(|(shown, _)| *shown == piece);
        at.map_or(piece, |at| hidden.remove(at).1)
    });
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |query, piece| query + "&" + piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_tell_a_credential_are_known_and_those_of_signatures_are_not() {
        for name in [
            "Authorization",
            "proxy-authorization",
            "Cookie",
            "X-Api-Key",
            "x-apikey",
            "X-Gitlab-Token",
            "X-Hook-Secret",
            "X-Auth",
            "X-Webhook-Password",
            "AWS_ACCESS_KEY",
        ] {
            assert!(is_credential_name(name), "{name}");
        }
        for name in [
            "X-Hub-Signature-256",
            "X-Token-Signature",
            "Idempotency-Key",
            "Paypal-Auth-Algo",
            "X-Key-Id",
            "X-Author",
            "X-Monkey",
            "Content-Type",
            "webhook-id",
        ] {
            assert!(!is_credential_name(name), "{name}");
        }
    }

    #[test]
    fn a_known_secret_is_hidden_wherever_it_stands_and_nothing_else() {
        let (secret, short) = (Secret::from("user:pass word"), Secret::from("ab"));
        let hidden = Hidden {
            secrets: &[&secret, &short],
            tokens_in: &["x-token"],
            whole: &["X-Hook-Secret"],
            only_in: None,
        };
        let headers = HeaderPairs::from_iter([
            ("Authorization", "Basic dXNlcjpwYXNzIHdvcmQ="),
            ("X-Token", "ab"),
            ("Accept", "ab/cd"),
            ("x-hook-secret", "whatever"),
            ("X-Hook-Secret", ""),
        ]);
        let shown = Shown::of(&headers, Some("a=1&t=user%3Apass+word&b&c=ab"), &hidden).unwrap();
        let expected = HeaderPairs::from_iter([
            ("Authorization", "Basic (the secret)"),
            ("X-Token", "(the secret)"),
            ("Accept", "ab/cd"),
            ("x-hook-secret", "(the secret)"),
            ("X-Hook-Secret", ""),
        ]);
        assert_eq!(shown.headers, expected);
        assert_eq!(shown.query.as_deref(), Some("a=1&t=(the secret)&b&c=(the secret)"));
        let plain = HeaderPairs::from_iter([("Accept", "*/*")]);
        assert_eq!(Shown::of(&plain, Some("a=1"), &hidden), None);
        // Where only some headers are looked through, those alone and none of the query.
        let hidden = Hidden { only_in: Some(&["accept"]), ..hidden };
        let headers = HeaderPairs::from_iter([("Accept", "user:pass word"), ("X", "user:pass word")]);
        let shown = Shown::of(&headers, Some("t=user%3Apass+word"), &hidden).unwrap();
        assert_eq!(shown.headers, HeaderPairs::from_iter([("Accept", VEIL), ("X", "user:pass word")]));
        assert_eq!(shown.query.as_deref(), Some("t=user%3Apass+word"));
    }

    #[test]
    fn a_path_over_http2_hides_what_its_query_does() {
        let secret = Secret::from("a b&c-token");
        let hidden = Hidden { secrets: &[&secret], ..Hidden::default() };
        let headers = HeaderPairs::from_iter([
            (":path", "/in/x?t=a+b%26c-token&u=1"),
            (":path", "/other?u=1"),
            (":authority", "h"),
        ]);
        let shown = Shown::of(&headers, Some("t=a+b%26c-token&u=1"), &hidden).unwrap();
        let expected = HeaderPairs::from_iter([
            (":path", "/in/x?t=(the secret)&u=1"),
            (":path", "/other?u=1"),
            (":authority", "h"),
        ]);
        assert_eq!((shown.headers, shown.query.as_deref()), (expected, Some("t=(the secret)&u=1")));
        // Where only some headers are looked through it is none of them.
        let elsewhere = Hidden { only_in: Some(&["x-token"]), ..hidden };
        assert_eq!(Shown::of(&headers, Some("t=a+b%26c-token&u=1"), &elsewhere), None);
    }

    #[test]
    fn nothing_of_a_value_is_shown_but_the_kind_of_an_authorization() {
        let shown = |name, text: &str| veiled(name, &HeaderValue::from(text));
        assert_eq!(shown("authorization", "Bearer abc def"), HeaderValue::from("Bearer (the secret)"));
        assert_eq!(shown("Authorization", "s3cr3t= rest"), HeaderValue::from(VEIL));
        assert_eq!(shown("Cookie", "a rest"), HeaderValue::from(VEIL));
        assert!(is_veiled(&shown("Cookie", "a")) && !is_veiled(&HeaderValue::from("a")));
    }

    #[test]
    fn what_was_hidden_of_a_request_is_hidden_of_what_is_made_of_it_wherever_it_stands() {
        let headers =
            HeaderPairs::from_iter([("Authorization", "Bearer tk-of-a"), ("X-Short", "ab"), ("A", "1")]);
        let from = Whole { headers: &headers, query: Some("t=%61b+c&b=2&rather-long-1") };
        let shown = Shown {
            headers: HeaderPairs::from_iter([
                ("Authorization", "Bearer (the secret)"),
                ("X-Short", VEIL),
                ("A", "1"),
            ]),
            query: Some("t=(the secret)&b=2&(the secret)".to_owned()),
        };
        let moved = HeaderPairs::from_iter([
            ("X-Copy", "rather-long-1;"),
            ("x-short", "ab"),
            ("A", "ab"),
            ("B", "2"),
        ]);
        let made = Whole { headers: &moved, query: Some("b=2&u=ab+c&v=Bearer%20tk-of-a&w=abc") };
        let carried = shown.carried(from, made).unwrap();
        let values: Vec<_> = carried.headers.iter().map(|(_, value)| value.as_str().unwrap()).collect();
        assert_eq!(values, [VEIL, VEIL, "ab", "2"]);
        assert_eq!(carried.query.as_deref(), Some("b=2&u=(the secret)&v=(the secret)&w=abc"));
        let plain = HeaderPairs::from_iter([("B", "2")]);
        assert_eq!(shown.carried(from, Whole { headers: &plain, query: Some("b=2") }), None);
    }

    #[test]
    fn a_secret_that_is_all_of_a_parameter_is_hidden() {
        let secret = Secret::from("a+b&c-token");
        let hidden = Hidden { secrets: &[&secret], ..Hidden::default() };
        let shown = Shown::of(&HeaderPairs::default(), Some("a=1&a%2Bb%26c-token&b"), &hidden).unwrap();
        assert_eq!(shown.query.as_deref(), Some("a=1&(the secret)&b"));
    }

    #[test]
    fn each_of_two_like_named_secrets_is_put_back_in_its_place() {
        let arrived = HeaderPairs::from_iter([("Cookie", "a=1"), ("X-Team", "blue"), ("cookie", "b=2")]);
        let shown =
            HeaderPairs::from_iter([("Cookie", VEIL), ("X-Team", "red"), ("cookie", VEIL), ("COOKIE", VEIL)]);
        let expected = HeaderPairs::from_iter([
            ("Cookie", "a=1"),
            ("X-Team", "red"),
            ("cookie", "b=2"),
            ("COOKIE", VEIL),
        ]);
        assert_eq!(unveiled_headers(&shown, arrived.iter()), expected);
    }

    #[test]
    fn a_query_is_put_back_parameter_by_parameter() {
        let (shown, known) = ("a=1&t=(the secret)&t=(the secret)&b=2", "a=1&t=one&t=two&b=2");
        assert_eq!(unveiled_query(shown, shown, known), known);
        let edited = "t=(the secret)&c=3&t=(the secret)&t=(the secret)";
        assert_eq!(unveiled_query(edited, shown, known), "t=one&c=3&t=two&t=(the secret)");
        assert_eq!(unveiled_query("u=(the secret)", shown, known), "u=(the secret)");
    }
}
