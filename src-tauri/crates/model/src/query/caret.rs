//! What may stand where somebody types.

use super::LONGEST_QUERY;
use super::fault::Span;
use super::field::Field;
use super::lex::{Token, Word, lex};
use super::value::{Value, is};
use super::word::colon;

/// The place in a filter where somebody types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caret {
    /// What is being typed there, from its beginning to the end of its word: what a completion replaces.
    pub at: Span,
    /// What of it stands before the caret, without marks of quotation.
    pub typed: String,
    /// What belongs there.
    pub expected: Expected,
}

/// What belongs in a place of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A field, a verdict, a word that joins, or text.
    Word,
    /// A value of this field.
    Value(Field),
    /// The name of a header.
    HeaderName,
    /// The value of this header.
    HeaderValue(String),
    /// A path into JSON.
    JsonPath,
    /// Whatever somebody means; nothing can be offered.
    Text,
}

impl Caret {
    /// Where the caret stands in that text, after so many characters.
    pub fn in_text(text: &str, position: usize) -> Self {
        let letters: Vec<char> = text.chars().take(LONGEST_QUERY).collect();
        let position = position.min(letters.len());
        let words = lex(&letters, &mut Vec::new()).into_iter().filter_map(|token| match token {
            Token::Word(word) => Some(word),
            _ => None,
        });
        let mut words = words.into_iter();
        if let Some(word) = words.find(|word| word.at.start < position && position <= word.at.end) {
            return Self::in_word(&word, position);
        }
        let at = Span { start: position, end: position };
        Self { at, typed: String::new(), expected: Expected::Word }
    }

    fn in_word(word: &Word, position: usize) -> Self {
        let whole = Value { letters: &word.letters, end: word.at.end };
        let Some(colon) = colon(word).filter(|colon| word.letters[*colon].at < position) else {
            let expected = if word.letters.first().is_some_and(|first| first.quoted) {
                Expected::Text
            } else {
                Expected::Word
            };
            return Self::of(whole, word.at.start, position, expected);
        };
        let name: String = word.letters[..colon].iter().map(|letter| letter.sign).collect();
        let value = Value { letters: &word.letters[colon + 1..], end: word.at.end };
        let start = word.letters[colon].at + 1;
        match Field::named(&name) {
            None => Self::of(value, start, position, Expected::Text),
            Some(Field::Header) => Self::in_header(value, start, position),
            Some(Field::Json) => {
                let signs = |letter| ['=', '~', '<', '>'].iter().any(|sign| is(letter, *sign));
                let is_path = !value.letters.iter().any(|letter| letter.at < position && signs(letter));
                let expected = if is_path { Expected::JsonPath } else { Expected::Text };
                Self::of(value, start, position, expected)
            }
            Some(field) => {
                let last_comma =
                    value.letters.iter().rposition(|letter| is(letter, ',') && letter.at < position);
                let (rest, start) = last_comma.map_or((value.letters, start), |comma| {
                    (&value.letters[comma + 1..], value.letters[comma].at + 1)
                });
                let next_comma = rest.iter().position(|letter| is(letter, ','));
                let end = next_comma.map_or(value.end, |comma| rest[comma].at);
                let letters = &rest[..next_comma.unwrap_or(rest.len())];
                Self::of(Value { letters, end }, start, position, Expected::Value(field))
            }
        }
    }

    fn in_header(value: Value<'_>, start: usize, position: usize) -> Self {
        let (name, test) = value.cut(&['=', '~']);
        match test {
            Some((_, wanted)) if name.end < position => {
                let header = name.text().to_ascii_lowercase();
                Self::of(wanted, name.end + 1, position, Expected::HeaderValue(header))
            }
            _ => Self::of(name, start, position, Expected::HeaderName),
        }
    }

    fn of(value: Value<'_>, start: usize, position: usize, expected: Expected) -> Self {
        let typed = value.letters.iter().filter(|letter| letter.at < position);
        Self {
            at: Span { start, end: value.end.max(position) },
            typed: typed.map(|letter| letter.sign).collect(),
            expected,
        }
    }
}
