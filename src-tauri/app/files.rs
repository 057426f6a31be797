//! Saving and opening files through the system's dialogs. The page sees bytes, never paths.

use std::io;
use std::path::PathBuf;

use serde::Serialize;
use tauri::ipc::{InvokeBody, Request, Response};
use tauri::{AppHandle, Manager as _, WebviewWindow};
use tauri_plugin_dialog::{DialogExt as _, FilePath};
use tokio::sync::oneshot;

/// A file could not be saved or opened; goes to the page as a sentence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("The page did not say what to save.")]
    NothingToSave,
    #[error("This place is not a folder on this machine.")]
    NotLocal,
    #[error("{} could not be used: {source}", .path.display())]
    Disk { path: PathBuf, source: io::Error },
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
    use super::*;

    #[test]
    fn a_suggested_name_stays_in_the_folder() {
        assert_eq!(plain_name("../../.bashrc"), "_.._.bashrc");
        assert_eq!(plain_name("a\nb.json"), "a_b.json");
        assert_eq!(plain_name("..."), "hookbench");
        assert_eq!(plain_name("dlv_01.json"), "dlv_01.json");
    }
}
