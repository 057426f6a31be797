//! Whether a tray can be made on Linux. Its library is opened at run time, and where there is none the
//! binding panics: so it is looked for first, the way the dynamic linker would.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The names the binding tries.
const LIBRARIES: [&str; 2] = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];

/// What `ldconfig` knows.
const CACHE: &str = "/etc/ld.so.cache";

pub(crate) fn is_there() -> bool {
    !cfg!(target_os = "linux") || is_known(Path::new(CACHE), std::env::var_os("LD_LIBRARY_PATH"))
}

fn is_known(cache: &Path, folders: Option<OsString>) -> bool {
    let folders: Vec<PathBuf> =
        folders.iter().flat_map(std::env::split_paths).filter(|folder| folder.is_absolute()).collect();
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
        assert!(!is_known(&cache, Some(folder.path().into())));

        std::fs::write(&cache, b"\0libgtk-3.so.0\0libayatana-appindicator3.so.1\0/usr/lib\0").unwrap();
        assert!(is_known(&cache, None));

        std::fs::write(folder.path().join(LIBRARIES[1]), b"").unwrap();
        assert!(is_known(Path::new("/nowhere"), Some(folder.path().into())));
    }
}
