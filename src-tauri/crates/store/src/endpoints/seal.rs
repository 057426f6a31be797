use hookbench_model::EndpointId;
use sqlx::{Connection as _, Row as _, SqliteConnection};

use super::row::seal_headers;
use crate::columns::id;
use crate::vault::Vault;
use crate::{Result, header_bytes};

/// Encrypts the headers of endpoints that an older program wrote as they are, all in one transaction.
pub(crate) async fn seal_plain_headers(connection: &mut SqliteConnection, vault: &Vault) -> Result<()> {
    const PLAIN: &str = "SELECT id, seq, headers FROM endpoints WHERE headers_sealed = 0";
    const SEAL: &str = "UPDATE endpoints SET headers = ?2, headers_sealed = 1 WHERE seq = ?1";
    let plain = sqlx::query(PLAIN).fetch_all(&mut *connection).await?;
    if plain.is_empty() {
        return Ok(());
    }
    // What stood there is overwritten, or it would stay readable in the free space of its page.
    sqlx::query("PRAGMA secure_delete = ON").execute(&mut *connection).await?;
    let mut transaction = connection.begin().await?;
    for row in &plain {
        let headers = header_bytes::decode(row.try_get(2)?)?;
        let sealed = seal_headers(vault, EndpointId::from_bytes(id(row, 0)?), &headers)?;
        let seal = sqlx::query(SEAL).bind(row.try_get::<i64, _>(1)?).bind(sealed);
        seal.execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    sqlx::query("PRAGMA secure_delete = OFF").execute(&mut *connection).await?;
    tracing::info!(count = plain.len(), "encrypted the headers of endpoints");
    Ok(())
}
