//! How the command line reaches a workspace that the window has open: a socket in the data folder, which its
//! owner alone can enter. No TCP port is opened for control.

use hookbench_workbench::Running;

use crate::engine::Engine;

/// Serves the router at a socket in the data folder for as long as the program runs. Where that cannot be, it
/// is logged: the window does without.
#[cfg(unix)]
pub(crate) async fn serve(engine: Engine) {
    let path = engine.workbench.data_dir().join("control.sock");
    // Whoever left one behind is gone: the folder is locked, and by us.
    let _ = std::fs::remove_file(&path);
    let listener = match tokio::net::UnixListener::bind(&path) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "the command line cannot reach this workspace");
            return;
        }
    };
    let running = Running {
        api: format!("unix:{}", path.display()),
        capture: engine.workbench.capture_origin(),
        token: String::new(),
        data_dir: engine.workbench.data_dir().to_owned(),
        pid: std::process::id(),
    };
    if let Err(error) = running.announce() {
        tracing::warn!(%error, "the command line cannot find this workspace");
        return;
    }
    if let Err(error) = axum::serve(listener, engine.router).await {
        tracing::warn!(%error, "the command line no longer reaches this workspace");
    }
}

/// Elsewhere there is no such socket.
#[cfg(not(unix))]
pub(crate) async fn serve(_: Engine) {}

/// Takes the socket away when the program ends.
pub(crate) fn remove(engine: &Engine) {
    if let Some(running) = Running::find(engine.workbench.data_dir())
        && let Err(error) = running.withdraw()
    {
        tracing::debug!(%error, "the note of this workspace stays behind");
    }
    let _ = std::fs::remove_file(engine.workbench.data_dir().join("control.sock"));
}
