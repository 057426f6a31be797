//! The tray: the window within reach, and the way out while it is hidden.

use tauri::image::Image;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager as _};

use crate::{indicator, window};

const SHOW: &str = "show";
const QUIT: &str = "quit";

/// Whether there is a tray to come back from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HasTray(pub(crate) bool);

/// Makes the tray where the desktop can have one.
pub(crate) fn create(app: &AppHandle) -> HasTray {
    if !indicator::is_there() {
        tracing::info!("no tray: no indicator library is installed");
        return HasTray(false);
    }
    match build(app) {
        Ok(()) => HasTray(true),
        Err(error) => {
            tracing::warn!(%error, "no tray");
            HasTray(false)
        }
    }
}

fn build(app: &AppHandle) -> tauri::Result<()> {
    let show = MenuItem::with_id(app, SHOW, "Show or hide Hookbench", true, None::<&str>)?;
    let quit = MenuItem::with_id(app, QUIT, "Quit", true, None::<&str>)?;
    let menu = Menu::with_items(app, &[&show, &PredefinedMenuItem::separator(app)?, &quit])?;
    TrayIconBuilder::with_id("main")
        .icon(icon(app))
        .icon_as_template(true)
        .tooltip("Hookbench")
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| match event.id().as_ref() {
            SHOW => window::toggle(app),
            QUIT => app.exit(0),
            _ => {}
        })
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                window::toggle(tray.app_handle());
            }
        })
        .build(app)?;
    Ok(())
}

/// Dark strokes where macOS recolours them and where the system is light; light ones for the dark panels
/// that are usual elsewhere.
fn icon(app: &AppHandle) -> Image<'static> {
    let light_system = app
        .get_webview_window(window::MAIN)
        .is_some_and(|window| matches!(window.theme(), Ok(tauri::Theme::Light)));
    if cfg!(target_os = "macos") || (cfg!(windows) && light_system) {
        tauri::include_image!("icons/tray-dark.png")
    } else {
        tauri::include_image!("icons/tray-light.png")
    }
}
