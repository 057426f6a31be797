//! Who else gets what an inbox captures, as somebody writes it on the command line.

use std::str::FromStr;

use clap::Args;
use serde_json::{Map, Value, json};

use crate::error::CliError;

/// A target and its event types: `URL`, or `TYPES=URL` with types as `message.*,ping`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forward {
    types: Vec<String>,
    pub(super) url: String,
}

impl FromStr for Forward {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_url = |text: &str| text.starts_with("http://") || text.starts_with("https://");
        if is_url(text) {
            return Ok(Self { types: vec!["*".to_owned()], url: text.to_owned() });
        }
        let (types, url) =
            text.split_once('=').filter(|(types, url)| !types.is_empty() && is_url(url)).ok_or(
                "write a URL such as http://127.0.0.1:3000/, or event types and a URL: message.*=http://…",
            )?;
        let types = types.split(',').map(|name| name.trim().to_owned()).collect();
        Ok(Self { types, url: url.to_owned() })
    }
}

impl Forward {
    /// All events, to that URL.
    pub(super) fn everything_to(url: &str) -> Self {
        Self { types: vec!["*".to_owned()], url: url.to_owned() }
    }

    /// Whether it goes by the types of events.
    pub(super) fn goes_by_type(&self) -> bool {
        !self.types.iter().any(|name| name == "*")
    }

    /// The target in the contract's words.
    pub(super) fn target(&self, name: Option<String>, keeps_host: bool) -> Value {
        let mut target = Map::new();
        if let Some(name) = name {
            target.insert("name".to_owned(), name.into());
        }
        target.insert("url".to_owned(), self.url.clone().into());
        target.insert("event_types".to_owned(), json!(self.types));
        target.insert("host".to_owned(), if keeps_host { "sender" } else { "target" }.into());
        target.into()
    }
}

/// The relay of an inbox.
#[derive(Args)]
pub(crate) struct RelayArgs {
    /// Pass what it captures on to this URL too, event types before it where not all: `message.*=http://…`; repeat it
    /// for several
    #[arg(long = "relay", value_name = "[TYPES=]URL")]
    relay: Vec<Forward>,
    /// Give senders the answer of the target at this URL
    #[arg(long, value_name = "URL", requires = "relay")]
    reply_from: Option<String>,
    /// Send targets the Host that the sender used
    #[arg(long, requires = "relay")]
    relay_sender_host: bool,
}

impl RelayArgs {
    /// Puts it into the body of a call, where it was given.
    pub(super) fn put(self, body: &mut Map<String, Value>) -> Result<(), CliError> {
        if self.relay.is_empty() {
            return Ok(());
        }
        let name = |at: usize, forward: &Forward| Some(format!("{}: {}", at + 1, short(&forward.url)));
        let host = self.relay_sender_host;
        let numbered = self.relay.iter().enumerate();
        let targets: Vec<Value> =
            numbered.map(|(at, forward)| forward.target(name(at, forward), host)).collect();
        let reply = match &self.reply_from {
            None => "inbox".to_owned(),
            Some(url) => {
                let at = self.relay.iter().position(|forward| forward.url == *url).ok_or_else(|| {
                    CliError::Usage(format!("--reply-from {url} names none of the targets of --relay"))
                })?;
                name(at, &self.relay[at]).unwrap_or_default()
            }
        };
        body.insert("relay".to_owned(), json!({"reply": reply, "targets": targets}));
        Ok(())
    }
}

/// As much of a URL as a name holds.
pub(super) fn short(url: &str) -> String {
    url.chars().take(150).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_with_its_types_and_without() {
        let all: Forward = "http://127.0.0.1:1/?a=b".parse().unwrap();
        assert_eq!(all, Forward::everything_to("http://127.0.0.1:1/?a=b"));
        let some: Forward = "message.*, ping=https://h/x=y".parse().unwrap();
        assert_eq!(
            (some.types, some.url.as_str()),
            (vec!["message.*".to_owned(), "ping".to_owned()], "https://h/x=y")
        );
        for bad in ["", "127.0.0.1:1", "=http://h/", "a=ftp://h/"] {
            assert!(bad.parse::<Forward>().is_err(), "{bad}");
        }
    }
}
