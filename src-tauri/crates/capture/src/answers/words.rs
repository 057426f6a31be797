//! The words of a template, looked at before any request comes: functions, filters and tests that there are not, in
//! whatever branch they stand, and what cannot depend on a request.

use minijinja::{Environment, ErrorKind, value::Value};

use super::bounded::{Tag, word_at};

/// What templates are given besides the request, under these names: texts and numbers, and no functions.
const GIVEN: [&str; 3] = ["count", "now", "now_unix"];
/// What begins a statement or stands between values, and is no name.
const KEYWORDS: [&str; 20] = [
    "and", "do", "elif", "else", "endfor", "endif", "endwith", "false", "False", "for", "if", "in", "is",
    "none", "None", "not", "or", "true", "True", "set",
];

/// What a word of a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A value by its name.
    Name,
    /// A name that is called.
    Call,
    Filter,
    Test,
}

#[derive(Clone, Copy, Debug)]
struct Word<'s> {
    at: usize,
    text: &'s str,
    kind: Kind,
}

/// A word that templates do not have: where it stands, and what is said of it.
pub(super) fn unknown(source: &str, environment: &Environment<'_>) -> Option<(usize, String)> {
    let words: Vec<Word<'_>> = tags(source).iter().flat_map(|(tag, _)| words(source, tag)).collect();
    let is_known = |word: &Word<'_>| environment.globals().any(|(name, _)| name == word.text);
    // What the template names itself may be a function under another name.
    let is_own = |word: &Word<'_>| tags(source).iter().any(|(tag, _)| names(source, tag, word.text));
    words.iter().find_map(|word| {
        let text = word.text;
        let said = match word.kind {
            Kind::Name => return None,
            Kind::Call if text == "request" || GIVEN.contains(&text) => {
                format!("`{text}` is no function: write it without its parentheses")
            }
            Kind::Call if is_known(word) || is_own(word) => return None,
            Kind::Call => format!("there is no function `{text}`"),
            Kind::Filter => {
                let tried = environment.empty_state().apply_filter(text, &[Value::from("")]);
                let is_unknown = tried.is_err_and(|error| error.kind() == ErrorKind::UnknownFilter);
                is_unknown.then(|| format!("there is no filter `{text}`"))?
            }
            Kind::Test => {
                let tried = environment.empty_state().perform_test(text, &[Value::from("")]);
                let is_unknown = tried.is_err_and(|error| error.kind() == ErrorKind::UnknownTest);
                is_unknown.then(|| format!("there is no test `{text}`"))?
            }
        };
        Some((word.at, said))
    })
}

/// Whether what stands there is done for every request, and with nothing of it.
pub(super) fn is_constant(source: &str, at: usize) -> bool {
    let mut known = GIVEN.to_vec();
    for (tag, depth) in tags(source) {
        let (named, used) = named_and_used(source, &tag);
        let is_given = |word: &Word<'_>| word.kind != Kind::Name || known.contains(&word.text);
        let is_free = used.iter().all(is_given);
        if (tag.start..tag.end).contains(&at) {
            return is_free && depth == 0 && matches!(tag.word, "" | "if" | "set" | "with");
        }
        for word in named {
            known.retain(|name| *name != word.text);
            // What is set in a branch may be, and `with` gives a name for a while.
            if is_free && depth == 0 && tag.word == "set" {
                known.push(word.text);
            }
        }
    }
    false
}

/// Whether nothing in it goes by a request.
pub(super) fn is_all_constant(source: &str) -> bool {
    let is_given = |word: &Word<'_>| word.kind != Kind::Name || GIVEN.contains(&word.text);
    tags(source).iter().all(|(tag, _)| words(source, tag).iter().all(is_given))
}

/// The words of a tag that name what it sets, and the others.
fn named_and_used<'s>(source: &'s str, tag: &Tag<'_>) -> (Vec<Word<'s>>, Vec<Word<'s>>) {
    let sets = matches!(tag.word, "set" | "with");
    let inside = &source.as_bytes()[tag.start..tag.end.min(source.len())];
    // No name holds a `=`, so the first one stands before the value.
    let value = memchr::memchr(b'=', inside).filter(|_| sets).map_or(tag.start, |at| tag.start + at);
    words(source, tag).into_iter().partition(|word| word.at < value)
}

/// The tags, and how many branches and loops each stands in. What is written as it is has none.
fn tags(source: &str) -> Vec<(Tag<'_>, usize)> {
    let (mut tags, mut depth, mut from) = (Vec::new(), 0_usize, 0);
    while let Some(tag) = Tag::next(source, from) {
        from = tag.end;
        match tag.word {
            "raw" => from += source.get(from..).and_then(|rest| rest.find("endraw")).unwrap_or(source.len()),
            "endif" | "endfor" => depth = depth.saturating_sub(1),
            _ => {}
        }
        // A branch's condition and a loop's list are looked at before either.
        let begins = matches!(tag.word, "if" | "for");
        tags.push((tag, depth));
        depth += usize::from(begins);
    }
    tags
}

/// Whether a tag gives a value that name.
fn names(source: &str, tag: &Tag<'_>, name: &str) -> bool {
    matches!(tag.word, "set" | "with" | "for")
        && words(source, tag).iter().any(|word| word.kind == Kind::Name && word.text == name)
}

/// The words of a tag that stand in no quotes and are no part of another value.
fn words<'s>(source: &'s str, tag: &Tag<'_>) -> Vec<Word<'s>> {
    let bytes = &source.as_bytes()[..tag.end.min(source.len())];
    let (mut words, mut at, mut quote) = (Vec::new(), tag.start + 2, None);
    // What the next word is by what stands before it: `None` where it is no word of its own.
    let mut next = Some(Kind::Name);
    let mut is_first = !tag.word.is_empty();
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) | (None, b' ' | b'\t' | b'\r' | b'\n') => {}
            (None, b'"' | b'\'') => (quote, next) = (Some(byte), Some(Kind::Name)),
            (None, b'0'..=b'9') => {
                at += word_at(&bytes[at..]).len();
                continue;
            }
            (None, b'a'..=b'z' | b'A'..=b'Z' | b'_') => {
                let length = word_at(&bytes[at..]).len();
                let text = &source[at..at + length];
                let kind = next.replace(Kind::Name);
                match kind {
                    _ if std::mem::take(&mut is_first) => {}
                    Some(Kind::Test) if text == "not" => next = kind,
                    Some(Kind::Name) if text == "is" => next = Some(Kind::Test),
                    Some(Kind::Name) if KEYWORDS.contains(&text) => {}
                    Some(Kind::Name) => {
                        let called = bytes[at + length..].trim_ascii_start().first() == Some(&b'(');
                        let assigned = is_assigned(&bytes[at + length..]);
                        let kind = if called { Kind::Call } else { Kind::Name };
                        // The name of an argument is none of a value.
                        if !(assigned && tag.word.is_empty()) {
                            words.push(Word { at, text, kind });
                        }
                    }
                    Some(kind) => words.push(Word { at, text, kind }),
                    None => {}
                }
                at += length;
                continue;
            }
            (None, b'.') => next = None,
            (None, b'|') => next = Some(Kind::Filter),
            (None, _) => next = Some(Kind::Name),
        }
        at += 1;
    }
    words
}

/// Whether a `=` follows that compares nothing.
fn is_assigned(rest: &[u8]) -> bool {
    matches!(rest.trim_ascii_start(), [b'=', next, ..] if *next != b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Option<(usize, String)> {
        let mut environment = Environment::new();
        environment.remove_global("debug");
        unknown(source, &environment)
    }

    #[test]
    fn words_that_there_are_not_are_found_in_any_branch() {
        for (source, at, said) in [
            ("{{ now() }}", 3, "`now` is no function"),
            ("a{% if request.json.x %}{{ foo (1) }}{% endif %}", 27, "no function `foo`"),
            ("{% for a in range(3) %}{{ a | nix }}{% endfor %}", 30, "no filter `nix`"),
            ("{{ 'a' if count is odd else 'b' is odder }}", 35, "no test `odder`"),
            ("{% if x is not nix %}{% endif %}", 15, "no test `nix`"),
            ("{{ dict(a=request()) }}", 10, "`request` is no function"),
        ] {
            let (place, message) = found(source).unwrap_or_else(|| panic!("{source}"));
            assert!(message.contains(said), "{source}: {message}");
            assert_eq!(place, at, "{source}");
        }
    }

    #[test]
    fn what_may_be_there_is_not_found() {
        for source in [
            "{{ range(3) | join(', ') }}{{ dict(upper=1).upper }}",
            "{{ request.json.items() }}{{ request.now() }}{{ 'now()' }}{{ \"a\\\"nix()\" }}",
            "{% raw %}{{ nix() }} {{ ' }}{% endraw %}{{ now }}",
            "{# {{ nix() }} #}{{ { 'a': 1 } }}",
            "{% if count in (1, 2) and not (now) or (count) %}x{% elif (1) %}y{% endif %}",
            "{% set f = range %}{{ f(2) | join }}{{ 1.5 | round }}{{ 2e3 }}",
            "{% for nix in request.json %}{{ nix(1) }}{% endfor %}",
            "{{ request.json.a is divisibleby(3) }}{{ a is not none }}{{ 'x' is string }}",
            "{{ request.json.data | map('upper') | select('odd') | list }}",
        ] {
            assert_eq!(found(source), None, "{source}");
        }
    }

    #[test]
    fn what_depends_on_no_request_is_told() {
        for (source, at, constant) in [
            ("{{ 1 / 0 }}", 5, true),
            ("a {{ count / 0 }}", 5, true),
            ("{% if 1 / 0 %}x{% endif %}", 8, true),
            ("{% if count > 3 %}{{ 1 / 0 }}{% endif %}", 22, false),
            ("{% if count %}{% endif %}{{ 1 / 0 }}", 30, true),
            ("{% for a in b %}{{ 1 / 0 }}{% endfor %}", 20, false),
            ("{{ 1 / request.json.n }}", 5, false),
            ("{% set a = request.json.n %}{{ 1 / a }}", 32, false),
            ("{% set a = 1 / 0 %}", 13, true),
            ("{% with a = 1 / 0 %}{% endwith %}", 14, true),
            ("{% set a = 1 / request.json.n %}", 13, false),
            ("{% if request.json.n %}{% set a = 1 / 0 %}{% endif %}", 36, false),
            ("{% set a = 0 %}{{ 1 / a }}", 20, true),
            ("{% set a = count %}{% set b = a %}{{ b / 0 }}", 39, true),
            ("{% set a = 0 %}{% set a = request.json.n %}{{ 1 / a }}", 48, false),
            ("{% set a = 0 %}{% if request.json.n %}{% set a = 1 %}{% endif %}{{ 1 / a }}", 69, false),
            ("{% set a = b %}{{ 1 / a }}", 20, false),
            ("{% with a = 0 %}{{ 1 / a }}{% endwith %}", 21, false),
            ("{{ 'request' * 'a' | length }}", 5, true),
        ] {
            assert_eq!(is_constant(source, at), constant, "{source}");
        }
    }

    #[test]
    fn a_template_that_goes_by_no_request_is_told() {
        for (source, constant) in [
            ("a", true),
            ("{{ 'a\\n' }}{{ now }}{{ uuid() | upper }}", true),
            ("{% if count > 1 %}a{% endif %}", true),
            ("{{ request.id }}", false),
            ("{% for a in range(3) %}{{ a }}{% endfor %}", false),
        ] {
            assert_eq!(is_all_constant(source), constant, "{source}");
        }
    }
}
