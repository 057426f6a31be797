//! Whether there is a screen. GTK panics where there is none, and a person deserves a sentence.

use std::ffi::OsString;

/// There is nowhere to open a window.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no display: neither DISPLAY nor WAYLAND_DISPLAY is set. `hookbench serve` shows the same interface in a browser"
)]
pub(crate) struct NoDisplay;

/// Looks for a display in the process's environment.
pub(crate) fn find() -> Result<(), NoDisplay> {
    if cfg!(target_os = "linux") { find_in(|name| std::env::var_os(name)) } else { Ok(()) }
}

fn find_in(variable: impl Fn(&str) -> Option<OsString>) -> Result<(), NoDisplay> {
    let named = |name| variable(name).is_some_and(|value| !value.is_empty());
    if named("WAYLAND_DISPLAY") || named("DISPLAY") { Ok(()) } else { Err(NoDisplay) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_display_will_do_and_an_empty_name_is_none() {
        assert_eq!(find_in(|name| (name == "DISPLAY").then(|| ":0".into())), Ok(()));
        assert_eq!(find_in(|name| (name == "WAYLAND_DISPLAY").then(|| "wayland-0".into())), Ok(()));
        assert_eq!(find_in(|_| Some("".into())), Err(NoDisplay));
        assert_eq!(find_in(|_| None), Err(NoDisplay));
    }
}
