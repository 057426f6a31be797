//! Packages of the operating system: which are missing, and getting them.

use std::collections::BTreeSet;
use std::process::Stdio;

use crate::console::say;
use crate::error::Error;
use crate::process;
use crate::project::Project;

/// What the packages are wanted for. Each includes what goes before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// Compiling the server.
    Server,
    /// Compiling and opening the window.
    Window,
    /// Driving the window and the page without a screen.
    Tests,
}

const SERVER: &[&str] = &["build-essential", "pkg-config", "ca-certificates"];
const WINDOW: &[&str] = &["libwebkit2gtk-4.1-dev"];
const TESTS: &[&str] = &[
    "xvfb",
    "xauth",
    "webkit2gtk-driver",
    "chromium",
    "dbus-daemon",
    "curl",
    "gnome-keyring",
    "python3-venv",
];

/// Sees to it that what `need` takes is installed: by apt on Debian and its kin, elsewhere by saying what
/// to install.
pub(crate) fn prepare(project: &Project, need: Need) -> Result<(), Error> {
    if cfg!(target_os = "macos") {
        say("macOS: needs the Xcode command line tools (`xcode-select --install`), Rust and Node.js 20.");
        return Ok(());
    }
    if cfg!(windows) {
        say(
            "Windows: needs the Visual Studio C++ build tools, WebView2 (part of Windows 11), Rust and Node.js 20.",
        );
        return Ok(());
    }
    let wanted = wanted(need);
    let Some(installed) = installed(project, &wanted) else {
        say(format!("No dpkg here. Install what Debian calls: {}", wanted.join(" ")));
        return Ok(());
    };
    let missing: Vec<&str> = wanted.into_iter().filter(|name| !installed.contains(*name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    say(format!("Missing system packages: {}", missing.join(" ")));
    install(project, &missing)
}

fn wanted(need: Need) -> Vec<&'static str> {
    let mut wanted = SERVER.to_vec();
    if need >= Need::Window {
        wanted.extend(WINDOW);
    }
    if need >= Need::Tests {
        wanted.extend(TESTS);
    }
    wanted
}

/// Which of the packages are installed; `None` where there is no dpkg to ask.
fn installed(project: &Project, names: &[&str]) -> Option<BTreeSet<String>> {
    let mut query = process::program("dpkg-query", project.root());
    // It fails as a whole when it knows nothing of one name, and still answers for the others.
    let output = query
        .args(["--show", "--showformat", "${Package} ${db:Status-Status}\\n"])
        .args(names)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    Some(parse_status(&String::from_utf8_lossy(&output.stdout)))
}

fn parse_status(listing: &str) -> BTreeSet<String> {
    listing
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, status)| *status == "installed")
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn install(project: &Project, missing: &[&str]) -> Result<(), Error> {
    apt(project, &["update"])?;
    let install = ["install", "--yes", "--no-install-recommends"];
    apt(project, &[&install, missing].concat())
}

fn apt(project: &Project, arguments: &[&str]) -> Result<(), Error> {
    let mut command = if is_root(project) {
        process::program("apt-get", project.root())
    } else {
        say(format!("Asking sudo for: apt-get {}", arguments.join(" ")));
        let mut sudo = process::program("sudo", project.root());
        sudo.args(["--preserve-env=DEBIAN_FRONTEND", "apt-get"]);
        sudo
    };
    process::run(
        command.env("DEBIAN_FRONTEND", "noninteractive").args(["-q", "-o=Dpkg::Use-Pty=0"]).args(arguments),
    )
}

fn is_root(project: &Project) -> bool {
    let mut id = process::program("id", project.root());
    process::output(id.arg("-u")).is_ok_and(|uid| uid.trim_ascii() == b"0")
}

/// Whether there is a screen to open a window on.
pub(crate) fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()))
}

/// The browser that tests and pictures are made with.
pub(crate) fn browser(project: &Project) -> Option<String> {
    let given = std::env::var("HOOKBENCH_CHROMIUM").ok();
    given.into_iter().chain(["chromium", "chromium-browser", "google-chrome"].map(String::from)).find(
        |name| {
            let mut command = process::program(name, project.root());
            process::succeeds(command.arg("--version"))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_package_with_its_configuration_left_is_missing() {
        let known = parse_status("xvfb installed\nchromium config-files\nxauth not-installed\n");
        assert_eq!(known.into_iter().collect::<Vec<_>>(), ["xvfb"]);
    }

    #[test]
    fn the_server_needs_no_window() {
        assert!(!wanted(Need::Server).contains(&"libwebkit2gtk-4.1-dev"));
        assert!(wanted(Need::Tests).contains(&"libwebkit2gtk-4.1-dev"));
    }
}
