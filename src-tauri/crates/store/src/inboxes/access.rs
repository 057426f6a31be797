//! What a sender has to show, in two columns: what of it may be read, and what is secret.

use hookbench_model::{InboxAccess, InboxId, TokenPlace};
use hookbench_signing::Secret;
use serde::{Deserialize, Serialize};

use crate::columns::to_json;
use crate::sealed::place;
use crate::vault::Vault;
use crate::{Result, StoreError};

/// The place that the secret is sealed for.
const TABLE: &str = "inbox access";

/// What of it may be read.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shape {
    Basic { username: String },
    Token { place: TokenPlace },
}

pub(super) fn shape(access: &InboxAccess) -> Result<String> {
    to_json(&match access {
        InboxAccess::Basic { username, .. } => Shape::Basic { username: username.clone() },
        InboxAccess::Token { place, .. } => Shape::Token { place: place.clone() },
    })
}

pub(super) fn seal(vault: &Vault, id: InboxId, access: &InboxAccess) -> Result<Vec<u8>> {
    vault.seal(&place(TABLE, id.as_bytes()), access.secret().expose())
}

pub(super) fn read(
    vault: &Vault,
    id: InboxId,
    shape: Option<Shape>,
    sealed: Option<&[u8]>,
) -> Result<Option<InboxAccess>> {
    let Some(shape) = shape else { return Ok(None) };
    let sealed = sealed.ok_or_else(|| StoreError::corrupt("an inbox's access without its secret"))?;
    let secret = Secret::new(vault.open(&place(TABLE, id.as_bytes()), sealed)?.to_vec());
    Ok(Some(match shape {
        Shape::Basic { username } => InboxAccess::Basic { username, password: secret },
        Shape::Token { place } => InboxAccess::Token { place, token: secret },
    }))
}
