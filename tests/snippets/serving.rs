//! Receivers as people run them: the file as it is, its secret in the environment, requests over HTTP.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use hookbench_snippet_tests::{Case, Receiver, receivers, request};
use hookbench_snippets::Language;

use crate::tools::{self, is_there, python};

/// A list of signatures with the time among them; a URL, a method and a time; a public key; a header that
/// may come twice.
const SCHEMES: [&str; 4] = ["stripe", "smsportal", "standardwebhooks_v1a", "mollie"];

#[test]
fn receivers_in_node_serve() {
    serve(Language::Node);
}

#[test]
fn receivers_in_python_serve() {
    serve(Language::Python);
}

#[test]
fn receivers_in_go_serve() {
    serve(Language::Go);
}

#[test]
fn receivers_in_ruby_serve() {
    serve(Language::Ruby);
}

#[test]
fn receivers_in_php_serve() {
    serve(Language::Php);
}

#[test]
fn receivers_in_java_serve() {
    serve(Language::Java);
}

#[test]
fn receivers_in_rust_serve() {
    serve(Language::Rust);
}

/// What starts a receiver, as its first lines say. `port` is for those that are told it in no other way.
pub(crate) fn command(receiver: &Receiver, language: Language, port: u16) -> Command {
    let file = receiver.file.as_path();
    match language {
        Language::Node => started("node", &[file]),
        Language::Python => started(python(), &[file]),
        Language::Ruby => started("ruby", &[file]),
        Language::Go => {
            let program = file.with_file_name("receiver");
            if !program.exists() {
                tools::run(Command::new("go").args(["build", "-o"]).args([&program, file]));
            }
            started(&program, &[] as &[&Path])
        }
        Language::Php => {
            let mut php = started("php", &["-S"]);
            php.arg(format!("localhost:{port}")).arg(file);
            php
        }
        // Compiled once, as some are started many times.
        Language::Java => {
            let own = file.parent().expect("it has a folder of its own");
            let gson = (!receiver.dependencies.is_empty()).then(tools::gson);
            let path =
                std::env::join_paths(std::iter::once(own).chain(gson)).expect("paths without separators");
            if !own.join("Receiver.class").exists() {
                tools::run(Command::new("javac").arg("-cp").arg(&path).arg("-d").args([own, file]));
            }
            let mut java = Command::new("java");
            java.arg("-cp").arg(path).arg("Receiver");
            java
        }
        Language::Rust => {
            let here = std::env::current_exe().expect("a test knows where it is");
            let examples = here.ancestors().nth(2).expect("it lies in deps").join("examples");
            let program = examples.join("receiver").with_extension(std::env::consts::EXE_EXTENSION);
            started(&program, &[receiver.scheme.id()])
        }
        Language::CSharp => started("dotnet", &[file]),
    }
}

fn started(program: impl AsRef<std::ffi::OsStr>, arguments: &[impl AsRef<std::ffi::OsStr>]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

/// Starts the receiver of each scheme and sends it what it has to believe and what not.
fn serve(language: Language) {
    if !is_there(language) {
        return;
    }
    let folder = tools::folder();
    let receivers = receivers(language, folder.path());
    for receiver in receivers.iter().filter(|receiver| SCHEMES.contains(&receiver.scheme.id())) {
        let good = request(receiver.scheme, now_ms());
        let port = free_port();
        let mut command = command(receiver, language, port);
        command.env("PORT", port.to_string());
        command.env("WEBHOOK_SECRET", &good.secrets[0]);
        command.env("PUBLIC_URL", "https://hooks.example.com");
        let served = Served::start(&mut command, port);
        for (case, wanted) in asked(receiver, &good) {
            let answer = served.send(&case);
            let status = answer.split(' ').nth(1).unwrap_or_default();
            let who = format!("{}, {}, {}", language.title(), receiver.scheme.id(), case.what);
            assert_eq!(status, wanted, "{who}:\n{answer}");
            let reason = answer.split_once("\r\n\r\n").map(|(_, reason)| reason).unwrap_or_default();
            assert_eq!(reason.is_empty(), wanted == "200", "{who}: a reason is given where it is refused");
        }
    }
    println!("{}: {} receivers served", language.title(), SCHEMES.len());
}

/// Requests, each with the status that it has to get.
fn asked(receiver: &Receiver, good: &Case) -> Vec<(Case, &'static str)> {
    let tampered = Case { what: "another body".to_owned(), body: b"{}".to_vec(), ..good.clone() };
    let unsigned = Case { what: "no headers".to_owned(), headers: Vec::new(), ..good.clone() };
    let mut asked = vec![(good.clone(), "200"), (tampered, "401"), (unsigned, "401")];
    if receiver.scheme.keyed().is_some_and(|spec| spec.tolerance.past_s.is_some()) {
        let old = request(receiver.scheme, good.now_ms - 3_600_000);
        asked.push((Case { what: "an hour old".to_owned(), ..old }, "401"));
    }
    asked
}

/// A receiver that runs. Dropping it ends it.
pub(crate) struct Served {
    process: Child,
    port: u16,
}

impl Served {
    fn start(command: &mut Command, port: u16) -> Self {
        Self::listening(command.stderr(Stdio::null()), port)
    }

    /// Keeps what it writes to its log, for [`log`](Self::log).
    pub(crate) fn start_logged(command: &mut Command, port: u16) -> Self {
        Self::listening(command.stderr(Stdio::piped()), port)
    }

    /// What it wrote to its log, up to its end, which this is.
    pub(crate) fn log(&mut self) -> ChildStderr {
        let _ = self.process.kill();
        self.process.stderr.take().expect("it was started with a log")
    }

    fn listening(command: &mut Command, port: u16) -> Self {
        let process =
            command.stdout(Stdio::null()).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let served = Self { process, port };
        let began = Instant::now();
        while served.connect().is_none() {
            assert!(began.elapsed() < Duration::from_secs(20), "{command:?} does not listen");
            std::thread::park_timeout(Duration::from_millis(20));
        }
        served
    }

    fn connect(&self) -> Option<TcpStream> {
        TcpStream::connect(("localhost", self.port)).ok()
    }

    /// Sends a request and reads the whole answer.
    pub(crate) fn send(&self, case: &Case) -> String {
        let mut stream = self.connect().expect("it listens");
        let target = case.url.strip_prefix("https://hooks.example.com").expect("cases are of this host");
        let mut head =
            format!("{} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", case.method);
        for (name, value) in &case.headers {
            head = format!("{head}{name}: {value}\r\n");
        }
        let length = case.body.len();
        head = format!("{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        stream.write_all(&[head.as_bytes(), &case.body].concat()).expect("it reads the request");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("localhost:0").expect("there is a free port");
    listener.local_addr().expect("it has an address").port()
}

#[expect(clippy::disallowed_methods, reason = "the receivers look at the real clock")]
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970");
    i64::try_from(since.as_millis()).expect("the time fits")
}
