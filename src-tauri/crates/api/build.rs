//! Makes sure that there is a folder of UI files to embed: where the UI has not been built, a page that says
//! how to. A built UI is never touched.

use std::fs;
use std::path::Path;

const PAGE: &str = r#"<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="color-scheme" content="light dark" />
    <title>Hookbench</title>
  </head>
  <body>
    <h1>Hookbench runs, its interface has not been built</h1>
    <p>Run <code>cargo xtask run</code> once: it builds the interface and starts Hookbench with it.</p>
  </body>
</html>
"#;

fn main() -> std::io::Result<()> {
    let folder =
        Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../../ui/dist");
    let index = folder.join("index.html");
    if !index.exists() {
        fs::create_dir_all(&folder)?;
        fs::write(&index, PAGE)?;
    }
    println!("cargo::rerun-if-changed={}", folder.display());
    Ok(())
}
