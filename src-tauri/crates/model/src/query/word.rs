//! One word of a filter, read into a condition.

use hookbench_signing::VerificationStatus;

use super::fault::{QueryFault, QueryProblem, Span};
use super::field::Field;
use super::json_path::{self, JsonPath};
use super::lex::Word;
use super::term::{Mark, Node, NumberRange, Term, TextField, TextTest};
use super::value::{self, Value, is};
use super::{Reading, address};
use crate::{Colour, Timestamp};

/// A word that joins conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joint {
    Or,
    And,
    Not,
}

/// What the word joins, where it is such a one: unquoted, all in small letters or all in capitals.
pub(super) fn joint(word: &Word) -> Option<Joint> {
    if word.letters.iter().any(|letter| letter.quoted) {
        return None;
    }
    match word.text().as_str() {
        "or" | "OR" => Some(Joint::Or),
        "and" | "AND" => Some(Joint::And),
        "not" | "NOT" => Some(Joint::Not),
        _ => None,
    }
}

/// Where the colon of a word with a field stands among its letters.
pub(super) fn colon(word: &Word) -> Option<usize> {
    let colon = word.letters.iter().position(|letter| is(letter, ':'))?;
    // Of any alphabet: nobody means text by it, and then it goes in quotes.
    let is_name = |letter: char| letter.is_alphabetic() || matches!(letter, '_' | '-');
    let name = &word.letters[..colon];
    (!name.is_empty() && name.iter().all(|letter| !letter.quoted && is_name(letter.sign))).then_some(colon)
}

/// What stands before that colon.
pub(super) fn name(word: &Word, colon: usize) -> String {
    word.letters[..colon].iter().map(|letter| letter.sign).collect()
}

/// Reads a word; `None` where it is wrong, which is told.
pub(super) fn read(word: &Word, reading: Reading, faults: &mut Vec<QueryFault>) -> Option<Node> {
    let Some(colon) = colon(word) else { return plain(word, faults) };
    let name = name(word, colon);
    let Some(field) = Field::named(&name) else {
        if reading.is_kept && !name.is_ascii() {
            return plain(word, faults);
        }
        let at = Span { start: word.at.start, end: word.letters[colon].at };
        let nearest = Field::nearest(&name).map(Field::name);
        faults.push(QueryFault { at, problem: QueryProblem::UnknownField { name, nearest } });
        return None;
    };
    let value = Value { letters: &word.letters[colon + 1..], end: word.at.end };
    // `note:""` has no letters either, and is a value.
    if value.is_empty() && value.end == word.letters[colon].at + 1 {
        let problem = QueryProblem::NoValue { field: field.name(), example: field.example() };
        faults.push(QueryFault { at: word.at, problem });
        return None;
    }
    match of_field(field, value, reading) {
        Ok(node) => Some(node),
        Err(Misfit { value, wanted }) => {
            let field = field.name();
            let problem = QueryProblem::WrongValue { field, value: value.text(), wanted };
            faults.push(QueryFault { at: value.at(), problem });
            None
        }
    }
}

/// A value that does not fit, and what would.
#[derive(Debug)]
struct Misfit<'w> {
    value: Value<'w>,
    wanted: &'static str,
}

/// A verdict, or text.
fn plain(word: &Word, faults: &mut Vec<QueryFault>) -> Option<Node> {
    let text = word.text();
    if text.is_empty() {
        // Of a quotation that does not end has been told.
        if word.at.end - word.at.start > 1 {
            faults.push(QueryFault { at: word.at, problem: QueryProblem::EmptyText });
        }
        return None;
    }
    let verdict = if word.is_quoted() { None } else { verdict(&text) };
    Some(Node::Term(verdict.unwrap_or(Term::Anywhere(text))))
}

fn verdict(text: &str) -> Option<Term> {
    let name = text.replace('-', "_");
    VerificationStatus::ALL.into_iter().find(|status| status.as_str() == name).map(Term::Verdict)
}

fn of_field(field: Field, value: Value<'_>, reading: Reading) -> Result<Node, Misfit<'_>> {
    match field {
        Field::Method => match value.parts().into_iter().find(|part| !reading.is_kept && !is_method(*part)) {
            Some(value) => Err(Misfit { value, wanted: METHODS }),
            None => each(value, |part| text(TextField::Method, method(part))),
        },
        Field::Path => Ok(Node::Term(text(TextField::Path, whole(value)))),
        Field::Query => Ok(Node::Term(text(TextField::Query, holds(value)))),
        Field::Url => Ok(Node::Term(text(TextField::Url, holds(value)))),
        Field::Type => each(value, |part| text(TextField::Type, whole(part))),
        Field::Id => each(value, |part| text(TextField::EventId, whole(part))),
        Field::Inbox => each(value, |part| text(TextField::Inbox, whole(part))),
        Field::Tag => each(value, |part| text(TextField::Tag, whole(part))),
        Field::Content => {
            let part = value.text().to_ascii_lowercase();
            Ok(Node::Term(text(TextField::Content, TextTest::Holds(part))))
        }
        Field::From => match each_or(value, address::WANTED, address::from) {
            Err(_) if reading.is_kept => Ok(Node::Term(text(TextField::From, holds(value)))),
            read => read,
        },
        Field::Note => Ok(Node::Term(text(TextField::Note, holds(value)))),
        Field::Body => Ok(Node::Term(text(TextField::Body, holds(value)))),
        Field::Status => {
            let highest_class = if reading.is_kept { 9 } else { HIGHEST_CLASS };
            let wanted = "a status such as 500, a class from 1xx to 5xx, a range such as 200..299, or >=400";
            each_or(value, wanted, |part| status(part, highest_class))
        }
        Field::Size => {
            let wanted = "a size such as >10k, <=1m or 1k..2k";
            each_or(value, wanted, |part| part.range(value::size).map(Term::Size))
        }
        Field::Is => each_or(value, IS_WORDS, |part| is_word(&part.text())),
        Field::Colour => {
            let wanted = "red, orange, yellow, green, blue, purple, or * for any";
            each_or(value, wanted, |part| colour(&part.text()))
        }
        Field::Version => each_or(value, "1.0, 1.1 or 2", |part| version(&part.text())),
        Field::Since => when(value, reading.now).map(|at| Node::Term(Term::Since(at))),
        Field::Until => when(value, reading.now).map(|at| Node::Term(Term::Until(at))),
        Field::Header => header(value, reading),
        Field::Json => json(value, reading).map(Node::Term),
    }
}

/// What `is:` takes, in words.
const IS_WORDS: &str = "valid, invalid, unsigned, no_secret, not_checked, pinned, fault, handshake, ours, noted, tagged or drifted";

/// One of the values between commas.
fn each(value: Value<'_>, term: impl Fn(Value<'_>) -> Term) -> Result<Node, Misfit<'_>> {
    each_or(value, "something between its commas", |part| (!part.is_empty()).then(|| term(part)))
}

fn each_or<'w>(
    value: Value<'w>,
    wanted: &'static str,
    term: impl Fn(Value<'w>) -> Option<Term>,
) -> Result<Node, Misfit<'w>> {
    let mut nodes = Vec::new();
    for part in value.parts() {
        let term = term(part).ok_or(Misfit { value: part, wanted })?;
        if !nodes.contains(&Node::Term(term.clone())) {
            nodes.push(Node::Term(term));
        }
    }
    Ok(match nodes.len() {
        1 => nodes.remove(0),
        _ => Node::Any(nodes),
    })
}

const fn text(field: TextField, test: TextTest) -> Term {
    Term::Text(field, test)
}

/// The text as a whole, with gaps; a part of it after `~`.
pub(super) fn whole(value: Value<'_>) -> TextTest {
    value.after("~").map_or_else(|| TextTest::Is(value.glob()), holds)
}

fn holds(value: Value<'_>) -> TextTest {
    TextTest::Holds(value.text())
}

/// What `method:` takes, in words.
const METHODS: &str = "methods such as POST or P*; what else stood in the place of one goes in quotes";

/// Whether such a method may come. Of a malformed request anything may stand there, and is asked for in quotes.
fn is_method(value: Value<'_>) -> bool {
    value.letters.iter().all(|letter| letter.quoted || is_token(letter.sign))
}

/// Whether HTTP has the letter in names: of methods, and of headers.
fn is_token(letter: char) -> bool {
    letter.is_ascii_graphic() && !"\"(),/:;<=>?@[\\]{}".contains(letter)
}

/// Methods are written in capitals, save where they are quoted.
fn method(value: Value<'_>) -> TextTest {
    let mut letters = value.letters.to_vec();
    for letter in letters.iter_mut().filter(|letter| !letter.quoted) {
        letter.sign = letter.sign.to_ascii_uppercase();
    }
    whole(Value { letters: &letters, end: value.end })
}

/// HTTP has five classes. What belongs to none of them, which a target may pass back, is found by its number, or in a
/// range of numbers.
const HIGHEST_CLASS: u64 = 5;

fn status(value: Value<'_>, highest_class: u64) -> Option<Term> {
    let range = value::status(&value.text(), highest_class).or_else(|| value.range(value::status_number))?;
    // What nobody was told is no status, however low.
    Some(Term::Status(NumberRange { low: range.low.max(1), high: range.high.min(999) }))
}

fn is_word(word: &str) -> Option<Term> {
    let word = word.to_ascii_lowercase();
    let mark = Mark::ALL.into_iter().find(|mark| mark.as_str() == word);
    verdict(&word).or(mark.map(Term::Mark))
}

fn colour(name: &str) -> Option<Term> {
    if name == "*" {
        Some(Term::Colour(None))
    } else {
        Colour::named(name).map(|one| Term::Colour(Some(one)))
    }
}

fn version(text: &str) -> Option<Term> {
    let text = text.to_ascii_lowercase();
    let version = match text.strip_prefix("http/").unwrap_or(&text) {
        "1.0" | "1" => "HTTP/1.0",
        "1.1" => "HTTP/1.1",
        "2" | "2.0" => "HTTP/2.0",
        _ => return None,
    };
    Some(Term::Text(TextField::Version, TextTest::Is(super::Glob::text(version))))
}

fn when(value: Value<'_>, now: Timestamp) -> Result<Timestamp, Misfit<'_>> {
    let wanted = "an age such as 15m, 2h or 7d, or a time in UTC such as 2026-11-01 or 2026-11-01T10:00";
    value::time(&value.text(), now).ok_or(Misfit { value, wanted })
}

/// `name`, `name=value`, `name~part`.
///
/// The host that a sender names comes as `:authority` over HTTP/2, and is found by either name of it.
fn header(value: Value<'_>, reading: Reading) -> Result<Node, Misfit<'_>> {
    let (name, test) = value.cut(&['=', '~']);
    if !reading.is_kept && test.is_some_and(|(sign, wanted)| is_foreign(name, sign, wanted)) {
        let wanted = "= or ~ behind the name; `-header:x-id=42` says what is not so, and a value that begins with \
                      such a sign goes in quotes";
        return Err(Misfit { value, wanted });
    }
    let word = match name.letters {
        [colon, rest @ ..] if colon.sign == ':' => rest,
        letters => letters,
    };
    let fits = !word.is_empty() && word.iter().all(|letter| is_token(letter.sign));
    if !fits {
        let wanted = "a header's name, then =value or ~part";
        return Err(Misfit { value: if name.is_empty() { value } else { name }, wanted });
    }
    let test = test.map(|(sign, value)| match sign {
        '=' => TextTest::Is(value.glob()),
        _ => holds(value),
    });
    let name = name.text().to_ascii_lowercase();
    if name == "host" {
        let of = |name: &str| Node::Term(Term::Header(name.to_owned(), test.clone()));
        return Ok(Node::Any(vec![of("host"), of(":authority")]));
    }
    Ok(Node::Term(Term::Header(name, test)))
}

/// `path`, `path=value`, `path~part`, `path>5`.
fn json(value: Value<'_>, reading: Reading) -> Result<Term, Misfit<'_>> {
    let (path, test) = value.cut(&['=', '~', '>', '<']);
    if !reading.is_kept && test.is_some_and(|(sign, wanted)| is_foreign(path, sign, wanted)) {
        let wanted = "one of =, ~, >, >=, < and <= behind the path; `-json:n=5` says what is not so, and a value \
                      that begins with such a sign goes in quotes";
        return Err(Misfit { value, wanted });
    }
    let Some(steps) = JsonPath::read(path.letters) else {
        let wanted = "a path such as data.to, items[0].id or items[*].id, then =value, ~part, >5 or <=5";
        return Err(Misfit { value: if path.is_empty() { value } else { path }, wanted });
    };
    let Some((sign, wanted)) = test else { return Ok(Term::Json(steps, None)) };
    let test = json_path::read_test(sign, wanted)
        .ok_or(Misfit { value: wanted, wanted: "a number after > and <" })?;
    Ok(Term::Json(steps, Some(test)))
}

/// Whether the sign is one of another language, which would be looked for as part of what stands beside it: `!=`, `==`,
/// `=~`, `=>`, `=<`, `~=`. What is quoted stands for itself.
fn is_foreign(before: Value<'_>, sign: char, after: Value<'_>) -> bool {
    let follows =
        |signs: &[char]| after.letters.first().is_some_and(|first| signs.iter().any(|sign| is(first, *sign)));
    let is_negated = before.letters.last().is_some_and(|last| is(last, '!'));
    is_negated
        || match sign {
            '=' => follows(&['=', '~', '>', '<']),
            '~' => follows(&['=', '~']),
            _ => false,
        }
}
