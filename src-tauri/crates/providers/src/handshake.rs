//! The questions that providers ask a receiver before they send it events.

use serde::{Deserialize, Serialize};

/// One question, and the form of its answer. Written in a profile as `[[handshakes]]` with its `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Handshake {
    /// A POST with `plainToken`; the answer repeats it with its HMAC in hexadecimal.
    ZoomPlainToken,
    /// A POST of `url_verification` with a `challenge`, which is the answer.
    SlackUrlVerification,
    /// A GET with `hub.challenge` in its query, which is the answer.
    MetaHubChallenge,
    /// A GET with `challenge` in its query, which is the answer.
    DropboxChallenge,
    /// A GET with a verification header, whose value is the answer's `verification`.
    OktaChallenge,
    /// A POST with `X-Hook-Secret`, which the answer repeats.
    AsanaHookSecret,
    /// A HEAD, answered with 200.
    TrelloHead,
    /// An OPTIONS with `WebHook-Request-Origin`, answered with what is allowed.
    CloudeventsOptions,
}

impl Handshake {
    /// Every kind there is.
    pub const ALL: [Self; 8] = [
        Self::ZoomPlainToken,
        Self::SlackUrlVerification,
        Self::MetaHubChallenge,
        Self::DropboxChallenge,
        Self::OktaChallenge,
        Self::AsanaHookSecret,
        Self::TrelloHead,
        Self::CloudeventsOptions,
    ];

    /// Its name, as profiles write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ZoomPlainToken => "zoom_plain_token",
            Self::SlackUrlVerification => "slack_url_verification",
            Self::MetaHubChallenge => "meta_hub_challenge",
            Self::DropboxChallenge => "dropbox_challenge",
            Self::OktaChallenge => "okta_challenge",
            Self::AsanaHookSecret => "asana_hook_secret",
            Self::TrelloHead => "trello_head",
            Self::CloudeventsOptions => "cloudevents_options",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_profiles() {
        for handshake in Handshake::ALL {
            let written = serde_json::json!({"kind": handshake.as_str()});
            assert_eq!(serde_json::from_value::<Handshake>(written.clone()).unwrap(), handshake);
            assert_eq!(serde_json::to_value(handshake).unwrap(), written);
        }
    }
}
