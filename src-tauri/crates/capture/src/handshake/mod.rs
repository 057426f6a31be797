//! The questions that providers ask a receiver before they send it events, answered: one file for each kind.
//!
//! Pure: the request and the inbox's secrets come in, the answer goes out. Whatever a question repeats is
//! hostile: it is short or refused, and goes out as plain text, as JSON, or as a header's value that holds
//! nothing but visible characters.

mod answer;
mod asana;
mod cloudevents;
mod dropbox;
mod meta;
mod okta;
mod slack;
mod trello;
mod zoom;

use hookbench_model::HeaderPairs;
use hookbench_providers::Handshake;
use hookbench_signing::Secret;
use serde_json::Value;

pub(crate) use answer::Answer;

/// The largest body in which a question is looked for, in bytes: far more than a question has, so that one
/// that is too long is told so.
const LARGEST_BODY: usize = 1 << 20;
/// The longest challenge that is repeated, in bytes.
const LONGEST: usize = 1024;

/// A request that may be a handshake, and what the inbox knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// The method, as it stood on the wire.
    pub(crate) method: &'a str,
    /// The query, without the question mark.
    pub(crate) query: Option<&'a str>,
    /// The headers.
    pub(crate) headers: &'a HeaderPairs,
    /// The body.
    pub(crate) body: &'a [u8],
    /// The inbox's secrets that hold now, newest first.
    pub(crate) secrets: &'a [&'a Secret],
    /// The token that a subscription has to name, where one is set.
    pub(crate) verify_token: Option<&'a Secret>,
}

/// The first of the profile's handshakes that this request is, and its answer; `None` where it is none.
pub(crate) fn answer(kinds: &[Handshake], asked: &Asked<'_>) -> Option<(Handshake, Answer)> {
    kinds.iter().find_map(|&kind| {
        let answer = match kind {
            Handshake::ZoomPlainToken => zoom::answer(asked),
            Handshake::SlackUrlVerification => slack::answer(asked),
            Handshake::MetaHubChallenge => meta::answer(asked),
            Handshake::DropboxChallenge => dropbox::answer(asked),
            Handshake::OktaChallenge => okta::answer(asked),
            Handshake::AsanaHookSecret => asana::answer(asked),
            Handshake::TrelloHead => trello::answer(asked),
            Handshake::CloudeventsOptions => cloudevents::answer(asked),
        };
        answer.map(|answer| (kind, answer))
    })
}

impl Asked<'_> {
    /// The value of a query parameter, decoded; the first where there are several. Bytes that are not text
    /// become replacement characters.
    fn parameter(&self, name: &str) -> Option<String> {
        let pairs = url::form_urlencoded::parse(self.query?.as_bytes());
        pairs.into_iter().find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    }

    /// The body as JSON, where it is small enough to be a question. Bytes that are not text become replacement
    /// characters.
    fn json(&self) -> Option<Value> {
        let fits = self.method == "POST" && self.body.len() <= LARGEST_BODY;
        fits.then(|| serde_json::from_str(&String::from_utf8_lossy(self.body)).ok()).flatten()
    }
}

#[cfg(test)]
mod tests;
