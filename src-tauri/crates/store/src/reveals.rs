//! Who looked at a secret when: an inbox's token, what came with a captured request.

use futures::FutureExt as _;
use hookbench_model::{Noun, Reveal, RevealedPart, Timestamp};

use crate::{Result, Store};

/// Logs that somebody looked.
pub(crate) async fn log(store: &Store, noun: Noun, owner: [u8; 16], now: Timestamp) -> Result<()> {
    const LOG: &str = "INSERT INTO secret_reveals (noun, owner, at) VALUES (?, ?, ?)";
    store
        .writer()
        .run(move |write| {
            async move {
                let log = sqlx::query(LOG).bind(noun.as_str()).bind(owner.to_vec()).bind(now.unix_ms());
                log.execute(write.connection().await?).await?;
                Ok(())
            }
            .boxed()
        })
        .await
}

/// When somebody looked at this part, the only one that such an owner hides, newest first, the newest 100.
pub(crate) async fn list(
    store: &Store,
    noun: Noun,
    owner: [u8; 16],
    what: RevealedPart,
) -> Result<Vec<Reveal>> {
    const REVEALS: &str = "SELECT at FROM secret_reveals WHERE noun = ? AND owner = ? \
                           ORDER BY seq DESC LIMIT 100";
    let query = sqlx::query_scalar(REVEALS).bind(noun.as_str()).bind(owner.to_vec());
    let times: Vec<i64> = query.fetch_all(store.readers()).await?;
    Ok(times.into_iter().map(|at| Reveal { at: Timestamp::from_unix_ms(at), what }).collect())
}
