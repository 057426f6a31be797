use hookbench_model as model;
use hookbench_workbench::AccessDraft;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::SecretText;

/// What a sender has to show to an inbox.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
#[schema(as = InboxAccess)]
pub(crate) enum Access {
    /// A name and a password, by `Authorization: Basic`.
    Basic {
        /// The name.
        username: String,
        /// The end of the password, to tell passwords apart; null for one too short for that.
        #[schema(required)]
        hint: Option<String>,
    },
    /// A token, in a header or in a parameter of the query.
    Token {
        /// The header that it stands in, alone or after `Bearer`; null where the query has it.
        #[schema(required)]
        header: Option<String>,
        /// The parameter of the query that it is; null where a header has it.
        #[schema(required)]
        query: Option<String>,
        /// The end of the token, to tell tokens apart; null for one too short for that.
        #[schema(required)]
        hint: Option<String>,
    },
}

impl From<model::InboxAccess> for Access {
    fn from(access: model::InboxAccess) -> Self {
        let hint = access.secret().hint();
        match access {
            model::InboxAccess::Basic { username, .. } => Self::Basic { username, hint },
            model::InboxAccess::Token { place: model::TokenPlace::Header(name), .. } => {
                Self::Token { header: Some(name), query: None, hint }
            }
            model::InboxAccess::Token { place: model::TokenPlace::Query(name), .. } => {
                Self::Token { header: None, query: Some(name), hint }
            }
        }
    }
}

/// What a sender is to show to an inbox.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
#[schema(as = InboxAccessInput)]
pub(crate) enum AccessInput {
    /// A name and a password, by `Authorization: Basic`.
    Basic {
        /// The name, without a colon.
        #[schema(max_length = 200)]
        username: String,
        /// The password; it can be written and never read. Where it is left out the one that is there stays.
        #[serde(default)]
        #[schema(value_type = Option<String>, format = Password)]
        password: Option<SecretText>,
    },
    /// A token, in a header or in a parameter of the query.
    Token {
        /// The header that it stands in, alone or after `Bearer`: `X-Token`, `Authorization`.
        #[serde(default)]
        #[schema(max_length = 200)]
        header: Option<String>,
        /// The parameter of the query that it is: `token`. Give one of the two.
        #[serde(default)]
        #[schema(max_length = 200)]
        query: Option<String>,
        /// The token; it can be written and never read. Where it is left out the one that is there stays.
        #[serde(default)]
        #[schema(value_type = Option<String>, format = Password)]
        token: Option<SecretText>,
    },
}

impl From<AccessInput> for AccessDraft {
    fn from(input: AccessInput) -> Self {
        match input {
            AccessInput::Basic { username, password } => {
                Self::Basic { username, password: password.map(Into::into) }
            }
            AccessInput::Token { header, query, token } => {
                Self::Token { header, query, token: token.map(Into::into) }
            }
        }
    }
}
