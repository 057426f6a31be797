//! A desk of one's own for a test: a screen, folders, a driver, and the program in its window.

mod bus;
mod driver;
mod portal;
mod screen;
mod sender;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use fantoccini::Client;
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::key::Key;
use fantoccini::wd::Locator;
use serde_json::{Value, json};
use tempfile::TempDir;

use self::bus::Bus;
use self::driver::Driver;
pub(crate) use self::portal::SaveDialog;
pub(crate) use self::screen::{Frame, Screen};
pub(crate) use self::sender::post;

/// The program under test.
const BINARY: &str = env!("CARGO_BIN_EXE_hookbench-desktop");

/// Longer than anything the window does takes, short enough that a hang is noticed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Between two looks at something that is to go away.
const GLANCE: Duration = Duration::from_millis(20);

/// What the desktop says about light and dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    Light,
    Dark,
}

/// Screen and folders; the program is not started yet.
pub(crate) struct Desk {
    pub(crate) screen: Screen,
    bus: Option<Bus>,
    folders: TempDir,
}

impl Desk {
    pub(crate) fn set(system: System) -> Self {
        let folders = tempfile::tempdir().unwrap();
        let gtk = folders.path().join("config/gtk-3.0");
        std::fs::create_dir_all(&gtk).unwrap();
        std::fs::create_dir(folders.path().join("runtime")).unwrap();
        let dark = u8::from(system == System::Dark);
        let settings = format!("[Settings]\ngtk-application-prefer-dark-theme={dark}\n");
        std::fs::write(gtk.join("settings.ini"), settings).unwrap();
        Self { screen: Screen::start(folders.path()), bus: None, folders }
    }

    /// The same with a session bus.
    pub(crate) fn with_bus(system: System) -> Self {
        Self { bus: Some(Bus::start()), ..Self::set(system) }
    }

    pub(crate) fn bus_address(&self) -> &str {
        self.bus.as_ref().map(Bus::address).expect("this desk has a bus")
    }

    /// A place for a test's own files.
    pub(crate) fn own(&self, name: &str) -> PathBuf {
        self.folders.path().join("own").join(name)
    }

    /// Has what the window wants saved saved, as long as the answer is kept. The desk has a bus.
    pub(crate) async fn saving(&self) -> SaveDialog {
        SaveDialog::answer(self.bus_address(), self.own("saved")).await
    }

    /// The workspace's folder.
    pub(crate) fn data(&self) -> PathBuf {
        self.folders.path().join("workspace")
    }

    /// The program with this desk's screen and folders.
    pub(crate) fn program(&self) -> Command {
        let mut command = Command::new(BINARY);
        self.furnish(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Opens the window on this desk's workspace.
    pub(crate) async fn open(&self) -> Window {
        let data = self.data();
        self.open_with(&["--data", data.to_str().unwrap(), "--capture", "127.0.0.1:0"]).await
    }

    /// Opens the window with arguments of the test's own.
    pub(crate) async fn open_with(&self, arguments: &[&str]) -> Window {
        let driver = Driver::start(|command| self.furnish(command)).await;
        let client = driver.open(BINARY, arguments).await;
        Window { client, _driver: driver }
    }

    fn furnish(&self, command: &mut Command) {
        let folder = |name: &str| self.folders.path().join(name);
        command
            .env("DISPLAY", self.screen.name())
            .env("HOME", folder("home"))
            .env("XDG_DATA_HOME", folder("data"))
            .env("XDG_CONFIG_HOME", folder("config"))
            .env("XDG_CACHE_HOME", folder("cache"))
            .env("XDG_RUNTIME_DIR", folder("runtime"))
            // Nothing is left in the keychain of whoever runs the tests.
            .env("HOOKBENCH_KEYS", "file")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            // The barest of locales: what works in it works in any.
            .env("LC_ALL", "C");
        for inherited in
            ["WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "HOOKBENCH_DATA", "HOOKBENCH_CAPTURE"]
        {
            command.env_remove(inherited);
        }
        if let Some(bus) = &self.bus {
            // Files are asked for over it as well, as in a sandbox: there a test can answer.
            command.env("DBUS_SESSION_BUS_ADDRESS", bus.address()).env("GTK_USE_PORTAL", "1");
        }
    }
}

/// Where the field with this label is; one in a dialog comes before those of the page behind it.
fn labelled(label: &str) -> String {
    let named = format!("[@aria-label={label:?} or @id=//label[normalize-space(.)={label:?}]/@for]");
    let field = format!("*[self::input or self::select or self::textarea]{named}");
    format!("(//*[@role='dialog']//{field} | //body[not(.//*[@role='dialog'])]//{field})[1]")
}

/// The open window, driven as a person would.
pub(crate) struct Window {
    pub(crate) client: Client,
    _driver: Driver,
}

impl Window {
    /// The first element that the selector finds, waited for.
    pub(crate) async fn find(&self, selector: &str) -> Element {
        self.look(Locator::Css(selector)).await
    }

    /// The first button, link or tab that says this, waited for.
    pub(crate) async fn control(&self, says: &str) -> Element {
        let named = format!("normalize-space(.)={says:?} or @aria-label={says:?}");
        self.look(Locator::XPath(&format!("//*[self::button or self::a or @role='tab'][{named}]"))).await
    }

    /// Clicks the first button, link or tab that says this, once it is there and can be pressed.
    /// What lies over it for a moment, a toast say, is waited for.
    pub(crate) async fn press(&self, says: &str) {
        let pressed = async {
            while let Err(error) = self.control(says).await.click().await {
                let is_covered = matches!(&error, CmdError::Standard(refused)
                    if refused.error == ErrorStatus::ElementClickIntercepted);
                assert!(is_covered, "{says:?} was not pressed: {error}");
                tokio::time::sleep(GLANCE).await;
            }
        };
        let done = tokio::time::timeout(PATIENCE, pressed).await;
        assert!(done.is_ok(), "something lies over {says:?}:\n{}", self.text().await);
    }

    /// Writes into the field with this label, in place of what stands there.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses what says this from the list with this label, once it is among the choices.
    pub(crate) async fn choose(&self, label: &str, says: &str) {
        let field = self.field(label).await;
        if field.tag_name().await.unwrap().eq_ignore_ascii_case("input") {
            // The click opens the list. (Where the driver would type depends on the caret it sets by itself.)
            field.click().await.unwrap();
            let found = format!("//*[@role='option'][*[1][normalize-space(.)={says:?}]]");
            self.look(Locator::XPath(&found)).await.click().await.unwrap();
            return;
        }
        let option = format!("{}/option[normalize-space(.)={says:?}]", labelled(label));
        self.look(Locator::XPath(&option)).await;
        self.field(label).await.select_by_label(says).await.unwrap();
    }

    /// Picks the radio button with this label.
    pub(crate) async fn pick(&self, label: &str) {
        let radio = format!("//label[normalize-space(.)={label:?}]//input[@type='radio']");
        self.look(Locator::XPath(&radio)).await.click().await.unwrap();
    }

    /// Chooses from the menu that the button with this name opens.
    pub(crate) async fn menu(&self, button: &str, says: &str) {
        self.press(button).await;
        let item = format!("//*[@role='menuitem'][starts-with(normalize-space(.), {says:?})]");
        self.look(Locator::XPath(&item)).await.click().await.unwrap();
        self.lacks("[role='menu']").await;
    }

    /// The row of a list that says this, waited for.
    pub(crate) async fn row(&self, says: &str) -> Element {
        let row = format!("//*[@role='grid']//*[@role='row'][contains(normalize-space(.), {says:?})]");
        self.look(Locator::XPath(&row)).await
    }

    /// Marks the row of a list that says this, for something to be done with several.
    pub(crate) async fn check(&self, says: &str) {
        let mark = self.row(says).await.find(Locator::Css("input[type='checkbox']")).await.unwrap();
        mark.click().await.unwrap();
    }

    /// Presses the key that nothing has the focus for: one of the screen.
    pub(crate) async fn key(&self, key: &str) {
        self.find("main").await.send_keys(key).await.unwrap();
    }

    /// Presses Enter in the field with this label.
    pub(crate) async fn enter(&self, label: &str) {
        self.field(label).await.send_keys(&Key::Enter).await.unwrap();
    }

    /// Gives the file at this path to the control for files that the selector finds, as its dialog would.
    pub(crate) async fn give(&self, selector: &str, path: &Path) {
        self.find(selector).await.send_keys(path.to_str().unwrap()).await.unwrap();
    }

    /// What stands in the field with this label.
    pub(crate) async fn value(&self, label: &str) -> String {
        self.field(label).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Pastes what is on the clipboard in place of what stands in the field with this label, and gives what it is.
    pub(crate) async fn pasted(&self, label: &str) -> String {
        let field = self.field(label).await;
        field.clear().await.unwrap();
        field.send_keys(&(Key::Control + "v")).await.unwrap();
        self.value(label).await
    }

    /// Asks the contract, by the way that the page goes, and gives what it answers.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let asked = json!({
            "method": method,
            "headers": { "content-type": "application/json" },
            "body": if body.is_null() { Value::Null } else { body.to_string().into() },
        });
        let script = format!(
            "fetch('hookbench://localhost' + {}, {asked}).then(async (answer) => {{
                const text = await answer.text();
                if (!answer.ok) throw new Error(text);
                return text ? JSON.parse(text) : null;
            }}).then((json) => done({{ json }}), (error) => done({{ error: String(error) }}))",
            Value::from(path)
        );
        let mut told = self.run_async(&script).await;
        assert_eq!(told["error"], Value::Null, "{method} {path}");
        told["json"].take()
    }

    /// Goes to an address of the interface.
    pub(crate) async fn go(&self, address: &str) {
        self.run(&format!("location.hash = {}", Value::from(address))).await;
    }

    /// Turns the switch with this label.
    pub(crate) async fn flip(&self, label: &str) {
        let switch = format!("//label[normalize-space(.)={label:?}]//input[@role='switch']");
        self.look(Locator::XPath(&switch)).await.click().await.unwrap();
    }

    /// Waits until this holds in the page.
    pub(crate) async fn until(&self, holds: &str) {
        let looking = format!("const look = () => {holds} ? done(true) : setTimeout(look, 20); look();");
        self.run_async(&looking).await;
    }

    async fn field(&self, label: &str) -> Element {
        self.look(Locator::XPath(&labelled(label))).await
    }

    async fn look(&self, locator: Locator<'_>) -> Element {
        match self.client.wait().at_most(PATIENCE).for_element(locator).await {
            Ok(element) => element,
            Err(error) => panic!("{locator:?} is not in the window ({error}):\n{}", self.text().await),
        }
    }

    /// Waits until nothing in the window is what the selector asks for.
    pub(crate) async fn lacks(&self, selector: &str) {
        let there = async {
            while !self.client.find_all(Locator::Css(selector)).await.unwrap().is_empty() {
                tokio::time::sleep(GLANCE).await;
            }
        };
        let gone = tokio::time::timeout(PATIENCE, there).await;
        assert!(gone.is_ok(), "{selector} is still in the window:\n{}", self.text().await);
    }

    /// Waits until the window shows the text somewhere.
    pub(crate) async fn shows(&self, text: &str) {
        let locator = format!("//body//*[contains(normalize-space(.), {text:?})]");
        self.look(Locator::XPath(&locator)).await;
    }

    /// Everything the page says.
    pub(crate) async fn text(&self) -> String {
        self.run("return document.body.innerText").await.as_str().unwrap_or_default().to_owned()
    }

    /// Runs JavaScript in the page and gives what it returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// Runs JavaScript that ends by calling `done(value)`.
    pub(crate) async fn run_async(&self, script: &str) -> Value {
        let script = format!("const done = arguments[arguments.length - 1]; {script}");
        self.client.execute_async(&script, vec![]).await.unwrap()
    }

    /// A picture of the page, taken once what changed last has been drawn.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        self.run_async("requestAnimationFrame(() => requestAnimationFrame(() => done(null)))").await;
        self.client.screenshot().await.unwrap()
    }

    pub(crate) async fn close(self) {
        self.client.close().await.unwrap();
    }
}
