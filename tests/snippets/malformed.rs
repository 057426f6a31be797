//! Receivers with a secret that is missing or is no key: they say so at the start and end. PHP, which runs its
//! file for each request, answers 500 and says so in its log.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hookbench_snippet_tests::{Receiver, receivers, request};
use hookbench_snippets::Language;

use crate::languages;
use crate::serving::{Served, command, free_port};
use crate::tools::{self, is_there};

/// One scheme for each form that a key is written in.
const FORMS: [(&str, &[&str]); 11] = [
    ("standardwebhooks", &["a!b=", "whsec_"]),
    ("own_parts", &["a!b="]),
    ("own_repeated", &["a!b"]),
    ("own_repeated_plain", &["abc", "0g"]),
    ("standardwebhooks_v1a", &["a!b=", "whpk_AAAA", P256]),
    ("own_ed25519_url", &["AAAA", "a!b"]),
    ("own_ed25519_pem", &["AAAA", P256]),
    ("own_ecdsa_hex", &["AAAA", "0g"]),
    ("own_ecdsa_pem", &["AAAA", ED25519]),
    ("aws_sns", &["AAAA", P256, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]),
    ("paypal", &["WH-1\nAAAA", RSA, "WH-1"]),
];

const P256: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEisQdkzlJxmyY0R4Jc8QCT5/wJq1E
fFf+yH/+oWjZJXjuQ9EVGD5mo2H1ihEQQb5fNB4gd2h2QnEDr8/nJiCbBw==
-----END PUBLIC KEY-----
";
const ED25519: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAzqOmeYcDh3GFD23WiLcb7i+0A6CftnZahkW26dGO8GM=
-----END PUBLIC KEY-----
";
/// A key of the right kind, whose first line should have been an id.
const RSA: &str = include_str!("rsa.pem");

#[test]
fn receivers_in_node_refuse_what_is_no_key() {
    refuse(Language::Node);
}

#[test]
fn receivers_in_python_refuse_what_is_no_key() {
    refuse(Language::Python);
}

#[test]
fn receivers_in_go_refuse_what_is_no_key() {
    refuse(Language::Go);
}

#[test]
fn receivers_in_ruby_refuse_what_is_no_key() {
    refuse(Language::Ruby);
}

#[test]
fn receivers_in_java_refuse_what_is_no_key() {
    refuse(Language::Java);
}

#[test]
fn receivers_in_rust_refuse_what_is_no_key() {
    refuse(Language::Rust);
}

/// Each in its own process, as whoever set the wrong secret would start it.
fn refuse(language: Language) {
    if !is_there(language) {
        return;
    }
    each(language, |receiver, secret, sentence, command| {
        let who = format!("{}, {}, {secret:?}", language.title(), receiver.scheme.id());
        command.env("PORT", free_port().to_string()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap_or_else(|error| panic!("{who}: {error}"));
        let ended = ended(&mut process);
        let mut said = String::new();
        process.stderr.take().expect("a pipe was asked for").read_to_string(&mut said).expect("it is text");
        assert!(ended.is_some_and(|good| !good), "{who}: it has to end with a failure\n{said}");
        assert!(said.contains(sentence), "{who}:\n{said}");
    });
}

#[test]
fn receivers_in_php_answer_500_with_what_is_no_key() {
    if !is_there(Language::Php) {
        return;
    }
    each(Language::Php, |receiver, secret, sentence, _| {
        let who = format!("PHP, {}, {secret:?}", receiver.scheme.id());
        let port = free_port();
        let mut command = command(receiver, Language::Php, port);
        match secret {
            Some(secret) => command.env("WEBHOOK_SECRET", secret),
            None => command.env_remove("WEBHOOK_SECRET"),
        };
        let mut served = Served::start_logged(&mut command, port);
        let answer = served.send(&request(receiver.scheme, 1_700_000_000_000));
        assert_eq!(answer.split(' ').nth(1), Some("500"), "{who}:\n{answer}");
        let log = BufReader::new(served.log());
        let told = log.lines().map_while(Result::ok).any(|line| line.contains(sentence));
        assert!(told, "{who}: the log does not say it");
    });
}

/// Every scheme of the list with every text that is no key of it, and one with nothing at all.
fn each(language: Language, ask: impl Fn(&Receiver, Option<&str>, &str, &mut Command)) {
    let folder = tools::folder();
    // Java takes a second to start from the source, which some are many times.
    let (path, receivers) = match language {
        Language::Java => languages::java(folder.path()),
        _ => (OsString::new(), receivers(language, folder.path())),
    };
    let mut count = 0;
    for (id, secret, sentence) in asked() {
        let Some(receiver) = receivers.iter().find(|one| one.scheme.id() == id) else { continue };
        let mut command = match language {
            Language::Java => Command::new("java"),
            _ => command(receiver, language, 0),
        };
        if language == Language::Java {
            command.arg("-cp").arg(&path).arg(format!("of_{id}.Receiver"));
        }
        command.env_remove("WEBHOOK_SECRET").env_remove("WEBHOOK_SECRET_PREVIOUS");
        if let Some(secret) = secret {
            command.env("WEBHOOK_SECRET", secret);
        }
        ask(receiver, secret, sentence, &mut command);
        count += 1;
    }
    println!("{}: {count} secrets refused", language.title());
}

/// A scheme, what its receiver is given as its secret, and what it has to say of it.
pub(crate) fn asked() -> impl Iterator<Item = (&'static str, Option<&'static str>, &'static str)> {
    let none = ("stripe", None, "WEBHOOK_SECRET is not set");
    let wrong = FORMS.iter().flat_map(|&(id, texts)| {
        texts.iter().map(move |&text| (id, Some(text), "WEBHOOK_SECRET (or the previous one)"))
    });
    std::iter::once(none).chain(wrong)
}

/// Whether it ended well; none where it did not end, and was ended.
fn ended(process: &mut Child) -> Option<bool> {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(20) {
        if let Some(status) = process.try_wait().expect("it is ours") {
            return Some(status.success());
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    process.kill().expect("it is ours");
    None
}
