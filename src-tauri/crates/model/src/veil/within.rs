//! What is hidden of a request, taken out of what was made of it: the content that a signature covers, a sentence.

use std::borrow::Cow;

use zeroize::Zeroizing;

use super::{SHORTEST_SOUGHT, Shown, VEIL, Whole, decoded};

/// What is hidden of a request, and what is shown instead.
#[derive(Clone)]
pub struct Within {
    /// The longest first: one may hold another.
    exchanged: Vec<(Zeroizing<Vec<u8>>, Vec<u8>)>,
}

impl std::fmt::Debug for Within {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Within").field("hidden", &self.exchanged.len()).finish()
    }
}

impl Within {
    /// What of `whole` is hidden where it is shown like this.
    pub(crate) fn of(whole: Whole<'_>, shown: &Shown) -> Self {
        let mut within = Self { exchanged: Vec::new() };
        for ((name, real), (_, shown)) in whole.headers.iter().zip(shown.headers.iter()) {
            if real != shown {
                within.header(name, real.as_bytes(), shown.as_bytes());
            }
        }
        let queries = whole.query.zip(shown.query.as_deref());
        let pieces = queries.into_iter().flat_map(|(real, shown)| real.split('&').zip(shown.split('&')));
        for (real, shown) in pieces.filter(|(real, shown)| real != shown) {
            within.piece(real, shown);
        }
        within.exchanged.sort_by_key(|(hidden, _)| std::cmp::Reverse(hidden.len()));
        within
    }

    /// The bytes with nothing in them that is hidden.
    pub fn taken_out_of<'b>(&self, made: &'b [u8]) -> Cow<'b, [u8]> {
        let mut left = Cow::Borrowed(made);
        for (hidden, shown) in &self.exchanged {
            if let Some(without) = exchange(&left, hidden, shown) {
                left = Cow::Owned(without);
            }
        }
        left
    }

    /// Whether anything that is hidden stands in these bytes.
    pub fn is_in(&self, made: &[u8]) -> bool {
        matches!(self.taken_out_of(made), Cow::Owned(_))
    }

    /// The same of a text.
    pub fn taken_out_of_text(&self, made: &mut String) {
        if let Cow::Owned(without) = self.taken_out_of(made.as_bytes()) {
            *made = String::from_utf8_lossy(&without).into_owned();
        }
    }

    fn header(&mut self, name: &str, real: &[u8], shown: &[u8]) {
        let space = real.iter().position(|byte| *byte == b' ');
        self.value(real, shown);
        self.value(space.map(|at| &real[at + 1..]).unwrap_or_default(), VEIL.as_bytes());
        // Contents write the name in small letters; a short value alone stands in anything by chance.
        for name in [name, &name.to_ascii_lowercase()] {
            let named = |value: &[u8]| [name.as_bytes(), b":", value].concat();
            self.exchanged.push((Zeroizing::new(named(real)), named(shown)));
        }
    }

    fn piece(&mut self, real: &str, shown: &str) {
        if let Some((_, value)) = real.split_once('=') {
            self.exchanged.push((Zeroizing::new(real.as_bytes().to_vec()), shown.as_bytes().to_vec()));
            self.value(value.as_bytes(), VEIL.as_bytes());
        }
        self.value(decoded(real).unwrap_or_default().as_bytes(), VEIL.as_bytes());
    }

    fn value(&mut self, real: &[u8], shown: &[u8]) {
        if real.len() >= SHORTEST_SOUGHT {
            self.exchanged.push((Zeroizing::new(real.to_vec()), shown.to_vec()));
        }
    }
}

/// `None` where there is nothing to exchange.
pub(super) fn exchange(made: &[u8], hidden: &[u8], shown: &[u8]) -> Option<Vec<u8>> {
    let next = |from: &[u8]| from.windows(hidden.len()).position(|window| window == hidden);
    let mut rest = made;
    let mut without = Vec::new();
    while let Some(at) = next(rest) {
        without.extend_from_slice(&rest[..at]);
        without.extend_from_slice(shown);
        rest = &rest[at + hidden.len()..];
    }
    if rest.len() == made.len() {
        return None;
    }
    without.extend_from_slice(rest);
    Some(without)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HeaderPairs;

    #[test]
    fn what_is_hidden_is_taken_out_wherever_it_stands_and_nothing_else() {
        let headers =
            HeaderPairs::from_iter([("Authorization", "Bearer tk-of-a-sender"), ("X-Key", "k7"), ("A", "b")]);
        let shown = Shown {
            headers: HeaderPairs::from_iter([
                ("Authorization", "Bearer (the secret)"),
                ("X-Key", VEIL),
                ("A", "b"),
            ]),
            query: Some("a=1&t=(the secret)&u=(the secret)".to_owned()),
        };
        let whole = Whole { headers: &headers, query: Some("a=1&t=tk%2Dof-another&u=ab") };
        let within = Within::of(whole, &shown);
        let out = |text: &str| String::from_utf8(within.taken_out_of(text.as_bytes()).into_owned()).unwrap();
        for (made, left) in [
            ("POST /in?a=1&t=tk%2Dof-another&u=ab k7", "POST /in?a=1&t=(the secret)&u=(the secret) k7"),
            ("tk-of-another, and ab", "(the secret), and ab"),
            (
                "x-key:k7;authorization:Bearer tk-of-a-sender",
                "x-key:(the secret);authorization:Bearer (the secret)",
            ),
            ("tk-of-a-sender tk-of-a-sender", "(the secret) (the secret)"),
            ("a=1", "a=1"),
        ] {
            assert_eq!(out(made), left);
        }
        assert!(matches!(within.taken_out_of(b"plain"), Cow::Borrowed(_)));
        let mut text = "It is tk-of-another.".to_owned();
        within.taken_out_of_text(&mut text);
        assert_eq!(text, "It is (the secret).");
        assert!(!format!("{within:?}").contains("tk-of"));
    }
}
