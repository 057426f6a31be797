//! What the tests of the whole program share: the real binary in a folder of its own, and a client.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How long anything on this machine may take before a test says that it hangs. Nothing waits this
/// long when all is well: waits end by what they wait for.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The command line's binary.
pub(crate) fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_hookbench")
}

/// A command of the binary on a folder, which sees nothing of the user's environment.
pub(crate) fn hookbench(data: &Path) -> Command {
    let mut command = bare();
    command.arg("--data").arg(data);
    command
}

/// A command of the binary that sees nothing of the user's environment.
fn bare() -> Command {
    let mut command = Command::new(binary());
    clean(&mut command);
    command
}

/// Keeps the user's environment from a command, which may run the binary through another program.
pub(crate) fn clean(command: &mut Command) {
    for name in
        ["HOOKBENCH_DATA", "HOOKBENCH_TOKEN", "HOOKBENCH_API", "HOOKBENCH_CAPTURE", "HOOKBENCH_SECRET"]
    {
        command.env_remove(name);
    }
    // Tests leave nothing in the keychain of whoever runs them.
    command.env("HOOKBENCH_KEYS", "file").env("RUST_BACKTRACE", "0").kill_on_drop(true);
}

/// A running headless server.
pub(crate) struct Server {
    child: Child,
    /// Where its API listens: `http://127.0.0.1:…`.
    pub(crate) api: String,
    /// Where its inboxes listen: `http://127.0.0.1:…`.
    pub(crate) capture: String,
    /// What opens the API.
    pub(crate) token: String,
    client: reqwest::Client,
    errors: tokio::task::JoinHandle<String>,
}

impl Server {
    /// Starts it on a folder, at ports of its choice.
    pub(crate) async fn start(data: &Path) -> Self {
        Self::start_with(data, &[]).await
    }

    /// Starts it with more arguments.
    pub(crate) async fn start_with(data: &Path, arguments: &[&str]) -> Self {
        Self::run(hookbench(data), arguments).await
    }

    /// Starts it on a throw-away workspace full of traffic, whose time is its own.
    pub(crate) async fn start_demo() -> Self {
        Self::run(bare(), &["--demo"]).await
    }

    /// Starts it by a command that may set things up first.
    pub(crate) async fn run(mut command: Command, arguments: &[&str]) -> Self {
        let mut child = command
            .args(["serve", "--json", "--api", "127.0.0.1:0", "--capture", "127.0.0.1:0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut stderr = child.stderr.take().expect("stderr is piped");
        let errors = tokio::spawn(async move {
            let mut text = String::new();
            stderr.read_to_string(&mut text).await.ok();
            text
        });
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let first = tokio::time::timeout(PATIENCE, lines.next_line())
            .await
            .expect("it says where it listens in time");
        let Some(line) = first.expect("stdout can be read") else {
            child.wait().await.ok();
            panic!(
                "the server ended without a word on stdout; on stderr: {}",
                errors.await.unwrap_or_default()
            );
        };
        let said: Value = serde_json::from_str(&line).expect("the first line is JSON");
        let text = |key: &str| said[key].as_str().unwrap_or_else(|| panic!("{key} in {said}")).to_owned();
        Self {
            api: text("api"),
            capture: text("capture"),
            token: text("token"),
            child,
            client: reqwest::Client::builder().no_proxy().build().expect("a client"),
            errors,
        }
    }

    /// A request to the API with the token.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.api)).bearer_auth(&self.token)
    }

    /// A GET that must succeed.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, None).await.expect_success(path)
    }

    /// A POST that must succeed.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        self.send(Method::POST, path, Some(body)).await.expect_success(path)
    }

    /// A PATCH that must succeed.
    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Value {
        self.send(Method::PATCH, path, Some(body)).await.expect_success(path)
    }

    /// The bytes of a raw resource.
    pub(crate) async fn raw(&self, path: &str) -> Vec<u8> {
        let response = self.request(Method::GET, path).send().await.expect("an answer");
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response.bytes().await.expect("a body").to_vec()
    }

    /// A call and its answer, whatever it is.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{path}: {error}"));
        let status = response.status();
        let bytes = response.bytes().await.expect("a body");
        let body =
            if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap_or_default() };
        Answer { status, body }
    }

    /// Every row of a list, page by page.
    pub(crate) async fn rows(&self, path: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut cursor = String::new();
        loop {
            let join = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{join}limit=500{cursor}")).await;
            rows.extend(page["data"].as_array().expect("data").iter().cloned());
            let Some(next) = page["next_cursor"].as_str() else { return rows };
            cursor = format!("&cursor={next}");
        }
    }

    /// Asks again until `wanted` holds; the answer for which it does.
    pub(crate) async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = std::time::Instant::now();
        loop {
            let answer = self.get(path).await;
            if wanted(&answer) {
                return answer;
            }
            assert!(start.elapsed() < PATIENCE, "{path} never came to be as wanted; it is {answer}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// A new inbox of a provider, verified with this secret.
    pub(crate) async fn inbox(&self, name: &str, provider: Option<&str>, secret: Option<&str>) -> Value {
        let mut body = json!({"name": name});
        if let Some(provider) = provider {
            body["provider"] = provider.into();
        }
        if let Some(secret) = secret {
            body["secret"] = secret.into();
        }
        self.post("/v1/inboxes", &body).await
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// kill -9 while others still hold on to it. [`Server::kill`] must follow.
    pub(crate) async fn kill_now(&self) {
        self.signal("-KILL").await;
    }

    /// Sends it a signal by its name: `-TERM`.
    pub(crate) async fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.pid().to_string()]).status().await;
        assert!(sent.expect("kill runs").success(), "{name} could not be sent");
    }

    /// kill -9, and the end of it.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it can be killed");
    }

    /// Asks it to stop, as Ctrl-C does; how it ended and what it logged.
    pub(crate) async fn stop(self) -> (ExitStatus, String) {
        self.signal("-INT").await;
        self.ended().await
    }

    /// Waits for its end; how it ended and what it logged.
    pub(crate) async fn ended(mut self) -> (ExitStatus, String) {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it stops in time");
        (status.expect("it can be waited for"), self.errors.await.unwrap_or_default())
    }
}

/// What the API answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// The body, null where it is empty or not JSON.
    pub(crate) body: Value,
}

impl Answer {
    fn expect_success(self, path: &str) -> Value {
        assert!(self.status.is_success(), "{path}: {} {}", self.status, self.body);
        self.body
    }
}

/// The text at a key.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no text `{key}` in {value}"))
}

/// A folder of one's own.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}
