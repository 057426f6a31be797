//! Whether the system is light or dark, before there is a page to ask.

use tauri::Theme;

/// What pages will be told by `prefers-color-scheme`: WebKitGTK goes by these two settings of the toolkit,
/// and the window library keeps the first in step with the desktop's portal where there is one. Main thread
/// only.
#[cfg(target_os = "linux")]
pub(crate) fn theme() -> Theme {
    use gtk::prelude::GtkSettingsExt as _;

    let dark = gtk::Settings::default().is_some_and(|settings| {
        settings.is_gtk_application_prefer_dark_theme()
            || settings.gtk_theme_name().is_some_and(|name| is_dark_by_name(&name))
    });
    if dark || std::env::var("GTK_THEME").is_ok_and(|name| is_dark_by_name(&name)) {
        Theme::Dark
    } else {
        Theme::Light
    }
}

#[cfg(target_os = "linux")]
fn is_dark_by_name(theme: &str) -> bool {
    let name = theme.to_lowercase();
    name.ends_with("-dark") || name.ends_with(":dark")
}

/// There the window itself is created in the system's colours, and told apart once it exists.
#[cfg(not(target_os = "linux"))]
pub(crate) fn theme() -> Theme {
    Theme::Light
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::is_dark_by_name;

    #[test]
    fn dark_themes_say_so_in_their_names() {
        assert!(["Adwaita-dark", "Adwaita:dark", "Yaru-Dark"].into_iter().all(is_dark_by_name));
        assert!(!["Adwaita", "Darkside", ""].into_iter().any(is_dark_by_name));
    }
}
