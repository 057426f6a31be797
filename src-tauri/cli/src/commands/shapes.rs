use clap::Subcommand;
use serde_json::{Value, json};

use super::Context;
use crate::client::{Query, segment};
use crate::error::CliError;
use crate::output;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the shapes, by provider and event type
    List,
    /// Show one, with its places
    Show { id: String },
    /// Print one as JSON Schema
    Schema { id: String },
    /// List where captured requests differed from what was known before them
    Drifts {
        /// From this shape
        #[arg(long, value_name = "ID")]
        shape: Option<String>,
    },
    /// Forget one, and the drifts from it: it is learnt anew
    Forget { id: String },
}

/// Without a verb they are listed.
pub(crate) async fn run(context: &Context, verb: Option<Verb>) -> Result<(), CliError> {
    match verb {
        None | Some(Verb::List) => {
            let list = context.client.get("/v1/shapes").await?;
            let rows = list.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
            let columns = [
                ("ID", "id"),
                ("PROVIDER", "provider"),
                ("INBOX", "inbox_id"),
                ("TYPE", "event_type"),
                ("BODIES", "bodies"),
                ("DRIFTS", "drifts"),
                ("SEEN", "last_seen_at"),
            ];
            output::rows(
                context.form,
                &rows,
                &columns,
                "No shapes: nothing with a JSON body was captured yet.",
            )
        }
        Some(Verb::Show { id }) => {
            output::value(context.form, &context.client.get(&format!("/v1/shapes/{}", segment(&id))).await?)
        }
        Some(Verb::Schema { id }) => {
            let path = format!("/v1/shapes/{}/schema.json", segment(&id));
            output::value(output::Form::Json, &context.client.get(&path).await?)
        }
        Some(Verb::Drifts { shape }) => drifts(context, shape).await,
        Some(Verb::Forget { id }) => {
            context.client.delete(&format!("/v1/shapes/{}", segment(&id))).await?;
            output::value(context.form, &json!({"id": id, "deleted": true}))
        }
    }
}

async fn drifts(context: &Context, shape: Option<String>) -> Result<(), CliError> {
    let mut query = Query::default();
    query.push("shape_id", shape);
    let list = context.client.get(&query.on("/v1/drifts")).await?;
    let rows = list.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
    let columns = [
        ("REQUEST", "request_id"),
        ("RECEIVED", "received_at"),
        ("TYPE", "event_type"),
        ("KIND", "kind"),
        ("PATH", "path"),
        ("IS", "is"),
        ("TIMES", "times"),
    ];
    output::rows(context.form, &rows, &columns, "No drifts.")
}
