//! Raw resources: bytes as they are, served so that nothing captured can ever act on our own origin.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hookbench_workbench::{Ending, Unpacked};
use http::{HeaderName, HeaderValue, header};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

/// A body to the byte, with the content type it had and a name to save it by.
pub(crate) struct Raw {
    pub(crate) body: Bytes,
    pub(crate) content_type: Option<String>,
    /// Without an extension; one that fits the content type is added.
    pub(crate) name: String,
}

const UNKNOWN: HeaderValue = HeaderValue::from_static("application/octet-stream");

impl IntoResponse for Raw {
    fn into_response(self) -> Response {
        let content_type = self.content_type.as_deref().and_then(|text| text.parse().ok()).unwrap_or(UNKNOWN);
        let name = format!("{}.{}", self.name, extension(self.content_type.as_deref()));
        let disposition = format!("attachment; filename=\"{name}\"").parse().unwrap_or(UNSAVED);
        let headers: [(HeaderName, HeaderValue); 6] = [
            (header::CONTENT_TYPE, content_type),
            (header::CONTENT_DISPOSITION, disposition),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'"),
            ),
            (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("same-origin"),
            ),
        ];
        (headers, self.body).into_response()
    }
}

impl Raw {
    /// What a body says once it is unpacked, with what that took in headers.
    pub(crate) fn unpacked(found: Unpacked, content_type: Option<String>, name: String) -> Response {
        (told(&found), Self { body: found.bytes.into(), content_type, name }).into_response()
    }
}

/// What was undone of a body, and how far, beside what it says once it is unpacked.
const UNDONE: &str = "hookbench-undone";
const UNDONE_UNTIL: &str = "hookbench-undone-until";

/// The same headers as the contract describes them, for every body that can be had unpacked.
pub(crate) fn undone_headers() -> [(String, Header); 2] {
    const WHAT: &str = "Of `decoded`: what was undone, the outermost first: `gzip`, `deflate`, `br`, `zstd`; empty where \
                        the body is its own content.";
    const HOW_FAR: &str = "Of `decoded`: `whole`; `limit` where it goes on behind the limit; `damaged` where bytes follow \
                           that are not of the coding; `unknown` where a coding is left that is not known.";
    let described = |text: &str| {
        let text_or_none =
            ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
        HeaderBuilder::new().schema(text_or_none).description(Some(text)).build()
    };
    [(UNDONE.to_owned(), described(WHAT)), (UNDONE_UNTIL.to_owned(), described(HOW_FAR))]
}

/// What is told of a body that was unpacked.
fn told(found: &Unpacked) -> [(HeaderName, HeaderValue); 2] {
    let undone: Vec<_> = found.undone.iter().map(|coding| coding.name()).collect();
    // Names of codings are no more than letters.
    let undone = undone.join(", ").parse().unwrap_or(HeaderValue::from_static(""));
    let until = HeaderValue::from_static(match found.ending {
        Ending::Whole => "whole",
        Ending::Limit => "limit",
        Ending::Damaged => "damaged",
        Ending::Unknown => "unknown",
    });
    [(HeaderName::from_static(UNDONE), undone), (HeaderName::from_static(UNDONE_UNTIL), until)]
}

const UNSAVED: HeaderValue = HeaderValue::from_static("attachment");

fn extension(content_type: Option<&str>) -> &'static str {
    let essence =
        content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        json if json == "application/json" || json.ends_with("+json") => "json",
        xml if xml == "application/xml" || xml == "text/xml" || xml.ends_with("+xml") => "xml",
        "text/plain" => "txt",
        "text/html" => "html",
        "text/csv" => "csv",
        "application/x-www-form-urlencoded" => "form",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "application/pdf" => "pdf",
        "application/x-pem-file" => "pem",
        _ => "bin",
    }
}
