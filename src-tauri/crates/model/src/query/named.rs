use super::fault::Span;
use super::field::Field;
use super::lex::{Token, lex};
use super::term::TextTest;
use super::value::Value;
use super::word::{colon, name, whole};

/// The inboxes that a filter names by their whole slugs.
pub(super) fn inboxes(text: &str) -> Vec<(Span, String)> {
    let letters: Vec<char> = text.chars().collect();
    let mut named = Vec::new();
    for token in lex(&letters, &mut Vec::new()) {
        let Token::Word(word) = token else { continue };
        let Some(colon) = colon(&word) else { continue };
        if Field::named(&name(&word, colon)) != Some(Field::Inbox) {
            continue;
        }
        let value = Value { letters: &word.letters[colon + 1..], end: word.at.end };
        for part in value.parts() {
            if let TextTest::Is(glob) = whole(part)
                && let Some(slug) = glob.as_text()
            {
                named.push((part.at(), slug.to_owned()));
            }
        }
    }
    named
}
