//! What a request is copied as, run: each tool sends it to a receiver that looks at the bytes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "says which tools are not there")]

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bytes::Bytes;
use hookbench_interchange::{Checks, Message, Tool, copy_as, save_as_test};
use hookbench_model::{HeaderPairs, HeaderValue};

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

fn hostile(text: bool) -> Message {
    let mut headers = HeaderPairs::from_iter([
        ("Host", "elsewhere"),
        ("Content-Type", "application/json"),
        ("Content-Length", "7"),
        ("X-Quotes", "it's \"quoted\" `id` $(id) $HOME ${x} %PATH% \\ back"),
        ("X-Equals", "=1"),
        ("X-At", "@/etc/passwd"),
        ("X-Odd", "<?php ?> */ ''' \u{7f}-"),
        ("x-lower", "1"),
        ("X-Empty", ""),
    ]);
    headers.remove("x-odd");
    headers.push("X-Odd", "<?php ?> */ ''' --");
    let body = if text {
        Bytes::from("{\"a\": \"it's \\\"x\\\" `id` $(id) $HOME \\n é😀\", 'b': <?php ?> */}\n\nend\\")
    } else {
        Bytes::from_static(&[0, 1, 2, 255, b'\'', b'"', b'\\', b'\n', b'\r', 0x80, b'$', 0])
    };
    Message {
        method: "POST".to_owned(),
        path: "/a'b/%20(c)".to_owned(),
        query: Some("q='x'&r=$(id)&s=%22&t=a;b".to_owned()),
        headers,
        body,
        ..Message::default()
    }
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

fn sent(tool: Tool, text: bool) -> Option<(Message, Got)> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut message = hostile(text);
    message.addressed = Some(format!("http://{}", listener.local_addr().unwrap()));
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(tool, folder.path(), &copy_as(tool, &message))?;
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
    Some((message, got))
}

fn check(tool: Tool, text: bool) {
    let Some((message, got)) = sent(tool, text) else {
        println!("{}: not on this machine", tool.as_str());
        return;
    };
    let query = message.query.as_deref().unwrap();
    // The URLs of the web have no apostrophe in a query.
    let query = if tool == Tool::Fetch { query.replace('\'', "%27") } else { query.to_owned() };
    assert_eq!(got.line, format!("POST {}?{query} HTTP/1.1", message.path), "{}", tool.as_str());
    assert_eq!(got.body, message.body, "{}", tool.as_str());
    let lower = |name: &str, value: &[u8]| (name.to_ascii_lowercase(), value.to_vec());
    let got: BTreeSet<_> = got.headers.iter().map(|(name, value)| lower(name, value)).collect();
    for (name, value) in
        message.headers.iter().filter(|(name, _)| !matches!(*name, "Host" | "Content-Length"))
    {
        let wanted = lower(name, HeaderValue::as_bytes(value));
        assert!(got.contains(&wanted), "{}: {name} in {got:?}", tool.as_str());
    }
}

macro_rules! tools {
    ($($test:ident = $tool:ident,)+) => {$(
        #[test]
        fn $test() {
            for text in [true, false] {
                check(Tool::$tool, text);
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

#[test]
fn a_saved_test_passes_and_fails_by_what_is_answered() {
    for (status, passes) in [(Some(202), true), (None, true), (Some(200), false)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut message = hostile(true);
        message.headers.push("Authorization", "Bearer of-somebody");
        let checks = Checks { status, body_holds: Some("good".to_owned()) };
        let script = save_as_test(&message, &checks);
        assert!(!script.contains("of-somebody"), "a credential stands in it");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("webhook_test.py");
        std::fs::write(&file, script).unwrap();
        let mut command = Command::new("python3");
        command.arg(&file).arg(format!("http://{}/hooks", listener.local_addr().unwrap()));
        command.env("WEBHOOK_AUTHORIZATION", "Bearer mine");
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("python3 is there");
        let got = receive(&listener);
        let output = child.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.success(), passes, "{words}");
        assert_eq!(got.body, message.body);
        assert!(got.line.starts_with("POST /hooks?q='x'&"), "{}", got.line);
        assert!(got.headers.contains(&("Authorization".to_owned(), b"Bearer mine".to_vec())));
    }
}
