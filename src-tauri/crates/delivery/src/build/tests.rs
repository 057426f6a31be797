use std::time::Duration;

use hookbench_model::{EventId, EventRequest, ProviderId, Shown, StoredSecret};
use hookbench_providers::Catalog;
use hookbench_signing::{Received, Secret, VerificationStatus, verify};

use super::*;

const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

fn profile(id: &str) -> &'static Profile {
    Catalog::builtin().get(&id.parse().unwrap()).unwrap()
}

fn event(provider: &str, request: EventRequest, payload: &[u8]) -> Event {
    Event {
        id: EventId::new(NOW),
        provider_event_id: "msg_1".to_owned(),
        provider: provider.parse::<ProviderId>().unwrap(),
        event_type: "message.sent".to_owned(),
        content_type: "application/json".to_owned(),
        request,
        payload: Bytes::copy_from_slice(payload),
        created_at: NOW,
    }
}

fn endpoint(provider: &str, url: &str, secrets: &[&str]) -> Endpoint {
    let stored =
        |text: &&str| StoredSecret { secret: Secret::from(*text), created_at: NOW, expires_at: None };
    Endpoint {
        secrets: secrets.iter().map(stored).collect(),
        ..Endpoint::new(EndpointId::new(NOW), "Handler", url.parse().unwrap(), provider.parse().unwrap())
    }
}

fn made(
    event: &Event,
    target: &DeliveryTarget,
    endpoint: Option<&Endpoint>,
) -> Result<BuiltRequest, BuildError> {
    let provider = endpoint.map_or(&event.provider, |endpoint| &endpoint.provider);
    let profile = profile(provider.as_str());
    build(&BuildInput { event, target, endpoint, profile, scheme: None, signer: None, attempt: 1, now: NOW })
}

fn built(event: &Event, endpoint: &Endpoint) -> Result<BuiltRequest, BuildError> {
    made(event, &DeliveryTarget::Endpoint(endpoint.id), Some(endpoint))
}

fn to_url(event: &Event, url: &str) -> Result<BuiltRequest, BuildError> {
    made(event, &DeliveryTarget::Url(url.parse().unwrap()), None)
}

fn names(request: &BuiltRequest) -> Vec<String> {
    request.headers().iter().map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn a_signed_request_carries_every_layer_in_its_order() {
    let mut endpoint = endpoint("politicalcomms", "https://example.org/hook", &["secret-of-the-endpoint"]);
    endpoint.headers.push("x-team", "blue");
    let event = event("politicalcomms", EventRequest::default(), b"{\"a\":1}");
    let request = built(&event, &endpoint).unwrap();
    let headers = request.headers();
    assert_eq!(
        names(&request),
        [
            "Host",
            "User-Agent",
            "Accept",
            "Content-Type",
            "X-Event-Type",
            "X-Event-Id",
            "X-Timestamp",
            "X-Team",
            "X-Webhook-Signature",
            "Content-Length"
        ]
    );
    assert_eq!(headers.get_str("host"), Some("example.org"));
    assert_eq!(headers.get_str("user-agent"), Some(USER_AGENT_VALUE));
    assert_eq!(headers.get_str("x-event-id"), Some("msg_1"));
    assert_eq!(headers.get_str("x-timestamp"), Some("1763699700"));
    assert_eq!(headers.get_str("content-length"), Some("7"));
    assert_eq!(request.method(), "POST");
    assert_eq!(request.signed_content(), Some(&b"{\"a\":1}"[..]));
}

#[test]
fn what_each_profile_sends_verifies_by_its_own_scheme() {
    for profile in Catalog::builtin().iter() {
        let id = profile.id().as_str();
        let secret = profile.generate_secret(&mut rand::rng());
        let endpoint = endpoint(id, "http://127.0.0.1:4800/hook?a=1", &[secret.expose_text().unwrap()]);
        let event_type = profile.events().next().map_or("message.sent", |event| event.event_type());
        let composed = profile.example(event_type).unwrap();
        let carried =
            EventRequest { method: composed.method, query: composed.query, ..EventRequest::default() };
        let event = event(id, carried, &composed.payload);
        let request = built(&event, &endpoint).unwrap();
        let headers = request.headers();
        let pairs: Vec<_> = headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
        let verdict = verify(
            profile.scheme(),
            &[&secret],
            &Received {
                method: request.method(),
                url: request.url().as_str(),
                headers: &pairs,
                body: request.body(),
            },
            NOW.unix_ms(),
        );
        assert_eq!(verdict.status, VerificationStatus::Valid, "{id}: {}", verdict.message);
        assert!(request.signed_content().is_some(), "{id}");
    }
}

#[test]
fn an_expired_secret_signs_no_more_and_a_held_one_does() {
    let mut endpoint = endpoint("generic", "http://h/", &["whsec_AAECAwQFBgc=", "whsec_CAkKCwwNDg8="]);
    let event = event("generic", EventRequest::default(), b"{}");
    let signatures = |endpoint: &Endpoint| {
        let headers = built(&event, endpoint).unwrap().headers();
        headers.get_str("webhook-signature").unwrap().split(' ').count()
    };
    assert_eq!(signatures(&endpoint), 2);
    endpoint.secrets[1].expires_at = Some(NOW);
    assert_eq!(signatures(&endpoint), 1);
    endpoint.secrets[1].expires_at = Some(NOW.plus(Duration::from_millis(1)));
    assert_eq!(signatures(&endpoint), 2);
}

#[test]
fn exact_sends_the_recorded_headers_and_adds_nothing_but_the_framing() {
    let headers: HeaderPairs = [
        ("host", "old.example"),
        ("Connection", "keep-alive"),
        ("X-Webhook-Signature", "sha256=old"),
        ("Accept", "text/plain"),
        ("x-dup", "1"),
        ("content-length", "999"),
        ("X-Dup", "2"),
        ("Transfer-Encoding", "chunked"),
    ]
    .into_iter()
    .collect();
    let recorded =
        EventRequest { method: "PUT".to_owned(), headers, sign: SignMode::Exact, ..EventRequest::default() };
    let mut endpoint = endpoint("politicalcomms", "http://127.0.0.1:9000/", &["a secret"]);
    endpoint.headers.push("X-Team", "blue");
    let request = built(&event("politicalcomms", recorded, b"abc"), &endpoint).unwrap();
    let headers = request.headers();
    let shown: Vec<_> = headers.iter().map(|(name, value)| (name, value.as_str().unwrap())).collect();
    assert_eq!(
        shown,
        [
            ("host", "127.0.0.1:9000"),
            ("X-Webhook-Signature", "sha256=old"),
            ("Accept", "text/plain"),
            ("x-dup", "1"),
            ("content-length", "3"),
            ("X-Dup", "2"),
        ]
    );
    assert_eq!(request.method(), "PUT");
    assert_eq!(request.signed_content(), None);
}

#[test]
fn path_and_query_are_added_to_the_targets() {
    let with = |path: Option<&str>, query: Option<&str>, target: &str| {
        let request = EventRequest {
            path: path.map(str::to_owned),
            query: query.map(str::to_owned),
            ..EventRequest::default()
        };
        to_url(&event("generic", request, b"{}"), target).unwrap().path_and_query().to_owned()
    };
    assert_eq!(with(None, None, "http://h/in"), "/in");
    assert_eq!(with(Some("/a/b%20c"), None, "http://h/in/"), "/in/a/b%20c");
    assert_eq!(with(Some("/"), None, "http://h"), "/");
    assert_eq!(with(None, Some("x=1&x=2"), "http://h/in?k=v#frag"), "/in?k=v&x=1&x=2");
    assert_eq!(with(None, Some("x=%26"), "http://h/in?"), "/in?x=%26");
    assert_eq!(with(None, Some(""), "http://h/in?k"), "/in?k");
}

#[test]
fn a_get_without_a_body_has_no_length_and_a_post_has_one_of_zero() {
    let method = |method: &str| EventRequest { method: method.to_owned(), ..EventRequest::default() };
    let length = |name: &str| {
        let request = to_url(&event("generic", method(name), b""), "http://h/").unwrap();
        request.headers().get_str("content-length").map(str::to_owned)
    };
    assert_eq!(length("GET"), None);
    assert_eq!(length("HEAD"), None);
    assert_eq!(length("POST").as_deref(), Some("0"));
    assert_eq!(length("DELETE").as_deref(), Some("0"));
}

#[test]
fn a_plain_url_is_not_signed_and_its_password_becomes_a_header() {
    let event = event("generic", EventRequest::default(), b"{}");
    let request = to_url(&event, "http://us%20er:pa%3Ass@h:81/x").unwrap();
    assert_eq!(request.url().as_str(), "http://h:81/x");
    assert_eq!(request.headers().get_str("authorization"), Some("Basic dXMgZXI6cGE6c3M="));
    assert_eq!(request.signed_content(), None);
    assert_eq!(request.headers().get_str("webhook-signature"), None);
}

#[test]
fn what_cannot_be_sent_is_refused_with_the_reason() {
    let method = EventRequest { method: "GE T".to_owned(), ..EventRequest::default() };
    let error = to_url(&event("generic", method, b""), "http://h/").unwrap_err();
    assert_eq!(error.to_string(), "`GE T` is not an HTTP method");

    let event = event("generic", EventRequest::default(), b"{}");
    assert!(matches!(to_url(&event, "ftp://h/"), Err(BuildError::Url { .. })));

    let mut endpoint = endpoint("generic", "http://h/", &["not base64!"]);
    let error = built(&event, &endpoint).unwrap_err();
    assert!(matches!(error, BuildError::Sign { .. }), "{error}");
    endpoint.secrets.clear();
    endpoint.headers.push("X-Bad", "a\nb");
    assert!(matches!(built(&event, &endpoint), Err(BuildError::Header { name }) if name == "X-Bad"));

    let gone = DeliveryTarget::Endpoint(endpoint.id);
    let input = BuildInput {
        event: &event,
        target: &gone,
        endpoint: None,
        profile: profile("generic"),
        scheme: None,
        signer: None,
        attempt: 1,
        now: NOW,
    };
    assert!(matches!(build(&input), Err(BuildError::EndpointGone)));
}

#[test]
fn a_token_goes_to_its_endpoint_and_nowhere_else_and_stays_out_of_the_record() {
    const TOKEN: &str = "token-of-the-endpoint";
    let event = event("generic", EventRequest::default(), b"{}");
    let endpoint = endpoint("generic", "https://hooks.example/in", &[TOKEN]);
    let scheme = hookbench_signing::SchemeCatalog::builtin().get("bearer").unwrap();
    let sent_to = |url: &str| {
        let target = DeliveryTarget::EndpointAt(endpoint.id, url.parse().unwrap());
        let input = BuildInput {
            event: &event,
            target: &target,
            endpoint: Some(&endpoint),
            signer: None,
            profile: profile("generic"),
            scheme: Some(scheme),
            attempt: 1,
            now: NOW,
        };
        build(&input).unwrap()
    };
    let own = sent_to("https://hooks.example/elsewhere");
    assert_eq!(own.headers().get_str("authorization"), Some("Bearer token-of-the-endpoint"));
    assert_eq!(own.to_sent().headers.get_str("authorization"), Some("Bearer (the secret)"));
    let foreign = sent_to("https://other.example/in");
    assert_eq!(foreign.headers().get_str("authorization"), None);
}

#[test]
fn own_headers_that_are_credentials_go_to_the_endpoint_and_stay_out_of_the_record() {
    const KEY: &str = "key-of-the-receiver";
    let mut endpoint = endpoint("generic", "https://hooks.example/in", &["whsec_AAAA"]);
    endpoint.headers = [("X-Api-Key", KEY), ("Cookie", "a=key-of-the-receiver; b=2"), ("X-Team", "blue")]
        .into_iter()
        .collect();
    let sent_to = |event: &Event, url: &str| {
        let target = DeliveryTarget::EndpointAt(endpoint.id, url.parse().unwrap());
        let input = BuildInput {
            event,
            target: &target,
            endpoint: Some(&endpoint),
            signer: None,
            profile: profile("generic"),
            scheme: None,
            attempt: 1,
            now: NOW,
        };
        build(&input).unwrap()
    };
    let fresh = event("generic", EventRequest::default(), b"{}");
    let own = sent_to(&fresh, "https://hooks.example/in");
    assert_eq!(own.headers().get_str("x-api-key"), Some(KEY));
    let record = own.to_sent().headers;
    assert_eq!(record.get_str("x-api-key"), Some("(the secret)"));
    assert_eq!(record.get_str("cookie"), Some("(the secret)"), "no part of it either");
    assert_eq!(record.get_str("x-team"), Some("blue"));
    assert_eq!(record.get("webhook-signature"), own.headers().get("webhook-signature"), "signatures stay");
    assert!(!format!("{own:?}").contains(KEY), "nor is it in Debug");
    let foreign = sent_to(&fresh, "https://other.example/in").headers();
    assert_eq!((foreign.get_str("x-api-key"), foreign.get_str("x-team")), (None, Some("blue")));

    // Sent again exactly as it is recorded, it is what went out before; but not to somebody else.
    let request = EventRequest { headers: record.clone(), sign: SignMode::Exact, ..EventRequest::default() };
    let again = event("generic", request, b"{}");
    let exact = sent_to(&again, "https://hooks.example/in");
    assert_eq!(exact.headers(), own.headers());
    assert_eq!(exact.to_sent().headers, record);
    assert!(exact.left_out().is_empty());
    let elsewhere = sent_to(&again, "https://other.example/in");
    assert_eq!(elsewhere.headers().get("x-api-key"), None);
    assert_eq!(elsewhere.left_out(), ["X-Api-Key", "Cookie"], "which is told");
}

#[test]
fn what_came_as_a_secret_goes_out_and_stays_out_of_the_record() {
    const TOKEN: &str = "tk-<that>-came";
    let request = EventRequest {
        headers: [("X-Copy", TOKEN), ("X-Team", "blue")].into_iter().collect(),
        query: Some(format!("b=2&t={TOKEN}&{TOKEN}")),
        shown: Some(Shown {
            headers: [("X-Copy", "(the secret)"), ("X-Team", "blue")].into_iter().collect(),
            query: Some("b=2&t=(the secret)&(the secret)".to_owned()),
        }),
        ..EventRequest::default()
    };
    let event = event("generic", request, b"{}");
    let sent = to_url(&event, "http://h/in?t=1&t=2").unwrap();
    // The URL standard encodes some of what arrived; the receiver reads the same.
    assert_eq!(sent.path_and_query(), "/in?t=1&t=2&b=2&t=tk-%3Cthat%3E-came&tk-%3Cthat%3E-came");
    assert_eq!(sent.headers().get_str("x-copy"), Some(TOKEN));
    let record = sent.to_sent();
    assert_eq!(record.url, "http://h/in?t=1&t=2&b=2&t=(the secret)&(the secret)");
    assert_eq!(record.headers.get_str("x-copy"), Some("(the secret)"));
    assert_eq!(record.headers.get_str("x-team"), Some("blue"));
    assert_eq!(sent.to_sent_over_http2().url, record.url);
    assert!(!format!("{sent:?}").contains("that"), "nor is it in Debug");
}

#[test]
fn what_is_hidden_of_a_request_is_hidden_in_its_answer_too() {
    const TOKEN: &str = "tk-<that> came";
    let request = EventRequest {
        headers: [("X-Copy", "pw-in-a-header"), ("Cookie", "lang=en; sid=a-session-id"), ("X-Pin", "77")]
            .into_iter()
            .collect(),
        query: Some("b=2&t=tk-%3Cthat%3E+came&pin=4711".to_owned()),
        shown: Some(Shown {
            headers: [("X-Copy", "(the secret)"), ("Cookie", "(the secret)"), ("X-Pin", "(the secret)")]
                .into_iter()
                .collect(),
            query: Some("b=2&t=(the secret)&pin=(the secret)".to_owned()),
        }),
        ..EventRequest::default()
    };
    let event = event("generic", request, b"{}");
    let sent = to_url(&event, "http://user:the-password@h/in").unwrap();
    let shown = |name: &str, value: &str| {
        let answer = sent.shown_answer([(name, value)].into_iter().collect());
        answer.get_str(name).unwrap().to_owned()
    };
    // As it went out, with what stands beside it.
    let there = "https://h/in/?b=2&t=tk-%3Cthat%3E+came&pin=4711#x";
    assert_eq!(shown("Location", there), "https://h/in/?b=2&t=(the secret)&pin=(the secret)#x");
    assert_eq!(shown("Link", "</a?pin=4711>; rel=next"), "</a?pin=(the secret)>; rel=next");
    assert_eq!(shown("Refresh", &format!("0; url=/in?t={TOKEN}")), "0; url=/in?t=(the secret)");
    // Encoded otherwise, or once more.
    for otherwise in [
        "/in?t=tk-%3cthat%3e%20came",
        "/in?t=%74k-%3Cthat%3E+came",
        "/login?next=%2Fin%3Ft%3Dtk-%253Cthat%253E%2Bcame",
        "/login?next=%2Fin%3Fpin%3D4711%26b%3D2",
    ] {
        assert_eq!(shown("location", otherwise), "(the secret)", "{otherwise}");
    }
    // What came in headers, and what the URL held.
    assert_eq!(shown("X-Echo", "got pw-in-a-header."), "got (the secret).");
    assert_eq!(shown("Set-Cookie", "sid=a-session-id; Path=/"), "sid=(the secret); Path=/");
    assert_eq!(shown("X-User", "user:the-password"), "(the secret)");
    assert_eq!(shown("x-echo", "Basic dXNlcjp0aGUtcGFzc3dvcmQ="), "(the secret)");
    assert_eq!(shown("X-Pin", "77"), "(the secret)");
    // A short one says nothing elsewhere.
    for plain in ["77", "4711", "b=2", "100 % of 4711+77", "application/json"] {
        assert_eq!(shown("X-Count", plain), plain);
    }
    let open = to_url(&self::event("generic", EventRequest::default(), b"{}"), "http://h/in?t=tk").unwrap();
    let answer: HeaderPairs = [("Location", "/in/?t=tk")].into_iter().collect();
    assert_eq!(open.shown_answer(answer.clone()), answer);
}

#[test]
fn a_secret_that_came_in_a_query_is_hidden_also_where_a_scheme_writes_behind_it() {
    let request = EventRequest {
        query: Some("t=tk-that-came".to_owned()),
        shown: Some(Shown { query: Some("t=(the secret)".to_owned()), ..Shown::default() }),
        ..EventRequest::default()
    };
    let endpoint = endpoint("generic", "http://h/in", &["auth-token-of-twilio"]);
    let event = event("generic", request, b"{}");
    let target = DeliveryTarget::Endpoint(endpoint.id);
    let sent = build(&BuildInput {
        event: &event,
        target: &target,
        endpoint: Some(&endpoint),
        signer: None,
        profile: profile("generic"),
        scheme: hookbench_signing::SchemeCatalog::builtin().get("twilio_json"),
        attempt: 1,
        now: NOW,
    })
    .unwrap();
    let behind = sent.path_and_query().strip_prefix("/in?t=tk-that-came&bodySHA256=").map(str::to_owned);
    let behind = behind.unwrap();
    assert_eq!(sent.to_sent().url, format!("http://h/in?t=(the secret)&bodySHA256={behind}"));
}

#[test]
fn an_endpoints_own_method_is_used_and_signed_unless_the_request_is_repeated_exactly() {
    let mut to = endpoint("generic", "http://handler.example/hook", &[]);
    to.method = Some("PUT".to_owned());
    let mut fresh = event("generic", EventRequest::default(), b"{}");
    assert_eq!(built(&fresh, &to).unwrap().method(), "PUT");
    assert_eq!(built(&fresh, &to).unwrap().to_sent().method, "PUT");
    fresh.request.sign = SignMode::Exact;
    assert_eq!(built(&fresh, &to).unwrap().method(), "POST");
    to.method = Some("NO METHOD".to_owned());
    fresh.request.sign = SignMode::Fresh;
    assert!(matches!(built(&fresh, &to), Err(BuildError::Method { method }) if method == "NO METHOD"));
}

#[test]
fn on_http2_the_host_is_no_header_and_the_others_keep_their_order() {
    let mut own = EventRequest::default();
    own.headers.push("X-One", "1");
    own.headers.push("X-Two", "2");
    let event = event("generic", own, b"{}");
    let request = to_url(&event, "http://handler.example:8080/hook?a=1").unwrap();
    let sent = request.to_sent_over_http2().headers;
    let names: Vec<_> = sent.iter().map(|(name, _)| name).collect();
    let written = request.to_http(WireForm::Http2).unwrap();
    let on_the_wire: Vec<_> = written.headers().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, on_the_wire);
    assert_eq!(names, ["user-agent", "accept", "content-type", "x-one", "x-two", "content-length"]);
    assert_eq!(written.uri(), "http://handler.example:8080/hook?a=1");
}
