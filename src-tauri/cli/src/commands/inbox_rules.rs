use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::Context;
use super::endpoints::insert;
use super::inboxes::path;
use crate::client::read_input;
use crate::error::CliError;
use crate::output::{self, Column};

const COLUMNS: [Column; 5] =
    [("ID", "id"), ("NAME", "name"), ("ON", "enabled"), ("MATCHED", "matched"), ("ANSWERED", "answered")];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the rules of an inbox in their order, and what they have counted
    List { id: String },
    /// Set them as a whole: a JSON array, `-` for standard input
    Set { id: String, file: PathBuf },
    /// Have them count from the beginning
    Reset {
        id: String,
        /// This rule alone
        #[arg(long, value_name = "ID")]
        rule: Option<String>,
    },
    /// Which rule would take a request, and what would be answered; counts nothing
    Preview {
        id: String,
        /// This captured request; the newest of the inbox where not given
        #[arg(long, value_name = "ID")]
        request: Option<String>,
        /// By these rules in place of its own: a JSON array, `-` for standard input
        #[arg(long, value_name = "FILE")]
        rules: Option<PathBuf>,
    },
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<(), CliError> {
    let client = &context.client;
    match verb {
        Verb::List { id } => {
            let inbox = client.get(&path(&id)).await?;
            let counts = client.whole(&format!("{}/rules/counts", path(&id))).await?;
            let rows = counted(&inbox["rules"], &counts);
            let empty = "No rules: every request gets the inbox's usual answer.";
            output::rows(context.form, &rows, &COLUMNS, empty)
        }
        Verb::Set { id, file } => {
            let edited = client.patch(&path(&id), &json!({"rules": read_rules(&file)?})).await?;
            output::value(context.form, &edited)
        }
        Verb::Reset { id, rule } => {
            let mut body = Map::new();
            insert(&mut body, "rule_id", rule);
            let counts = client.post(&format!("{}/rules/reset", path(&id)), &body.into()).await?;
            output::value(context.form, &counts)
        }
        Verb::Preview { id, request, rules } => {
            let mut body = Map::new();
            insert(&mut body, "request_id", request);
            if let Some(file) = rules {
                body.insert("rules".to_owned(), read_rules(&file)?);
            }
            let made = client.post(&format!("{}/rules/preview", path(&id)), &body.into()).await?;
            output::value(context.form, &made)
        }
    }
}

/// Rules as they stand in a file.
fn read_rules(file: &Path) -> Result<Value, CliError> {
    serde_json::from_slice(&read_input(file)?)
        .map_err(|error| CliError::Usage(format!("{} holds no JSON: {error}", file.display())))
}

/// Each rule with what it has counted.
fn counted(rules: &Value, counts: &[Value]) -> Vec<Value> {
    let with_counts = |rule: &Value| {
        let mut rule = rule.clone();
        if let Some(count) = counts.iter().find(|count| count["rule_id"] == rule["id"]) {
            (rule["matched"], rule["answered"]) = (count["matched"].clone(), count["answered"].clone());
        }
        rule
    };
    rules.as_array().map(|rules| rules.iter().map(with_counts).collect()).unwrap_or_default()
}
