//! One window a workspace: a second start brings the first one forward.
//!
//! That takes a session bus. Where there is none, the data folder's own lock keeps the second one out, and
//! says so.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};

use crate::arguments::Arguments;
use crate::window;

/// The app's identifier in `tauri.conf.json`, by which windows on the usual workspace find one another.
const IDENTIFIER: &str = "dev.hookbench.desktop";

/// The plugin that finds the other window; none for a throw-away workspace, which is always its own, and
/// none for a named folder where the platform cannot tell folders apart.
pub(crate) fn plugin(arguments: &Arguments) -> Option<TauriPlugin<Wry>> {
    let name = match &arguments.data {
        None if arguments.demo => return None,
        None => IDENTIFIER.to_owned(),
        Some(_) if cfg!(not(target_os = "linux")) => return None,
        Some(folder) => named_after(folder),
    };
    let bring_forward = |app: &AppHandle, _, _| window::reveal(app);
    Some(tauri_plugin_single_instance::Builder::new().callback(bring_forward).dbus_id(name).build())
}

/// A bus name of the folder's own. Both instances are the same program, so the hash need not outlive it.
fn named_after(folder: &Path) -> String {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    let mut hasher = DefaultHasher::new();
    whole.hash(&mut hasher);
    format!("{IDENTIFIER}.w{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_name_however_it_is_spelled_and_another_folder_another() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(named_after(Path::new("a")), named_after(&here.join("a")));
        assert_ne!(named_after(Path::new("a")), named_after(Path::new("b")));
    }
}
