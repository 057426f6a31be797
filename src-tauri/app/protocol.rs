//! The contract inside the window: the page's `fetch` reaches the router without a port.
//!
//! The page asks for `hookbench://localhost/v1/…` (on Windows the webview spells it
//! `http://hookbench.localhost/v1/…`). An answer goes back whole, so the change feed does not come this way.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HOST, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use tower::ServiceExt as _;

/// The scheme's name, as the page and the content security policy spell it.
pub(crate) const SCHEME: &str = "hookbench";

/// Where the window's own page comes from, by platform and by how it was built.
const PAGE_ORIGINS: &[&str] = &["tauri://localhost", "http://tauri.localhost", "https://tauri.localhost"];

/// Vite's server, which serves the page while the UI is worked on.
const DEVELOPMENT_ORIGIN: &str = "http://localhost:5173";

/// Answers one request of the page.
pub(crate) async fn answer(router: Router, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    let Some(origin) = page_origin(request.headers()) else {
        return plain(StatusCode::FORBIDDEN, "Only Hookbench's own page may ask.");
    };
    let mut response = if request.method() == Method::OPTIONS {
        preflight()
    } else if request.uri().path() == "/v1/changes" {
        plain(StatusCode::NOT_ACCEPTABLE, "In the window the change feed comes over a channel.")
    } else {
        ask(router, request).await
    };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    response
}

/// The request's origin, if it is our page's.
fn page_origin(headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(ORIGIN)?;
    let text = origin.to_str().ok()?;
    let ours = PAGE_ORIGINS.contains(&text) || (tauri::is_dev() && text == DEVELOPMENT_ORIGIN);
    ours.then(|| origin.clone())
}

async fn ask(router: Router, request: Request<Vec<u8>>) -> Response<Vec<u8>> {
    let (mut parts, body) = request.into_parts();
    // What the webview says about host and origin concerns the window, and was checked here.
    parts.headers.remove(ORIGIN);
    parts.headers.remove(HOST);
    parts.uri = path_of(&parts.uri);
    let Ok(response) = router.oneshot(Request::from_parts(parts, Body::from(body))).await;
    let (parts, body) = response.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(bytes) => Response::from_parts(parts, bytes.into()),
        Err(error) => {
            tracing::error!(%error, "an answer broke off on its way to the page");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "The answer broke off.")
        }
    }
}

/// The router knows paths only; scheme and host are the webview's way of getting here.
fn path_of(uri: &Uri) -> Uri {
    uri.path_and_query().map_or_else(|| Uri::from_static("/"), |path| Uri::from(path.clone()))
}

fn preflight() -> Response<Vec<u8>> {
    let mut response = plain(StatusCode::NO_CONTENT, "");
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PATCH, PUT, DELETE"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Vec<u8>> {
    let mut response = Response::new(text.as_bytes().to_vec());
    *response.status_mut() = status;
    response
}

/// What the page gets when answering went wrong altogether.
pub(crate) fn broken() -> Response<Vec<u8>> {
    plain(StatusCode::INTERNAL_SERVER_ERROR, "The request could not be answered.")
}

#[cfg(test)]
mod tests {
    use axum::extract::Path;
    use axum::routing::{get, post};

    use super::*;

    fn router() -> Router {
        Router::new()
            .route(
                "/v1/echo/{word}",
                get(|Path(word): Path<String>, uri: Uri| async move { format!("{word} {uri}") }),
            )
            .route("/v1/bytes", post(|body: axum::body::Bytes| async move { (StatusCode::ACCEPTED, body) }))
    }

    fn request(method: &str, uri: &str, body: &[u8]) -> Request<Vec<u8>> {
        Request::builder()
            .method(method)
            .uri(uri)
            .header(ORIGIN, "tauri://localhost")
            .body(body.to_vec())
            .unwrap()
    }

    #[tokio::test]
    async fn the_router_sees_the_path_alone_and_the_page_may_read_the_answer() {
        let response = answer(router(), request("GET", "hookbench://localhost/v1/echo/a?b=c", b"")).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.body(), b"a /v1/echo/a?b=c");
        assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], "tauri://localhost");
    }

    #[tokio::test]
    async fn windows_spells_the_scheme_as_a_host() {
        let response = answer(router(), request("GET", "http://hookbench.localhost/v1/echo/a", b"")).await;
        assert_eq!(response.body(), b"a /v1/echo/a");
    }

    #[tokio::test]
    async fn bytes_and_status_pass_unharmed() {
        let every_byte: Vec<u8> = (0..=255).collect();
        let response = answer(router(), request("POST", "hookbench://localhost/v1/bytes", &every_byte)).await;
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        assert_eq!(response.body(), &every_byte);
    }

    #[tokio::test]
    async fn another_page_is_turned_away() {
        let mut foreign = request("GET", "hookbench://localhost/v1/echo/a", b"");
        foreign.headers_mut().insert(ORIGIN, HeaderValue::from_static("https://example.com"));
        let response = answer(router(), foreign).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert!(!response.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    }

    #[tokio::test]
    async fn the_feed_is_refused_rather_than_left_hanging() {
        let response = answer(router(), request("GET", "hookbench://localhost/v1/changes", b"")).await;
        assert_eq!(response.status(), StatusCode::NOT_ACCEPTABLE);
    }

    #[tokio::test]
    async fn a_preflight_is_answered_without_the_router() {
        let response = answer(router(), request("OPTIONS", "hookbench://localhost/v1/bytes", b"")).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_HEADERS], "*");
    }
}
