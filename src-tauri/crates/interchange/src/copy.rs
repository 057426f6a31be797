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

pub use test::{Checks, save_as_test};

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
}

impl<'m> Sending<'m> {
    pub(crate) fn of(message: &'m Message) -> Self {
        let url = quote::url(&message.url());
        let authority_at = url.find("://").map_or(0, |at| at + 3);
        let path_at = url[authority_at..].find(['/', '?']).map_or(url.len(), |at| authority_at + at);
        let (origin, target) = url.split_at(path_at);
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        let own = |(name, _): &(&str, &HeaderValue)| !headers::is_of_the_connection(name);
        Self {
            method: &message.method,
            origin: origin.to_owned(),
            target,
            headers: message.headers.iter().filter(own).collect(),
            body: &message.body,
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
    match tool {
        Tool::Curl => curl::write(&sending),
        Tool::Httpie => httpie::write(&sending),
        Tool::Fetch => fetch::write(&sending),
        Tool::Python => python::write(&sending),
        Tool::Go => go::write(&sending),
        Tool::Rust => rust::write(&sending),
        Tool::Php => php::write(&sending),
    }
}
