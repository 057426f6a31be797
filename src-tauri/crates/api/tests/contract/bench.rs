//! An open workspace in a folder of its own, and calls to its router.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use hookbench_api::{Door, router};
use hookbench_model::{ManualClock, Timestamp};
use hookbench_workbench::{OpenOptions, Options, Synchronous, Workbench};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// 2026-11-21T04:35:00Z.
pub(crate) const START: Timestamp = Timestamp::from_unix_ms(1_795_235_700_000);

pub(crate) struct Bench {
    pub(crate) workbench: Workbench,
    pub(crate) router: Router,
    pub(crate) clock: ManualClock,
    pub(crate) folder: tempfile::TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The answer's JSON, where the status is the wanted one.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        if self.body.is_empty() { Value::Null } else { self.json() }
    }
}

impl Bench {
    pub(crate) async fn open() -> Self {
        Self::open_with(false).await
    }

    /// A demo, whose time is its own.
    pub(crate) async fn open_demo() -> Self {
        Self::open_with(true).await
    }

    async fn open_with(demo: bool) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), ManualClock::new(START), demo).await
    }

    /// The workspace opened again, which has been shut down.
    pub(crate) async fn again(self) -> Self {
        Self::open_in(self.folder, self.clock, false).await
    }

    async fn open_in(folder: tempfile::TempDir, clock: ManualClock, demo: bool) -> Self {
        let workbench = Workbench::open(Options {
            data_dir: Some(folder.path().to_owned()),
            capture: SocketAddr::from(([127, 0, 0, 1], 0)),
            demo,
            clock: Arc::new(clock.clone()),
            store: OpenOptions { synchronous: Synchronous::Normal, ..OpenOptions::default() },
        })
        .await
        .unwrap();
        let router = router(workbench.clone(), Door::InProcess);
        Self { workbench, router, clock, folder }
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        call(&self.router, request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.call(request(method, path, body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Request::delete(path).body(Body::empty()).unwrap()).await
    }

    /// An inbox of a profile and an endpoint that points at it and shares its secret.
    pub(crate) async fn loop_of(&self, provider: &str) -> (Value, Value) {
        let slug = format!("{provider}-loop");
        let url = format!("{}/{slug}", self.workbench.capture_origin());
        let endpoint =
            self.post("/v1/webhook-endpoints", &json!({"url": url, "provider": provider})).await.expect(201);
        let inbox = json!({"slug": slug, "provider": provider, "secret": endpoint["secret"]});
        let inbox = self.post("/v1/inboxes", &inbox).await.expect(201);
        (inbox, endpoint)
    }

    /// Waits for a delivery to come to an end, by the change feed.
    pub(crate) async fn ended(&self, delivery: &str) -> Value {
        let mut changes = self.workbench.changes().subscribe();
        loop {
            let seen = self.get(&format!("/v1/deliveries/{delivery}")).await.expect(200);
            if matches!(seen["status"].as_str(), Some("delivered" | "failed" | "cancelled")) {
                return seen;
            }
            changes.next().await;
        }
    }

    pub(crate) async fn close(self) {
        self.workbench.shutdown().await;
    }
}

pub(crate) async fn call(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, body }
}

pub(crate) fn request(method: Method, path: &str, body: &Value) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

/// The text of a JSON string.
#[track_caller]
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
