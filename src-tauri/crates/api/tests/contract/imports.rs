//! Large files come in piece by piece, and what was written of them stays.

use axum::body::Body;
use bytes::Bytes;
use futures::{SinkExt as _, channel::mpsc};
use http::Request;
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, text};

async fn import(bench: &Bench, query: &str, body: Body) -> Answer {
    bench.call(Request::post(format!("/v1/imports{query}")).body(body).unwrap()).await
}

fn line(number: usize) -> String {
    format!("{{\"method\": \"POST\", \"url\": \"http://a.example/{number}\", \"body\": \"body {number}\"}}\n")
}

async fn lines(bench: &Bench) -> Vec<Value> {
    let exported = bench.get("/v1/requests/export").await;
    let text = String::from_utf8(exported.body.to_vec()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn what_stood_before_the_break_of_a_file_is_imported_and_told() {
    let bench = Bench::open().await;
    let entry = |number: usize| {
        format!(
            "{{\"request\": {{\"method\": \"GET\", \"url\": \"http://a.example/{number}\", \"headers\": []}}}}"
        )
    };
    let entries: Vec<String> = (0..700).map(entry).collect();
    let broken = format!("{{\"log\": {{\"version\": \"1.2\", \"entries\": [{}, {{\"requ", entries.join(","));
    let seen = import(&bench, "?dry_run=true", Body::from(broken.clone())).await.expect(200);
    assert_eq!((&seen["broken"], &seen["count"]), (&json!(true), &json!(700)));
    assert!(lines(&bench).await.is_empty());

    let done = import(&bench, "", Body::from(broken)).await.expect(201);
    assert_eq!((&done["broken"], &done["count"], text(&done["format"])), (&json!(true), &json!(700), "har"));
    assert_eq!(
        done["notes"][0],
        "The file could not be read to its end: it cannot be read as HAR: it breaks off before the end of its list of \
         entries. The 700 requests before that are imported."
    );
    assert_eq!(lines(&bench).await.len(), 700);

    let nothing = import(&bench, "", Body::from("{\"log\": {\"entries\": [")).await.expect(422);
    assert_eq!(nothing["errors"][0]["field"], "file");
    assert_eq!(bench.get("/v1/inboxes").await.expect(200)["data"].as_array().unwrap().len(), 1);
    bench.close().await;
}

/// Some tools write the pages of a HAR first, others last, as we do.
#[tokio::test]
async fn pages_keep_their_titles_wherever_they_stand_in_a_large_file() {
    let bench = Bench::open().await;
    let page = |number: usize| {
        json!({"startedDateTime": "2026-11-21T04:36:00.000Z", "id": format!("page_{number}"),
            "title": format!("Page {number}"), "pageTimings": {"onLoad": number}})
    };
    // More of them than are written at once, and some that name no page.
    let entry = |number: usize| {
        let mut entry = json!({"startedDateTime": "2026-11-21T04:36:00.000Z", "comment": number.to_string(),
            "request": {"method": "GET", "url": "http://a.example/", "headers": []}, "_much": "x".repeat(1000)});
        if !number.is_multiple_of(7) {
            entry["pageref"] = json!(format!("page_{}", number % 3));
        }
        entry
    };
    let pages: Vec<Value> = (0..3).map(page).collect();
    let entries: Vec<Value> = (0..700).map(entry).collect();
    let (pages, entries) = (json!(pages), json!(entries));
    let first = format!("{{\"log\": {{\"version\": \"1.2\", \"pages\": {pages}, \"entries\": {entries}}}}}");
    let last = format!("{{\"log\": {{\"version\": \"1.2\", \"entries\": {entries}, \"pages\": {pages}}}}}");
    let mut file = Vec::new();
    for content in [first.into_bytes(), last.into_bytes(), Vec::new()] {
        // The third is what we wrote of the second.
        let content = if content.is_empty() { std::mem::take(&mut file) } else { content };
        let pieces =
            content.chunks(50_000).map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)));
        let pieces: Vec<_> = pieces.collect();
        let done = import(&bench, "", Body::from_stream(futures::stream::iter(pieces))).await.expect(201);
        assert_eq!((&done["count"], &done["broken"]), (&json!(700), &json!(false)));
        let inbox = text(&done["inbox_id"]).to_owned();
        file = bench.get(&format!("/v1/requests/export?format=har&inbox_id={inbox}")).await.body.to_vec();
        let written: Value = serde_json::from_slice(&file).unwrap();
        let number = |entry: &Value| text(&entry["comment"]).parse::<usize>().unwrap();
        let mut back = written["log"]["entries"].as_array().unwrap().clone();
        back.sort_by_key(number);
        assert_eq!(json!(back), entries);
        let mut titled = written["log"]["pages"].as_array().unwrap().clone();
        titled.sort_by_key(|page| text(&page["id"]).to_owned());
        assert_eq!(json!(titled), pages);
    }
    bench.close().await;
}

#[tokio::test]
async fn a_file_is_written_while_it_comes_and_others_write_meanwhile() {
    let bench = Bench::open().await;
    let (mut sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let importing = import(&bench, "?inbox_name=Large", Body::from_stream(receiver));
    let feeding = async {
        // More than what its format is told by, and than is read at once.
        let piece: String = (0..10_000).map(line).collect();
        sender.send(Ok(Bytes::from(piece))).await.unwrap();
        let mut there = 0;
        while there == 0 {
            tokio::task::yield_now().await;
            there = lines(&bench).await.len();
        }
        bench.post("/v1/inboxes", &json!({"slug": "meanwhile"})).await.expect(201);
        sender.send(Ok(Bytes::from(line(10_000).trim_end().to_owned()))).await.unwrap();
        drop(sender);
    };
    let (done, ()) = futures::join!(importing, feeding);
    let done = done.expect(201);
    assert_eq!((&done["count"], &done["broken"]), (&json!(10_001), &json!(false)));
    assert_eq!(done["left_out_count"], 0);
    let all = lines(&bench).await;
    assert_eq!(all.len(), 10_001);
    for row in &all {
        let number = text(&row["path"]).trim_start_matches('/').to_owned();
        assert_eq!(text(&row["body"]), format!("body {number}"), "a request is whole");
    }
    bench.close().await;
}

#[tokio::test]
async fn a_sender_that_hangs_up_leaves_whole_requests() {
    let bench = Bench::open().await;
    let piece: String = (0..10_000).map(line).collect();
    let cut = piece.len() - 7;
    let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let pieces = vec![Ok(Bytes::copy_from_slice(&piece.as_bytes()[..cut])), Err(broken)];
    let refused = import(&bench, "", Body::from_stream(futures::stream::iter(pieces))).await.expect(422);
    assert!(text(&refused["errors"][0]["message"]).contains("broke off"), "{refused}");
    let all = lines(&bench).await;
    assert!(
        text(&refused["detail"]).contains(&format!("Before that {} requests were imported", all.len())),
        "{refused}"
    );
    for row in &all {
        assert_eq!(text(&row["body"]), format!("body {}", text(&row["path"]).trim_start_matches('/')));
    }
    bench.close().await;
}

#[tokio::test]
async fn a_test_is_signed_afresh_where_it_can_be_and_says_where_not() {
    let bench = Bench::open().await;
    let inbox = |slug: &str, scheme: &str| json!({"slug": slug, "scheme": scheme});
    for (slug, scheme) in [("plain", None), ("hub", Some("github")), ("own", Some("adyen"))] {
        let body = scheme.map_or_else(|| json!({"slug": slug}), |scheme| inbox(slug, scheme));
        let made = bench.post("/v1/inboxes", &body).await.expect(201);
        let command = "curl http://localhost/x -H 'X-Hub-Signature-256: sha256=00' -d '{\"a\":1}'";
        let to = format!("?inbox_id={}", text(&made["id"]));
        import(&bench, &to, Body::from(command)).await.expect(201);
        let listed = bench.get(&format!("/v1/requests?inbox_id={}", text(&made["id"]))).await.expect(200);
        let of = |tool: &str| format!("/v1/requests/{}/as/{tool}", text(&listed["data"][0]["id"]));
        for tool in ["test", "test-node", "test-sh"] {
            let code = bench.get(&of(tool)).await;
            let code = String::from_utf8(code.body.to_vec()).unwrap();
            let fresh = bench.get(&format!("{}?resign=fresh", of(tool))).await;
            if slug == "hub" {
                let fresh = String::from_utf8(fresh.body.to_vec()).unwrap();
                assert!(fresh.contains("It is signed afresh. WEBHOOK_SECRET is"), "{tool}: {fresh}");
                assert!(!fresh.contains("sha256=00"), "{tool}: the old signature stands in it");
                let exact = bench.get(&format!("{}?resign=exact&expect_status=418", of(tool))).await;
                let exact = String::from_utf8(exact.body.to_vec()).unwrap();
                assert!(exact.contains("sha256=00") && exact.contains("418"), "{tool}: {exact}");
                assert!(!exact.contains("WEBHOOK_SECRET"), "{tool}: {exact}");
            } else {
                let problem = fresh.expect(422);
                assert_eq!(problem["errors"][0]["field"], "resign", "{tool}: {problem}");
                assert!(!code.contains("It is signed afresh"), "{tool}: {code}");
            }
        }
        for (query, field) in [("resign=maybe", "resign"), ("expect_status=99", "expect_status")] {
            let problem = bench.get(&format!("{}?{query}", of("test"))).await.expect(422);
            assert_eq!(problem["errors"][0]["field"], field);
        }
    }
    bench.close().await;
}
