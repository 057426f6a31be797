use super::*;

const POST: &str = "POST";

struct Call {
    method: &'static str,
    query: Option<String>,
    headers: HeaderPairs,
    body: Vec<u8>,
    secrets: Vec<Secret>,
    verify_token: Option<&'static str>,
}

fn call(method: &'static str) -> Call {
    Call {
        method,
        query: None,
        headers: HeaderPairs::new(),
        body: Vec::new(),
        secrets: Vec::new(),
        verify_token: None,
    }
}

impl Call {
    fn query(self, query: impl Into<String>) -> Self {
        Self { query: Some(query.into()), ..self }
    }

    fn header(mut self, name: &str, value: impl Into<hookbench_model::HeaderValue>) -> Self {
        self.headers.push(name, value);
        self
    }

    fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    fn secret(self, secret: &str) -> Self {
        Self { secrets: vec![Secret::from(secret)], ..self }
    }

    fn asks(&self, kind: Handshake) -> Option<Answer> {
        let secrets: Vec<&Secret> = self.secrets.iter().collect();
        let verify_token = self.verify_token.map(Secret::from);
        let asked = Asked {
            method: self.method,
            query: self.query.as_deref(),
            headers: &self.headers,
            body: &self.body,
            secrets: &secrets,
            verify_token: verify_token.as_ref(),
        };
        let (answered, answer) = answer(&[kind], &asked)?;
        assert_eq!(answered, kind);
        Some(answer)
    }

    fn status(&self, kind: Handshake) -> Option<u16> {
        self.asks(kind).map(|answer| answer.status.as_u16())
    }
}

fn text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name).and_then(|value| value.to_str().ok())
}

#[test]
fn zoom_gets_its_token_and_the_tokens_hmac() {
    // Made with `printf qgg8vlvZRS6UYooatFL8Aw | openssl dgst -sha256 -hmac zoom-secret`.
    let body = r#"{"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"},"event_ts":1,"event":"endpoint.url_validation"}"#;
    let answer = call(POST).body(body).secret("zoom-secret").asks(Handshake::ZoomPlainToken).unwrap();
    let read: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(read["plainToken"], "qgg8vlvZRS6UYooatFL8Aw");
    assert_eq!(read["encryptedToken"], "b17f0320a1322a509340a1a835b3d9edbc491f0b0790ed2d20d0604d39dfe922");
    assert_eq!((answer.status.as_u16(), header(&answer, "content-type")), (200, Some("application/json")));

    let kind = Handshake::ZoomPlainToken;
    assert_eq!(call(POST).body(body).status(kind), Some(400), "no secret to make it with");
    let no_token = r#"{"event":"endpoint.url_validation","payload":{}}"#;
    assert_eq!(call(POST).body(no_token).secret("x").status(kind), Some(400));
    let other = r#"{"event":"meeting.started","payload":{"plainToken":"x"}}"#;
    assert_eq!(call(POST).body(other).secret("x").status(kind), None);
    assert_eq!(call("PUT").body(body).secret("x").status(kind), None);
    assert_eq!(call(POST).body("not json").secret("x").status(kind), None);
    let long =
        format!(r#"{{"event":"endpoint.url_validation","payload":{{"plainToken":"{}"}}}}"#, "a".repeat(1025));
    assert_eq!(call(POST).body(long).secret("x").status(kind), Some(400));
    let huge = format!(r#"{{"event":"endpoint.url_validation","x":"{}"}}"#, "a".repeat(LARGEST_BODY));
    assert_eq!(call(POST).body(huge).secret("x").status(kind), None, "an event, whatever it says");
}

#[test]
fn zoom_is_not_answered_with_the_signature_of_an_event() {
    let kind = Handshake::ZoomPlainToken;
    for content in [r#"v0:1732212345:{\"event\":\"meeting.started\"}"#, "v0:1732212345:", "{}", "a b"] {
        let body = format!(r#"{{"event":"endpoint.url_validation","payload":{{"plainToken":"{content}"}}}}"#);
        let answer = call(POST).body(body).secret("zoom-secret").asks(kind).unwrap();
        assert_eq!(answer.status.as_u16(), 400, "{content}");
        let said = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(!said.contains("encryptedToken"), "{said}");
    }
}

#[test]
fn slack_gets_its_challenge_as_text_or_as_json() {
    let body = r#"{"token":"t","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P","type":"url_verification"}"#;
    let kind = Handshake::SlackUrlVerification;
    let answer = call(POST).body(body).asks(kind).unwrap();
    assert_eq!(text(&answer), "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P");
    assert_eq!(header(&answer, "content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"));

    let answer = call(POST).body(body).header("Accept", "application/json").asks(kind).unwrap();
    let read: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(read["challenge"], "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P");

    assert_eq!(call(POST).body(r#"{"type":"url_verification"}"#).status(kind), Some(400));
    assert_eq!(call(POST).body(r#"{"type":"url_verification","challenge":7}"#).status(kind), Some(400));
    assert_eq!(call(POST).body(r#"{"type":"event_callback","challenge":"x"}"#).status(kind), None);
    let hostile = r#"{"type":"url_verification","challenge":"<script>alert(1)</script>\r\nX: y"}"#;
    let answer = call(POST).body(hostile).asks(kind).unwrap();
    assert_eq!(header(&answer, "content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.headers.len(), 2, "nothing of it has become a header");
}

#[test]
fn meta_gets_its_challenge_if_it_knows_the_token() {
    let kind = Handshake::MetaHubChallenge;
    let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meaty%20hamster";
    let asked = Call { verify_token: Some("meaty hamster"), ..call("GET").query(query) };
    assert_eq!(text(&asked.asks(kind).unwrap()), "1158201444");
    assert_eq!(call("GET").query(query).status(kind), Some(200), "no token is wanted");
    let wrong = Call { verify_token: Some("meaty hamsteR"), ..call("GET").query(query) };
    assert_eq!(wrong.status(kind), Some(403));
    assert!(!text(&wrong.asks(kind).unwrap()).contains("hamster"), "it does not tell what would be right");
    let none = call("GET").query("hub.mode=subscribe&hub.challenge=1");
    assert_eq!(Call { verify_token: Some("x"), ..none }.status(kind), Some(403));
    assert_eq!(call("GET").query("hub.mode=subscribe").status(kind), Some(400));
    assert_eq!(call("GET").query("hub.mode=unsubscribe&hub.challenge=1").status(kind), None);
    assert_eq!(call("GET").status(kind), None);
    assert_eq!(call(POST).query(query).status(kind), None);
}

#[test]
fn dropbox_gets_its_challenge_as_plain_text_and_nothing_else() {
    let kind = Handshake::DropboxChallenge;
    let answer = call("GET").query("challenge=%3Cb%3Ehi%3C%2Fb%3E%0D%0AX-A%3A%20b").asks(kind).unwrap();
    assert_eq!(text(&answer), "<b>hi</b>\r\nX-A: b");
    assert_eq!(header(&answer, "content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.headers.len(), 2);
    assert_eq!(call("GET").query("challenge=").status(kind), Some(400));
    let long = format!("challenge={}", "a".repeat(LONGEST + 1));
    assert_eq!(call("GET").query(long).status(kind), Some(400));
    assert_eq!(call("GET").query("other=1").status(kind), None);
    assert_eq!(call(POST).query("challenge=1").status(kind), None);
}

#[test]
fn okta_gets_its_header_back_as_json() {
    let kind = Handshake::OktaChallenge;
    let answer = call("GET").header("X-Okta-Verification-Challenge", "my\"verification").asks(kind).unwrap();
    let read: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(read, serde_json::json!({"verification": "my\"verification"}));
    assert_eq!(call("GET").status(kind), None);
    let bytes = bytes::Bytes::from_static(b"\xff");
    assert_eq!(call("GET").header("X-Okta-Verification-Challenge", bytes).status(kind), Some(400));
    assert_eq!(call(POST).header("X-Okta-Verification-Challenge", "x").status(kind), None);
}

#[test]
fn asana_gets_its_secret_back_and_an_inbox_without_one_keeps_it() {
    let kind = Handshake::AsanaHookSecret;
    let answer = call(POST).header("X-Hook-Secret", "b537207f20cbfa02357cf448134da559").asks(kind).unwrap();
    assert_eq!(header(&answer, "x-hook-secret"), Some("b537207f20cbfa02357cf448134da559"));
    assert_eq!(answer.secret.unwrap().expose(), b"b537207f20cbfa02357cf448134da559");
    let known = call(POST).header("X-Hook-Secret", "other").secret("mine").asks(kind).unwrap();
    assert!(known.secret.is_none(), "its own stays");
    assert_eq!(header(&known, "x-hook-secret"), Some("other"));
    for bad in [&b""[..], b"a b", b"\xff", &[b'a'; LONGEST + 1]] {
        let answer =
            call(POST).header("X-Hook-Secret", bytes::Bytes::copy_from_slice(bad)).asks(kind).unwrap();
        assert_eq!((answer.status.as_u16(), answer.secret.is_none()), (400, true), "{bad:?}");
    }
    assert_eq!(call(POST).status(kind), None);
    assert_eq!(call("GET").header("X-Hook-Secret", "x").status(kind), None);
}

#[test]
fn trello_gets_200_for_a_head_and_nothing_else() {
    assert_eq!(call("HEAD").status(Handshake::TrelloHead), Some(200));
    assert_eq!(call("GET").status(Handshake::TrelloHead), None);
    assert_eq!(call(POST).status(Handshake::TrelloHead), None);
}

#[test]
fn cloudevents_gets_what_is_allowed() {
    let kind = Handshake::CloudeventsOptions;
    let asked = call("OPTIONS").header("WebHook-Request-Origin", "eventemitter.example.com");
    let answer = asked.asks(kind).unwrap();
    assert_eq!(header(&answer, "webhook-allowed-origin"), Some("eventemitter.example.com"));
    assert_eq!(header(&answer, "webhook-allowed-rate"), Some("*"));
    let answer = asked.header("WebHook-Request-Rate", "120").asks(kind).unwrap();
    assert_eq!(header(&answer, "webhook-allowed-rate"), Some("120"));
    for rate in ["0", "-1", "many", ""] {
        let asked = call("OPTIONS").header("WebHook-Request-Origin", "a.example");
        let answer = asked.header("WebHook-Request-Rate", rate).asks(kind).unwrap();
        assert_eq!(header(&answer, "webhook-allowed-rate"), Some("*"), "{rate:?}");
    }
    for origin in ["", "a b", "<script>", &"a".repeat(254)] {
        let asked = call("OPTIONS").header("WebHook-Request-Origin", origin);
        assert_eq!(asked.status(kind), Some(400), "{origin:?}");
    }
    assert_eq!(call("OPTIONS").status(kind), None);
    assert_eq!(call(POST).header("WebHook-Request-Origin", "a.example").status(kind), None);
}

/// A question of the kind with this challenge.
fn asking(kind: Handshake, challenge: &[u8]) -> Call {
    let header = bytes::Bytes::copy_from_slice(challenge);
    let json = |before: &str, after: &str| [before.as_bytes(), challenge, after.as_bytes()].concat();
    let encoded: String = url::form_urlencoded::byte_serialize(challenge).collect();
    match kind {
        Handshake::ZoomPlainToken => {
            let before = r#"{"event":"endpoint.url_validation","payload":{"plainToken":""#;
            call(POST).body(json(before, r#""}}"#)).secret("x")
        }
        Handshake::SlackUrlVerification => {
            call(POST).body(json(r#"{"type":"url_verification","challenge":""#, r#""}"#))
        }
        Handshake::MetaHubChallenge => {
            call("GET").query(format!("hub.mode=subscribe&hub.challenge={encoded}"))
        }
        Handshake::DropboxChallenge => call("GET").query(format!("challenge={encoded}")),
        Handshake::OktaChallenge => call("GET").header("X-Okta-Verification-Challenge", header),
        Handshake::AsanaHookSecret => call(POST).header("X-Hook-Secret", header),
        Handshake::TrelloHead => call("HEAD"),
        Handshake::CloudeventsOptions => call("OPTIONS").header("WebHook-Request-Origin", header),
    }
}

#[test]
fn what_cannot_be_repeated_is_refused_alike_and_says_why() {
    for kind in [
        Handshake::ZoomPlainToken,
        Handshake::SlackUrlVerification,
        Handshake::MetaHubChallenge,
        Handshake::DropboxChallenge,
        Handshake::OktaChallenge,
        Handshake::AsanaHookSecret,
        Handshake::CloudeventsOptions,
    ] {
        let long = "a".repeat(200_000);
        for (challenge, why) in [
            (&b""[..], "is empty"),
            (b"\xff", "is not text"),
            (long.as_bytes(), "is 200000 bytes long, and no more than 1024 are repeated"),
        ] {
            let answer = asking(kind, challenge).asks(kind).unwrap();
            assert_eq!(answer.status.as_u16(), 400, "{kind:?} {why}");
            assert!(text(&answer).contains(why), "{kind:?} {why}: {}", text(&answer));
        }
        assert_eq!(asking(kind, b"good-example").status(kind), Some(200), "{kind:?}");
    }
}

#[test]
fn the_first_kind_that_fits_answers() {
    let asked = call("GET").query("challenge=1").header("X-Okta-Verification-Challenge", "2");
    let secrets = [];
    let asked = Asked {
        method: asked.method,
        query: asked.query.as_deref(),
        headers: &asked.headers,
        body: &asked.body,
        secrets: &secrets,
        verify_token: None,
    };
    let (kind, _) =
        answer(&[Handshake::TrelloHead, Handshake::OktaChallenge, Handshake::DropboxChallenge], &asked)
            .unwrap();
    assert_eq!(kind, Handshake::OktaChallenge);
    assert!(answer(&[], &asked).is_none());
}
