//! `cargo xtask bench`: the product against bare peers, in one run on one machine.
//!
//! A benchmark is a `[[bench]]` target of the crate whose path it measures. It prints one JSON object a line
//! to standard output, `{"path": …, "connections": …, "ratio": …, "goal": …, …}`; other lines are its own.

use std::collections::BTreeSet;
use std::path::Path;

use clap::Args;
use serde_json::{Map, Value};

use crate::console::say;
use crate::error::Error;
use crate::process;
use crate::project::{self, Project};
use crate::ui;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The benchmarks to run; all without.
    names: Vec<String>,
    /// Passed on to each benchmark.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// A `[[bench]]` target.
#[derive(Debug, PartialEq, Eq)]
struct Bench {
    package: String,
    name: String,
}

type Row = Map<String, Value>;

pub(crate) fn run(project: &Project, options: &Options) -> Result<(), Error> {
    // The API carries the built UI, so it has to be there before anything that uses the API compiles.
    ui::install(project)?;
    ui::build(project)?;
    let mut rows = Vec::new();
    for bench in chosen(find(project)?, &options.names)? {
        say(format!("{} ({})", bench.name, bench.package));
        let mut cargo = project.cargo();
        cargo.args(["bench", "--quiet", "--package", &bench.package, "--bench", &bench.name, "--"]);
        let printed = process::output(cargo.args(&options.arguments))?;
        let mut found = results(&String::from_utf8_lossy(&printed));
        if found.is_empty() {
            return Err(Error::NoResult { bench: bench.name });
        }
        rows.append(&mut found);
    }
    for line in table(&rows) {
        say(line);
    }
    save(project, rows)
}

fn find(project: &Project) -> Result<Vec<Bench>, Error> {
    let printed =
        process::output(project.cargo().args(["metadata", "--format-version", "1", "--no-deps", "--quiet"]))?;
    let metadata: Value = serde_json::from_slice(&printed)
        .map_err(|source| Error::Json { what: "cargo metadata".into(), source })?;
    Ok(benches(&metadata))
}

fn benches(metadata: &Value) -> Vec<Bench> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list(&metadata["packages"])
        .iter()
        .flat_map(|package| {
            list(&package["targets"])
                .into_iter()
                .filter(|target| list(&target["kind"]).iter().any(|kind| kind == "bench"))
                .map(|target| Bench { package: text(&package["name"]), name: text(&target["name"]) })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn chosen(benches: Vec<Bench>, names: &[String]) -> Result<Vec<Bench>, Error> {
    if let Some(name) = names.iter().find(|name| !benches.iter().any(|bench| bench.name == **name)) {
        let known = benches.into_iter().map(|bench| bench.name).collect();
        return Err(Error::UnknownBench { name: name.clone(), known });
    }
    Ok(benches.into_iter().filter(|bench| names.is_empty() || names.contains(&bench.name)).collect())
}

/// The JSON objects among what a benchmark printed.
fn results(printed: &str) -> Vec<Row> {
    printed
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter_map(|value| if let Value::Object(row) = value { Some(row) } else { None })
        .filter(|row| row.contains_key("path"))
        .collect()
}

/// The columns every result shares come first, then whatever else was measured, by name.
fn columns(rows: &[Row]) -> Vec<String> {
    let first = ["path", "connections", "ratio", "goal"];
    let others: BTreeSet<&String> =
        rows.iter().flat_map(Row::keys).filter(|key| !first.contains(&key.as_str())).collect();
    first.into_iter().map(str::to_owned).chain(others.into_iter().cloned()).collect()
}

fn table(rows: &[Row]) -> Vec<String> {
    let columns = columns(rows);
    let cells: Vec<Vec<String>> = std::iter::once(columns.clone())
        .chain(rows.iter().map(|row| columns.iter().map(|key| cell(row.get(key))).collect()))
        .collect();
    let widths: Vec<usize> = (0..columns.len())
        .map(|column| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0))
        .collect();
    cells
        .iter()
        .map(|row| {
            let padded: Vec<String> =
                row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            padded.join("  ").trim_end().to_owned()
        })
        .collect()
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) if number.is_f64() => {
            let number = number.as_f64().unwrap_or_default();
            if number.abs() < 100.0 { format!("{number:.2}") } else { format!("{number:.0}") }
        }
        Some(other) => other.to_string(),
    }
}

/// Kept under the commit that was measured, and as the latest.
fn save(project: &Project, rows: Vec<Row>) -> Result<(), Error> {
    let folder = project.folder("bench-results".into())?;
    let commit = commit(project.root());
    let rows: Vec<Value> = rows.into_iter().map(Value::Object).collect();
    let document = serde_json::json!({ "commit": commit, "results": rows });
    let text = format!("{document:#}\n");
    for name in [commit.as_deref().unwrap_or("unversioned"), "latest"] {
        project::write(&folder.join(format!("{name}.json")), text.as_bytes())?;
    }
    say(format!("Written to {}", folder.join("latest.json").display()));
    Ok(())
}

fn commit(root: &Path) -> Option<String> {
    let mut git = process::program("git", root);
    let printed = process::output(git.args(["rev-parse", "--short", "HEAD"])).ok()?;
    Some(String::from_utf8_lossy(&printed).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_result_lines_count() {
        let rows = results("warming up\n{\"note\":1}\n{\"path\":\"capture\",\"ratio\":0.31}\n");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["path"], "capture");
    }

    #[test]
    fn the_table_has_goal_beside_figure_and_lines_up() {
        let rows = results(
            "{\"path\":\"capture\",\"connections\":64,\"ratio\":0.3512,\"goal\":0.35,\"spread\":\"±3 %\"}\n\
             {\"path\":\"x\",\"connections\":256,\"ratio\":0.5,\"goal\":0.5}",
        );
        assert_eq!(
            table(&rows),
            [
                "path     connections  ratio  goal  spread",
                "capture  64           0.35   0.35  ±3 %",
                "x        256          0.50   0.50",
            ]
        );
    }

    #[test]
    fn bench_targets_are_found_and_an_unknown_name_is_refused() {
        let metadata = serde_json::json!({ "packages": [{ "name": "a", "targets": [
            { "name": "a", "kind": ["lib"] }, { "name": "durable", "kind": ["bench"] } ] }] });
        let found = benches(&metadata);
        assert_eq!(found, [Bench { package: "a".into(), name: "durable".into() }]);
        assert!(chosen(found, &["other".into()]).is_err());
    }
}
