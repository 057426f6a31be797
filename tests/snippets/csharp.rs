//! The receivers in C#, as far as Mono goes: its compiler takes them all, beside a file that declares what .NET 8
//! and ASP.NET have and Mono lacks, and its runtime asks all but those with keys that it cannot use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hookbench_signing::Scheme;
use hookbench_snippet_tests::{Case, Receiver, catalogue, receivers};
use hookbench_snippets::Language;

use crate::agreement::{Said, all_cases, hold};
use crate::languages::{answers, driver, line, said_in_lines};
use crate::malformed;
use crate::tools::{self, is_there};

/// What every file of a web project begins with, unwritten.
const IMPLICIT: &str = "using System;\nusing System.Collections.Generic;\nusing System.IO;\nusing System.Linq;\n\
                        using System.Threading.Tasks;\n";

#[test]
fn every_receiver_in_csharp_agrees_with_verify() {
    if !is_there(Language::CSharp) {
        return;
    }
    let folder = tools::folder();
    let (program, receivers) = compiled(folder.path());
    let computed = |case: &Case| catalogue().any(|scheme| scheme.id() == case.scheme && can_check(scheme));
    let cases: Vec<Case> = all_cases().into_iter().filter(computed).collect();
    let lines: String = cases.iter().map(|case| line(case, &receivers)).collect();
    let said: Vec<Said> = said_in_lines(&answers(Command::new("mono").arg(&program), &lines));
    hold("C#", &cases, &said);
}

#[test]
fn receivers_in_csharp_refuse_what_is_no_key() {
    if !is_there(Language::CSharp) {
        return;
    }
    let folder = tools::folder();
    let (program, receivers) = compiled(folder.path());
    let mut asked = 0;
    for (id, secret, sentence) in malformed::asked() {
        let receiver = receivers.iter().find(|one| one.scheme.id() == id).expect("the scheme is known");
        if !can_check(receiver.scheme) {
            continue;
        }
        let mut mono = Command::new("mono");
        mono.arg(&program).arg(id).env_remove("WEBHOOK_SECRET").env_remove("WEBHOOK_SECRET_PREVIOUS");
        mono.envs(secret.map(|secret| ("WEBHOOK_SECRET", secret)));
        let output = mono.output().expect("Mono runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(1),
            "C#, {id}, {secret:?}: it has to end with a failure\n{said}"
        );
        assert!(said.starts_with(sentence), "C#, {id}, {secret:?}:\n{said}");
        asked += 1;
    }
    println!("C#: {asked} secrets refused");
}

/// One program of all receivers and the driver.
fn compiled(folder: &Path) -> (PathBuf, Vec<Receiver>) {
    let receivers = receivers(Language::CSharp, folder);
    for receiver in &receivers {
        let source = fs::read_to_string(&receiver.file).expect("it was just written");
        tools::write(&receiver.file, &older(&source, receiver.scheme.id()));
    }
    let program = folder.join("driver.exe");
    let mut compiler = Command::new("mcs");
    compiler.args([
        "-warnaserror",
        "-nowarn:CS0219,CS0649",
        "-r:System.Core.dll",
        "-r:System.Web.Extensions.dll",
    ]);
    compiler.args(["-r:System.Numerics.dll", "-main:Driver"]).arg(format!("-out:{}", program.display()));
    compiler.args([driver("csharp/Driver.cs"), driver("csharp/Net8.cs")]);
    tools::run(compiler.args(receivers.iter().map(|receiver| &receiver.file)));
    (program, receivers)
}

/// Mono has neither Ed25519 nor P-256.
fn can_check(scheme: &Scheme) -> bool {
    !(scheme.is_asymmetric() && scheme.keyed().is_some())
}

/// The program in the words of the C# that Mono's compiler knows: statements of their own become those of `Main`,
/// and two short forms are written out.
fn older(source: &str, id: &str) -> String {
    let known = ["System.Text", "System.Globalization", "System.Security.Cryptography"];
    let is_using = |line: &&str| line.starts_with("using ") && line.ends_with(';') && !line.contains('=');
    let is_known = |line: &&str| known.contains(&line.trim_start_matches("using ").trim_end_matches(';'));
    let usings: Vec<&str> = source.lines().filter(is_using).filter(is_known).collect();
    let usings = usings.join("\n");
    let body: Vec<&str> = source.lines().filter(|line| !is_using(line)).collect();
    let end = body.iter().position(|line| line.starts_with("app.Run($")).expect("it runs a server");
    let (statements, functions) = body.split_at(end + 1);
    let written = format!(
        "static void Main(string[] args)\n{{\n{}\n}}\n{}",
        statements.join("\n"),
        functions.join("\n")
    );
    let written =
        written.replace("using var ", "var ").replace("System.IO.Hashing.", "System_IO_Hashing.").replace(
            "class Rejected(string reason) : Exception(reason);",
            "class Rejected : Exception { public Rejected(string reason) : base(reason) { } }",
        );
    format!(
        "{IMPLICIT}{usings}\nnamespace Net8\n{{\nnamespace of_{id}\n{{\nstatic class Program\n{{\n{written}\n}}\n}}\n}}\n"
    )
}

/// Where Debian's packages put what the driver reads JSON with.
pub(crate) fn reads_json() -> bool {
    Path::new("/usr/lib/mono/4.5/System.Web.Extensions.dll").exists()
}
