//! The contract as the code states it: the OpenAPI document, and the UI's types made from it.

use std::path::Path;

use serde_json::Value;

use crate::console::say;
use crate::error::Error;
use crate::process;
use crate::project::{self, Project};
use crate::system::{self, Need};
use crate::ui;

const DOCUMENT: &str = "ui/openapi.json";
const TYPES: &str = "ui/src/api/schema.d.ts";

/// Writes both files anew.
pub(crate) fn generate(project: &Project) -> Result<(), Error> {
    system::prepare(project, Need::Server)?;
    ui::install(project)?;
    ui::build(project)?;
    process::run(project.cargo().args(["build", "--package", "hookbench-cli"]))?;
    let (document, types) = produce(project)?;
    project::write(&project.root().join(DOCUMENT), &document)?;
    project::write(&project.root().join(TYPES), &types)?;
    say(format!("Wrote {DOCUMENT} and {TYPES}"));
    Ok(())
}

/// Fails, naming the file, when what is committed is not what the built binary gives.
pub(crate) fn check(project: &Project) -> Result<(), Error> {
    let (document, types) = produce(project)?;
    for (path, made) in [(DOCUMENT, document), (TYPES, types)] {
        if project::read(&project.root().join(path)).unwrap_or_default() != made {
            return Err(Error::Stale { path });
        }
    }
    Ok(())
}

fn produce(project: &Project) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let folder = project.scratch("contract")?;
    let binary = project.binary("hookbench", false);
    let mut document =
        process::output(process::program(&binary.to_string_lossy(), project.root()).arg("openapi"))?;
    if !document.ends_with(b"\n") {
        document.push(b'\n');
    }
    project::write(&folder.join("openapi.json"), &document)?;
    let types = types(project, &folder)?;
    Ok((document, types))
}

/// Runs the UI's own `generate` script, word for word, in a folder laid out as the UI is: so what is checked
/// is what the script would write.
fn types(project: &Project, folder: &Path) -> Result<Vec<u8>, Error> {
    let package = project::read(&project.ui().join("package.json"))?;
    let package: Value = serde_json::from_slice(&package)
        .map_err(|source| Error::Json { what: "ui/package.json".into(), source })?;
    let script = package["scripts"]["generate"].as_str().unwrap_or_default();
    project.folder(folder.join("src/api"))?;
    let tool = project.ui().join("node_modules/openapi-typescript/bin/cli.js");
    let mut node = process::program("node", folder);
    process::output(node.arg(tool).args(script.split_whitespace().skip(1)))?;
    project::read(&folder.join("src/api/schema.d.ts"))
}
