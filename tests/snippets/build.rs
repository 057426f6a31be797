//! Writes the Rust receiver of every scheme, and the Rust program that each of some requests is copied as, each as a
//! module, so that one compilation takes them all.

#![expect(clippy::expect_used, reason = "without the receivers there is nothing to test")]

#[path = "../../src-tauri/crates/interchange/tests/messages/mod.rs"]
mod messages;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use hookbench_interchange::{Tool, copy_as};
use hookbench_signing::SchemeCatalog;
use hookbench_snippets::{Input, Language, snippet};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=own.json");
    println!("cargo::rerun-if-changed=../../src-tauri/crates/interchange/tests/messages/mod.rs");
    let folder = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names the folder"));
    let mut modules = String::new();
    let mut calls = String::new();
    let mut mains = String::new();
    let own = SchemeCatalog::from_json(include_str!("own.json")).expect("own.json is sound");
    for scheme in SchemeCatalog::builtin().iter().chain(own.iter()) {
        let receiver = snippet(scheme, Language::Rust, 200);
        let id = scheme.id();
        let file = folder.join(format!("{id}.rs"));
        // One test runs the whole program.
        write(&file, &receiver.code.replace("\nasync fn main()", "\npub async fn main()"));
        let _ = writeln!(modules, "#[path = {:?}]\npub(crate) mod of_{id};", file.display().to_string());
        let inputs: String = receiver.inputs.iter().map(|input| argument(*input)).collect();
        let _ = writeln!(mains, "{id:?} => of_{id}::main(),");
        let _ = writeln!(calls, "{id:?} => of_{id}::verify(headers, body, secrets{inputs}),");
    }
    let all = format!(
        "{modules}\npub(crate) fn call(id: &str, headers: &axum::http::HeaderMap, body: &[u8], \
         secrets: &[String], given: &super::Given<'_>) -> Result<(), &'static str> {{\n\
         match id {{\n{calls}_ => panic!(\"no receiver for {{id}}\"),\n}}\n}}\n\n\
         pub(crate) fn serve(id: &str) {{\nmatch id {{\n{mains}_ => panic!(\"no receiver for {{id}}\"),\n}}\n}}\n"
    );
    write(&folder.join("receivers.rs"), &all);
    copies(&folder);
}

/// The programs that requests are copied as. Only where they send to is asked for when they run.
fn copies(folder: &Path) {
    let mut modules = String::new();
    let mut mains = String::new();
    for (name, mut message) in messages::messages() {
        message.addressed = Some("http://copied.example".to_owned());
        let code = copy_as(Tool::Rust, &message);
        let (before, rest) =
            code.split_once("client.request(method, ").expect("a program says where it sends to");
        let (url, after) = rest.split_once(").headers(headers)").expect("the URL stands before the headers");
        let program = format!(
            "{}client.request(method, crate::copied::at({url})).headers(headers){after}",
            before.replace("\nasync fn main()", "\npub async fn main()")
        );
        let file = folder.join(format!("copy_{name}.rs"));
        write(&file, &program);
        let _ = writeln!(modules, "#[path = {:?}]\npub(crate) mod copy_{name};", file.display().to_string());
        let _ = writeln!(mains, "{name:?} => copy_{name}::main(),");
    }
    let all = format!(
        "{modules}\npub(crate) fn send(name: &str) -> Result<(), Box<dyn std::error::Error>> {{\n\
         match name {{\n{mains}_ => panic!(\"no program for {{name}}\"),\n}}\n}}\n"
    );
    write(&folder.join("copies.rs"), &all);
}

fn argument(input: Input) -> &'static str {
    match input {
        Input::Method => ", given.method",
        Input::Url => ", given.url",
        Input::NowSeconds => ", given.now_ms.div_euclid(1000)",
        Input::NowMillis => ", given.now_ms",
    }
}

/// Leaves an unchanged file alone, so that nothing is compiled again for it.
fn write(file: &Path, text: &str) {
    if fs::read_to_string(file).ok().as_deref() != Some(text) {
        fs::write(file, text).expect("the build folder takes files");
    }
}
