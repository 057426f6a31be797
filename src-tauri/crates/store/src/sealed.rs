//! Stored secrets as one sealed piece of a row.

use hookbench_model::{StoredSecret, Timestamp};
use hookbench_signing::Secret;
use zeroize::Zeroizing;

use crate::vault::Vault;
use crate::{Result, StoreError};

/// The secrets of a row.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// Signing secrets, newest first.
    pub(crate) signing: Vec<StoredSecret>,
    /// The key of an endpoint's client certificate, or the token of an inbox's subscriptions.
    pub(crate) beside: Option<Secret>,
}

/// The place that a row's secrets are sealed for.
pub(crate) fn place(table: &str, id: &[u8; 16]) -> Vec<u8> {
    [table.as_bytes(), b"\0", id].concat()
}

pub(crate) fn seal(
    vault: &Vault,
    place: &[u8],
    signing: &[StoredSecret],
    beside: Option<&Secret>,
) -> Result<Vec<u8>> {
    let secrets = signing.iter().map(|kept| &kept.secret).chain(beside);
    let length: usize = secrets.map(|secret| secret.expose().len() + 32).sum();
    // Room for all of it, so that it is never moved and left behind unwiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 32));
    push_number(&mut bytes, signing.len())?;
    for kept in signing {
        push_time(&mut bytes, Some(kept.created_at));
        push_time(&mut bytes, kept.expires_at);
        push_secret(&mut bytes, &kept.secret)?;
    }
    push_number(&mut bytes, usize::from(beside.is_some()))?;
    beside.map_or(Ok(()), |secret| push_secret(&mut bytes, secret))?;
    vault.seal(place, &bytes)
}

pub(crate) fn open(vault: &Vault, place: &[u8], sealed: &[u8]) -> Result<Secrets> {
    let opened = vault.open(place, sealed)?;
    read(&opened).ok_or_else(|| StoreError::corrupt("secrets that cannot be read"))
}

fn read(mut bytes: &[u8]) -> Option<Secrets> {
    let mut secrets = Secrets::default();
    for _ in 0..take_number(&mut bytes)? {
        let (_, created_at) = take_time(&mut bytes)?;
        let (expires, at) = take_time(&mut bytes)?;
        let expires_at = expires.then_some(at);
        secrets.signing.push(StoredSecret { secret: take_secret(&mut bytes)?, created_at, expires_at });
    }
    if take_number(&mut bytes)? > 0 {
        secrets.beside = Some(take_secret(&mut bytes)?);
    }
    Some(secrets)
}

fn push_number(bytes: &mut Vec<u8>, number: usize) -> Result<()> {
    let number =
        u32::try_from(number).map_err(|error| StoreError::undecodable("a secret too long", error))?;
    bytes.extend_from_slice(&number.to_le_bytes());
    Ok(())
}

fn push_time(bytes: &mut Vec<u8>, at: Option<Timestamp>) {
    bytes.push(u8::from(at.is_some()));
    bytes.extend_from_slice(&at.map_or(0, Timestamp::unix_ms).to_le_bytes());
}

fn push_secret(bytes: &mut Vec<u8>, secret: &Secret) -> Result<()> {
    push_number(bytes, secret.expose().len())?;
    bytes.extend_from_slice(secret.expose());
    Ok(())
}

fn take<'b>(bytes: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn take_number(bytes: &mut &[u8]) -> Option<usize> {
    let number = u32::from_le_bytes(take(bytes, 4)?.try_into().ok()?);
    usize::try_from(number).ok()
}

/// Whether there is a time, and which.
fn take_time(bytes: &mut &[u8]) -> Option<(bool, Timestamp)> {
    let known = take(bytes, 1)? == [1];
    let ms = i64::from_le_bytes(take(bytes, 8)?.try_into().ok()?);
    Some((known, Timestamp::from_unix_ms(ms)))
}

fn take_secret(bytes: &mut &[u8]) -> Option<Secret> {
    let length = take_number(bytes)?;
    take(bytes, length).map(Secret::new)
}
