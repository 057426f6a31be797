//! Requests that are saved as tests, run: what is signed afresh is believed, what answers wrongly is told.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::SystemTime;

use bytes::Bytes;
use hookbench_interchange::{Checks, Message, Script, Signing, save_as_test};
use hookbench_model::HeaderPairs;
use hookbench_signing::{Received, Scheme, Secret, VerificationStatus, verify};
use hookbench_snippet_tests::{catalogue, request};
use hookbench_snippets::signer;

use crate::raw_server::{RawServer, Taken};
use crate::tools;

/// Bytes that a shell, a template or a terminal would make something of.
const ODD: &[u8] =
    b"{\"n\": 1.0, \"q\": \"it's $(touch canary) `touch canary` ${x} %s \\n\"}\x00\xff\r\nEND\n";

#[test]
fn scripts_in_python_sign_afresh() {
    sign_afresh(Script::Python, &["a private key", "by rules of its own"]);
}

#[test]
fn scripts_in_node_sign_afresh() {
    sign_afresh(Script::Node, &["by rules of its own"]);
}

#[test]
fn scripts_in_a_shell_sign_afresh() {
    sign_afresh(Script::Shell, &["a private key", "by rules of its own"]);
}

/// Saves a request of every scheme whose signature is long stale, runs the test, and has it verified as it came.
fn sign_afresh(script: Script, reasons: &[&str]) {
    let folder = tools::folder();
    let server = RawServer::start(202, "good");
    let (mut signed, mut refused) = (0, Vec::new());
    for scheme in catalogue() {
        let key = key_of(scheme);
        let message = stale(scheme);
        let id = scheme.id_header().and_then(|name| message.headers.get_str(name));
        let signer = match signer(scheme, script, &message.body, id) {
            Ok(signer) => signer,
            Err(error) => {
                let said = error.to_string();
                assert!(reasons.iter().any(|reason| said.contains(reason)), "{said}");
                refused.push(scheme.id());
                continue;
            }
        };
        let checks = Checks { status: Some(202), body_holds: Some("good".to_owned()), ..Checks::default() };
        let code = save_as_test(&message, &checks, script, Signing::Fresh(&signer));
        let secret = key.expose_text().expect("keys are written as text");
        assert!(!code.contains(secret), "{}: the secret stands in the script", scheme.id());
        let url = format!("http://127.0.0.1:{}/hooks?own=1", server.port);
        let output = run(script, folder.path(), &code, Some(&url), Some(secret));
        let who = format!("{} by {script:?}", scheme.id());
        assert!(output.status.success(), "{who}: {}\n{code}", words(&output));
        let taken = server.next().unwrap_or_else(|| panic!("{who}: nothing came"));
        assert_eq!(taken.target, "/hooks?own=1&shop=7&x=%20y", "{who}");
        let held = scheme.public_half(&key).unwrap_or_else(|| key.clone());
        assert_eq!(verdict(scheme, &held, &taken, server.port), VerificationStatus::Valid, "{who}\n{code}");
        for name in &signer.writes {
            assert!(taken.values(name).len() <= 1, "{who}: {name} came twice");
        }
        if let Some(header) = scheme.id_header() {
            let (old, new) = (message.headers.get_str(header).unwrap_or_default(), taken.values(header)[0]);
            assert!(new != old.as_bytes() && new.starts_with(b"msg_"), "{who}: the id is new");
        }
        if scheme.keyed().is_none_or(|spec| spec.timestamp.as_ref().is_none_or(|time| time.body.is_none())) {
            assert!(taken.body == message.body, "{who}: the body is another");
        }
        let other = run(script, folder.path(), &code, Some(&url), Some(other_key(scheme).as_str()));
        assert!(other.status.success(), "{who}: {}", words(&other));
        let taken = server.next().expect("it came");
        assert_ne!(verdict(scheme, &held, &taken, server.port), VerificationStatus::Valid, "{who}");
        signed += 1;
    }
    assert!(!folder.path().join("canary").exists(), "something of the request was run");
    assert!(signed > 50, "{script:?}: {signed} schemes");
    println!("{script:?}: {signed} schemes sign afresh; not {}", refused.join(", "));
}

#[test]
fn a_test_passes_and_fails_by_what_is_answered() {
    let folder = tools::folder();
    let server = RawServer::start(202, "it is \"good\"\n$(touch canary)");
    let url = format!("http://127.0.0.1:{}/hooks", server.port);
    for script in Script::ALL {
        for (status, holds, code) in [
            (Some(202), Some("is \"good\"\n$(touch"), 0),
            (None, None, 0),
            (Some(200), None, 1),
            (None, Some("bad"), 1),
            (None, Some("g*d"), 1),
            (None, Some("good\u{1b}[0m"), 1),
        ] {
            let checks = Checks { status, body_holds: holds.map(str::to_owned), ..Checks::default() };
            let text = save_as_test(&odd(), &checks, script, Signing::AsItCame);
            let output = run(script, folder.path(), &text, Some(&url), None);
            let who = format!("{script:?}, {status:?}, {holds:?}: {}\n{text}", words(&output));
            assert_eq!(output.status.code(), Some(code), "{who}");
            let taken = server.next().expect("it came");
            assert_eq!(
                (taken.method.as_str(), taken.target.as_str()),
                ("POST", "/hooks?q='x'&r=$(id)"),
                "{who}"
            );
            assert!(taken.body == ODD, "{who}");
            let wanted = odd();
            for (name, value) in wanted.headers.iter().filter(|(name, _)| *name != "Authorization") {
                assert!(taken.values(name).contains(&value.as_bytes()), "{name} in {taken:?}\n{who}");
            }
            assert!(taken.values("authorization").is_empty(), "{who}");
            assert!(words(&output).contains("WEBHOOK_AUTHORIZATION"), "{who}");
        }
    }
    assert!(!folder.path().join("canary").exists(), "something was run");
}

#[test]
fn a_test_asks_its_own_handler_where_it_is_given_no_other() {
    let folder = tools::folder();
    let (own, other) = (RawServer::start(200, ""), RawServer::start(200, ""));
    let target = format!("http://127.0.0.1:{}/own'$(touch%20canary)?a=\\\"b\"", own.port);
    let given = format!("http://127.0.0.1:{}/other", other.port);
    for script in Script::ALL {
        let checks = Checks { target: Some(target.clone()), ..Checks::default() };
        let code = save_as_test(&odd(), &checks, script, Signing::AsItCame);
        let output = run(script, folder.path(), &code, None, None);
        assert!(output.status.success(), "{script:?}: {}\n{code}", words(&output));
        let taken = own.next().expect("it came").target;
        assert!(
            taken.starts_with("/own'$(touch%20canary)?a=") && taken.ends_with("&q='x'&r=$(id)"),
            "{taken}"
        );
        let output = run(script, folder.path(), &code, Some(&given), None);
        assert!(output.status.success(), "{script:?}: {}\n{code}", words(&output));
        assert!(other.next().expect("it came").target.starts_with("/other?"), "{script:?}");
    }
    assert!(!folder.path().join("canary").exists(), "something of the address was run");
}

#[test]
fn a_test_that_cannot_ask_ends_with_two() {
    let folder = tools::folder();
    let closed = format!("http://127.0.0.1:{}/", crate::serving::free_port());
    let scheme = catalogue().find(|scheme| scheme.id() == "github").expect("a scheme that is known");
    for script in Script::ALL {
        let as_it_came = save_as_test(&odd(), &Checks::default(), script, Signing::AsItCame);
        let signer = signer(scheme, script, ODD, None).expect("an HMAC can be had everywhere");
        let fresh = save_as_test(&odd(), &Checks::default(), script, Signing::Fresh(&signer));
        for (code, url, word) in [
            (&as_it_came, None, "address of the handler"),
            (&as_it_came, Some("ftp://a/"), "address of the handler"),
            (&as_it_came, Some(closed.as_str()), ""),
            (&fresh, Some(closed.as_str()), "WEBHOOK_SECRET is not set"),
        ] {
            let output = run(script, folder.path(), code, url, None);
            assert_eq!(output.status.code(), Some(2), "{script:?}, {url:?}: {}", words(&output));
            assert!(words(&output).contains(word), "{script:?}: {}", words(&output));
        }
    }
}

#[test]
fn a_test_says_why_it_is_not_signed_afresh() {
    for script in Script::ALL {
        let why = "it signs \"by\" rules\n*/ \"\"\" of its own";
        let code = save_as_test(&odd(), &Checks::default(), script, Signing::Cannot(why));
        assert!(code.contains("with its old signature: it signs"), "{code}");
        let folder = tools::folder();
        let server = RawServer::start(200, "");
        let url = format!("http://127.0.0.1:{}", server.port);
        let output = run(script, folder.path(), &code, Some(&url), None);
        assert!(output.status.success(), "{}\n{code}", words(&output));
        assert_eq!(server.next().expect("it came").target, "/?q='x'&r=$(id)");
    }
}

/// A request with what scripts stumble over, and a credential.
fn odd() -> Message {
    let mut headers = HeaderPairs::from_iter([
        ("X-Quotes", "it's \"quoted\" `touch canary` $(touch canary) ${x:?} \\ %s"),
        ("X-Twice", "1"),
        ("X-Twice", "2"),
        ("X-Empty", ""),
        ("Authorization", "Bearer of-somebody"),
    ]);
    headers.push("X-Latin", Bytes::from_static(b"caf\xe9"));
    Message {
        method: "POST".to_owned(),
        addressed: Some("http://127.0.0.1:1".to_owned()),
        path: "/in".to_owned(),
        query: Some("q='x'&r=$(id)".to_owned()),
        headers,
        body: Bytes::from_static(ODD),
        ..Message::default()
    }
}

/// A request as its sender signed it long ago.
fn stale(scheme: &Scheme) -> Message {
    let case = request(scheme, 1_700_000_000_000);
    let reads_body = scheme.keyed().is_some_and(|spec| {
        spec.content.contains("{form_sorted}")
            || spec.timestamp.as_ref().is_some_and(|time| time.body.is_some())
    });
    Message {
        method: case.method,
        addressed: Some("https://hooks.example.com".to_owned()),
        path: "/in/orders".to_owned(),
        query: Some("shop=7&x=%20y".to_owned()),
        headers: case.headers.into_iter().collect(),
        body: if reads_body { Bytes::from(case.body) } else { Bytes::from_static(ODD) },
        ..Message::default()
    }
}

fn key_of(scheme: &Scheme) -> Secret {
    let mut next = 41_u8;
    scheme.generate_secret(&mut |bytes| {
        for byte in bytes {
            next = next.wrapping_mul(37).wrapping_add(11);
            *byte = next;
        }
    })
}

fn other_key(scheme: &Scheme) -> String {
    let key = scheme.generate_secret(&mut |bytes| bytes.fill(9));
    key.expose_text().expect("keys are written as text").to_owned()
}

fn verdict(scheme: &Scheme, held: &Secret, taken: &Taken, port: u16) -> VerificationStatus {
    let headers: Vec<(&str, &[u8])> =
        taken.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    let url = format!("http://127.0.0.1:{port}{}", taken.target);
    let received = Received { method: &taken.method, url: &url, headers: &headers, body: &taken.body };
    verify(scheme, &[held], &received, now_ms()).status
}

fn run(script: Script, folder: &Path, code: &str, url: Option<&str>, secret: Option<&str>) -> Output {
    let (program, name) = match script {
        Script::Python => ("python3", "webhook_test.py"),
        Script::Node => ("node", "webhook_test.mjs"),
        Script::Shell => ("sh", "webhook_test.sh"),
    };
    let file = folder.join(name);
    fs::write(&file, code).expect("the folder takes files");
    let mut command = Command::new(program);
    command.arg(&file).args(url).current_dir(folder).env_remove("WEBHOOK_URL").env_remove("WEBHOOK_SECRET");
    if let Some(secret) = secret {
        command.env("WEBHOOK_SECRET", secret);
    }
    command.output().unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[expect(clippy::disallowed_methods, reason = "scripts look at the real clock")]
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970");
    i64::try_from(since.as_millis()).expect("the clock is within some million years")
}
