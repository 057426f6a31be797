use clap::{Args, Subcommand};

use super::Context;
use crate::args::{Limit, Span};
use crate::client::{Query, segment};
use crate::error::CliError;
use crate::output::{self, Column};

const COLUMNS: [Column; 5] = [
    ("ID", "id"),
    ("TYPE", "type"),
    ("PROVIDER", "provider"),
    ("PROVIDER'S ID", "provider_event_id"),
    ("CREATED", "created_at"),
];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List events
    List(ListArgs),
    /// Show one
    Show { id: String },
    /// Print its payload, byte for byte
    Payload { id: String },
}

#[derive(Args)]
pub(crate) struct ListArgs {
    /// Of this type, or prefix (`message.*`)
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    #[arg(long)]
    provider: Option<String>,
    #[command(flatten)]
    span: Span,
    #[command(flatten)]
    limit: Limit,
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<(), CliError> {
    match verb {
        Verb::List(args) => {
            let mut query = Query::default();
            query.push("type", args.event_type);
            query.push("provider", args.provider);
            query.push("since", args.span.since.map(|when| when.to_rfc3339(context.now)));
            query.push("until", args.span.until.map(|when| when.to_rfc3339(context.now)));
            let rows = context.client.rows("/v1/events", &query, args.limit.rows()).await?;
            output::rows(
                context.form,
                &rows,
                &COLUMNS,
                "No events match. Send one with `hookbench send TYPE`.",
            )
        }
        Verb::Show { id } => {
            output::value(context.form, &context.client.get(&format!("/v1/events/{}", segment(&id))).await?)
        }
        Verb::Payload { id } => {
            output::bytes(&context.client.raw(&format!("/v1/events/{}/payload", segment(&id))).await?)
        }
    }
}
