//! Code that sends a request again, for tools and languages. The same method, path and query, headers and bytes of the
//! body, as far as the tool lets one say them; what it does not is in its notes.

mod curl;
mod fetch;
mod go;
mod httpie;
mod php;
mod python;
mod quote;
mod rust;
mod test;

pub use test::{Checks, Script, Signer, Signing, save_as_test};

use hookbench_model::HeaderValue;

use crate::{Message, headers, text};

/// What a request can be copied as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tool {
    /// curl, in a POSIX shell.
    Curl,
    /// `HTTPie` 3, in a POSIX shell.
    Httpie,
    /// JavaScript's `fetch`.
    Fetch,
    /// Python 3, with its own library.
    Python,
    /// Go, with its own library.
    Go,
    /// Rust, with `reqwest` and `tokio`.
    Rust,
    /// PHP, with its own streams.
    Php,
}

impl Tool {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 7] =
        [Self::Curl, Self::Httpie, Self::Fetch, Self::Python, Self::Go, Self::Rust, Self::Php];

    /// The word that programs see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Httpie => "httpie",
            Self::Fetch => "fetch",
            Self::Python => "python",
            Self::Go => "go",
            Self::Rust => "rust",
            Self::Php => "php",
        }
    }

    /// The tool of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.as_str() == name)
    }
}

/// What is sent, in the pieces that every tool wants.
pub(crate) struct Sending<'m> {
    pub(crate) method: &'m str,
    /// `http://host:port`.
    pub(crate) origin: String,
    /// Path and query, as they go on the request line.
    pub(crate) target: String,
    /// Without those of the connection.
    pub(crate) headers: Vec<(&'m str, &'m HeaderValue)>,
    pub(crate) body: &'m [u8],
    /// What of it no request may have, and is not in the code: a captured request may be malformed.
    pub(crate) left_out: Option<&'static str>,
}

impl<'m> Sending<'m> {
    pub(crate) fn of(message: &'m Message) -> Self {
        let url = quote::url(&message.url());
        let authority_at = url.find("://").map_or(0, |at| at + 3);
        let path_at = url[authority_at..].find(['/', '?']).map_or(url.len(), |at| authority_at + at);
        let (origin, target) = url.split_at(path_at);
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        let own = |(name, _): &(&str, &HeaderValue)| !headers::is_of_the_connection(name);
        // Such a name, such a value and such a method would be typed by whoever pastes the code: a terminal takes
        // control characters for keys that were pressed, whatever quotes stand around them.
        let (headers, odd): (Vec<_>, Vec<_>) =
            message.headers.iter().filter(own).partition(|(name, value)| {
                headers::is_token(name) && !value.as_bytes().iter().copied().any(is_control)
            });
        let has_method = headers::is_token(&message.method);
        let left_out = match (has_method, odd.is_empty()) {
            (true, true) => None,
            (true, false) => Some("Malformed headers of the request are left out."),
            (false, true) => Some("The method of the request is malformed: POST stands for it."),
            (false, false) => Some(
                "The method of the request is malformed: POST stands for it. Malformed headers are left out.",
            ),
        };
        Self {
            method: if has_method { &message.method } else { "POST" },
            origin: origin.to_owned(),
            target,
            headers,
            body: &message.body,
            left_out,
        }
    }

    /// The code with what was left out said in a comment, which begins like this; it stands at the beginning, behind
    /// the line that has to stand there, where there is such a one.
    pub(crate) fn with_note(&self, code: String, comment: &str, first: &str) -> String {
        match (self.left_out, code.strip_prefix(first)) {
            (Some(note), Some(rest)) => format!("{first}{comment} {note}\n{rest}"),
            _ => code,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}{}", self.origin, self.target)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The body as text that a literal can hold.
    pub(crate) fn text(&self) -> Option<&'m str> {
        text::of(self.body)
    }

    /// Whether the path has steps that libraries of URLs take out.
    pub(crate) fn has_dots(&self) -> bool {
        let path = self.target.split('?').next().unwrap_or_default();
        path.split('/').any(|step| matches!(step, "." | ".."))
    }
}

/// The code that sends a request again.
pub fn copy_as(tool: Tool, message: &Message) -> String {
    let sending = Sending::of(message);
    let (code, comment, first) = match tool {
        Tool::Curl => (curl::write(&sending), "#", ""),
        Tool::Httpie => (httpie::write(&sending), "#", ""),
        Tool::Fetch => (fetch::write(&sending), "//", ""),
        Tool::Python => (python::write(&sending), "#", ""),
        Tool::Go => (go::write(&sending), "//", ""),
        Tool::Rust => (rust::write(&sending), "//", ""),
        Tool::Php => (php::write(&sending), "//", "<?php\n"),
    };
    sending.with_note(code, comment, first)
}

/// What stands in no header's value but a tab, and in no method.
const fn is_control(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t') || byte == 0x7f
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use hookbench_model::{HeaderPairs, HeaderValue};

    #[test]
    fn nothing_malformed_is_typed_by_whoever_pastes_the_code() {
        let mut message = Message {
            method: "GE\u{3}T".to_owned(),
            addressed: Some("http://h".to_owned()),
            path: "/\u{1b}[201~\r".to_owned(),
            headers: HeaderPairs::from_iter([
                ("X\u{1b}[201~\r", "v"),
                ("Y", "a\u{3}\rtouch /tmp/x\nEND\n"),
                ("Z", "fine"),
                ("-o", "dash"),
            ]),
            body: Bytes::from_static(b"{}"),
            ..Message::default()
        };
        for tool in Tool::ALL {
            let code = copy_as(tool, &message);
            let odd = code.chars().find(|sign| sign.is_control() && !matches!(sign, '\n' | '\t'));
            assert_eq!(odd, None, "{}: {code:?}", tool.as_str());
            assert!(code.contains("POST") && code.contains("fine") && !code.contains("touch"), "{code}");
            assert!(code.contains("malformed: POST stands for it"), "{}: {code}", tool.as_str());
        }
        assert!(copy_as(Tool::Php, &message).starts_with("<?php\n// The method"));
        assert!(copy_as(Tool::Httpie, &message).contains("-- \\\n  POST 'http://h/"));
        // What stands for something in a script is filled in there alone.
        message.body = Bytes::from("‹no_address›");
        let script = save_as_test(&message, &Checks::default(), Script::Shell, Signing::AsItCame);
        assert_eq!(script.matches("‹no_address›").count(), 1, "{script}");
        assert!(!script.contains("touch /tmp/x"), "{script}");
        // Of one that is well formed there is nothing to be said.
        message.method = "PUT".to_owned();
        message.headers = HeaderPairs::from_iter([("Z", "fine")]);
        assert!(copy_as(Tool::Curl, &message).starts_with("curl "));
        assert!(!copy_as(Tool::Httpie, &message).contains("-- "));
    }

    #[test]
    fn what_a_tool_sends_otherwise_is_said_in_its_code() {
        let mut message = Message {
            method: "POST".to_owned(),
            addressed: Some("http://h".to_owned()),
            path: "/it's".to_owned(),
            query: Some("a='b'".to_owned()),
            headers: [("X-Lat", HeaderValue::from(Bytes::from_static(b"caf\xe9")))].into_iter().collect(),
            ..Message::default()
        };
        assert!(copy_as(Tool::Httpie, &message).starts_with("# HTTPie writes headers as UTF-8"));
        assert!(copy_as(Tool::Fetch, &message).starts_with("// fetch writes %27"));
        message.query = None;
        message.headers = HeaderPairs::from_iter([("X-Lat", "café")]);
        assert!(copy_as(Tool::Httpie, &message).starts_with("http "));
        assert!(copy_as(Tool::Fetch, &message).starts_with("const "));
    }
}
