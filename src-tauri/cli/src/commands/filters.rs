use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::Context;
use super::endpoints::insert;
use crate::client::{Client, segment};
use crate::error::CliError;
use crate::output::{self, Column};

const COLUMNS: [Column; 4] = [("ID", "id"), ("NAME", "name"), ("FILTER", "filter"), ("INBOX", "inbox_id")];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the filters that have names
    List,
    /// Give a filter a name; one that has that name already gets this filter
    Save {
        name: String,
        /// The filter: 'status:5xx header:x-id=42 json:data.to=ada -valid'
        filter: String,
        /// For this inbox; for all where not given
        #[arg(long, value_name = "ID")]
        inbox: Option<String>,
    },
    /// Delete one
    Delete {
        /// Its name, or its id
        name: String,
    },
}

/// Without a verb they are listed.
pub(crate) async fn run(context: &Context, verb: Option<Verb>) -> Result<(), CliError> {
    let client = &context.client;
    match verb {
        None | Some(Verb::List) => {
            let rows = client.whole(PATH).await?;
            output::rows(context.form, &rows, &COLUMNS, "No filter has a name yet.")
        }
        Some(Verb::Save { name, filter, inbox }) => {
            let mut body = Map::from_iter([("filter".to_owned(), filter.clone().into())]);
            let saved = if let Some(known) = named(client, &name).await? {
                if inbox.is_some() {
                    insert(&mut body, "inbox_id", inbox);
                }
                client.patch(&path(&known), &body.into()).await
            } else {
                insert(&mut body, "name", Some(name));
                insert(&mut body, "inbox_id", inbox);
                client.post(PATH, &body.into()).await
            };
            output::value(context.form, &saved.map_err(|error| error.pointing("filter", &filter))?)
        }
        Some(Verb::Delete { name }) => {
            let known = find(client, &name).await?;
            client.delete(&path(&known)).await?;
            output::value(context.form, &json!({"id": known["id"], "deleted": true}))
        }
    }
}

const PATH: &str = "/v1/saved-filters";

fn path(filter: &Value) -> String {
    format!("{PATH}/{}", segment(filter["id"].as_str().unwrap_or_default()))
}

/// The saved filter of a name, or of an id; the refusal says which names there are.
pub(crate) async fn find(client: &Client, name: &str) -> Result<Value, CliError> {
    if let Some(known) = named(client, name).await? {
        return Ok(known);
    }
    let rows = client.whole(PATH).await?;
    let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
    Err(CliError::Usage(if names.is_empty() {
        format!("no filter is called {name}: none has a name yet (`hookbench filters save NAME FILTER`)")
    } else {
        format!("no filter is called {name}: there are {}", names.join(", "))
    }))
}

async fn named(client: &Client, name: &str) -> Result<Option<Value>, CliError> {
    let rows = client.whole(PATH).await?;
    Ok(rows.into_iter().find(|row| row["name"] == name || row["id"] == name))
}
