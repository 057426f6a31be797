//! The clock was set back: what is to be at some time goes back with it.

use futures::FutureExt as _;
use hookbench_model::{DeliveryStatus, Timestamp};
use sqlx::Row as _;

use crate::columns::to_json;
use crate::writer::Write;
use crate::{Result, Store, alerts};

/// How many are shifted in one transaction, so that others are not kept waiting.
const AT_ONCE: usize = 1000;

/// What is shifted: what lists those later than a time, and what moves one that is still where it was.
struct Times {
    list: &'static str,
    shift: &'static str,
}

const TIMES: [Times; 4] = [
    Times {
        list: "SELECT seq, next_attempt_at FROM deliveries INDEXED BY deliveries_waiting \
               WHERE next_attempt_at IS NOT NULL AND next_attempt_at > ?",
        shift: "UPDATE deliveries SET next_attempt_at = next_attempt_at - ?2 \
                FROM json_each(?1) j WHERE deliveries.seq = j.value ->> 0 \
                AND deliveries.next_attempt_at = j.value ->> 1",
    },
    Times {
        list: "SELECT seq, resume_at FROM deliveries INDEXED BY deliveries_by_status \
               WHERE status <> 3 AND status = 6 AND resume_at > ?",
        shift: "UPDATE deliveries SET resume_at = resume_at - ?2 FROM json_each(?1) j \
                WHERE deliveries.seq = j.value ->> 0 AND deliveries.resume_at = j.value ->> 1",
    },
    // A plan's total counts from its first attempt: one that lies ahead would lengthen it. What has not ended waits,
    // is under way (1) or paused (6).
    Times {
        list: "SELECT seq, first_attempt_at FROM deliveries WHERE first_attempt_at > ? AND seq IN ( \
                   SELECT seq FROM deliveries INDEXED BY deliveries_waiting WHERE next_attempt_at IS NOT NULL \
                   UNION ALL SELECT seq FROM deliveries INDEXED BY deliveries_by_status \
                   WHERE status <> 3 AND status IN (1, 6))",
        shift: "UPDATE deliveries SET first_attempt_at = first_attempt_at - ?2 FROM json_each(?1) j \
                WHERE deliveries.seq = j.value ->> 0 AND deliveries.first_attempt_at = j.value ->> 1",
    },
    Times {
        list: "SELECT seq, expires_at FROM deliveries INDEXED BY deliveries_expiring \
               WHERE expires_at IS NOT NULL AND completed_at IS NULL AND expires_at > ?",
        shift: "UPDATE deliveries SET expires_at = expires_at - ?2 FROM json_each(?1) j \
                WHERE deliveries.seq = j.value ->> 0 AND deliveries.expires_at = j.value ->> 1",
    },
];

pub(super) async fn set_back(store: &Store, by_ms: i64, now: Timestamp) -> Result<()> {
    // Listed first: what comes to wait from here on does so by the clock as it is now.
    let mut lists = Vec::with_capacity(TIMES.len());
    for times in &TIMES {
        let list = sqlx::query_as(times.list).bind(now.unix_ms());
        let list: Vec<(i64, i64)> = list.fetch_all(store.readers()).await?;
        lists.push((times.shift, list));
    }
    if lists.iter().map(|(_, list)| list.len()).sum::<usize>() <= AT_ONCE {
        return store.writer().run(move |write| at_once(write, lists, by_ms, now).boxed()).await;
    }
    // A crash before the end has it done again at the next start: rather too early than never.
    for (shift, list) in lists {
        for rows in list.chunks(AT_ONCE) {
            let rows = to_json(&rows)?;
            store.writer().run(move |write| move_rows(write, shift, rows, by_ms).boxed()).await?;
        }
    }
    store.writer().run(move |write| endpoints(write, by_ms, now).boxed()).await
}

/// All of it or nothing, whenever it breaks off.
async fn at_once(
    write: &mut Write,
    lists: Vec<(&'static str, Vec<(i64, i64)>)>,
    by_ms: i64,
    now: Timestamp,
) -> Result<()> {
    for (shift, list) in lists {
        move_rows(write, shift, to_json(&list)?, by_ms).await?;
    }
    endpoints(write, by_ms, now).await
}

async fn move_rows(write: &mut Write, shift: &'static str, rows: String, by_ms: i64) -> Result<()> {
    sqlx::query(shift).bind(rows).bind(by_ms).execute(write.connection().await?).await?;
    Ok(())
}

/// Health and breakers; that it is done, or the next start would do it again; and what is known by heart is read again.
async fn endpoints(write: &mut Write, by_ms: i64, now: Timestamp) -> Result<()> {
    const SHIFT: &str = "UPDATE endpoints SET \
         failing_since = iif(failing_since > ?2, failing_since - ?1, failing_since), \
         breaker_opened_at = iif(breaker_opened_at > ?2, breaker_opened_at - ?1, breaker_opened_at), \
         breaker_probe_at = iif(breaker_probe_at > ?2, breaker_probe_at - ?1, breaker_probe_at) \
         WHERE failing_since > ?2 OR breaker_opened_at > ?2 OR breaker_probe_at > ?2";
    const RESUMING: &str = "UPDATE resuming SET base = base - ?1 WHERE base > ?2";
    const REMEMBER: &str =
        "UPDATE workspace SET clock_set_after = (SELECT coalesce(max(seq), 0) FROM deliveries)";
    const WAITING: &str = "SELECT id, endpoint_seq, status FROM deliveries INDEXED BY deliveries_waiting \
                           WHERE next_attempt_at IS NOT NULL LIMIT ?";
    sqlx::query(SHIFT).bind(by_ms).bind(now.unix_ms()).execute(write.connection().await?).await?;
    sqlx::query(RESUMING).bind(by_ms).bind(now.unix_ms()).execute(write.connection().await?).await?;
    sqlx::query(REMEMBER).execute(write.connection().await?).await?;
    alerts::set_back(write, by_ms, now).await?;
    write.read_again().await?;
    // Whoever shows when something is due reads anew.
    let most = i64::try_from(crate::ChangeFeed::KEPT + 1).unwrap_or(i64::MAX);
    for row in sqlx::query(WAITING).bind(most).fetch_all(write.connection().await?).await? {
        let id = hookbench_model::DeliveryId::from_bytes(crate::columns::id(&row, 0)?);
        let status = <DeliveryStatus as crate::codes::Coded>::from_code(row.try_get(2)?)?;
        write.delivery_changed(hookbench_model::Action::Updated, id, row.try_get(1)?, status);
    }
    Ok(())
}
