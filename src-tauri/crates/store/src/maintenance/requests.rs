use hookbench_model::{Inbox, InboxId, RequestId, Timestamp};

use super::AT_ONCE;
use crate::columns::signed;
use crate::{Result, Store};

/// Removes what an inbox keeps no longer.
pub(super) async fn purge(store: &Store, inbox: &Inbox, now: Timestamp, more_came: bool) -> Result<u64> {
    let mut purged = 0;
    if let Some(age) = inbox.retention.max_age_ms {
        let before = RequestId::lowest_at(now.plus_ms(-signed(age)));
        purged += remove_before(store, inbox.id, *before.as_bytes()).await?;
    }
    if more_came
        && let Some(most) = inbox.retention.max_requests
        && let Some(oldest) = oldest_kept(store, inbox.id, most).await?
    {
        purged += remove_before(store, inbox.id, oldest).await?;
    }
    Ok(purged)
}

/// The oldest request of the newest so many; `None` where there are no more than that.
async fn oldest_kept(store: &Store, inbox: InboxId, most: u64) -> Result<Option<[u8; 16]>> {
    const FIRST_TOO_MANY: &str = "SELECT id FROM requests INDEXED BY requests_by_inbox \
                                  WHERE inbox_seq = (SELECT seq FROM inboxes WHERE id = ?) \
                                  ORDER BY id DESC LIMIT 1 OFFSET ?";
    let query = sqlx::query_scalar(FIRST_TOO_MANY).bind(inbox.as_bytes().to_vec()).bind(signed(most));
    let first: Option<Vec<u8>> = query.fetch_optional(store.readers()).await?;
    // The id after it, which is the lowest that stays.
    let first = first.and_then(|id| <[u8; 16]>::try_from(id).ok());
    Ok(first.map(|id| u128::from_be_bytes(id).saturating_add(1).to_be_bytes()))
}

async fn remove_before(store: &Store, inbox: InboxId, before: [u8; 16]) -> Result<u64> {
    const OLD: &str = "SELECT seq FROM requests INDEXED BY requests_by_inbox \
                       WHERE inbox_seq = (SELECT seq FROM inboxes WHERE id = ?) AND id < ? AND pinned = 0 \
                       AND NOT EXISTS (SELECT 1 FROM request_relays l \
                                       WHERE l.request_seq = requests.seq AND l.state = 0) \
                       ORDER BY id LIMIT ?";
    let mut removed = 0;
    loop {
        let old = sqlx::query_scalar(OLD).bind(inbox.as_bytes().to_vec()).bind(before.to_vec()).bind(AT_ONCE);
        let old: Vec<i64> = old.fetch_all(store.readers()).await?;
        if old.is_empty() {
            return Ok(removed);
        }
        removed += store.requests().remove(old).await?;
    }
}
