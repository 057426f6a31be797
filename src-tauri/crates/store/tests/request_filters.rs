//! The filter's language over a store: what SQL finds is what the language says of each request.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and what they share")]

mod support;

use bytes::Bytes;
use hookbench_model::query::{Query, Searched};
use hookbench_model::{
    CapturedRequest, Colour, DeliveryId, Inbox, Page, PageRequest, RequestEdit, RequestFault, RequestFilter,
    RequestId, VerificationStatus,
};
use hookbench_store::Store;
use support::*;

/// Every filter that differs in how it is asked.
const FILTERS: [&str; 139] = [
    "",
    "method:POST",
    "method:GET",
    "method:PUT,GET",
    "method:P*",
    "method:\"get\"",
    "-method:POST",
    "path:/a/*",
    "path:/a/1",
    "path:~/1",
    "path:\"/a/*\"",
    "path:*[*",
    "-path:/a/*",
    "query:a=1",
    "-query:a=1",
    "query:~x",
    "url:/1?a",
    "url:1?a=1",
    "-url:a=1",
    "status:200",
    "status:5xx",
    "status:503",
    "status:>=400",
    "status:404,503",
    "status:100..299",
    "status:>300",
    "status:<300",
    "-status:2xx",
    "type:message.sent",
    "type:message.*",
    "type:mess*",
    "type:*.sent",
    "type:message.sent,user.*",
    "type:nothing.*",
    "type:*",
    "-type:message.*",
    "type:~e.s",
    "id:evt_3",
    "id:evt_*",
    "id:nothing",
    "-id:evt_3",
    "inbox:first",
    "inbox:second",
    "inbox:first,second",
    "inbox:f*",
    "inbox:none",
    "inbox:~eco",
    "-inbox:first",
    "valid",
    "-valid",
    "valid,x or invalid",
    "is:invalid,unsigned",
    "not_checked",
    "is:pinned",
    "-is:pinned",
    "is:fault",
    "-is:fault",
    "is:handshake",
    "-is:handshake",
    "is:ours",
    "-is:ours",
    "is:noted",
    "-is:noted",
    "is:tagged",
    "-is:tagged",
    "tag:red",
    "tag:\"a b\",red",
    "tag:r*",
    "-tag:red",
    "tag:~\"\\\"\"",
    "note:ask",
    "-note:ask",
    "colour:red",
    "colour:red,blue",
    "colour:*",
    "-colour:*",
    "header:x-raw",
    "header:x-turn",
    "-header:x-turn",
    "header:x-turn=Odd",
    "header:x-turn=odd",
    "-header:x-turn=Odd",
    "header:x-turn~dd",
    "header:x-turn=*d*",
    "header:host~\"localhost\nX\"",
    "header:raw",
    "body:\"text\"",
    "-body:\"number\\\":1\"",
    "\"100% _off_\"",
    "-\"number\\\":1\"",
    "order?",
    "json:number=7",
    "json:number>40",
    "-json:number>40",
    "json:number>=10 json:number<12",
    "json:list[1]=b",
    "json:list[*].x=1",
    "json:text~off",
    "json:*.x",
    "json:escaped=1",
    "size:>40",
    "-size:>40",
    "content:JSON",
    "-content:json",
    "version:1.1",
    "from:127.0.0.1",
    "from:~127.0.0.1",
    "-from:127.0.0.0/8",
    "from:127.0.0.0/31,10.0.0.0/8",
    "from:0.0.0.0/0",
    "from:::1",
    "from:fd00::/8",
    "from:10.1. or from:proxy",
    "from:127.0.0.0/8 text",
    "packed",
    "-packed",
    "body:packed",
    "-body:\"packed in it\"",
    "json:packed=yes",
    "json:packed~es -json:number",
    "body:damaged",
    "header:X-TURN",
    "header:X-Turn=odder",
    "x-TURN",
    "-x-TURN",
    "\"x-turn: Odd\"",
    "\"X-TURN: odd\"",
    "ODD",
    "_o",
    "nu",
    "-nu",
    "path:~/1",
    "method:PUT or status:503",
    "method:PUT or method:PUT",
    "(method:PUT status:503) or is:pinned or inbox:second",
    "(method:GET or tag:red) text",
    "(method:GET number) or status:404",
    "(method:GET header:x-turn=Odd) or tag:red or type:user.*",
    "method:PUT or size:>50",
];

async fn filled(store: &Store) -> Vec<Inbox> {
    let inboxes = [
        store.inboxes().create(inbox("first")).await.unwrap(),
        store.inboxes().create(inbox("second")).await.unwrap(),
    ];
    for number in 0..120_usize {
        let at = NOW.plus_ms(i64::try_from(number / 10).unwrap());
        let body = match number % 6 {
            0 => format!("{{\"number\":{number},\"text\":\"100% _off_ 'x' \\\\\"}}"),
            1 => format!("{{\"list\":[\"a\",\"b\",{{\"x\":{}}}]}}", number % 4),
            2 => format!("{{\"esc\\u0061ped\":1,\"number\":\"{number}\"}}"),
            3 => "number=1&text=order?".to_owned(),
            4 => format!("{{\"number\":{number},"),
            _ => String::new(),
        };
        let (body, coding) = match number % 12 {
            5 => {
                (zstd::bulk::compress(b"{\"packed\":\"yes\",\"what\":\"packed in it\"}", 3).unwrap(), "zstd")
            }
            11 if number % 24 == 11 => (b"damaged from its beginning".to_vec(), "gzip"),
            _ => (body.into_bytes(), ""),
        };
        let mut given = request(at, &inboxes[usize::from(number % 4 == 0)], &body);
        if !coding.is_empty() {
            // Half of them do not say it, and begin so.
            let name = if number % 24 == 5 { "content-Encoding" } else { "X-Other" };
            given.headers.push(if coding == "gzip" { "Content-Encoding" } else { name }, coding);
        }
        given.method = String::from(["POST", "GET", "POST", "get", "PUT"][number % 5]);
        given.verification.status = VerificationStatus::ALL[number % 5];
        given.event_type = [Some("message.sent"), Some("message.failed"), Some("user.made"), None]
            [number % 4]
            .map(str::to_owned);
        given.provider_event_id = (number % 3 > 0).then(|| format!("evt_{}", number % 9));
        given.path = format!("/{}/{}", ["a", "[b", "A"][number % 3], number % 8);
        given.query = [None, Some("a=1"), Some("a=2&b=~x")][number % 3].map(str::to_owned);
        given.response_status = [200, 200, 404, 200, 503, 204][number % 6];
        if number % 13 == 5 {
            given.response_status = CapturedRequest::UNANSWERED;
        }
        given.content_type =
            [Some("Application/JSON"), None, Some("text/plain")][number % 3].map(str::to_owned);
        given.http_version = String::from(["HTTP/1.1", "HTTP/1.0", "HTTP/2.0"][number % 3]);
        let from = [
            "127.0.0.0:5",
            "127.0.0.1:5",
            "[::ffff:127.0.0.1]:5",
            "127.0.0.10:5",
            "[::1]:5",
            "10.1.2.3",
            "proxy",
        ];
        from[number % from.len()].clone_into(&mut given.remote_addr);
        if number % 2 == 1 {
            given
                .headers
                .extend([("X-Turn", "Odd"), ("x-turn", if number % 4 == 1 { "first" } else { "odder" })]);
        }
        given.pinned = number % 7 == 0;
        given.handshake = (number % 11 == 0).then(|| "challenge".to_owned());
        given.delivery = (number % 13 == 0).then(|| (DeliveryId::new(at), 1));
        given.note = if number % 17 == 0 { "ask Ada".to_owned() } else { String::new() };
        given.tags =
            [&["red", "a b"][..], &[], &["x\"y"], &[]][number % 4].iter().map(ToString::to_string).collect();
        let (id, colour) = (given.id, [None, Some(Colour::Red), None, Some(Colour::Blue)][number % 4]);
        given.fault = (number % 10 == 3).then(|| RequestFault {
            code: "body_broken_off".to_owned(),
            message: "It broke off.".to_owned(),
            at: None,
            told: true,
        });
        store.requests().capture(given, Bytes::from(body)).await.unwrap();
        store
            .requests()
            .edit(id, RequestEdit { colour: Some(colour), ..RequestEdit::default() })
            .await
            .unwrap();
    }
    inboxes.into()
}

fn of(text: &str) -> RequestFilter {
    RequestFilter { query: Some(Query::read(text, NOW).unwrap()), ..RequestFilter::default() }
}

async fn ids(store: &Store, filter: &RequestFilter, limit: u32) -> Vec<RequestId> {
    let (mut ids, mut page) = (Vec::new(), PageRequest::first(limit));
    loop {
        let Page { rows, next } = store.requests().list(filter, page).await.unwrap();
        assert!(rows.len() <= limit as usize);
        ids.extend(rows.iter().map(|row| row.id));
        let Some(next) = next else { return ids };
        page.before = Some(next);
    }
}

/// What the language itself says.
async fn wanted(store: &Store, filter: &RequestFilter, inboxes: &[Inbox]) -> Vec<RequestId> {
    let query = filter.query.as_ref().unwrap();
    let rows = store.requests().list(&RequestFilter::default(), PageRequest::first(500)).await.unwrap().rows;
    let mut wanted = Vec::new();
    for row in rows {
        let body = store.requests().body(row.id).await.unwrap().unwrap();
        let coding = row.headers.get_str("content-encoding").unwrap_or_default();
        let says = hookbench_signing::unpacked(&body, coding, 1 << 20).bytes;
        if query.root().holds(&searched(&row, &says, inboxes)) {
            wanted.push(row.id);
        }
    }
    wanted
}

fn searched<'r>(row: &'r CapturedRequest, body: &'r [u8], inboxes: &'r [Inbox]) -> Searched<'r> {
    Searched {
        id: row.id,
        delivery_id: row.delivery.map(|_| "dlv_"),
        inbox: inboxes.iter().find(|inbox| inbox.id == row.inbox_id).unwrap().slug.as_str(),
        method: &row.method,
        path: &row.path,
        query: row.query.as_deref(),
        http_version: &row.http_version,
        headers: &row.headers,
        content_type: row.content_type.as_deref(),
        body_size: row.body_size,
        remote_addr: &row.remote_addr,
        event_type: row.event_type.as_deref(),
        provider_event_id: row.provider_event_id.as_deref(),
        verification: row.verification.status,
        response_status: row.response_status,
        is_handshake: row.handshake.is_some(),
        is_fault: row.fault.is_some(),
        is_drifted: false,
        is_pinned: row.pinned,
        note: &row.note,
        tags: &row.tags,
        colour: row.colour,
        body,
    }
}

#[tokio::test]
async fn what_is_found_is_what_the_language_says() {
    let (_folder, store) = store().await;
    let inboxes = filled(&store).await;
    finds_what_the_language_says(&store, &inboxes).await;
    // The same once the index of texts has some of it, and all.
    store.requests().fill_text().await.unwrap();
    assert!(store.requests().text_behind().await.unwrap() > 0);
    finds_what_the_language_says(&store, &inboxes).await;
    while store.requests().fill_text().await.unwrap().requests > 0 {}
    finds_what_the_language_says(&store, &inboxes).await;
}

async fn finds_what_the_language_says(store: &Store, inboxes: &[Inbox]) {
    let mut found_something = 0;
    for text in FILTERS {
        for text in [
            text.to_owned(),
            format!("({text}) is:pinned"),
            format!("{text} or status:404"),
            format!("-({text} size:>5)"),
        ] {
            // Nothing in parentheses is no filter.
            let Ok(query) = Query::read(&text, NOW) else { continue };
            let filter = RequestFilter { query: Some(query), ..RequestFilter::default() };
            let wanted = wanted(store, &filter, inboxes).await;
            assert_eq!(ids(store, &filter, 7).await, wanted, "{text}");
            assert_eq!(store.requests().count(&filter).await.unwrap(), wanted.len() as u64, "{text}");
            found_something += usize::from(!wanted.is_empty() && wanted.len() < 120);
        }
    }
    assert!(found_something > 300, "most of them tell requests apart: {found_something}");
}

#[tokio::test]
async fn alternatives_of_which_nothing_is_known_match_nothing() {
    let (_folder, store) = store().await;
    for text in ["id:a or id:b", "status:404 or (status:503 or status:505)"] {
        assert_eq!(store.requests().count(&of(text)).await.unwrap(), 0, "{text}");
        assert!(ids(&store, &of(text), 9).await.is_empty(), "{text}");
    }
}

#[tokio::test]
async fn times_and_ids_narrow_what_is_read() {
    let (_folder, store) = store().await;
    let inboxes = filled(&store).await;
    let at = |ms: i64| NOW.plus_ms(ms).to_rfc3339();
    for text in [
        format!("since:{}", at(3)),
        format!("until:{}", at(3)),
        format!("since:{} until:{}", at(3), at(5)),
        format!("-since:{}", at(3)),
        format!("until:{} or since:{}", at(1), at(9)),
        format!("since:{} json:number>1", at(2)),
    ] {
        let filter = of(&text);
        let wanted = wanted(&store, &filter, &inboxes).await;
        assert!(!wanted.is_empty() && wanted.len() < 120, "{text}");
        assert_eq!(ids(&store, &filter, 9).await, wanted, "{text}");
    }
    let all = ids(&store, &RequestFilter::default(), 500).await;
    for text in [all[7].to_string(), format!("id:{}", all[7]), format!("-id:{0} {0} or {0}", all[7])] {
        assert_eq!(ids(&store, &of(&text), 9).await, [all[7]], "{text}");
    }
}

#[tokio::test]
async fn the_language_goes_with_the_other_conditions() {
    let (_folder, store) = store().await;
    let inboxes = filled(&store).await;
    let both = RequestFilter {
        inbox_id: Some(inboxes[0].id),
        method: Some("GET".to_owned()),
        ..of("json:list[1]=b")
    };
    let same = of("json:list[1]=b inbox:first method:GET");
    let found = ids(&store, &both, 5).await;
    assert!(!found.is_empty());
    assert_eq!(found, ids(&store, &same, 5).await);
    let all = ids(&store, &of("json:list[1]=b"), 500).await.len() as u64;
    let deleted = store.requests().delete_matching(&of("json:list[1]=b")).await.unwrap();
    let pinned = ids(&store, &of("json:list[1]=b"), 5).await.len() as u64;
    assert!(deleted > 0 && pinned > 0, "pinned ones stay");
    assert_eq!(deleted + pinned, all);
    assert_eq!(
        ids(&store, &RequestFilter::default(), 500).await.len() as u64,
        120 - deleted,
        "and all others"
    );
}

#[tokio::test]
async fn what_is_hidden_of_a_request_is_not_found_by_the_language_either() {
    let (_folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    let mut given = request(NOW, &inbox, b"{}");
    given.shown = Some(hookbench_model::Shown {
        headers: given.headers.clone(),
        query: Some("token=(the secret)".to_owned()),
    });
    given.query = Some("token=hunter22".to_owned());
    given.headers.extend([("X-Token", "hunter22")]);
    store.requests().capture(given, Bytes::from_static(b"{}")).await.unwrap();
    for text in [
        "hunter22",
        "query:hunter22",
        "header:x-token",
        "header:x-token=hunter22",
        "header:x-token=h* json:*",
    ] {
        assert!(ids(&store, &of(text), 5).await.is_empty(), "{text}");
    }
    assert_eq!(ids(&store, &of("query:\"(the secret)\""), 5).await.len(), 1);
}

#[tokio::test]
async fn numbers_are_found_to_their_last_digit_and_in_whole_json_alone() {
    const BODIES: [&str; 10] = [
        "{\"id\":9007199254740992}",
        "{\"id\":9007199254740993}",
        "{\"id\":1234567890123456788}",
        "{\"id\":1234567890123456789}",
        "{\"id\":12345678901234567890123}",
        "{\"id\":12345678901234567890124}",
        "{\"id\":4711} trail",
        "{\"id\":4711,}",
        "{\"id\":4711",
        "{\"id\":4.711e3}",
    ];
    let (_folder, store) = store().await;
    let inbox = store.inboxes().create(inbox("first")).await.unwrap();
    let mut known = Vec::new();
    for (number, body) in (0_i64..).zip(BODIES) {
        let given = request(NOW.plus_ms(number), &inbox, body.as_bytes());
        known.push(given.id);
        store.requests().capture(given, Bytes::from_static(body.as_bytes())).await.unwrap();
    }
    for is_filled in [false, true] {
        while is_filled && store.requests().fill_text().await.unwrap().requests > 0 {}
        for (text, wanted) in [
            ("json:id=9007199254740992", &[0_usize][..]),
            ("json:id=9007199254740993", &[1]),
            ("json:id=9007199254740993.0", &[1]),
            ("json:id=1234567890123456788", &[2]),
            ("json:id>1234567890123456788 json:id<12345678901234567890123", &[3]),
            ("json:id>=1234567890123456790", &[4, 5]),
            ("json:id=12345678901234567890123", &[4]),
            ("json:id=4711", &[9]),
            ("-json:id", &[6, 7, 8]),
            ("body:4711 -json:id=4711", &[6, 7, 8]),
        ] {
            let wanted: Vec<RequestId> = wanted.iter().rev().map(|at| known[*at]).collect();
            assert_eq!(ids(&store, &of(text), 2).await, wanted, "{text}, {is_filled}");
        }
    }
}
