//! Saving and opening files through the system's dialogs. The page sees bytes, never paths.

use std::io;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request as HttpRequest;
use futures::StreamExt as _;
use serde::Serialize;
use tauri::ipc::{InvokeBody, Request, Response};
use tauri::{AppHandle, Manager as _, WebviewWindow};
use tauri_plugin_dialog::{DialogExt as _, FilePath};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::oneshot;
use tower::ServiceExt as _;

use crate::engine::Engine;

/// More than any refusal says, in bytes.
const REFUSAL_AT_MOST: usize = 64 << 10;
/// How many unfinished files may lie beside one.
const PARTS: usize = 100;

/// A file could not be saved or opened; goes to the page as a sentence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("The page did not say what to save.")]
    NothingToSave,
    #[error("This place is not a folder on this machine.")]
    NotLocal,
    #[error("{} could not be used: {source}", .path.display())]
    Disk { path: PathBuf, source: io::Error },
    #[error("{0}")]
    Refused(String),
    #[error("It could not be read to its end, so nothing was saved.")]
    BrokeOff,
}

impl Serialize for FileError {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Asks where to and saves the raw bytes of the call; the header `file-name` suggests a name. Answers
/// whether it was saved: `false` when the person changed their mind.
#[tauri::command]
pub(crate) async fn save_file(window: WebviewWindow, request: Request<'_>) -> Result<bool, FileError> {
    let InvokeBody::Raw(bytes) = request.body() else { return Err(FileError::NothingToSave) };
    let name = request.headers().get("file-name").and_then(|name| name.to_str().ok()).unwrap_or("hookbench");
    let (tell, told) = oneshot::channel();
    let dialog = window.app_handle().dialog().file().set_parent(&window).set_file_name(plain_name(name));
    dialog.save_file(move |path| drop(tell.send(path)));
    let Some(path) = chosen(told).await? else { return Ok(false) };
    match tokio::fs::write(&path, bytes).await {
        Ok(()) => Ok(true),
        Err(source) => Err(FileError::Disk { path, source }),
    }
}

/// Asks where to, and saves there what the contract answers to a GET: as it comes, however large it is. Answers whether
/// it was saved: `false` when the person changed their mind.
#[tauri::command]
pub(crate) async fn save_answer(
    window: WebviewWindow,
    path: String,
    name: String,
) -> Result<bool, FileError> {
    let (tell, told) = oneshot::channel();
    let dialog = window.app_handle().dialog().file().set_parent(&window).set_file_name(plain_name(&name));
    dialog.save_file(move |path| drop(tell.send(path)));
    let Some(file) = chosen(told).await? else { return Ok(false) };
    let router = window.state::<Engine>().router.clone();
    answer_into(router, &path, &file).await.map(|()| true)
}

/// Writes an answer beside the file that it replaces once it is whole.
async fn answer_into(router: Router, path: &str, file: &Path) -> Result<(), FileError> {
    let response = match HttpRequest::get(path).body(Body::empty()) {
        Ok(request) if path.starts_with("/v1/") => {
            let Ok(response) = router.oneshot(request).await;
            response
        }
        _ => return Err(FileError::NothingToSave),
    };
    if !response.status().is_success() {
        let said = to_bytes(response.into_body(), REFUSAL_AT_MOST).await.unwrap_or_default();
        let said: serde_json::Value = serde_json::from_slice(&said).unwrap_or_default();
        let detail = said.get("detail").and_then(serde_json::Value::as_str);
        return Err(FileError::Refused(detail.unwrap_or("It could not be read.").to_owned()));
    }
    let (out, part) = beside(file).await?;
    let written = write(response.into_body(), out, &part).await;
    let done = match written {
        Ok(()) => tokio::fs::rename(&part, file).await.map_err(|source| disk(file, source)),
        Err(error) => Err(error),
    };
    if done.is_err() {
        // What was not finished is of no use to anybody.
        let _ = tokio::fs::remove_file(&part).await;
    }
    done
}

async fn write(body: Body, mut out: File, part: &Path) -> Result<(), FileError> {
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| {
            tracing::error!(%error, "an answer broke off on its way to a file");
            FileError::BrokeOff
        })?;
        out.write_all(&piece).await.map_err(|source| disk(part, source))?;
    }
    // What the last write said is told by the flush alone.
    out.flush().await.map_err(|source| disk(part, source))?;
    out.sync_all().await.map_err(|source| disk(part, source))
}

/// What is written until it is whole, beside the file that it replaces then: a new file, never one that is there.
async fn beside(file: &Path) -> Result<(File, PathBuf), FileError> {
    let mut number = 1;
    loop {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(if number == 1 { ".part".to_owned() } else { format!(".{number}.part") });
        let part = file.with_file_name(name);
        match File::options().write(true).create_new(true).open(&part).await {
            Ok(made) => return Ok((made, part)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < PARTS => number += 1,
            Err(source) => return Err(disk(&part, source)),
        }
    }
}

fn disk(path: &Path, source: io::Error) -> FileError {
    FileError::Disk { path: path.to_owned(), source }
}

/// Asks for a file and answers with its bytes; no bytes when the person changed their mind.
#[tauri::command]
pub(crate) async fn open_file(app: AppHandle, window: WebviewWindow) -> Result<Response, FileError> {
    let (tell, told) = oneshot::channel();
    app.dialog().file().set_parent(&window).pick_file(move |path| drop(tell.send(path)));
    let Some(path) = chosen(told).await? else { return Ok(Response::new(Vec::new())) };
    match tokio::fs::read(&path).await {
        Ok(bytes) => Ok(Response::new(bytes)),
        Err(source) => Err(FileError::Disk { path, source }),
    }
}

async fn chosen(told: oneshot::Receiver<Option<FilePath>>) -> Result<Option<PathBuf>, FileError> {
    // A dialog that goes away without a word is one that was cancelled.
    let path = told.await.unwrap_or(None);
    path.map(|path| match path {
        FilePath::Path(path) => Ok(path),
        FilePath::Url(url) => url.to_file_path().map_err(|()| FileError::NotLocal),
    })
    .transpose()
}

/// The suggestion comes from the page, which shows names that strangers sent: no folders, no controls.
fn plain_name(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c }).collect();
    let plain = plain.trim_matches(['.', ' ']);
    if plain.is_empty() { "hookbench".into() } else { plain.into() }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::http::StatusCode;
    use axum::routing::get;

    use super::*;

    fn router() -> Router {
        let piece = |number: u8| Ok::<_, io::Error>(Bytes::from(vec![number; 1 << 20]));
        let whole = move || async move { Body::from_stream(futures::stream::iter((0..20).map(piece))) };
        let broken = move || async move {
            let end = Err(io::Error::from(io::ErrorKind::ConnectionReset));
            Body::from_stream(futures::stream::iter((0..3).map(piece).chain([end])))
        };
        let refused = || async { (StatusCode::UNPROCESSABLE_ENTITY, "{\"detail\": \"q: is too long.\"}") };
        Router::new()
            .route("/v1/whole", get(whole))
            .route("/v1/broken", get(broken))
            .route("/v1/refused", get(refused))
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[tokio::test]
    async fn an_answer_is_saved_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("requests.jsonl");
        std::fs::write(&file, "before").unwrap();
        let failed = answer_into(router(), "/v1/broken", &file).await.unwrap_err();
        assert!(matches!(failed, FileError::BrokeOff));
        let refused = answer_into(router(), "/v1/refused", &file).await.unwrap_err();
        assert_eq!(refused.to_string(), "q: is too long.");
        for path in ["/elsewhere", "http://a.example/v1/whole", "/v1/ "] {
            assert!(answer_into(router(), path, &file).await.is_err(), "{path}");
        }
        assert_eq!(std::fs::read(&file).unwrap(), b"before");
        assert_eq!(names(folder.path()), ["requests.jsonl"], "nothing is left behind");

        answer_into(router(), "/v1/whole", &file).await.unwrap();
        let saved = std::fs::read(&file).unwrap();
        assert_eq!((saved.len(), saved.last()), (20 << 20, Some(&19)));
        assert_eq!(names(folder.path()), ["requests.jsonl"]);

        let own = folder.path().join("requests.jsonl.part");
        std::fs::write(&own, "a person's own").unwrap();
        for path in ["/v1/whole", "/v1/broken"] {
            let _ = answer_into(router(), path, &file).await;
            assert_eq!(std::fs::read(&own).unwrap(), b"a person's own", "{path}");
            assert_eq!(names(folder.path()).len(), 2, "{path}");
        }

        let nowhere = folder.path().join("missing/requests.jsonl");
        let failed = answer_into(router(), "/v1/whole", &nowhere).await.unwrap_err();
        assert!(matches!(failed, FileError::Disk { .. }), "{failed}");
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_disk_is_told_in_a_sentence() {
        let said =
            answer_into(router(), "/v1/whole", Path::new("/dev/full/x")).await.unwrap_err().to_string();
        assert!(said.starts_with("/dev/full/x.part could not be used: "), "{said}");
        let full = Path::new("/dev/full");
        let out = File::options().write(true).open(full).await.unwrap();
        let said = write(Body::from(vec![0; 1 << 20]), out, full).await.unwrap_err().to_string();
        assert!(said.contains("No space left on device"), "{said}");
    }

    #[test]
    fn a_suggested_name_stays_in_the_folder() {
        assert_eq!(plain_name("../../.bashrc"), "_.._.bashrc");
        assert_eq!(plain_name("a\nb.json"), "a_b.json");
        assert_eq!(plain_name("..."), "hookbench");
        assert_eq!(plain_name("dlv_01.json"), "dlv_01.json");
    }
}
