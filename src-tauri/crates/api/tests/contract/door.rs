//! The door over TCP: host, origin, token and session, on a real listener and by itself.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use hookbench_api::{Door, TcpDoor, router};
use http::Request;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::bench::{Answer, Bench, call, text};

const TOKEN: &str = "a-token-of-this-test";

fn door(bench: &Bench) -> Router {
    let address = SocketAddr::from(([127, 0, 0, 1], 4700));
    router(bench.workbench.clone(), Door::Tcp(TcpDoor::new(TOKEN.to_owned(), address)))
}

async fn get(router: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    call(router, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn metrics_want_the_token_too() {
    let bench = Bench::open().await;
    let router = door(&bench);
    let bearer = format!("Bearer {TOKEN}");
    let own = ("host", "127.0.0.1:4700");
    get(&router, "/metrics", &[own]).await.expect(401);
    get(&router, "/metrics", &[own, ("authorization", "Bearer another-token")]).await.expect(401);
    // Switched off, which only those are told who may come in.
    get(&router, "/metrics", &[own, ("authorization", &bearer)]).await.expect(404);
    bench.close().await;
}

#[tokio::test]
async fn only_the_right_host_origin_and_token_come_in() {
    let bench = Bench::open().await;
    let router = door(&bench);
    let bearer = format!("Bearer {TOKEN}");
    let own = ("host", "127.0.0.1:4700");
    let token = ("authorization", bearer.as_str());
    let cookie = format!("hookbench_4700={TOKEN}");
    let cookie = ("cookie", cookie.as_str());
    for (status, headers) in [
        (200, vec![own, token]),
        (200, vec![("host", "localhost:4700"), token]),
        (200, vec![("host", "LOCALHOST:4700"), token]),
        (200, vec![("host", "[::1]:4700"), token]),
        (200, vec![own, ("authorization", "bearer a-token-of-this-test")]),
        (200, vec![own, token, ("origin", "http://127.0.0.1:4700")]),
        (200, vec![own, cookie]),
        (200, vec![own, cookie, ("sec-fetch-site", "same-origin")]),
        (401, vec![own]),
        (401, vec![own, ("authorization", "Bearer")]),
        (401, vec![own, ("authorization", "Bearer another-token")]),
        (401, vec![own, ("authorization", "Basic a-token-of-this-test")]),
        (401, vec![own, ("cookie", "hookbench_4700=another-token")]),
        (401, vec![own, ("cookie", "hookbench_4701=a-token-of-this-test")]),
        (403, vec![token]),
        (403, vec![("host", "127.0.0.1"), token]),
        (403, vec![("host", "127.0.0.1:4800"), token]),
        (403, vec![("host", "rebound.example:4700"), token]),
        (403, vec![own, ("host", "rebound.example:4700"), token]),
        (403, vec![own, token, ("origin", "http://evil.example")]),
        (403, vec![own, token, ("origin", "null")]),
        (403, vec![own, token, ("origin", "https://127.0.0.1:4700")]),
        (403, vec![own, token, ("origin", "http://127.0.0.1:3000")]),
        (403, vec![own, cookie, ("sec-fetch-site", "same-site")]),
        (403, vec![own, cookie, ("sec-fetch-site", "cross-site")]),
    ] {
        for path in ["/v1/health", "/v1/nothing"] {
            let answer = get(&router, path, &headers).await;
            let wanted = if status == 200 && path == "/v1/nothing" { 404 } else { status };
            let said = answer.expect(wanted);
            if wanted != 200 {
                assert_eq!(answer.header("content-type"), "application/problem+json", "{headers:?}");
                assert_eq!(said["status"], wanted);
            }
            if status == 401 {
                assert_eq!(answer.header("www-authenticate"), "Bearer");
            }
        }
    }
    // The feed is guarded like the rest.
    get(&router, "/v1/changes", &[own, token, ("origin", "http://evil.example")]).await.expect(403);
    get(&router, "/v1/changes", &[own]).await.expect(401);
    bench.close().await;
}

#[tokio::test]
async fn the_printed_address_begins_a_session_that_reaches_the_contract_only() {
    let bench = Bench::open().await;
    let router = door(&bench);
    let own = ("host", "127.0.0.1:4700");
    let answer = get(&router, &format!("/?token={TOKEN}"), &[own]).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"));
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/v1"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let pair = cookie.split(';').next().unwrap();
    get(&router, "/v1/health", &[own, ("cookie", pair)]).await.expect(200);
    get(&router, "/?token=wrong", &[own]).await.expect(401);
    bench.close().await;
}

#[tokio::test]
async fn the_page_needs_no_token_and_may_load_nothing_from_elsewhere() {
    let bench = Bench::open().await;
    let router = door(&bench);
    let own = ("host", "127.0.0.1:4700");
    let page = get(&router, "/", &[own]).await;
    assert_eq!(page.status.as_u16(), 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("cache-control"), "no-cache");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    for path in ["/deliveries", "/../Cargo.toml", "/assets/nothing.js"] {
        get(&router, path, &[own]).await.expect(404);
    }
    get(&router, "/", &[("host", "rebound.example")]).await.expect(403);
    bench.close().await;
}

#[tokio::test]
async fn a_real_listener_serves_the_contract() {
    let bench = Bench::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = router(bench.workbench.clone(), Door::Tcp(TcpDoor::new(TOKEN.to_owned(), address)));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let said = raw(
        address,
        &format!("GET /v1/health HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\n"),
    )
    .await;
    assert!(said.starts_with("HTTP/1.1 200 "), "{said}");
    let body: serde_json::Value = serde_json::from_str(said.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(text(&body["capture_origin"]), bench.workbench.capture_origin());
    let refused = raw(address, &format!("GET /v1/health HTTP/1.1\r\nHost: {address}\r\n")).await;
    assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");
    let refused = raw(address, "GET /v1/health HTTP/1.0\r\n").await;
    assert!(refused.starts_with("HTTP/1.0 403 "), "{refused}");
    server.abort();
    bench.close().await;
}

async fn raw(address: SocketAddr, head: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    said
}

#[tokio::test]
async fn a_listener_at_every_address_is_called_by_any_address_and_by_the_names_it_is_given() {
    let bench = Bench::open().await;
    let address = SocketAddr::from(([0, 0, 0, 0], 4700));
    let door = TcpDoor::new(TOKEN.to_owned(), address).named("Hooks.lan").named("other.lan:8080");
    let router = router(bench.workbench.clone(), Door::Tcp(door));
    let bearer = format!("Bearer {TOKEN}");
    let token = ("authorization", bearer.as_str());
    let reached = ("host", "192.168.1.5:4700");
    for (status, headers) in [
        (200, vec![reached]),
        (200, vec![("host", "[fe80::1]:4700")]),
        (200, vec![("host", "localhost:4700")]),
        (200, vec![("host", "hooks.lan:4700")]),
        (200, vec![("host", "hooks.lan"), ("origin", "https://hooks.lan")]),
        (200, vec![("host", "other.lan:8080"), ("origin", "http://other.lan:8080")]),
        (200, vec![reached, ("origin", "http://192.168.1.5:4700")]),
        (403, vec![("host", "192.168.1.5")]),
        (403, vec![("host", "192.168.1.5:4701")]),
        (403, vec![("host", "other.lan:4700")]),
        (403, vec![("host", "rebound.example:4700")]),
        (403, vec![reached, ("origin", "http://192.168.1.6:4700")]),
        (403, vec![reached, ("origin", "https://192.168.1.5:4700")]),
        (403, vec![reached, ("origin", "http://rebound.example:4700")]),
    ] {
        let headers: Vec<_> = headers.into_iter().chain([token]).collect();
        get(&router, "/v1/health", &headers).await.expect(status);
    }
    bench.close().await;
}
