//! What in templates makes much out of little, kept within bounds: how often something is put together may be a
//! sender's to say, and a text that is joined to itself again and again doubles each time.

use hookbench_model::InboxResponse;
use minijinja::value::{Kwargs, StringInput, Value};
use minijinja::{Environment, Error, ErrorKind, State, filters};

/// The most `~` of a template: each may join what a sender sent once more.
const MOST_JOINTS: usize = 64;
/// The most `+` of its `set`s together: it joins texts too, and numbers need few.
const MOST_SUMS: usize = 6;

/// Filters that make more of something than it says, by a number that may be a sender's.
const NOT_OFFERED: [&str; 5] = ["indent", "format", "pprint", "slice", "batch"];
/// How many times over what was set before may be put together in lists, all of them taken together.
const MOST_COPIES: usize = 1 << 16;
/// The most `*` of its `set`s together: each may make a long text.
const MOST_TIMES: usize = 2;

/// Takes from an environment what cannot be bounded, and bounds the rest.
pub(super) fn bound(environment: &mut Environment<'static>) {
    for name in NOT_OFFERED {
        environment.remove_filter(name);
    }
    environment.add_filter("join", join);
    environment.add_filter("replace", replace);
}

/// The built-in filter, where what it puts between is no more than an answer may have.
fn join(
    state: &mut State<'_, '_>,
    value: &Value,
    joiner: Option<StringInput<'_>>,
    attribute: Option<&str>,
    kwargs: Kwargs,
) -> Result<Value, Error> {
    let between = match &joiner {
        Some(joiner) => joiner.as_str().len(),
        None => kwargs.get::<Option<&str>>("d")?.map_or(0, str::len),
    };
    let items = match value.len() {
        Some(items) => items,
        None if value.is_undefined() => 0,
        None => value.try_iter()?.count(),
    };
    within(items.saturating_mul(between))?;
    filters::join(state, value, joiner, attribute, kwargs)
}

/// The same of what it puts in.
fn replace(
    state: &mut State<'_, '_>,
    value: StringInput<'_>,
    from: StringInput<'_>,
    to: StringInput<'_>,
) -> Result<Value, Error> {
    let times = value.as_str().matches(from.as_str()).count();
    within(times.saturating_mul(to.as_str().len()))?;
    filters::replace(state, value, from, to)
}

fn within(bytes: usize) -> Result<(), Error> {
    if bytes <= InboxResponse::MAX_BODY {
        return Ok(());
    }
    let message = format!("it makes a text of more than {} bytes", InboxResponse::MAX_BODY);
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

/// Where a template could double what it has with every line, and why that is not taken.
pub(super) fn doubling(source: &str) -> Option<(usize, String)> {
    let (mut joints, mut sums, mut times, mut copies, mut from) = (0, 0, 0, 1_usize, 0);
    while let Some(tag) = Tag::next(source, from) {
        from = tag.end;
        let is_set = matches!(tag.word, "set" | "with");
        if tag.word == "filter" {
            return Some((tag.start, "there is no `filter` block: write the filter behind `|`".to_owned()));
        }
        if tag.word == "for" && tag.is_recursive {
            return Some((tag.start, "`for` takes no `recursive`".to_owned()));
        }
        if is_set || tag.word == "for" {
            copies = copies.saturating_mul(tag.listed.max(1));
            if copies > MOST_COPIES {
                return Some((
                    tag.start,
                    "it puts what it set before into lists, again and again".to_owned(),
                ));
            }
        }
        times += if is_set { tag.times } else { 0 };
        if times > MOST_TIMES {
            return Some((tag.start, format!("there may be at most {MOST_TIMES} `*` in `set`")));
        }
        for at in &tag.joints {
            joints += 1;
            if is_set {
                return Some((*at, format!("`{}` takes no `~`: write the parts side by side", tag.word)));
            }
            if joints > MOST_JOINTS {
                return Some((*at, format!("there may be at most {MOST_JOINTS} `~`")));
            }
        }
        sums += if is_set { tag.sums } else { 0 };
        if sums > MOST_SUMS {
            return Some((tag.start, format!("there may be at most {MOST_SUMS} `+` in `set`")));
        }
        if tag.word == "set" && !tag.assigns {
            return Some((tag.start, "`set` takes a value behind `=`, and no block".to_owned()));
        }
    }
    None
}

/// What stands between `{{` and `}}`, or `{%` and `%}`.
pub(super) struct Tag<'s> {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The first word of a statement; empty of an expression.
    pub(super) word: &'s str,
    /// Where a `~` stands in it that is not quoted.
    joints: Vec<usize>,
    /// How many `+`, and how many `*`, are in it that are not quoted.
    sums: usize,
    times: usize,
    /// How many names stand in brackets of any kind in it.
    listed: usize,
    /// Whether it says `recursive`.
    is_recursive: bool,
    /// Whether there is a `=` in it that is not quoted.
    assigns: bool,
}

impl<'s> Tag<'s> {
    /// The first one from there on.
    pub(super) fn next(source: &'s str, from: usize) -> Option<Self> {
        let bytes = source.as_bytes();
        let mut start = from;
        loop {
            start += memchr::memchr(b'{', bytes.get(start..)?)?;
            match bytes.get(start + 1)? {
                b'{' | b'%' => break,
                b'#' => start += 2 + source.get(start + 2..)?.find("#}")?,
                _ => start += 1,
            }
        }
        let is_statement = bytes[start + 1] == b'%';
        let inside = source.get(start + 2..).unwrap_or_default().trim_start_matches(['-', '+']).trim_start();
        let word_end = inside.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(inside.len());
        let mut tag = Self {
            start,
            end: source.len(),
            word: if is_statement { &inside[..word_end] } else { "" },
            joints: Vec::new(),
            sums: 0,
            times: 0,
            listed: 0,
            is_recursive: false,
            assigns: false,
        };
        tag.read(bytes, is_statement);
        Some(tag)
    }

    fn read(&mut self, bytes: &[u8], is_statement: bool) {
        let closes = if is_statement { *b"%}" } else { *b"}}" };
        let (mut at, mut depth, mut nested, mut quote) = (self.start + 2, 0_usize, 0_usize, None);
        while let Some(&byte) = bytes.get(at) {
            match (quote, byte) {
                (Some(_), b'\\') => at += 1,
                (Some(open), _) if open == byte => quote = None,
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'~') => self.joints.push(at),
                (None, b'+') => self.sums += 1,
                (None, b'*') => self.times += 1,
                (None, b'[' | b'(') => nested += 1,
                (None, b']' | b')') => nested = nested.saturating_sub(1),
                (None, b'a'..=b'z' | b'A'..=b'Z' | b'_') => {
                    let name = word_at(&bytes[at..]);
                    self.is_recursive |= name == b"recursive";
                    let is_part = at > 0 && bytes[at - 1] == b'.';
                    self.listed += usize::from(nested + depth > 0 && !is_part);
                    at += name.len();
                    continue;
                }
                (None, b'=') => self.assigns = true,
                (None, b'{') => depth += 1,
                (None, _) if depth == 0 && bytes[at..].starts_with(&closes) => {
                    self.end = at + 2;
                    return;
                }
                (None, b'}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            at += 1;
        }
    }
}

/// The word that begins there.
pub(super) fn word_at(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'));
    &bytes[..end.unwrap_or(bytes.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_double_is_told_by_its_place() {
        for (source, at) in [
            ("{{ a ~ b }}", None),
            ("{{ 'a ~ {% set b = c ~ d %}' }}{% set x = '~' %}", None),
            ("{# {% set a = a ~ a %} #}{ %}~{", None),
            ("{{ {'a': {'b': 1}} }}{% set a = a ~ a %}", Some(34)),
            ("{% set a = a ~ a %}", Some(13)),
            ("{%-set a = \"\\\"\" ~ a %}", Some(16)),
            ("ü{% with a = b~b %}{{ a }}{% endwith %}", Some(15)),
            ("x{% set a %}{{ a }}{{ a }}{% endset %}", Some(1)),
            ("{% if a == b ~ c %}x{% endif %}", None),
            ("{% set a = a ~ a", Some(13)),
        ] {
            assert_eq!(doubling(source).map(|(at, _)| at), at, "{source}");
        }
        assert!(doubling(&"{{ a ~ a }}".repeat(64)).is_none());
        assert!(doubling(&"{{ a ~ a }}".repeat(65)).is_some());
        assert!(doubling(&"{% set n = n + 1 %}{{ n + 1 }}".repeat(6)).is_none());
        assert!(doubling(&"{% set n = n + n %}".repeat(7)).is_some());
        assert!(doubling(&"{% set n = n * n %}".repeat(2)).is_none());
        assert!(doubling(&"{% set n = n * n %}".repeat(3)).is_some());
    }

    #[test]
    fn lists_of_what_was_set_before_are_counted() {
        for (source, is_taken) in [
            ("{% set data = {'id': request.json.id, 'to': [count, now]} %}".to_owned(), true),
            ("{% set a = [a] %}".repeat(100), true),
            ("{% set a = [a, a] %}".repeat(16), true),
            ("{% set a = [a, a] %}".repeat(17), false),
            ("{% set a = {'x': a, 'y': a} %}".repeat(17), false),
            ("{% set a = (a, a) %}".repeat(17), false),
            ("{% for a in [a, a] %}".repeat(17), false),
            ("{% set a = [[1, 2], 'a, b', x.a.b.c] %}".repeat(40), true),
            ("{% filter upper %}x{% endfilter %}".to_owned(), false),
            ("{% for a in b recursive %}{{ loop(a) }}{% endfor %}".to_owned(), false),
        ] {
            assert_eq!(doubling(&source).is_none(), is_taken, "{source}");
        }
    }
}
