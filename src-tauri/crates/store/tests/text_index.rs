//! The index of texts: whatever of it is written, a search finds what a look at every request finds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hookbench_model::query::Query;
use hookbench_model::{Inbox, Page, PageRequest, RequestEdit, RequestFilter, RequestId, Timestamp};
use hookbench_store::Store;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use support::*;

/// A captured request of the test, as it is looked at by hand.
#[derive(Clone, Debug)]
struct Known {
    id: RequestId,
    path: String,
    header: String,
    note: String,
    body: Vec<u8>,
}

/// What becomes of the store between two looks.
#[derive(Clone, Debug)]
enum Step {
    Capture {
        at: i64,
        path: String,
        header: String,
        body: Vec<u8>,
    },
    Fill,
    /// Whichever of those that are there.
    Delete(prop::sample::Index),
    DeleteNewest,
    Note(prop::sample::Index, String),
    Reopen,
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[abAB ]{0,6}",
        2 => "(ab|ba|\"a\":|7|77|,|/|é){0,4}",
        1 => Just("needle".to_owned()),
        1 => Just("NEEdle".to_owned()),
    ]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        5 => prop::collection::vec(word(), 0..5).prop_map(|words| words.concat().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => (0..100_i32, word()).prop_map(|(number, text)| {
            serde_json::json!({"number": number, "text": text}).to_string().into_bytes()
        }),
        // Longer than what is written of one body, with something at its end.
        1 => word().prop_map(|word| [&vec![b'x'; 300 << 10][..], word.as_bytes()].concat()),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..40_i64, "[ab/]{0,4}", word(), body()).prop_map(|(at, path, header, body)| {
            let header = header.trim().to_owned();
            Step::Capture { at, path: format!("/{path}"), header, body }
        }),
        3 => Just(Step::Fill),
        1 => any::<prop::sample::Index>().prop_map(Step::Delete),
        1 => Just(Step::DeleteNewest),
        1 => (any::<prop::sample::Index>(), word()).prop_map(|(which, note)| Step::Note(which, note)),
        1 => Just(Step::Reopen),
    ]
}

fn found_by_hand(known: &[Known], text: &str) -> Vec<RequestId> {
    let has = |one: &Known| {
        let texts = [one.path.as_bytes(), one.note.as_bytes(), &one.body];
        let headers = ["Host: localhost\n".to_owned(), format!("X-Word: {}\n", one.header)];
        let all = texts.into_iter().chain(headers.iter().map(String::as_bytes));
        all.into_iter().any(|part| memchr::memmem::find(part, text.as_bytes()).is_some())
    };
    let mut ids: Vec<_> = known.iter().filter(|one| has(one)).map(|one| one.id).collect();
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids
}

fn in_bodies(known: &[Known], text: &str) -> Vec<RequestId> {
    let has = |one: &&Known| memchr::memmem::find(&one.body, text.as_bytes()).is_some();
    let mut ids: Vec<_> = known.iter().filter(has).map(|one| one.id).collect();
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids
}

async fn pages(store: &Store, filter: &RequestFilter) -> Vec<RequestId> {
    pages_of(store, filter, 3).await
}

fn filter(text: &str) -> RequestFilter {
    RequestFilter { query: Some(Query::read(text, NOW).unwrap()), ..RequestFilter::default() }
}

async fn capture(
    store: &Store,
    inbox: &Inbox,
    at: Timestamp,
    (path, header, body): (&str, &str, &[u8]),
) -> Known {
    let mut given = request(at, inbox, body);
    (given.path, given.query) = (path.to_owned(), None);
    (given.event_type, given.provider_event_id) = (None, None);
    given.headers = [("Host", "localhost"), ("X-Word", header)].into_iter().collect();
    let known = Known {
        id: given.id,
        path: path.to_owned(),
        header: header.to_owned(),
        note: String::new(),
        body: body.to_vec(),
    };
    store.requests().capture(given, Bytes::copy_from_slice(body)).await.unwrap();
    known
}

async fn fill(store: &Store) {
    while store.requests().fill_text().await.unwrap().requests > 0 {}
    assert_eq!(store.requests().text_behind().await.unwrap(), 0);
}

async fn run(steps: Vec<Step>, asked: Vec<String>) {
    let (folder, mut store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    let mut known: Vec<Known> = Vec::new();
    for step in steps {
        match step {
            // Ids in any order: as of requests that were imported.
            Step::Capture { at, path, header, body } => {
                known.push(capture(&store, &inbox, NOW.plus_ms(at), (&path, &header, &body)).await);
            }
            Step::Fill => {
                store.requests().fill_text().await.unwrap();
            }
            Step::Delete(_) | Step::DeleteNewest | Step::Note(..) if known.is_empty() => {}
            Step::Delete(which) => {
                let gone = known.remove(which.index(known.len()));
                store.requests().delete(gone.id).await.unwrap();
            }
            Step::DeleteNewest => {
                let gone = known.pop().unwrap();
                store.requests().delete(gone.id).await.unwrap();
            }
            Step::Note(which, note) => {
                let one = which.index(known.len());
                known[one].note.clone_from(&note);
                let edit = RequestEdit { note: Some(note), ..RequestEdit::default() };
                store.requests().edit(known[one].id, edit).await.unwrap();
            }
            Step::Reopen => {
                store.shutdown().await;
                store = open(folder.path()).await;
            }
        }
    }
    for text in asked.iter().map(String::as_str).chain(["needle", "X-Word: ", "xxx", "é"]) {
        let wanted = found_by_hand(&known, text);
        let q = RequestFilter { q: Some(text.to_owned()), ..RequestFilter::default() };
        if !text.is_empty() {
            assert_eq!(pages(&store, &q).await, wanted, "{text:?} of {known:?}");
            assert_eq!(store.requests().count(&q).await.unwrap(), wanted.len() as u64, "{text:?}");
        }
        if !text.trim().is_empty() {
            let said = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
            assert_eq!(pages(&store, &filter(&said)).await, wanted, "{said}");
            assert_eq!(
                pages(&store, &filter(&format!("body:{said}"))).await,
                in_bodies(&known, text),
                "{said}"
            );
        }
    }
    store.shutdown().await;
}

#[test]
fn a_search_finds_what_a_look_at_every_request_does() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let steps = prop::collection::vec(step(), 1..30);
    let mut runner = TestRunner::new(Config { cases: 60, failure_persistence: None, ..Config::default() });
    let given = (steps, prop::collection::vec(word(), 1..4));
    runner
        .run(&given, |(steps, asked)| {
            runtime.block_on(run(steps, asked));
            Ok(())
        })
        .unwrap();
}

/// Many requests, of which some have what others have not, over several blocks of keys.
async fn many(store: &Store, inbox: &Inbox, count: usize) -> Vec<Known> {
    let mut known = Vec::new();
    for batch in (0..count).step_by(500) {
        let captures = (batch..count.min(batch + 500)).map(|number| async move {
            // The last quarter is older than all others, as what was imported is.
            let at = if number < count * 3 / 4 { number + count } else { count - number };
            let words = format!(
                "{{\"number\":{number},\"half\":{}.0,\"text\":\"{} {}\"}}",
                number / 2,
                ["every", "Every"][number % 2],
                if number % 700 == 5 { "seldom" } else { "often" },
            );
            let at = NOW.plus_ms(i64::try_from(at).unwrap());
            capture(store, inbox, at, ("/x", if number % 50 == 3 { "odd" } else { "even" }, words.as_bytes()))
                .await
        });
        known.extend(futures::future::join_all(captures).await);
    }
    known
}

#[tokio::test]
async fn over_many_blocks_pages_are_in_order_and_whole() {
    let (_folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    let known = many(&store, &inbox, 5000).await;
    let json = |text: &str| filter(text);
    for filled in [0, 3, usize::MAX] {
        for _ in 0..filled {
            if store.requests().fill_text().await.unwrap().requests == 0 {
                break;
            }
        }
        for text in
            ["seldom", "often", "every", "Every", "X-Word: odd", "nowhere", "\"number\":4711", "even\n"]
        {
            let q = RequestFilter { q: Some(text.to_owned()), ..RequestFilter::default() };
            let ids = pages_of(&store, &q, 400).await;
            let wanted = found_by_hand(&known, text);
            assert!(ids == wanted, "{text}: {} for {}", ids.len(), wanted.len());
            assert_eq!(store.requests().count(&q).await.unwrap(), wanted.len() as u64, "{text}");
        }
        for (text, count) in [
            ("json:number=4711", 1),
            ("json:half=77", 2),
            ("json:half=7", 2),
            ("json:number=7 or json:number=8", 2),
            ("json:text=\"Every seldom\"", 8),
            ("json:text=\"every seldom\"", 0),
            ("json:text~seldom", 8),
            ("-json:text~every json:number<10", 5),
            ("header:x-word=odd", 100),
            ("header:x-word~dd", 100),
            ("header:x-none", 0),
            ("path:~/x json:number=1", 1),
            ("seldom or \"number\\\":12,\"", 9),
            ("seldom -seldom", 0),
        ] {
            assert_eq!(store.requests().count(&json(text)).await.unwrap(), count, "{filled}: {text}");
            assert_eq!(pages(&store, &json(text)).await.len() as u64, count, "{filled}: {text}");
        }
    }
    assert_eq!(store.requests().text_behind().await.unwrap(), 0);
}

#[tokio::test]
async fn a_page_that_the_newest_fill_is_followed_by_all_of_the_others() {
    let (_folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    let mut known = Vec::new();
    for number in 0..8 {
        let what = ("/", "needle", &b"{}"[..]);
        known.push(capture(&store, &inbox, NOW.plus_ms(number), what).await.id);
        if number == 5 {
            fill(&store).await;
        }
    }
    assert_eq!(store.requests().text_behind().await.unwrap(), 2);
    known.reverse();
    for limit in 1..=9 {
        assert_eq!(pages_of(&store, &filter("needle"), limit).await, known, "pages of {limit}");
    }
}

#[tokio::test]
async fn what_is_written_in_utf_16_or_behind_a_mark_is_found_whatever_of_it_is_in_the_index() {
    let (_folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    let says = format!("{{\"name\":\"größe\",\"n\":4711,\"pad\":\"{}\"}}", "x".repeat(100));
    let little: Vec<u8> = says.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = says.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = [&b"\xff\xfe"[..], &little].concat();
    let mut wanted = Vec::new();
    for (number, (body, content_type)) in (0_i64..).zip([
        (marked.clone(), None),
        (zstd::bulk::compress(&marked, 3).unwrap(), None),
        (big, Some("application/json; charset=utf-16be")),
        (little.clone(), Some("application/json;charset=\"UTF-16\"")),
        ([&b"\xef\xbb\xbf"[..], says.as_bytes()].concat(), Some("application/json")),
        (says.clone().into_bytes(), Some("application/json; charset=utf-16")),
        (little, Some("application/json")),
    ]) {
        let mut given = request(NOW.plus_ms(number), &inbox, &body);
        given.content_type = content_type.map(str::to_owned);
        wanted.push(given.id);
        store.requests().capture(given, body.into()).await.unwrap();
    }
    // Nobody says of the last that it is UTF-16.
    let unsaid = [wanted.pop().unwrap()];
    wanted.reverse();
    for is_filled in [false, true] {
        if is_filled {
            fill(&store).await;
        }
        for text in
            ["größe", "öß", "body:größe", "json:name=größe", "json:name~röß", "json:n=4711", "json:n>4710"]
        {
            assert_eq!(pages(&store, &filter(text)).await, wanted, "{text}, {is_filled}");
            assert_eq!(pages(&store, &filter(&format!("-{text}"))).await, unsaid, "-{text}, {is_filled}");
        }
    }
}

#[tokio::test]
async fn a_large_body_is_read_beside_what_else_the_runtime_does() {
    let (_folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    let body = Bytes::from(format!("{{\"list\":[{}0]}}", "1,".repeat(2 << 20)));
    store.requests().capture(request(NOW, &inbox, &body), body).await.unwrap();
    let filter = filter("json:list[*]=2");
    let (requests, began) = (store.requests(), Instant::now());
    let mut search = std::pin::pin!(requests.count(&filter));
    let mut longest = Duration::ZERO;
    let count = loop {
        let turn = Instant::now();
        let state = futures::poll!(&mut search);
        longest = longest.max(turn.elapsed());
        match state {
            Poll::Ready(count) => break count,
            Poll::Pending => tokio::task::yield_now().await,
        }
    };
    assert_eq!(count.unwrap(), 0);
    assert!(longest < began.elapsed() / 4, "{longest:?} of {:?} at one go", began.elapsed());
}

#[tokio::test]
async fn what_is_veiled_is_in_no_index() {
    let (_folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    let mut given = request(NOW, &inbox, b"{}");
    let shown = given.headers.clone();
    given.headers.extend([("X-Token", "hunter22-hunter22")]);
    given.query = Some("token=hunter22-hunter22".to_owned());
    given.shown =
        Some(hookbench_model::Shown { headers: shown, query: Some("token=(the secret)".to_owned()) });
    store.requests().capture(given, Bytes::from_static(b"{}")).await.unwrap();
    fill(&store).await;
    assert_eq!(pages(&store, &filter("\"token=(the\"")).await.len(), 1);
    for text in ["hunter22", "header:x-token", "query:~hunter22", "22-hunter"] {
        assert!(pages(&store, &filter(text)).await.is_empty(), "{text}");
    }
}

/// Names the folder for [`captures_until_it_is_killed`].
const FOLDER: &str = "HOOKBENCH_TEST_FOLDER";

/// The process that is killed: it captures, writes the index and deletes, without end.
#[tokio::test]
async fn captures_until_it_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let store = open(folder.as_ref()).await;
    let inbox = store.inboxes().all().await.unwrap().remove(0);
    loop {
        many(&store, &inbox, 120).await;
        store.requests().fill_text().await.unwrap();
        let newest = store.requests().list(&RequestFilter::default(), PageRequest::first(7)).await.unwrap();
        for row in newest.rows {
            store.requests().delete(row.id).await.unwrap();
        }
        store.requests().fill_text().await.unwrap();
    }
}

#[tokio::test]
async fn killed_at_any_time_it_leaves_none_out_and_none_twice() {
    let (folder, first) = store().await;
    first.inboxes().create(inbox("first")).await.unwrap();
    first.shutdown().await;
    for round in 0..6_u64 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "captures_until_it_is_killed"])
            .env(FOLDER, folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Whenever that is: it is right at any time.
        tokio::time::sleep(Duration::from_millis(150 + 97 * round)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let store = open(folder.path()).await;
        let everything = pages_of(&store, &RequestFilter::default(), 500).await;
        // As it was left, and once all of it is written.
        for _ in 0..2 {
            let mut wanted = Vec::new();
            for id in &everything {
                let body = store.requests().body(*id).await.unwrap().unwrap();
                if memchr::memmem::find(&body, b"seldom").is_some() {
                    wanted.push(*id);
                }
            }
            let q = RequestFilter { q: Some("seldom".to_owned()), ..RequestFilter::default() };
            assert_eq!(pages_of(&store, &q, 500).await, wanted, "after {round}");
            fill(&store).await;
        }
        store.shutdown().await;
    }
}

async fn pages_of(store: &Store, filter: &RequestFilter, limit: u32) -> Vec<RequestId> {
    let (mut ids, mut page) = (Vec::new(), PageRequest::first(limit));
    loop {
        let Page { rows, next } = store.requests().list(filter, page).await.unwrap();
        ids.extend(rows.iter().map(|row| row.id));
        let Some(next) = next else { return ids };
        page.before = Some(next);
    }
}
