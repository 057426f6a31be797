//! The one window: themed from its first frame, kept to our own page.

use std::time::Duration;

use tauri::utils::config::Color;
use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{AppHandle, Manager as _, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tauri_plugin_opener::OpenerExt as _;

use crate::system;

/// The window's label, as the capabilities name it.
pub(crate) const MAIN: &str = "main";

/// The interface is made for this size and larger ones, in logical pixels.
const SMALLEST: (f64, f64) = (900.0, 600.0);
const FIRST: (f64, f64) = (1280.0, 800.0);

/// The UI's ground in either theme (`--ground` in its tokens): what is seen until the page paints.
const LIGHT_GROUND: Color = Color(0xff, 0xff, 0xff, 0xff);
const DARK_GROUND: Color = Color(0x0f, 0x12, 0x15, 0xff);

/// Whether the page paints while its window is hidden: then the window waits for it. WebKitGTK begins only
/// once it is seen, and fills the window with the ground meanwhile.
const PAINTS_HIDDEN: bool = cfg!(not(target_os = "linux"));

/// A page that has not loaded by then is shown as it is, so that a fault is seen and not a missing window.
const SHOW_AT_LATEST: Duration = Duration::from_secs(3);

/// Makes the window in its theme and place, and only then shows it. Without a theme it follows the system's.
pub(crate) fn create(app: &AppHandle, theme: Option<Theme>) -> tauri::Result<WebviewWindow> {
    let opener = app.clone();
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .title("Hookbench")
        .inner_size(FIRST.0, FIRST.1)
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .visible(false)
        .theme(theme)
        .background_color(ground(theme.unwrap_or_else(system::theme)))
        .initialization_script(include_str!("language.js"))
        .zoom_hotkeys_enabled(true)
        .disable_drag_drop_handler()
        .on_navigation(is_our_page)
        .on_new_window(move |url, _| {
            open_outside(&opener, &url);
            NewWindowResponse::Deny
        })
        .on_page_load(|window, load| {
            if PAINTS_HIDDEN && load.event() == PageLoadEvent::Finished {
                show(&window);
            }
        })
        .build()?;
    // Making the window asks the desktop's portal, which may know better than the toolkit did.
    window.set_background_color(Some(ground(theme.unwrap_or_else(system::theme))))?;
    if PAINTS_HIDDEN {
        show_at_latest(&window);
    } else {
        show(&window);
    }
    Ok(window)
}

/// Follows a change of the theme, be it the setting's or the system's. Call it on the main thread.
pub(crate) fn dress(app: &AppHandle, theme: Option<Theme>) -> tauri::Result<()> {
    let Some(window) = app.get_webview_window(MAIN) else { return Ok(()) };
    window.set_theme(theme)?;
    window.set_background_color(Some(ground(theme.unwrap_or_else(system::theme))))
}

/// Gives the window the ground of a theme, until its page paints over it.
pub(crate) fn paint_ground(app: &AppHandle, theme: Theme) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    if let Err(error) = window.set_background_color(Some(ground(theme))) {
        tracing::warn!(%error, "the window could not change its ground");
    }
}

/// Puts the window out of sight; the tray brings it back.
pub(crate) fn hide(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    if let Err(error) = window.hide() {
        tracing::warn!(%error, "the window could not be hidden");
    }
}

/// Brings the window before the person, wherever it was.
pub(crate) fn reveal(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        show(&window);
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}

/// Brings the window before the person, at a place of the interface (`#/deliveries/…`).
pub(crate) fn open(app: &AppHandle, address: &str) {
    reveal(app);
    let Some(window) = app.get_webview_window(MAIN) else { return };
    // A JSON text is one of JavaScript's too.
    let address = serde_json::Value::from(address);
    if let Err(error) = window.eval(format!("location.hash = {address};")) {
        tracing::warn!(%error, "the window could not be led to a place");
    }
}

/// Hides a window that is seen and reveals one that is not.
pub(crate) fn toggle(app: &AppHandle) {
    let seen = app.get_webview_window(MAIN).filter(|window| window.is_visible().unwrap_or(false));
    match seen {
        Some(_) => hide(app),
        None => reveal(app),
    }
}

fn show(window: &WebviewWindow) {
    if let Err(error) = window.show() {
        tracing::warn!(%error, "the window could not be shown");
    }
}

fn show_at_latest(window: &WebviewWindow) {
    let window = window.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOW_AT_LATEST).await;
        show(&window);
    });
}

fn ground(theme: Theme) -> Color {
    if theme == Theme::Dark { DARK_GROUND } else { LIGHT_GROUND }
}

/// The page never leads elsewhere: what is captured is hostile, and a link in it stays text.
fn is_our_page(url: &Url) -> bool {
    let at = (url.scheme(), url.host_str());
    matches!(at, ("tauri", Some("localhost")) | ("http" | "https", Some("tauri.localhost")))
        || (tauri::is_dev() && at == ("http", Some("localhost")))
        || url.as_str() == "about:blank"
}

/// A link to the web opens in the person's own browser.
fn open_outside(app: &AppHandle, url: &Url) {
    if !matches!(url.scheme(), "http" | "https") {
        return;
    }
    if let Err(error) = app.opener().open_url(url.as_str(), None::<&str>) {
        tracing::warn!(%error, "the link could not be opened");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_page_is_loaded() {
        let ours = ["tauri://localhost/index.html#/inbox", "http://tauri.localhost/", "about:blank"];
        let others = [
            "https://example.com/",
            "file:///etc/passwd",
            "hookbench://localhost/v1/health",
            "data:text/html,x",
        ];
        assert!(ours.iter().all(|url| is_our_page(&url.parse().unwrap())));
        assert!(!others.iter().any(|url| is_our_page(&url.parse().unwrap())));
    }
}
