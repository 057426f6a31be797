//! The receivers in other languages: one process for each, which is asked all cases at once.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hookbench_snippet_tests::{Case, Receiver, receivers};
use hookbench_snippets::{Input, Language};
use serde_json::{Value, json};

use crate::agreement::{Said, all_cases, hold, read};
use crate::tools::{self, is_there, python};

#[test]
fn every_receiver_in_node_agrees_with_verify() {
    let folder = tools::folder();
    ask(Language::Node, folder.path(), Command::new("node").arg(driver("node.mjs")));
}

#[test]
fn every_receiver_in_python_agrees_with_verify() {
    let folder = tools::folder();
    ask(Language::Python, folder.path(), Command::new(python()).arg(driver("python.py")));
}

#[test]
fn every_receiver_in_ruby_agrees_with_verify() {
    if is_there(Language::Ruby) {
        let folder = tools::folder();
        ask(Language::Ruby, folder.path(), Command::new("ruby").arg(driver("ruby.rb")));
    }
}

#[test]
fn every_receiver_in_php_agrees_with_verify() {
    if is_there(Language::Php) {
        let folder = tools::folder();
        ask(Language::Php, folder.path(), Command::new("php").arg(driver("php.php")));
    }
}

/// Each receiver becomes a package of one program.
#[test]
fn every_receiver_in_go_agrees_with_verify() {
    if !is_there(Language::Go) {
        return;
    }
    let folder = tools::folder();
    let receivers = receivers(Language::Go, folder.path());
    let mut imports = String::new();
    let mut table = String::new();
    for receiver in &receivers {
        let id = receiver.scheme.id();
        let source = fs::read_to_string(&receiver.file).expect("it was just written");
        let source = source.replacen("package main", &format!("package of_{id}"), 1);
        let export = format!("package of_{id}\n\nvar Verify = verify\n");
        tools::write(&receiver.file, &source);
        tools::write(&receiver.file.with_file_name("export.go"), &export);
        let _ = writeln!(imports, "\tof_{id} \"receivers/{id}\"");
        let given: String = receiver
            .inputs
            .iter()
            .enumerate()
            .map(|(at, input)| match input {
                Input::Method | Input::Url => format!(", given.text({at})"),
                Input::NowSeconds | Input::NowMillis => format!(", given.number({at})"),
            })
            .collect();
        let _ = writeln!(
            table,
            "\t\"{id}\": func(headers http.Header, body []byte, secrets []string, given given) error {{\n\
             \t\treturn of_{id}.Verify(headers, body, secrets{given})\n\t}},"
        );
    }
    let kind = "map[string]func(http.Header, []byte, []string, given) error";
    let all = format!(
        "package main\n\nimport (\n\t\"net/http\"\n\n{imports})\n\nvar receivers = {kind}{{\n{table}}}\n"
    );
    tools::write(&folder.path().join("receivers.go"), &all);
    tools::write(&folder.path().join("go.mod"), "module receivers\n\ngo 1.19\n");
    fs::copy(driver("driver.go"), folder.path().join("main.go")).expect("the folder takes files");
    tools::run(Command::new("go").args(["vet", "./..."]).current_dir(folder.path()));
    let cases = all_cases();
    let answers = answers(
        Command::new("go").args(["run", "."]).current_dir(folder.path()),
        &asked(&receivers, &cases).to_string(),
    );
    hold("Go", &cases, &read(&answers));
}

/// Each receiver becomes a class in a package of its own. Those that read JSON need the library Gson, which
/// Debian's `libgoogle-gson-java` brings.
#[test]
fn every_receiver_in_java_agrees_with_verify() {
    if !is_there(Language::Java) {
        return;
    }
    let folder = tools::folder();
    let (path, receivers) = java(folder.path());
    let runs = |case: &Case| receivers.iter().any(|receiver| receiver.scheme.id() == case.scheme);
    let cases: Vec<Case> = all_cases().into_iter().filter(runs).collect();
    let lines: String = cases.iter().map(|case| line(case, &receivers)).collect();
    let answers = answers(Command::new("java").arg("-cp").arg(&path).arg("Driver"), &lines);
    let said = said_in_lines(&answers);
    hold("Java", &cases, &said);
}

/// Compiles every receiver in Java that the machine has the libraries of, each in a package of its own, and
/// says where their classes are looked for.
pub(crate) fn java(folder: &Path) -> (OsString, Vec<Receiver>) {
    let mut receivers = receivers(Language::Java, folder);
    let gson = tools::gson();
    if !gson.exists() {
        let (whole, without) = receivers.into_iter().partition(|receiver| receiver.dependencies.is_empty());
        let without: Vec<Receiver> = without;
        let names: Vec<&str> = without.iter().map(|receiver| receiver.scheme.id()).collect();
        println!("Java: Gson is not on this machine, so these were not run: {}", names.join(", "));
        receivers = whole;
    }
    for receiver in &receivers {
        let source = fs::read_to_string(&receiver.file).expect("it was just written");
        let source = format!("package of_{};\n{source}", receiver.scheme.id());
        tools::write(&receiver.file, &source);
    }
    let classes = folder.join("classes");
    let path =
        std::env::join_paths([classes.as_path(), gson]).expect("neither has the separator in its name");
    let sources = receivers.iter().map(|receiver| receiver.file.clone()).chain([driver("Driver.java")]);
    let mut javac = Command::new("javac");
    javac.args(["-Werror", "-Xlint:all,-serial,-path", "-cp"]).arg(&path).arg("-d").arg(&classes);
    tools::run(javac.args(sources));
    (path, receivers)
}

/// What a driver said that writes a line for each case.
pub(crate) fn said_in_lines(answers: &str) -> Vec<Said> {
    let said = |line: &str| {
        let (word, reason) = line.split_once('\t').unwrap_or((line, ""));
        Said { good: word == "good", reason: reason.to_owned(), broke: word == "broke" }
    };
    answers.lines().map(said).collect()
}

/// Writes the receivers, has the driver ask them all cases, and holds the answers against our own.
fn ask(language: Language, folder: &Path, driver: &mut Command) {
    let receivers = receivers(language, folder);
    let cases = all_cases();
    let answers = answers(driver, &asked(&receivers, &cases).to_string());
    hold(language.title(), &cases, &read(&answers));
}

fn asked(receivers: &[Receiver], cases: &[Case]) -> Value {
    let files: serde_json::Map<String, Value> =
        receivers.iter().map(|receiver| (receiver.scheme.id().to_owned(), json!(receiver.file))).collect();
    let cases: Vec<Value> = cases
        .iter()
        .filter_map(|case| {
            let receiver = receivers.iter().find(|receiver| receiver.scheme.id() == case.scheme)?;
            Some(case.to_json(&receiver.inputs))
        })
        .collect();
    json!({ "receivers": files, "cases": cases })
}

/// A case for a driver that reads lines.
pub(crate) fn line(case: &Case, receivers: &[Receiver]) -> String {
    let receiver = receivers.iter().find(|receiver| receiver.scheme.id() == case.scheme);
    let inputs = receiver.map(|receiver| receiver.inputs.as_slice()).unwrap_or_default();
    let base64 = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    let list = |texts: Vec<String>| texts.iter().map(|text| base64(text)).collect::<Vec<_>>().join(",");
    let headers = case.headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    let arguments = case.to_json(inputs)["arguments"].as_array().cloned().unwrap_or_default();
    let arguments =
        arguments.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned)).collect();
    let fields = [
        base64(&case.scheme),
        data_encoding::BASE64.encode(&case.body),
        list(case.secrets.clone()),
        list(headers),
        list(arguments),
    ];
    format!("{}\n", fields.join("\t"))
}

pub(crate) fn answers(driver: &mut Command, asked: &str) -> String {
    let mut process = driver
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{driver:?} is needed for this test: {error}"));
    let mut stdin = process.stdin.take().expect("a pipe was asked for");
    stdin.write_all(asked.as_bytes()).expect("the driver reads what it is asked");
    drop(stdin);
    let output = process.wait_with_output().expect("the driver ends");
    assert!(output.status.success(), "{driver:?} failed");
    String::from_utf8(output.stdout).expect("answers are text")
}

pub(crate) fn driver(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("drivers").join(name)
}
