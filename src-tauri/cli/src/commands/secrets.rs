//! The secrets of an endpoint or an inbox.

use clap::Subcommand;
use serde_json::{Map, json};

use super::Context;
use super::endpoints::insert;
use crate::client::segment;
use crate::error::CliError;
use crate::output::{self, Column};
use crate::secret::SecretArg;

const COLUMNS: [Column; 5] = [
    ("ID", "id"),
    ("HINT", "hint"),
    ("CURRENT", "current"),
    ("SINCE", "created_at"),
    ("UNTIL", "expires_at"),
];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List those that hold; only their last characters are shown
    List { id: String },
    /// Add one beside those that hold
    Add {
        id: String,
        /// The secret
        #[arg(long, env = "HOOKBENCH_SECRET", hide_env_values = true)]
        secret: SecretArg,
        /// For how long it holds, in milliseconds; until it is removed where not given
        #[arg(long)]
        expires_in_ms: Option<u64>,
    },
    /// End one at once
    Remove {
        id: String,
        /// The secret's id, as `list` shows it
        #[arg(value_name = "SECRET")]
        name: String,
    },
}

/// Runs a verb on the secrets of `noun`: the path of endpoints or of inboxes.
pub(crate) async fn run(context: &Context, noun: &str, verb: Verb) -> Result<(), CliError> {
    let client = &context.client;
    let path = |id: &str| format!("{noun}/{}/secrets", segment(id));
    match verb {
        Verb::List { id } => {
            let rows = client.whole(&path(&id)).await?;
            output::rows(context.form, &rows, &COLUMNS, "It has no secret.")
        }
        Verb::Add { id, secret, expires_in_ms } => {
            let mut body = Map::from_iter([("secret".to_owned(), secret.into())]);
            insert(&mut body, "expires_in_ms", expires_in_ms);
            client.post(&path(&id), &body.into()).await?;
            let rows = client.whole(&path(&id)).await?;
            output::rows(context.form, &rows, &COLUMNS, "It has no secret.")
        }
        Verb::Remove { id, name } => {
            client.delete(&format!("{}/{}", path(&id), segment(&name))).await?;
            output::value(context.form, &json!({"id": name, "deleted": true}))
        }
    }
}
