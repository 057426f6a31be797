use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::Context;
use super::endpoints::insert;
use crate::client::{read_input, segment};
use crate::error::CliError;
use crate::output::{self, Form};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the profiles
    List,
    /// Show one with its events
    Show { id: String },
    /// Import an event catalogue: the webhooks of an OpenAPI 3.1 document, or JSON Schema files of one event each
    Import {
        /// The documents, JSON or YAML; a JSON Schema file is named after its event
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Its name for people
        #[arg(long)]
        name: String,
        /// Its id; made of the name where not given
        #[arg(long)]
        id: Option<String>,
        /// The scheme that signs; the base's where not given
        #[arg(long)]
        scheme: Option<String>,
        /// The provider whose delays, timeout and rules it has; `generic` where not given
        #[arg(long)]
        base: Option<String>,
    },
    /// Remove one that was imported
    Remove { id: String },
}

/// Without a verb they are listed.
pub(crate) async fn run(context: &Context, verb: Option<Verb>) -> Result<(), CliError> {
    match verb {
        None | Some(Verb::List) => {
            let list = context.client.get("/v1/providers").await?;
            let rows = list.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
            let columns =
                [("ID", "id"), ("NAME", "name"), ("SCHEME", "scheme"), ("TIMEOUT MS", "timeout_ms")];
            output::rows(context.form, &rows, &columns, "No providers.")
        }
        Some(Verb::Show { id }) => {
            let provider = context.client.get(&format!("/v1/providers/{}", segment(&id))).await?;
            output::value(context.form, &provider)
        }
        Some(Verb::Import { files, name, id, scheme, base }) => {
            let documents = files.iter().map(|file| document(file)).collect::<Result<Vec<_>, _>>()?;
            let mut body = Map::new();
            body.insert("name".to_owned(), name.into());
            body.insert("documents".to_owned(), documents.into());
            insert(&mut body, "id", id);
            insert(&mut body, "scheme", scheme);
            insert(&mut body, "base", base);
            let provider = context.client.post("/v1/providers", &Value::Object(body)).await?;
            imported(context.form, &provider)
        }
        Some(Verb::Remove { id }) => {
            context.client.delete(&format!("/v1/providers/{}", segment(&id))).await?;
            output::value(context.form, &json!({"id": id, "deleted": true}))
        }
    }
}

/// A document with the name of its file.
fn document(file: &Path) -> Result<Value, CliError> {
    let text = String::from_utf8(read_input(file)?)
        .map_err(|_| CliError::Usage(format!("{} is not text in UTF-8", file.display())))?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(json!({"name": name, "text": text}))
}

/// The id, and what was found.
fn imported(form: Form, provider: &Value) -> Result<(), CliError> {
    if form == Form::Json {
        return output::value(form, provider);
    }
    let id = provider.get("id").and_then(Value::as_str).unwrap_or_default();
    output::line(id)?;
    for event in provider.get("events").and_then(Value::as_array).into_iter().flatten() {
        output::line(&format!("  {}", event.get("type").and_then(Value::as_str).unwrap_or_default()))?;
    }
    Ok(())
}
