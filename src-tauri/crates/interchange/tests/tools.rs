//! What a request is copied as, run: each tool sends it to a receiver that looks at the bytes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "says which tools are not there")]

mod messages;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hookbench_interchange::{Message, Tool, copy_as};
use hookbench_model::HeaderValue;

use crate::messages::messages;

/// A request as a receiver got it.
struct Got {
    line: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

/// Takes one request and answers it.
fn receive(listener: &TcpListener) -> Got {
    let (mut stream, _) = listener.accept().unwrap();
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    let head = loop {
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "it hung up: {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&piece[..read]);
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let mut lines =
        bytes[..head - 4].split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let line = String::from_utf8(lines.next().unwrap().to_vec()).unwrap();
    let headers: Vec<(String, Vec<u8>)> = lines
        .map(|line| {
            let colon = line.iter().position(|byte| *byte == b':').unwrap();
            (String::from_utf8(line[..colon].to_vec()).unwrap(), line[colon + 1..].trim_ascii().to_vec())
        })
        .collect();
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.map_or(0, |(_, value)| String::from_utf8_lossy(value).parse().unwrap());
    while bytes.len() < head + length {
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "its body broke off");
        bytes.extend_from_slice(&piece[..read]);
    }
    stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\nConnection: close\r\n\r\ngood").unwrap();
    Got { line, headers, body: bytes[head..].to_vec() }
}

/// The tool, where this machine has it.
fn command(tool: Tool, folder: &Path, code: &str) -> Option<Command> {
    let write = |name: &str| {
        let file: PathBuf = folder.join(name);
        std::fs::write(&file, code).unwrap();
        file
    };
    let mut command = match tool {
        Tool::Curl | Tool::Httpie => {
            let mut command = Command::new("sh");
            command.arg(write("send.sh"));
            command
        }
        Tool::Fetch => {
            let mut command = Command::new("node");
            command.arg(write("send.mjs"));
            command
        }
        Tool::Python => {
            let mut command = Command::new("python3");
            command.arg(write("send.py"));
            command
        }
        Tool::Go => {
            let mut command = Command::new("go");
            command.arg("run").arg(write("main.go")).env("GOFLAGS", "-mod=mod").env("GO111MODULE", "off");
            command
        }
        Tool::Php => {
            let mut command = Command::new("php");
            command.arg(write("send.php"));
            command
        }
        Tool::Rust => return None,
    };
    let program = match tool {
        Tool::Curl => "curl",
        Tool::Httpie => "http",
        Tool::Go => "go",
        Tool::Php => "php",
        Tool::Fetch | Tool::Python | Tool::Rust => return Some(command),
    };
    let version = if tool == Tool::Go { "version" } else { "--version" };
    let there = Command::new(program).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).status();
    command.current_dir(folder);
    there.is_ok_and(|status| status.success()).then_some(command)
}

fn sent(tool: Tool, mut message: Message) -> Option<(Message, Got)> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    message.addressed = Some(format!("http://{}", listener.local_addr().unwrap()));
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(tool, folder.path(), &copy_as(tool, &message))?;
    command.current_dir(folder.path());
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A tool that fails before it sends would leave the receiver waiting: hang up in its place.
    let address = listener.local_addr().unwrap();
    let ended = std::thread::spawn(move || {
        let output = child.wait_with_output().unwrap();
        drop(std::net::TcpStream::connect(address));
        output
    });
    let got = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| receive(&listener)));
    let output = ended.join().unwrap();
    let words =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let Ok(got) = got else { panic!("{}: {words}", tool.as_str()) };
    assert!(output.status.success(), "{}: {words}", tool.as_str());
    assert!(!folder.path().join("canary").exists(), "{}: something of the request was run", tool.as_str());
    Some((message, got))
}

fn check(tool: Tool, name: &str, message: Message) {
    let who = format!("{}, {name}", tool.as_str());
    let Some((message, got)) = sent(tool, message) else {
        println!("{}: not on this machine", tool.as_str());
        return;
    };
    let query = message.query.as_deref().map(|query| match tool {
        // The URLs of the web have no apostrophe in a query.
        Tool::Fetch => format!("?{}", query.replace('\'', "%27")),
        _ => format!("?{query}"),
    });
    let path = match tool {
        // Nor a backtick in a path.
        Tool::Fetch => message.path.replace('`', "%60"),
        _ => message.path.clone(),
    };
    assert_eq!(got.line, format!("{} {path}{} HTTP/1.1", message.method, query.unwrap_or_default()), "{who}");
    assert!(got.body == message.body, "{who}: {} bytes, not {}", got.body.len(), message.body.len());
    let mut left: Vec<(String, Vec<u8>)> =
        got.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    let ours = |name: &str| !matches!(name, "Host" | "Content-Length");
    for (name, value) in message.headers.iter().filter(|(name, _)| ours(name)) {
        // Some join what came twice.
        let wanted: Vec<&[u8]> = message.headers.get_all(name).map(HeaderValue::as_bytes).collect();
        let alone = (name.to_ascii_lowercase(), HeaderValue::as_bytes(value).to_vec());
        let joined = (name.to_ascii_lowercase(), wanted.join(&b", "[..]));
        let known = left.iter().any(|one| *one == alone || *one == joined);
        // HTTPie writes UTF-8, whatever it is given.
        assert!(known || tool == Tool::Httpie && name == "X-Latin", "{who}: {name} in {left:?}");
    }
    left.retain(|(name, _)| message.headers.get(name).is_none() && !added(tool, name));
    assert!(left.is_empty(), "{who}: it adds {left:?}");
}

/// What a tool writes by itself, and cannot be kept from.
fn added(tool: Tool, name: &str) -> bool {
    let common = ["host", "content-length", "connection"];
    let own: &[&str] = match tool {
        Tool::Fetch => {
            &["accept", "accept-language", "sec-fetch-mode", "user-agent", "accept-encoding", "content-type"]
        }
        Tool::Php => &["content-type"],
        _ => &[],
    };
    common.contains(&name) || own.contains(&name)
}

macro_rules! tools {
    ($($test:ident = $tool:ident,)+) => {$(
        #[test]
        fn $test() {
            for (name, message) in messages() {
                check(Tool::$tool, name, message);
            }
        }
    )+};
}

tools! {
    curl_sends_the_same = Curl,
    httpie_sends_the_same = Httpie,
    fetch_sends_the_same = Fetch,
    python_sends_the_same = Python,
    go_sends_the_same = Go,
    php_sends_the_same = Php,
}
