use std::path::{Path, PathBuf};

use clap::Subcommand;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

use super::Context;
use crate::client::{read_input, segment};
use crate::error::CliError;
use crate::output::{self, Form};

const LANGUAGES: [&str; 8] = ["node", "python", "go", "ruby", "php", "java", "csharp", "rust"];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the signature schemes
    List,
    /// Show one as it is written
    Show { id: String },
    /// Add one of your own from a file, or put it in the place of the one that has its id
    Add {
        /// A file with the scheme as JSON, in the form that `show` prints; `-` for standard input
        file: PathBuf,
        /// Replace the one that is there
        #[arg(long)]
        replace: bool,
    },
    /// Remove one of your own
    Remove { id: String },
    /// Print a receiver that verifies a scheme's signatures; with --json, what to install and know too
    Snippet {
        /// The scheme, such as `stripe`
        id: String,
        /// In which language
        #[arg(long, short, value_parser = PossibleValuesParser::new(LANGUAGES))]
        language: String,
    },
}

/// Without a verb they are listed.
pub(crate) async fn run(context: &Context, verb: Option<Verb>) -> Result<(), CliError> {
    match verb {
        None | Some(Verb::List) => {
            let list = context.client.get("/v1/schemes").await?;
            let rows = list.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
            let columns = [("ID", "id"), ("NAME", "name"), ("OWN", "about.own"), ("SECRET", "about.secret")];
            output::rows(context.form, &rows, &columns, "No schemes.")
        }
        Some(Verb::Show { id }) => {
            let scheme = context.client.get(&format!("/v1/schemes/{}", segment(&id))).await?;
            output::value(context.form, &scheme)
        }
        Some(Verb::Add { file, replace }) => add(context, &file, replace).await,
        Some(Verb::Remove { id }) => {
            context.client.delete(&format!("/v1/schemes/{}", segment(&id))).await?;
            output::value(context.form, &json!({"id": id, "deleted": true}))
        }
        Some(Verb::Snippet { id, language }) => {
            let path = format!("/v1/schemes/{}/snippets/{language}", segment(&id));
            let snippet = context.client.get(&path).await?;
            match context.form {
                Form::Json => output::value(context.form, &snippet),
                // Nothing but the code, so that it can go to a file.
                Form::Text => {
                    output::bytes(snippet.get("code").and_then(Value::as_str).unwrap_or_default().as_bytes())
                }
            }
        }
    }
}

async fn add(context: &Context, file: &Path, replace: bool) -> Result<(), CliError> {
    let form = read_form(file)?;
    let scheme = match form.get("id").and_then(Value::as_str).filter(|_| replace) {
        Some(id) => context.client.put(&format!("/v1/schemes/{}", segment(id)), &form).await?,
        None => context.client.post("/v1/schemes", &form).await?,
    };
    let id = scheme.get("id").and_then(Value::as_str).unwrap_or_default();
    match context.form {
        Form::Json => output::value(context.form, &scheme),
        Form::Text => output::line(id),
    }
}

/// A scheme as it stands in a file.
pub(crate) fn read_form(file: &Path) -> Result<Value, CliError> {
    let bytes = read_input(file)?;
    serde_json::from_slice(&bytes)
        .map_err(|error| CliError::Usage(format!("{} holds no scheme: {error}", file.display())))
}
