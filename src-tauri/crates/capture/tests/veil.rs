//! Secrets that arrive as they are: shown by nothing that lists, and not in the files; kept to the byte.

use crate::support::{House, NOW, verifying};
use hookbench_model::{
    CapturedRequest, DeliveryId, HeaderPairs, InFlightEntry, Inbox, PageRequest, RequestFilter, Shown, VEIL,
    is_veiled,
};

const TOKEN: &str = "tk-of-the-senders-own";

async fn listed(house: &House) -> Vec<CapturedRequest> {
    house.store.requests().list(&RequestFilter::default(), PageRequest::first(10)).await.unwrap().rows
}

/// Ends the house, and says whether any file of its folder holds the text.
async fn is_in_the_files(house: &House, text: &str) -> bool {
    let folder = house.store.folder().to_owned();
    house.store.shutdown().await;
    let mut files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()));
    files.any(|bytes| bytes.unwrap().windows(text.len()).any(|window| window == text.as_bytes()))
}

fn values(headers: &HeaderPairs) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name, value.as_str().unwrap())).collect()
}

#[tokio::test]
async fn a_token_that_arrives_is_kept_and_not_shown() {
    let house = House::open().await;
    let bearer = Inbox { scheme: Some("bearer".to_owned()), ..verifying("guarded", "generic", Some(TOKEN)) };
    house.add(bearer).await;
    let head =
        format!("Host: x\r\nauthorization: Bearer {TOKEN}\r\nX-Copy: {TOKEN}\r\nContent-Length: 2\r\n");
    house.send(format!("POST /guarded/a?t={TOKEN}&b=1 HTTP/1.1\r\n{head}\r\n{{}}")).await;

    let shown = &listed(&house).await[0];
    let veiled = [
        ("Host", "x"),
        ("authorization", "Bearer (the secret)"),
        ("X-Copy", "(the secret)"),
        ("Content-Length", "2"),
    ];
    assert_eq!(values(&shown.headers), veiled);
    assert_eq!(shown.query.as_deref(), Some("t=(the secret)&b=1"));
    assert!(!format!("{shown:?}").contains(TOKEN));
    assert_eq!(shown.verification.status.as_str(), "valid");

    let (kept, _) = house.only().await;
    assert_eq!(kept.headers.get_str("authorization"), Some(&*format!("Bearer {TOKEN}")));
    assert_eq!(kept.headers.get_str("x-copy"), Some(TOKEN));
    assert_eq!(kept.query.as_deref(), Some(&*format!("t={TOKEN}&b=1")));
    assert_eq!(values(&kept.veiled().headers), veiled);

    let search = RequestFilter { q: Some(TOKEN.to_owned()), ..RequestFilter::default() };
    assert_eq!(house.store.requests().count(&search).await.unwrap(), 0, "nor is it found by searching");
    assert!(!is_in_the_files(&house, TOKEN).await);
}

#[tokio::test]
async fn basic_credentials_and_those_that_hold_no_more_are_not_shown_either() {
    let house = House::open().await;
    let mut basic =
        Inbox { scheme: Some("basic".to_owned()), ..verifying("guarded", "generic", Some("u:pass")) };
    basic.secrets[0].expires_at = Some(NOW.plus_ms(-1));
    house.add(basic).await;
    house
        .send(
            "POST /guarded HTTP/1.1\r\nHost: x\r\nAuthorization: Basic dTpwYXNz\r\nContent-Length: 0\r\n\r\n",
        )
        .await;
    let shown = &listed(&house).await[0];
    assert_eq!(shown.headers.get_str("authorization"), Some("Basic (the secret)"));
    assert!(!is_in_the_files(&house, "dTpwYXNz").await);
}

#[tokio::test]
async fn a_secret_that_comes_with_a_handshake_is_not_shown() {
    let house = House::open().await;
    house.add(verifying("asana", "asana", None)).await;
    let head = format!("Host: x\r\nX-Hook-Secret: {TOKEN}\r\nContent-Length: 0\r\n");
    let answer = house.send(format!("POST /asana HTTP/1.1\r\n{head}\r\n")).await;
    assert_eq!(answer.header("x-hook-secret"), Some(TOKEN));
    let is_hidden = |request: &CapturedRequest| is_veiled(request.headers.get("x-hook-secret").unwrap());
    assert!(is_hidden(&listed(&house).await[0]));
    assert_eq!(house.only().await.0.headers.get_str("x-hook-secret"), Some(TOKEN));
    // Nor where the scheme alone tells whose handshake it is.
    let by_scheme =
        Inbox { provider: None, scheme: Some("asana".to_owned()), ..verifying("plain", "asana", None) };
    house.add(by_scheme).await;
    house.send(format!("POST /plain HTTP/1.1\r\n{head}\r\n")).await;
    assert!(listed(&house).await.iter().all(is_hidden));
    // An empty value is none.
    house.send("POST /asana HTTP/1.1\r\nHost: x\r\nX-Hook-Secret:\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(listed(&house).await[0].headers.get_str("x-hook-secret"), Some(""));
    assert!(!is_in_the_files(&house, TOKEN).await);
}

#[tokio::test]
async fn a_secret_that_is_sent_where_a_signature_belongs_is_not_shown() {
    let house = House::open().await;
    house.add(verifying("github", "github", Some(TOKEN))).await;
    for value in [TOKEN.to_owned(), format!("sha256={TOKEN}")] {
        let head = format!("Host: x\r\nX-Hub-Signature-256: {value}\r\nContent-Length: 2\r\n");
        house.send(format!("POST /github?a=1 HTTP/1.1\r\n{head}\r\n{{}}")).await;
    }
    for shown in listed(&house).await {
        assert_eq!(shown.headers.get_str("x-hub-signature-256"), Some("(the secret)"));
        assert_eq!(shown.query.as_deref(), Some("a=1"));
        let kept = house.store.requests().get(shown.id).await.unwrap().unwrap();
        assert!(kept.headers.get_str("x-hub-signature-256").unwrap().ends_with(TOKEN));
    }
    assert!(!is_in_the_files(&house, TOKEN).await);
}

#[tokio::test]
async fn a_verify_token_is_not_shown() {
    let house = House::open().await;
    house.add(Inbox { verify_token: Some(TOKEN.into()), ..verifying("meta", "meta", None) }).await;
    let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
    let answer = house.send(format!("GET /meta?{query}{TOKEN} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "1158201444"));
    assert_eq!(listed(&house).await[0].query.as_deref(), Some(&*format!("{query}(the secret)")));
    assert!(!is_in_the_files(&house, TOKEN).await);
}

#[tokio::test]
async fn a_token_in_a_url_that_is_signed_is_not_shown_in_what_is_signed() {
    let house = House::open().await;
    house
        .add(Inbox { verify_token: Some(TOKEN.into()), ..verifying("sms", "twilio", Some("of-twilio")) })
        .await;
    let head = "Host: x\r\nX-Twilio-Signature: AAAA\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    house.send(format!("POST /sms?t={TOKEN} HTTP/1.1\r\n{head}Content-Length: 3\r\n\r\na=b")).await;
    let kept = house.only().await.0;
    let content = |request: &CapturedRequest| request.verification.signed_content.clone().unwrap();
    assert_eq!(content(&kept), format!("http://x/sms?t={TOKEN}ab"));
    assert_eq!(content(&kept.veiled()), "http://x/sms?t=(the secret)ab");
    assert!(!is_in_the_files(&house, TOKEN).await);
}

#[tokio::test]
async fn what_holds_no_secret_is_shown_as_it_is() {
    let house = House::open().await;
    let bearer = Inbox { scheme: Some("bearer".to_owned()), ..verifying("guarded", "generic", Some(TOKEN)) };
    house.add(bearer).await;
    house.send("POST /guarded?a=1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer other\r\nContent-Length: 0\r\n\r\n").await;
    let shown = &listed(&house).await[0];
    assert_eq!((&shown.shown, shown.headers.get_str("authorization")), (&None, Some("Bearer other")));
}

/// An attempt that is under way to the plain inbox `in`, with an endpoint's key, somebody's cookie and a token of
/// another inbox in its query; its record hides them.
fn under_way(house: &House) {
    let headers = HeaderPairs::from_iter([("X-Key", "k7"), ("X-Team", "blue"), ("Cookie", TOKEN)]);
    let shown = Shown {
        headers: HeaderPairs::from_iter([("X-Key", VEIL), ("X-Team", "blue"), ("Cookie", VEIL)]),
        query: Some(format!("a=1&t={VEIL}")),
    };
    let entry = InFlightEntry { delivery: DeliveryId::new(NOW), attempt: 1, headers, shown, relay: None };
    house.ledger.sent("POST", "/in?a=1&t=QUERY-tk-of-another", b"{}", entry);
}

#[tokio::test]
async fn what_was_hidden_when_it_was_sent_from_here_is_hidden_where_it_arrives() {
    let house = House::open().await;
    under_way(&house);
    let head = format!("Host: x\r\nX-Key: k7\r\nX-Team: blue\r\nCookie: {TOKEN}\r\nContent-Length: 2\r\n");
    let target = "/in?a=1&t=QUERY-tk-of-another";
    house.send(format!("POST {target} HTTP/1.1\r\n{head}X-Copy: {TOKEN}\r\n\r\n{{}}")).await;
    let shown = &listed(&house).await[0];
    let veiled = [
        ("Host", "x"),
        ("X-Key", VEIL),
        ("X-Team", "blue"),
        ("Cookie", VEIL),
        ("Content-Length", "2"),
        ("X-Copy", VEIL),
    ];
    assert_eq!(values(&shown.headers), veiled);
    assert_eq!(shown.query.as_deref(), Some("a=1&t=(the secret)"));
    let (kept, _) = house.only().await;
    assert_eq!(kept.headers.get_str("cookie"), Some(TOKEN));
    assert_eq!(kept.query.as_deref(), Some("a=1&t=QUERY-tk-of-another"));
    for secret in [TOKEN, "QUERY-tk-of-another"] {
        let search = RequestFilter { q: Some(secret.to_owned()), ..RequestFilter::default() };
        assert_eq!(house.store.requests().count(&search).await.unwrap(), 0);
    }
    let folder = house.store.folder().to_owned();
    assert!(!is_in_the_files(&house, TOKEN).await);
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(19).any(|window| window == b"QUERY-tk-of-another"));
    }
}

#[tokio::test]
async fn what_an_inbox_hides_itself_stays_hidden_in_what_was_sent_from_here() {
    let house = House::open().await;
    let bearer = Inbox { scheme: Some("bearer".to_owned()), ..verifying("guarded", "generic", Some(TOKEN)) };
    house.add(bearer).await;
    let headers = HeaderPairs::from_iter([("X-Key", "k7")]);
    let shown = Shown { headers: HeaderPairs::from_iter([("X-Key", VEIL)]), query: None };
    let entry = InFlightEntry { delivery: DeliveryId::new(NOW), attempt: 1, headers, shown, relay: None };
    house.ledger.sent("POST", "/guarded", b"{}", entry);
    let head = format!("Host: x\r\nX-Key: k7\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 2\r\n");
    house.send(format!("POST /guarded HTTP/1.1\r\n{head}\r\n{{}}")).await;
    let shown = &listed(&house).await[0];
    assert_eq!(shown.headers.get_str("x-key"), Some(VEIL));
    assert_eq!(shown.headers.get_str("authorization"), Some("Bearer (the secret)"));
}
