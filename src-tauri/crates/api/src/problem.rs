//! Problem documents (RFC 9457), and the one place where errors become them.

use std::collections::BTreeSet;

use axum::response::{IntoResponse, Response};
use hookbench_workbench::{StoreError, Trouble, WorkbenchError};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::TextSpan;
use crate::words::field_error;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// The field, as a path: `retry.delays_ms`.
    field: String,
    /// What is wrong with it.
    message: String,
    /// Where in the field's text, where a word of it is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<TextSpan>,
}

impl FieldError {
    pub(crate) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), at: None }
    }

    /// A word of the field's text is wrong.
    pub(crate) fn at(field: impl Into<String>, message: impl Into<String>, at: TextSpan) -> Self {
        Self { at: Some(at), ..Self::new(field, message) }
    }
}

/// Why a call was refused (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// `about:blank`, or a stable slug where a program may want to tell the case apart.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    #[serde(serialize_with = "number")]
    #[schema(value_type = u16)]
    status: StatusCode,
    /// What happened, to what, in plain words.
    detail: String,
    /// What is wrong with which field; there on 422.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

/// What a program may want to tell apart beyond the status.
const BLANK: &str = "about:blank";

impl Problem {
    pub(crate) fn new(status: StatusCode, r#type: &'static str, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self { r#type, title, status, detail: detail.into(), errors: Vec::new() }
    }

    fn plain(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::new(status, BLANK, detail)
    }

    /// 400: what was sent cannot be read.
    pub(crate) fn unreadable(detail: impl Into<String>) -> Self {
        Self::plain(StatusCode::BAD_REQUEST, detail)
    }

    /// 401: no token, or another.
    pub(crate) fn unauthorized() -> Self {
        Self::plain(
            StatusCode::UNAUTHORIZED,
            "This needs the workspace's token: send `Authorization: Bearer TOKEN`, or open the address that \
             `hookbench serve` prints.",
        )
    }

    /// 403: from somewhere that may not call us.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::plain(StatusCode::FORBIDDEN, detail)
    }

    /// 404: no such thing.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::plain(StatusCode::NOT_FOUND, detail)
    }

    /// 405: the address is right, the method is not.
    pub(crate) fn method_not_allowed() -> Self {
        Self::plain(StatusCode::METHOD_NOT_ALLOWED, "This address does not take that method; see `Allow`.")
    }

    /// 409: clashes with what is there.
    pub(crate) fn conflict(r#type: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, r#type, detail)
    }

    /// 413: larger than we take.
    pub(crate) fn too_large(detail: impl Into<String>) -> Self {
        Self::plain(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    /// 415: not JSON.
    pub(crate) fn wrong_content_type() -> Self {
        Self::plain(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The body must be JSON: send it with `Content-Type: application/json`.",
        )
    }

    /// 422: readable, and some fields are wrong.
    pub(crate) fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [] => "The call is not valid.".to_owned(),
            [only] => format!("{}: {}.", only.field, only.message),
            several => {
                let mut fields: Vec<_> = several.iter().map(|error| error.field.as_str()).collect();
                // One field may break several rules.
                let mut named = BTreeSet::new();
                fields.retain(|field| named.insert(*field));
                match fields.as_slice() {
                    [one] => {
                        let messages: Vec<_> = several.iter().map(|error| error.message.as_str()).collect();
                        format!("{one}: {}.", messages.join("; "))
                    }
                    _ => format!("{} fields are not valid: {}.", fields.len(), fields.join(", ")),
                }
            }
        };
        Self { errors, ..Self::plain(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    /// 500: our own fault; what it was stands in the log.
    pub(crate) fn internal() -> Self {
        Self::plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Hookbench failed to do this. Its log says more; nothing was changed that it did not answer for.",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<WorkbenchError> for Problem {
    fn from(error: WorkbenchError) -> Self {
        match error {
            WorkbenchError::Invalid { errors } => Self::invalid(
                errors.iter().map(|error| field_error(&error.field, "body", &error.message)).collect(),
            ),
            WorkbenchError::NotFound { what } => Self::not_found(format!("There is no {what}.")),
            WorkbenchError::WrongState { message } => Self::conflict("wrong-state", message),
            WorkbenchError::TooLarge { what, limit } => {
                Self::too_large(format!("{what} is larger than the {limit} bytes that are allowed."))
            }
            WorkbenchError::Partly { imported, inbox, source } => {
                let mut problem = Self::from(*source);
                let before =
                    format!("Before that {imported} requests were imported into “{inbox}”: they stay.");
                problem.detail = format!("{} {before}", problem.detail);
                problem
            }
            WorkbenchError::Store(error) => error.into(),
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "a call failed");
                Self::internal()
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { noun, id } => {
                Self::not_found(format!("There is no {} {id}.", noun_in_words(noun)))
            }
            StoreError::Conflict { field, message } => Self {
                errors: vec![FieldError::new(field, message.clone())],
                ..Self::conflict("taken", message)
            },
            StoreError::WrongState { noun, id, status } => Self::conflict(
                "wrong-state",
                format!(
                    "The {} {id} is {}, so this cannot be done now.",
                    noun_in_words(noun),
                    status.replace('_', " ")
                ),
            ),
            StoreError::Closed => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "stopping",
                "Hookbench is stopping and takes no more calls.",
            ),
            error => {
                if let Some(trouble) = error.trouble() {
                    return Self::of_trouble(trouble);
                }
                tracing::error!(error = &error as &dyn std::error::Error, "the store failed");
                Self::internal()
            }
        }
    }
}

impl Problem {
    /// 507 or 503: the workspace cannot be written to, which is no fault of the call.
    fn of_trouble(trouble: Trouble) -> Self {
        let (status, kind) = match trouble {
            Trouble::Full => (StatusCode::INSUFFICIENT_STORAGE, "disk-full"),
            Trouble::ReadOnly => (StatusCode::SERVICE_UNAVAILABLE, "read-only"),
            Trouble::Busy => (StatusCode::SERVICE_UNAVAILABLE, "database-locked"),
            Trouble::Gone => (StatusCode::SERVICE_UNAVAILABLE, "folder-gone"),
            Trouble::Disk => (StatusCode::SERVICE_UNAVAILABLE, "disk-failed"),
            Trouble::NoFiles => (StatusCode::SERVICE_UNAVAILABLE, "too-many-open-files"),
        };
        Self::new(status, kind, trouble_in_words(trouble))
    }
}

/// What keeps the workspace from being written to, and what mends it.
pub(crate) fn trouble_in_words(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Full => {
            "The disk that holds the workspace is full: nothing more can be written. Free some space, and Hookbench \
             goes on by itself."
        }
        Trouble::ReadOnly => {
            "The workspace's folder cannot be written to: it, its files or its disk are read-only. Hookbench goes on \
             by itself once they can be written."
        }
        Trouble::Busy => {
            "Another program keeps the workspace's database locked, so nothing can be written. Close it there, and \
             Hookbench goes on by itself."
        }
        Trouble::Gone => {
            "The workspace's folder has been moved or removed while Hookbench runs. What comes now could not be found \
             again and is refused: put the folder back, or stop Hookbench and start it where the folder is."
        }
        Trouble::Disk => {
            "The disk that holds the workspace fails to read or write. Look after it: the log of Hookbench has what \
             the system said."
        }
        Trouble::NoFiles => {
            "Hookbench can open no more files: it, or this machine, has too many files and connections open. It goes \
             on by itself once some are closed."
        }
    }
}

fn noun_in_words(noun: hookbench_model::Noun) -> &'static str {
    match noun {
        hookbench_model::Noun::Request => "captured request",
        hookbench_model::Noun::SavedFilter => "saved filter",
        other => other.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use hookbench_model::Noun;
    use hookbench_workbench::FieldError as WorkbenchFieldError;

    use super::*;

    fn of_workbench(error: WorkbenchError) -> (u16, &'static str, String) {
        let problem = Problem::from(error);
        (problem.status.as_u16(), problem.r#type, problem.detail)
    }

    #[test]
    fn each_refusal_of_the_workbench_has_its_status() {
        let field =
            |field: &str| WorkbenchFieldError { field: field.to_owned(), message: "must be so".to_owned() };
        let cases = [
            (WorkbenchError::Invalid { errors: vec![field("a.b")] }, 422, "about:blank", "a.b: must be so."),
            (
                WorkbenchError::Invalid { errors: vec![field("a"), field("b")] },
                422,
                "about:blank",
                "2 fields are not valid: a, b.",
            ),
            (
                WorkbenchError::Invalid { errors: vec![field("a"), field("b"), field("a")] },
                422,
                "about:blank",
                "2 fields are not valid: a, b.",
            ),
            (
                WorkbenchError::Invalid { errors: vec![field("a"), field("a")] },
                422,
                "about:blank",
                "a: must be so; must be so.",
            ),
            (
                WorkbenchError::NotFound { what: "inbox x".to_owned() },
                404,
                "about:blank",
                "There is no inbox x.",
            ),
            (WorkbenchError::WrongState { message: "Not now.".to_owned() }, 409, "wrong-state", "Not now."),
            (
                WorkbenchError::TooLarge { what: "The payload", limit: 7 },
                413,
                "about:blank",
                "The payload is larger than the 7 bytes that are allowed.",
            ),
        ];
        for (error, status, kind, detail) in cases {
            assert_eq!(of_workbench(error), (status, kind, detail.to_owned()));
        }
    }

    #[test]
    fn each_refusal_of_the_store_has_its_status() {
        let id = || "req_1".to_owned();
        let cases = [
            (
                StoreError::NotFound { noun: Noun::Request, id: id() },
                404,
                "about:blank",
                "There is no captured request req_1.",
            ),
            (StoreError::Conflict { field: "slug", message: "Taken.".to_owned() }, 409, "taken", "Taken."),
            (
                StoreError::WrongState { noun: Noun::Delivery, id: id(), status: "in_flight" },
                409,
                "wrong-state",
                "The delivery req_1 is in flight, so this cannot be done now.",
            ),
        ];
        for (error, status, kind, detail) in cases {
            assert_eq!(of_workbench(error.into()), (status, kind, detail.to_owned()));
        }
        let of = |error: StoreError| of_workbench(error.into());
        let gone = || StoreError::Gone { folder: PathBuf::from("/here") };
        let broken = || StoreError::Io { path: PathBuf::from("/here"), source: std::io::Error::other("bad") };
        for (error, status, kind) in [
            (StoreError::Full, 507, "disk-full"),
            (StoreError::ReadOnly, 503, "read-only"),
            (StoreError::Busy, 503, "database-locked"),
            (gone(), 503, "folder-gone"),
            (StoreError::Disk { code: 778 }, 503, "disk-failed"),
            (broken(), 503, "disk-failed"),
            (StoreError::NoFiles, 503, "too-many-open-files"),
            (StoreError::Closed, 503, "stopping"),
        ] {
            let (found, found_kind, words) = of(error);
            assert_eq!((found, found_kind), (status, kind));
            assert!(words.ends_with('.') && !words.contains("/here"), "{words}");
        }
    }

    #[test]
    fn our_own_faults_tell_nothing_of_what_is_inside() {
        let inside = "/home/somebody/secret/place";
        let io = || std::io::Error::other(inside);
        for error in [
            WorkbenchError::Store(StoreError::Corrupt { what: inside.to_owned(), source: None }),
            WorkbenchError::Store(StoreError::Panicked),
            WorkbenchError::Store(StoreError::SchemaTooNew { found: 9, known: 1 }),
            WorkbenchError::Store(StoreError::Locked { folder: PathBuf::from(inside), holder: None }),
            WorkbenchError::File { path: PathBuf::from(inside), source: io() },
            WorkbenchError::NoDataFolder,
        ] {
            let (status, kind, detail) = of_workbench(error);
            assert_eq!((status, kind), (500, "about:blank"));
            assert!(!detail.contains(inside), "{detail}");
        }
    }

    #[test]
    fn a_problem_document_has_the_fields_of_rfc_9457() {
        let problem = Problem::invalid(vec![FieldError::new("url", "is missing")]);
        let document = serde_json::to_value(&problem).unwrap();
        assert_eq!(
            document,
            serde_json::json!({
                "type": "about:blank",
                "title": "Unprocessable Entity",
                "status": 422,
                "detail": "url: is missing.",
                "errors": [{"field": "url", "message": "is missing"}],
            })
        );
        assert!(serde_json::to_value(Problem::internal()).unwrap().get("errors").is_none());
    }
}
