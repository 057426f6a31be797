//! The workbench behind the window: opened while the toolkit starts, drained after the window is gone.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use hookbench_workbench::{OpenOptions, Options, Settings, Theme, Workbench, WorkbenchError};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::arguments::Arguments;

/// How long the window's end may wait for what is under way.
const DRAIN_AT_MOST: Duration = Duration::from_secs(10);

/// More than any one thing's JSON takes.
const JSON_AT_MOST: usize = 1 << 20;

/// An open workspace, and the contract's router over it.
#[derive(Clone)]
pub(crate) struct Engine {
    pub(crate) workbench: Workbench,
    pub(crate) router: Router,
}

impl Engine {
    /// Opens the workspace that the arguments name.
    pub(crate) async fn open(arguments: Arguments) -> Result<Self, WorkbenchError> {
        let workbench = Workbench::open(options(arguments)).await?;
        let router = hookbench_api::router(workbench.clone(), hookbench_api::Door::InProcess);
        Ok(Self { workbench, router })
    }

    /// The theme setting as the window knows it; `None` follows the system.
    pub(crate) fn theme(&self) -> Option<tauri::Theme> {
        theme(&self.workbench.settings())
    }

    /// What the contract says about a thing; `None` when it is gone.
    pub(crate) async fn get(&self, path: &str) -> Option<Value> {
        let request = Request::get(path).body(Body::empty()).ok()?;
        let Ok(response) = self.router.clone().oneshot(request).await;
        if !response.status().is_success() {
            return None;
        }
        let bytes = to_bytes(response.into_body(), JSON_AT_MOST).await.ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Lets what is under way end, and closes the workspace. What does not end in time is taken up again at
    /// the next start.
    pub(crate) async fn stop(self) {
        if tokio::time::timeout(DRAIN_AT_MOST, self.workbench.shutdown()).await.is_err() {
            tracing::warn!(waited_ms = DRAIN_AT_MOST.as_millis(), "not everything under way ended in time");
        }
    }
}

fn options(arguments: Arguments) -> Options {
    let usual = Options::default();
    let capture = arguments.capture.unwrap_or(usual.capture);
    let store = OpenOptions { key: arguments.keys, ..usual.store };
    Options { data_dir: arguments.data, capture, demo: arguments.demo, store, ..usual }
}

/// The theme setting as the window knows it; `None` follows the system.
pub(crate) fn theme(settings: &Settings) -> Option<tauri::Theme> {
    match settings.theme {
        Theme::System => None,
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
    }
}
