//! A database of the first version, filled as the program of then filled it, and opened by this one.

use std::fmt::Write as _;
use std::path::Path;

use bytes::Bytes;
use hookbench_model::{
    DeliveryId, DeliveryStatus, EndpointId, EventId, FailureCount, HeaderPairs, InboxId, Outcome,
    PageRequest, RequestFilter, RequestId, StoredSecret, Timestamp, VerificationStatus,
};
use hookbench_signing::Secret;
use sqlx::migrate::Migrator;
use sqlx::{Connection as _, SqliteConnection};

use crate::sealed::{place, seal};
use crate::vault::Vault;
use crate::{KeySource, OpenOptions, Store, database, header_bytes};

const THEN: Timestamp = Timestamp::from_unix_ms(1_763_600_000_000);
const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);
const TOKEN: &str = "Bearer s3cr3t-of-a-header";

const VERIFY_TOKEN: &str = "meaty hamster of the second version";

/// What the old database holds.
struct Ids {
    endpoint: EndpointId,
    event: EventId,
    delivery: DeliveryId,
    inbox: InboxId,
    request: RequestId,
}

async fn write_first_version(folder: &Path) -> Ids {
    write_version(folder, 1).await
}

/// A database of the first version, and brought up to a later one.
async fn write_version(folder: &Path, version: i64) -> Ids {
    let ids = Ids {
        endpoint: EndpointId::new(THEN),
        event: EventId::new(THEN),
        delivery: DeliveryId::new(THEN),
        inbox: InboxId::new(THEN),
        request: RequestId::new(THEN),
    };
    let database = folder.join("hookbench.db");
    crate::folder::touch_private(&database).unwrap();
    let mut connection = database::writer(&database, &OpenOptions::default()).await.unwrap();
    let first = super::migrations().iter().filter(|known| known.version == 1).cloned().collect();
    Migrator::with_migrations(first).run(&mut connection).await.unwrap();
    let vault = Vault::make(folder, KeySource::File).unwrap();
    fill(&mut connection, &vault, &ids).await;
    let then = super::migrations().iter().filter(|known| known.version <= version).cloned().collect();
    Migrator::with_migrations(then).run(&mut connection).await.unwrap();
    if version > 1 {
        let sql = format!("UPDATE inboxes SET verify_token = '{VERIFY_TOKEN}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    ids
}

async fn fill(connection: &mut SqliteConnection, vault: &Vault, ids: &Ids) {
    let at = THEN.unix_ms();
    let secret =
        |text: &str| [StoredSecret { secret: Secret::from(text), created_at: THEN, expires_at: None }];
    let check = blob(&vault.seal(b"hookbench key check", b"hookbench key check").unwrap());
    let none = blob(&header_bytes::encode(&HeaderPairs::new()));
    let token = HeaderPairs::from_iter([("Authorization", TOKEN), ("X-One", "1")]);
    let token = blob(&header_bytes::encode(&token));
    let endpoint = place("endpoint", ids.endpoint.as_bytes());
    let endpoint = blob(&seal(vault, &endpoint, &secret("whsec_AAAA"), None).unwrap());
    let inbox = place("inbox", ids.inbox.as_bytes());
    let inbox = blob(&seal(vault, &inbox, &secret("inbox secret"), None).unwrap());
    let (endpoint_id, event_id) = (blob(ids.endpoint.as_bytes()), blob(ids.event.as_bytes()));
    let (delivery_id, inbox_id) = (blob(ids.delivery.as_bytes()), blob(ids.inbox.as_bytes()));
    let request_id = blob(ids.request.as_bytes());
    let statements = format!(
        "INSERT INTO workspace (id, key_check) VALUES (1, {check}); \
         INSERT INTO kinds VALUES (1, 'generic', 'a.b'); \
         INSERT INTO endpoints VALUES (1, {endpoint_id}, 'Handler', 'http://localhost:9/x', 'generic', \
             '[\"*\"]', NULL, NULL, {token}, 5000, NULL, NULL, NULL, 0, 1, NULL, NULL, {endpoint}, 2, {at}, \
             {at}, NULL); \
         INSERT INTO events VALUES (1, {event_id}, 1, 'msg_1', 'application/json', {at}, 2, 'POST', NULL, NULL, \
             {none}, 0); \
         INSERT INTO event_payloads VALUES (1, x'7b7d'); \
         INSERT INTO deliveries VALUES (1, {delivery_id}, 1, 1, 1, NULL, 3, 1, 1, 3, NULL, NULL, 0, {at}, 0, \
             200, 5, NULL, NULL, NULL, NULL); \
         INSERT INTO attempts VALUES (65537, 0, {at}, 5, NULL, NULL, NULL, NULL, NULL, NULL, 'POST', \
             'http://localhost:9/x', {none}, 2, 200, 'HTTP/1.1', {none}, 0, 0, 0, NULL); \
         INSERT INTO inboxes VALUES (1, {inbox_id}, 'in', 'In', 'generic', 200, {none}, x'6f6b', 0, NULL, NULL, \
             {inbox}, {at}); \
         INSERT INTO requests VALUES (1, {request_id}, 1, {at}, 'POST', '/hook', NULL, 'HTTP/1.1', {none}, NULL, \
             2, '[::1]:5', 'a.b', 'msg_1', 0, 'standardwebhooks', NULL, 'The signature is right.', x'6d7367', \
             1, 200, NULL, NULL, '', '[]', 0); \
         INSERT INTO request_bodies VALUES (1, x'7b7d')"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements)).execute(connection).await.unwrap();
}

/// Bytes as SQL writes them.
fn blob(bytes: &[u8]) -> String {
    let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    format!("x'{hex}'")
}

#[tokio::test]
async fn everything_of_the_first_version_is_there_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let ids = write_first_version(folder.path()).await;
    let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();

    let endpoint = store.endpoints().get(ids.endpoint).await.unwrap().unwrap();
    assert_eq!(endpoint.name, "Handler");
    assert_eq!(endpoint.headers.get_str("authorization"), Some(TOKEN));
    assert_eq!(endpoint.headers.get_str("x-one"), Some("1"));
    assert_eq!(endpoint.secrets[0].secret.expose(), b"whsec_AAAA");
    assert_eq!((endpoint.timeout_ms, endpoint.consecutive_failures), (Some(5000), 2));
    assert_eq!((endpoint.scheme, endpoint.envelope, endpoint.disable_counts), (None, None, None));
    assert!(!endpoint.draft && endpoint.tested_at.is_none());

    let delivery = store.deliveries().get(ids.delivery).await.unwrap().unwrap();
    assert_eq!((delivery.status, delivery.is_test), (DeliveryStatus::Delivered, false));
    let attempts = store.attempts().of(ids.delivery).await.unwrap();
    assert_eq!(attempts[0].outcome, Outcome::Delivered);
    let body = store.attempts().request_body(ids.delivery, 1).await.unwrap();
    assert_eq!(body, Some(Bytes::from_static(b"{}")), "its body is the event's payload still");

    let inbox = store.inboxes().get(ids.inbox).await.unwrap().unwrap();
    assert_eq!(inbox.secrets[0].secret.expose(), b"inbox secret");
    assert!(inbox.handshakes && inbox.scheme.is_none());
    let request = store.requests().whole(ids.request).await.unwrap().unwrap();
    assert_eq!(request.verification.status, VerificationStatus::Valid);
    assert_eq!(request.verification.signed_content, Some(Bytes::from_static(b"msg{}")));
    assert_eq!(request.handshake, None);
    let listed = store.requests().list(&RequestFilter::default(), PageRequest::first(10)).await.unwrap();
    assert_eq!(listed.rows.len(), 1);

    // And what is new can be written.
    let edit = |endpoint: &mut hookbench_model::Endpoint| {
        endpoint.scheme = Some("stripe".to_owned());
        endpoint.disable_counts = Some(FailureCount::Deliveries);
    };
    let edited = store.endpoints().update(ids.endpoint, NOW, edit).await.unwrap();
    assert_eq!(edited.scheme.as_deref(), Some("stripe"));
    let kept = store.endpoints().get(ids.endpoint).await.unwrap().unwrap();
    assert_eq!((kept.scheme, kept.disable_counts), (edited.scheme, Some(FailureCount::Deliveries)));
}

#[tokio::test]
async fn headers_that_stood_in_clear_are_encrypted_on_opening() {
    let folder = tempfile::tempdir().unwrap();
    write_first_version(folder.path()).await;
    let database = folder.path().join("hookbench.db");
    let shows = |path: &Path| holds(path, TOKEN);
    assert!(shows(&database), "the old database has it in clear, or this test shows nothing");
    let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();
    store.shutdown().await;
    assert!(!shows(&database));

    // Opened once more, it stays as it is.
    let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();
    let endpoints = store.endpoints().all().await.unwrap();
    assert_eq!(endpoints[0].headers.get_str("authorization"), Some(TOKEN));
}

#[tokio::test]
async fn tokens_of_inboxes_that_stood_in_clear_are_encrypted_on_opening() {
    let folder = tempfile::tempdir().unwrap();
    let ids = write_version(folder.path(), 2).await;
    let database = folder.path().join("hookbench.db");
    assert!(holds(&database, VERIFY_TOKEN), "the old database has it in clear, or this test shows nothing");
    for _ in 0..2 {
        let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();
        let inbox = store.inboxes().get(ids.inbox).await.unwrap().unwrap();
        assert_eq!(inbox.verify_token, Some(VERIFY_TOKEN.into()));
        assert_eq!(inbox.secrets[0].secret.expose(), b"inbox secret");
        store.shutdown().await;
        assert!(!holds(&database, VERIFY_TOKEN));
    }
}

#[tokio::test]
async fn what_goes_to_another_url_leaves_the_queue_that_it_stood_in_or_held() {
    let folder = tempfile::tempdir().unwrap();
    let ids = write_version(folder.path(), 8).await;
    let (at, own, other) = (THEN.unix_ms(), DeliveryId::new(THEN), DeliveryId::new(THEN));
    let waiting = |seq: u8, id: DeliveryId, url: &str| {
        let id = blob(id.as_bytes());
        format!(
            "INSERT INTO deliveries (seq, id, event_seq, kind, endpoint_seq, target_url, status, attempt_count, \
                 automatic_attempts, max_attempts, next_attempt_at, trigger, is_test, in_order) \
             VALUES ({seq}, {id}, 1, 1, 1, {url}, 2, 1, 1, 3, {at}, 2, 0, 1); "
        )
    };
    let sql = format!(
        "{}{}UPDATE deliveries SET target_url = 'http://x.test/', status = 4, in_order = 1, completed_at = {at} \
             WHERE seq = 1; \
         UPDATE endpoints SET ordered = 1, order_on_failure = 'block', held_by = 1",
        waiting(2, other, "'http://x.test/'"),
        waiting(3, own, "NULL"),
    );
    let database = folder.path().join("hookbench.db");
    let mut connection = database::writer(&database, &OpenOptions::default()).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();

    let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();
    let claimed = store.deliveries().claim_due(NOW, 9, &[]).await.unwrap();
    let mut claimed: Vec<_> = claimed.iter().map(|claimed| claimed.delivery.id).collect();
    claimed.sort_unstable();
    let mut wanted = [own, other];
    wanted.sort_unstable();
    assert_eq!(claimed, wanted, "one of the queue, which nothing holds, and one of its own");
    // One that had ended before has its place too once it is tried again.
    store.deliveries().retry_now(ids.delivery, NOW).await.unwrap();
    let claimed = store.deliveries().claim_due(NOW, 9, &[]).await.unwrap();
    assert_eq!(claimed.iter().map(|claimed| claimed.delivery.id).collect::<Vec<_>>(), [ids.delivery]);
}

#[tokio::test]
async fn what_an_older_program_wrote_into_the_index_of_texts_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let ids = write_version(folder.path(), 25).await;
    let body: Vec<u8> = "\u{feff}{\"a\":\"needle\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (body, id) = (blob(&body), blob(ids.request.as_bytes()));
    let sql = format!(
        "UPDATE request_bodies SET body = {body}; INSERT INTO request_text (rowid, marks) VALUES (1, 'aaaa'); \
         INSERT INTO text_blocks (block, lowest, highest) VALUES (0, {id}, {id}); UPDATE text_mark SET seq = 1"
    );
    let database = folder.path().join("hookbench.db");
    let mut connection = database::writer(&database, &OpenOptions::default()).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();

    let store = Store::open(folder.path(), NOW, OpenOptions::default()).await.unwrap();
    let filter = RequestFilter { q: Some("needle".to_owned()), ..RequestFilter::default() };
    for behind in [1, 0] {
        assert_eq!(store.requests().text_behind().await.unwrap(), behind);
        let found = store.requests().list(&filter, PageRequest::first(10)).await.unwrap().rows;
        assert_eq!(found.iter().map(|row| row.id).collect::<Vec<_>>(), [ids.request]);
        store.requests().fill_text().await.unwrap();
    }
}

fn holds(file: &Path, text: &str) -> bool {
    let bytes = std::fs::read(file).unwrap();
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
