//! One process of libraries, asked line by line.

use crate::cases::{Case, Sent};
use data_encoding::BASE64;
use serde_json::{Map, Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub(crate) struct Judge {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Judge {
    pub(crate) fn node() -> Self {
        assert!(folder().join("node_modules").is_dir(), "run `cargo xtask test packages` first");
        Self::start(Command::new("node").arg("judge.mjs"))
    }

    pub(crate) fn python() -> Self {
        let python = std::env::var_os("HOOKBENCH_PYTHON").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target/python/bin/python"),
            PathBuf::from,
        );
        assert!(python.exists(), "{} is not there: run `cargo xtask test packages` first", python.display());
        Self::start(Command::new(python).args(["-B", "judge.py"]))
    }

    fn start(command: &mut Command) -> Self {
        let mut process = command
            .current_dir(folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the judge starts");
        let questions = process.stdin.take().expect("its standard input");
        let answers = BufReader::new(process.stdout.take().expect("its standard output"));
        Self { process, questions, answers }
    }

    /// The schemes it knows, and whether it can sign by them.
    pub(crate) fn list(&mut self) -> Vec<(String, bool)> {
        let answer = self.ask(&json!({"op": "list"}));
        serde_json::from_value(answer["judges"].clone()).expect("a list of judges")
    }

    pub(crate) fn verifies(&mut self, sent: &Sent) -> bool {
        let headers: Map<String, Value> = sent
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), Value::from(value.as_str())))
            .collect();
        let answer = self.ask(&json!({
            "op": "verify",
            "scheme": sent.scheme.id(),
            "now": sent.now,
            "secret": sent.secret_of_the_receiver(),
            "method": sent.method,
            "url": sent.url,
            "headers": headers,
            "body_base64": BASE64.encode(&sent.body),
        }));
        answer["valid"].as_bool().unwrap_or_else(|| panic!("no verdict but {answer}"))
    }

    /// The headers it signs with, and the body.
    pub(crate) fn signs(&mut self, case: &Case) -> (Vec<(String, String)>, Vec<u8>) {
        let answer = self.ask(&json!({
            "op": "sign",
            "scheme": case.scheme.id(),
            "now": case.now,
            "secret": case.secret.expose_text(),
            "method": case.method,
            "url": case.url,
            "id": case.id,
            "body_base64": BASE64.encode(&case.body),
        }));
        let text = |value: &Value| value.as_str().expect("a header's value is text").to_owned();
        match (&answer["headers"], &answer["body"]) {
            (Value::Object(headers), _) => {
                (headers.iter().map(|(name, value)| (name.clone(), text(value))).collect(), case.body.clone())
            }
            (_, Value::String(body)) => (Vec::new(), body.clone().into_bytes()),
            _ => panic!("no signature but {answer}"),
        }
    }

    fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.questions, "{question}").expect("the judge listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the judge answers");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("to {question} the judge said `{line}`"))
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/vectors")
}
