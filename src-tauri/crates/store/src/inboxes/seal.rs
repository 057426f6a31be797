use hookbench_signing::Secret;
use sqlx::{Connection as _, Row as _, SqliteConnection};

use super::row;
use crate::Result;
use crate::vault::Vault;

/// Encrypts the tokens of subscriptions that an older program wrote as they are, all in one transaction.
pub(crate) async fn seal_plain_tokens(connection: &mut SqliteConnection, vault: &Vault) -> Result<()> {
    const SEAL: &str = "UPDATE inboxes SET sealed = ?2, verify_token = NULL WHERE id = ?1";
    let plain = sqlx::query(row::WITH_PLAIN_TOKEN).fetch_all(&mut *connection).await?;
    if plain.is_empty() {
        return Ok(());
    }
    // What stood there is overwritten, or it would stay readable in the free space of its page.
    sqlx::query("PRAGMA secure_delete = ON").execute(&mut *connection).await?;
    let mut transaction = connection.begin().await?;
    for plain in &plain {
        let mut inbox = row::read(vault, plain)?;
        inbox.verify_token = Some(Secret::new(plain.try_get::<String, _>("verify_token")?));
        let sealed = row::seal_secrets(vault, &inbox)?;
        let seal = sqlx::query(SEAL).bind(inbox.id.as_bytes().to_vec()).bind(sealed);
        seal.execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    sqlx::query("PRAGMA secure_delete = OFF").execute(&mut *connection).await?;
    tracing::info!(count = plain.len(), "encrypted the tokens of inboxes");
    Ok(())
}
