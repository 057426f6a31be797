//! Whether a tray can be made on Linux. Its library is opened at run time, and where there is none the
//! binding panics: so it is looked for first, the way the dynamic linker would. It speaks to the desktop over
//! the session bus, so that has to be there too.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The names the binding tries.
const LIBRARIES: [&str; 2] = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];

/// What `ldconfig` knows.
const CACHE: &str = "/etc/ld.so.cache";

pub(crate) fn is_there() -> bool {
    let libraries = std::env::var_os("LD_LIBRARY_PATH");
    !cfg!(target_os = "linux") || (has_session_bus() && is_known(Path::new(CACHE), libraries.as_deref()))
}

fn has_session_bus() -> bool {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty())
        || runtime.is_some_and(|folder| folder.join("bus").exists())
}

fn is_known(cache: &Path, folders: Option<&OsStr>) -> bool {
    let folders: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folders| std::env::split_paths(folders))
        .filter(|folder| folder.is_absolute())
        .collect();
    let cache = std::fs::read(cache).unwrap_or_default();
    LIBRARIES.iter().any(|name| {
        folders.iter().any(|folder| folder.join(name).exists())
            || cache.windows(name.len()).any(|window| window == name.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_in_the_cache_or_on_the_path_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("cache");
        std::fs::write(&cache, b"\0libgtk-3.so.0\0").unwrap();
        assert!(!is_known(&cache, None));
        assert!(!is_known(&cache, Some(folder.path().as_os_str())));

        std::fs::write(&cache, b"\0libgtk-3.so.0\0libayatana-appindicator3.so.1\0/usr/lib\0").unwrap();
        assert!(is_known(&cache, None));

        std::fs::write(folder.path().join(LIBRARIES[1]), b"").unwrap();
        assert!(is_known(Path::new("/nowhere"), Some(folder.path().as_os_str())));
    }
}
