//! A shell's text as the words of its commands. `$'…'`, `^` and the backtick of three shells are needed here, which no
//! library of one shell's words reads.

use std::iter::Peekable;
use std::str::Chars;

use super::shell::Shell;
use crate::Fault;

/// The words of each command; where one cannot be known, why.
pub(super) fn commands(text: &str, shell: Shell) -> Vec<Result<Vec<String>, Fault>> {
    let mut reader =
        Reader { chars: text.chars().peekable(), shell, word: None, words: Vec::new(), fault: None };
    let mut commands = Vec::new();
    while reader.chars.peek().is_some() {
        if let Some(command) = reader.command() {
            commands.push(command);
        }
    }
    commands
}

struct Reader<'t> {
    chars: Peekable<Chars<'t>>,
    shell: Shell,
    /// The word under way; an empty one where quotes with nothing in them stood.
    word: Option<String>,
    words: Vec<String>,
    fault: Option<Fault>,
}

impl Reader<'_> {
    /// Reads up to the end of a command; `None` for an empty one.
    fn command(&mut self) -> Option<Result<Vec<String>, Fault>> {
        while let Some(character) = self.chars.next() {
            if self.ends_command(character) {
                break;
            }
            if character.is_whitespace() {
                self.end_word();
            } else if character == '#' && self.word.is_none() {
                while self.chars.next_if(|character| *character != '\n').is_some() {}
            } else {
                self.character(character);
            }
        }
        self.end_word();
        let words = std::mem::take(&mut self.words);
        match self.fault.take() {
            Some(fault) => Some(Err(fault)),
            None if words.is_empty() => None,
            None => Some(Ok(words)),
        }
    }

    fn ends_command(&mut self, character: char) -> bool {
        match character {
            '\n' => true,
            ';' => self.shell != Shell::Cmd,
            '&' => {
                self.chars.next_if_eq(&'&');
                true
            }
            _ => false,
        }
    }

    fn character(&mut self, character: char) {
        match (self.shell, character) {
            (Shell::Posix, '\'') => self.until('\''),
            (Shell::Posix, '"') => self.posix_double(),
            // `^"` quotes too: `cmd` takes the `^`, and the program sees the quotes.
            (Shell::Cmd, '^') if self.chars.next_if_eq(&'"').is_some() => self.cmd_double(),
            (Shell::Posix, '\\') | (Shell::Cmd, '^') | (Shell::Power, '`') => self.escaped(),
            (Shell::Posix, '$') if self.chars.next_if_eq(&'\'').is_some() => self.ansi_c(),
            (Shell::Posix | Shell::Power, '$') => self.variable(),
            (Shell::Cmd, '"') => self.cmd_double(),
            (Shell::Power, '\'') => self.doubled('\''),
            (Shell::Power, '"') => self.power_double(),
            (Shell::Posix, '`') => self.unknown("`…`"),
            (_, '|') => self.unknown("a pipe (`|`)"),
            (_, '<') => self.unknown("input from elsewhere (`<`)"),
            // What curl says goes to a file: that is no part of the request.
            (_, '>') => self.redirected(),
            (_, other) => self.push(other),
        }
    }

    fn push(&mut self, character: char) {
        self.word.get_or_insert_default().push(character);
    }

    fn end_word(&mut self) {
        self.words.extend(self.word.take());
    }

    fn unknown(&mut self, what: &str) {
        self.fault.get_or_insert_with(|| Fault::Shell(what.to_owned()));
    }

    fn unclosed(&mut self) {
        self.fault.get_or_insert(Fault::Quote);
    }

    /// The character behind the one that escapes; a line end is no end then.
    fn escaped(&mut self) {
        match self.chars.next() {
            Some(character @ ('\r' | '\n')) => {
                self.line_feed_behind(character);
                // `^` before a line end takes the line end and keeps the next: `^\n\n` is one line end.
                let next = self.chars.next_if(|next| self.shell == Shell::Cmd && matches!(next, '\r' | '\n'));
                if let Some(next) = next {
                    self.line_feed_behind(next);
                    self.push('\n');
                }
            }
            None => {}
            Some(character) => self.push(character),
        }
    }

    /// The line feed of a line end that begins so.
    fn line_feed_behind(&mut self, character: char) {
        if character == '\r' {
            self.chars.next_if_eq(&'\n');
        }
    }

    fn redirected(&mut self) {
        if self.word.as_ref().is_some_and(|word| word.chars().all(|digit| digit.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        self.chars.next_if_eq(&'>');
        while self.chars.next_if(|character| *character == ' ').is_some() {}
        // `&1` is another stream, not the end of the command.
        self.chars.next_if_eq(&'&');
        let is_of_name = |character: &char| !character.is_whitespace() && !";&|".contains(*character);
        while self.chars.next_if(is_of_name).is_some() {}
    }

    fn variable(&mut self) {
        let begins =
            |character: &char| character.is_ascii_alphabetic() || matches!(character, '_' | '{' | '(');
        match self.chars.peek().copied() {
            Some('(') => self.unknown("`$(…)`"),
            Some(character) if begins(&character) => self.unknown("a variable (`$…`)"),
            _ => self.push('$'),
        }
    }

    /// To the closing quote, all as it stands.
    fn until(&mut self, quote: char) {
        self.word.get_or_insert_default();
        loop {
            match self.chars.next() {
                Some(character) if character == quote => return,
                Some(character) => self.push(character),
                None => return self.unclosed(),
            }
        }
    }

    /// The same, where two of the quotes stand for one.
    fn doubled(&mut self, quote: char) {
        loop {
            self.until(quote);
            if self.chars.next_if_eq(&quote).is_none() {
                return;
            }
            self.push(quote);
        }
    }

    fn posix_double(&mut self) {
        self.word.get_or_insert_default();
        loop {
            match self.chars.next() {
                Some('"') => return,
                Some('\\') => match self.chars.next() {
                    Some('\n') => {}
                    Some(character @ ('"' | '\\' | '$' | '`')) => self.push(character),
                    Some(character) => {
                        self.push('\\');
                        self.push(character);
                    }
                    None => return self.unclosed(),
                },
                Some('$') => self.variable(),
                Some('`') => self.unknown("`…`"),
                Some(character) => self.push(character),
                None => return self.unclosed(),
            }
        }
    }

    /// In `cmd` a program reads its own line: `\"` is a quote in quotes there, as is `""`; `^` escapes outside of them,
    /// and in what browsers copy inside of them, too.
    fn cmd_double(&mut self) {
        self.word.get_or_insert_default();
        loop {
            match self.chars.next() {
                Some('"') if self.chars.next_if_eq(&'"').is_some() => self.push('"'),
                Some('"') => return,
                Some('^') => match self.chars.peek().copied() {
                    // `^"` closes what `^"` opened.
                    Some('"') => {
                        self.chars.next();
                        return;
                    }
                    Some('\\') => {
                        self.chars.next();
                        self.cmd_backslash();
                    }
                    _ => self.escaped(),
                },
                Some('\\') => self.cmd_backslash(),
                Some(character) => self.push(character),
                None => return self.unclosed(),
            }
        }
    }

    /// `\"` is a quote, as is `^\^"`, which browsers copy.
    fn cmd_backslash(&mut self) {
        let mut ahead = self.chars.clone();
        if ahead.next_if_eq(&'^').is_none() {
            ahead = self.chars.clone();
        }
        match ahead.next_if(|character| matches!(character, '"' | '\\')) {
            Some(character) => {
                self.chars = ahead;
                self.push(character);
            }
            None => self.push('\\'),
        }
    }

    fn power_double(&mut self) {
        self.word.get_or_insert_default();
        loop {
            match self.chars.next() {
                Some('"') if self.chars.next_if_eq(&'"').is_some() => self.push('"'),
                Some('"') => return,
                Some('`') => match self.chars.next() {
                    Some('n') => self.push('\n'),
                    Some('r') => self.push('\r'),
                    Some('t') => self.push('\t'),
                    Some('0') => self.push('\0'),
                    Some(character) => self.push(character),
                    None => return self.unclosed(),
                },
                Some('$') => self.variable(),
                Some(character) => self.push(character),
                None => return self.unclosed(),
            }
        }
    }

    /// `$'…'`, with the escapes of C. Bytes that are no characters cannot be in a word here; Firefox writes the
    /// characters below 256 so.
    fn ansi_c(&mut self) {
        self.word.get_or_insert_default();
        // Escaped bytes may be the pieces of one character.
        let mut bytes = Vec::new();
        loop {
            match self.chars.next() {
                Some('\'') => break,
                Some('\\') => self.ansi_c_escape(&mut bytes),
                Some(character) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
                None => return self.unclosed(),
            }
        }
        let word = self.word.get_or_insert_default();
        for chunk in bytes.utf8_chunks() {
            word.push_str(chunk.valid());
            word.extend(chunk.invalid().iter().map(|&byte| char::from(byte)));
        }
    }

    fn ansi_c_escape(&mut self, bytes: &mut Vec<u8>) {
        let plain = match self.chars.next() {
            Some('n') => b'\n',
            Some('r') => b'\r',
            Some('t') => b'\t',
            Some('a') => 7,
            Some('b') => 8,
            Some('e' | 'E') => 27,
            Some('f') => 12,
            Some('v') => 11,
            Some('x') => return bytes.push(self.digits(2, 16).to_le_bytes()[0]),
            Some(kind @ ('u' | 'U')) => {
                let code = self.digits(if kind == 'u' { 4 } else { 8 }, 16);
                let character = self.surrogates(code);
                return bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            Some(digit @ '0'..='7') => {
                let first = digit.to_digit(8).unwrap_or(0);
                let mut code = first;
                for _ in 0..2 {
                    let Some(next) = self.chars.next_if(|next| next.is_digit(8)) else { break };
                    code = code * 8 + next.to_digit(8).unwrap_or(0);
                }
                return bytes.push(code.to_le_bytes()[0]);
            }
            Some(character) => {
                return bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            None => return self.unclosed(),
        };
        bytes.push(plain);
    }

    /// Browsers write what is beyond 16 bits as two escapes.
    fn surrogates(&mut self, code: u32) -> char {
        if (0xd800..0xdc00).contains(&code) {
            let mut ahead = self.chars.clone();
            if ahead.next() == Some('\\') && ahead.next() == Some('u') {
                self.chars = ahead;
                let low = self.digits(4, 16);
                let high = code;
                return char::decode_utf16([high, low].map(|half| u16::try_from(half).unwrap_or(0)))
                    .next()
                    .and_then(Result::ok)
                    .unwrap_or(char::REPLACEMENT_CHARACTER);
            }
        }
        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn digits(&mut self, most: usize, radix: u32) -> u32 {
        let mut value: u32 = 0;
        for _ in 0..most {
            let Some(digit) = self.chars.next_if(|digit| digit.is_digit(radix)) else { break };
            value = value.wrapping_mul(radix).wrapping_add(digit.to_digit(radix).unwrap_or(0));
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, shell: Shell) -> Vec<Vec<String>> {
        commands(text, shell).into_iter().map(Result::unwrap).collect()
    }

    #[test]
    fn words_of_a_posix_shell() {
        let words = |text| words(text, Shell::Posix);
        assert_eq!(words(r#"a 'b c'"d\"e\x"f\ g "" ''"#), [vec!["a", "b cd\"e\\xf g", "", ""]]);
        assert_eq!(words("a \\\n b\nc; d && e # f"), [vec!["a", "b"], vec!["c"], vec!["d"], vec!["e"]]);
        assert_eq!(words("a \\\r\n b"), [vec!["a", "b"]]);
        assert_eq!(words(r"$'a\nb\u00e9\x41\'\xc3\xa9\ud83d\ude00'"), [vec!["a\nbéA'é😀"]]);
        assert_eq!(words("a > out.txt 2>&1; b"), [vec!["a"], vec!["b"]]);
        assert_eq!(words("cost$ 5$"), [vec!["cost$", "5$"]]);
    }

    #[test]
    fn words_of_the_shells_of_windows() {
        assert_eq!(
            words("curl ^\"http://a/?b=c^&d=e^\" ^\n  -d ^\"^{^\\^\"f^\\^\": 1^}^\"", Shell::Cmd),
            [vec!["curl", "http://a/?b=c&d=e", "-d", "{\"f\": 1}"]]
        );
        assert_eq!(words("curl \"a\\\"b\" ^\r\n c", Shell::Cmd), [vec!["curl", "a\"b", "c"]]);
        assert_eq!(
            words("curl.exe 'it''s' `\n \"a`\"b`n\"\"c\"", Shell::Power),
            [vec!["curl.exe", "it's", "a\"b\n\"c"]]
        );
    }

    #[test]
    fn lines_end_in_either_way() {
        assert_eq!(words("curl \"a\"^\r\n\r\n\"b\" ^\r\n c", Shell::Cmd), [vec!["curl", "a\nb", "c"]]);
        assert_eq!(words("curl ^\"a^\r\n\r\nb^\"", Shell::Cmd), [vec!["curl", "a\nb"]]);
        assert_eq!(words("curl `\r\n c", Shell::Power), [vec!["curl", "c"]]);
        assert_eq!(words(r"$'gr\xfc\xdfe \xc3\xbc'", Shell::Posix), [vec!["grüße ü"]]);
    }

    #[test]
    fn what_only_a_shell_knows_is_said() {
        for (text, said) in [
            ("a \"$TOKEN\"", Fault::Shell("a variable (`$…`)".to_owned())),
            ("a $(cat b)", Fault::Shell("`$(…)`".to_owned())),
            ("a `b`", Fault::Shell("`…`".to_owned())),
            ("a | b", Fault::Shell("a pipe (`|`)".to_owned())),
            ("a < b", Fault::Shell("input from elsewhere (`<`)".to_owned())),
            ("a 'b", Fault::Quote),
            ("a \"b", Fault::Quote),
            ("a $'b", Fault::Quote),
        ] {
            assert_eq!(commands(text, Shell::Posix)[0], Err(said), "{text}");
        }
    }
}
