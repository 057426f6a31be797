use bytes::Bytes;
use hookbench_model::{AllowList, Inbox, InboxId, InboxResponse, InboxRetention};
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};

use super::access;
use crate::columns::{Columns, signed, to_json};
use crate::sealed::{self, place, seal};
use crate::vault::Vault;
use crate::{Result, header_bytes};

macro_rules! columns {
    () => {
        "id, slug, name, provider, response_status, response_headers, response_body, response_delay_ms, \
         max_requests, max_age_ms, sealed, created_at, scheme, handshakes, \
         verify_token, rules, relay, access, access_sealed, allow"
    };
}

pub(super) const ALL: &str = concat!("SELECT ", columns!(), " FROM inboxes ORDER BY id");

pub(super) const BY_ID: &str = concat!("SELECT ", columns!(), " FROM inboxes WHERE id = ?");

pub(super) const BY_SLUG: &str = concat!("SELECT ", columns!(), " FROM inboxes WHERE slug = ?");

/// Those that an older program wrote with their token in clear.
pub(super) const WITH_PLAIN_TOKEN: &str =
    concat!("SELECT ", columns!(), " FROM inboxes WHERE verify_token IS NOT NULL");

pub(super) const PAGE: &str =
    concat!("SELECT ", columns!(), " FROM inboxes WHERE id < ? ORDER BY id DESC LIMIT ?");

pub(super) const INSERT: &str = concat!(
    "INSERT INTO inboxes (",
    columns!(),
    ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING seq"
);

pub(super) const UPDATE: &str = concat!(
    "UPDATE inboxes SET (",
    columns!(),
    ") = (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20) WHERE id = ?1"
);

const TABLE: &str = "inbox";

pub(super) fn read(vault: &Vault, row: &SqliteRow) -> Result<Inbox> {
    let mut columns = Columns::new(row);
    let id = InboxId::from_bytes(columns.id()?);
    let mut inbox = Inbox {
        id,
        slug: columns.parsed()?,
        name: columns.get()?,
        provider: columns.parsed_or_none()?,
        response: InboxResponse {
            status: columns.number()?,
            headers: columns.headers()?,
            body: Bytes::from(columns.get::<Vec<u8>>()?),
            delay_ms: columns.count()?,
        },
        retention: InboxRetention {
            max_requests: columns.count_or_none()?,
            max_age_ms: columns.count_or_none()?,
        },
        rules: Vec::new(),
        relay: None,
        access: None,
        allow: AllowList::default(),
        secrets: Vec::new(),
        created_at: id.created_at(),
        scheme: None,
        handshakes: true,
        verify_token: None,
    };
    let secrets = sealed::open(vault, &place(TABLE, id.as_bytes()), columns.get()?)?;
    (inbox.secrets, inbox.verify_token) = (secrets.signing, secrets.beside);
    inbox.created_at = columns.time()?;
    (inbox.scheme, inbox.handshakes) = (columns.get()?, columns.get()?);
    // The token in clear, of older programs.
    columns.skip(1);
    inbox.rules = columns.json()?;
    inbox.relay = columns.json_or_none()?;
    inbox.access = access::read(vault, id, columns.json_or_none()?, columns.get()?)?;
    inbox.allow = columns.json()?;
    Ok(inbox)
}

/// The secrets of an inbox as they are kept, and the token of its subscriptions with them.
pub(super) fn seal_secrets(vault: &Vault, inbox: &Inbox) -> Result<Vec<u8>> {
    seal(vault, &place(TABLE, inbox.id.as_bytes()), &inbox.secrets, inbox.verify_token.as_ref())
}

/// Binds the columns to [`INSERT`] or [`UPDATE`].
pub(super) fn bind<'q>(
    statement: &'static str,
    vault: &Vault,
    inbox: &Inbox,
) -> Result<Query<'q, Sqlite, SqliteArguments>> {
    let sealed = seal_secrets(vault, inbox)?;
    Ok(sqlx::query(statement)
        .bind(inbox.id.as_bytes().to_vec())
        .bind(inbox.slug.as_str().to_owned())
        .bind(inbox.name.clone())
        .bind(inbox.provider.as_ref().map(|provider| provider.as_str().to_owned()))
        .bind(i64::from(inbox.response.status))
        .bind(header_bytes::encode(&inbox.response.headers))
        .bind(inbox.response.body.to_vec())
        .bind(signed(inbox.response.delay_ms))
        .bind(inbox.retention.max_requests.map(signed))
        .bind(inbox.retention.max_age_ms.map(signed))
        .bind(sealed)
        .bind(inbox.created_at.unix_ms())
        .bind(inbox.scheme.clone())
        .bind(inbox.handshakes)
        .bind(None::<String>)
        .bind(to_json(&inbox.rules)?)
        .bind(inbox.relay.as_ref().map(to_json).transpose()?)
        .bind(inbox.access.as_ref().map(access::shape).transpose()?)
        .bind(inbox.access.as_ref().map(|access| access::seal(vault, inbox.id, access)).transpose()?)
        .bind(to_json(&inbox.allow)?))
}
