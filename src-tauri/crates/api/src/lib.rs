//! Hookbench's contract: the `/v1` router, its wire types, the OpenAPI document, and the UI's files.
//!
//! [`router`] is the only door. Headless it stands behind a [`Door::Tcp`] with a token; in the window the same
//! router is called in-process. Errors of the crates below become problem documents in one place, `problem`.

mod doc;
mod door;
mod exposition;
mod extract;
mod idempotency;
mod problem;
mod raw;
mod routes;
mod ui;
mod wire;
mod words;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use hookbench_workbench::Workbench;
use http::{HeaderValue, header};
use tower_http::catch_panic::CatchPanicLayer;

pub use doc::{openapi, openapi_json};
pub use door::{Door, TcpDoor};
pub use wire::Change;

use problem::Problem;

/// What every handler is given.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) workbench: Workbench,
    pub(crate) repeated: idempotency::UnderWay,
}

/// Everything that Hookbench answers, behind a door.
pub fn router(workbench: Workbench, door: Door) -> Router {
    let api = Api { workbench, repeated: idempotency::UnderWay::default() };
    let (calls, _) = routes::all().split_for_parts();
    let calls = calls
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(from_fn_with_state(api.clone(), idempotency::layer));
    let router = match door {
        Door::InProcess => calls.fallback(nowhere),
        Door::Tcp(door) => {
            calls.fallback(ui::file).layer(from_fn_with_state(std::sync::Arc::new(door), door::guard))
        }
    };
    router.layer(from_fn(common_headers)).layer(CatchPanicLayer::custom(panicked)).with_state(api)
}

/// A call that panicked is answered like any other fault of ours, and the rest goes on.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let said = panic.downcast_ref::<&str>().copied().map(ToOwned::to_owned);
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(panic = %said, "a call panicked");
    Problem::internal().into_response()
}

async fn nowhere(request: Request) -> Problem {
    Problem::not_found(format!("There is nothing at {}.", request.uri().path()))
}

/// What every answer says, unless its handler knows better: it is what its type says, and is not kept.
async fn common_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_answered_and_tells_nothing() {
        async fn trips() {
            panic!("a secret of the inside");
        }
        let router = Router::new().route("/", get(trips)).layer(CatchPanicLayer::custom(panicked));
        let response = router.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), 500);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("secret"));
    }
}
