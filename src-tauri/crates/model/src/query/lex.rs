use super::fault::{QueryFault, QueryProblem, Span};

/// A piece of a filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Open(Span),
    Close(Span),
    /// A `-` where a word begins.
    Minus(Span),
    Word(Word),
}

/// A word, and how it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    pub(super) at: Span,
    pub(super) letters: Vec<Letter>,
}

/// A character of a word, without the marks that quote it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Letter {
    pub(super) sign: char,
    pub(super) at: usize,
    /// It stands for itself.
    pub(super) quoted: bool,
}

impl Word {
    /// Whether it is quoted as a whole, or has no letters.
    pub(super) fn is_quoted(&self) -> bool {
        self.letters.iter().all(|letter| letter.quoted)
    }

    pub(super) fn text(&self) -> String {
        self.letters.iter().map(|letter| letter.sign).collect()
    }
}

/// Cuts a filter into words; a quotation that does not end reaches to the end, and is told.
pub(super) fn lex(text: &[char], faults: &mut Vec<QueryFault>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(letter) = text.get(at) {
        let one = Span { start: at, end: at + 1 };
        match letter {
            space if space.is_whitespace() => at += 1,
            '(' => {
                tokens.push(Token::Open(one));
                at += 1;
            }
            ')' => {
                tokens.push(Token::Close(one));
                at += 1;
            }
            '-' => {
                tokens.push(Token::Minus(one));
                at += 1;
            }
            _ => {
                let word = word(text, at, faults);
                at = word.at.end;
                tokens.push(Token::Word(word));
            }
        }
    }
    tokens
}

fn word(text: &[char], start: usize, faults: &mut Vec<QueryFault>) -> Word {
    let mut letters: Vec<Letter> = Vec::new();
    let (mut at, mut is_field) = (start, false);
    while let Some(&letter) = text.get(at) {
        if letter.is_whitespace() || matches!(letter, '(' | ')') {
            break;
        }
        let before = letters.last().filter(|before| !before.quoted).map(|before| before.sign);
        let opens = match before {
            None => at == start,
            Some(before) => is_field && matches!(before, ':' | '=' | '~' | '<' | '>' | ',' | '.'),
        };
        if letter == '"' && opens {
            at = quoted(text, at, &mut letters, faults);
            if !is_field {
                break;
            }
            continue;
        }
        is_field |= letter == ':';
        letters.push(Letter { sign: letter, at, quoted: false });
        at += 1;
    }
    Word { at: Span { start, end: at }, letters }
}

/// Reads what is quoted from the mark at `start` on; gives where it goes on. `\"` and `\\` stand for the second sign.
fn quoted(text: &[char], start: usize, letters: &mut Vec<Letter>, faults: &mut Vec<QueryFault>) -> usize {
    let mut at = start + 1;
    while let Some(&letter) = text.get(at) {
        match (letter, text.get(at + 1)) {
            ('"', _) => return at + 1,
            ('\\', Some(&escaped @ ('"' | '\\'))) => {
                letters.push(Letter { sign: escaped, at, quoted: true });
                at += 2;
            }
            _ => {
                letters.push(Letter { sign: letter, at, quoted: true });
                at += 1;
            }
        }
    }
    faults.push(QueryFault { at: Span { start, end: at }, problem: QueryProblem::OpenQuote });
    at
}
