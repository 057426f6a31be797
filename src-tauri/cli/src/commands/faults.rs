use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::Context;
use super::endpoints::insert;
use super::policy_words::{self as words, Span};
use super::signatures::header;
use crate::client::segment;
use crate::error::CliError;
use crate::output::{self, Column};

const COLUMNS: [Column; 6] = [
    ("ID", "id"),
    ("NAME", "name"),
    ("URL", "url"),
    ("RECEIVED", "received_count"),
    ("NEXT", "next.status"),
    ("FAULT", "next.fault"),
];
const RECEIVED: [Column; 7] = [
    ("NO", "number"),
    ("AT", "at"),
    ("METHOD", "method"),
    ("PATH", "path"),
    ("STATUS", "status"),
    ("FAULT", "fault"),
    ("PROBLEM", "problem"),
];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List fault receivers
    List,
    /// Show one
    Show { id: String },
    /// What one received, newest first
    Received { id: String },
    /// Make one; it lives as long as the workspace runs
    Create(Box<CreateArgs>),
    /// Set its dial as a whole; what is not given is as usual
    Set {
        id: String,
        #[command(flatten)]
        dial: DialArgs,
    },
    /// Delete it, and the endpoint of its trial
    Delete { id: String },
}

#[derive(Args)]
pub(crate) struct CreateArgs {
    /// What people call it
    #[arg(long)]
    name: Option<String>,
    /// Try out the policy of this endpoint: one like it is made that points at the receiver
    #[arg(long, value_name = "ENDPOINT")]
    trial_of: Option<String>,
    #[command(flatten)]
    dial: DialArgs,
}

/// How a fault receiver treats what it is sent.
#[derive(Args)]
#[command(next_help_heading = "Dial")]
pub(crate) struct DialArgs {
    /// The statuses of its answers, one a request; the last one stays: `503,503,200`
    #[arg(long, value_name = "STATUSES", value_delimiter = ',')]
    status: Vec<u16>,
    /// Begin anew after the last status
    #[arg(long)]
    repeat: bool,
    /// How long each answer waits (`500ms`, `20s`)
    #[arg(long, value_name = "TIME", value_parser = words::span)]
    delay: Option<Span>,
    /// A header of its answers, `Name: value`; may be given again
    #[arg(long = "header", short = 'H', value_name = "HEADER")]
    headers: Vec<String>,
    /// After how many seconds its answers other than 2xx ask to try again
    #[arg(long, value_name = "SECONDS")]
    retry_after: Option<u64>,
    /// Write that as a date
    #[arg(long, requires = "retry_after")]
    retry_after_date: bool,
    /// The body of its answers, as text
    #[arg(long)]
    body: Option<String>,
    /// What it does in place of answering: `reset`, `close`, `no_answer`, `drip`, `half_headers`, `wrong_length`,
    /// `bad_tls`
    #[arg(long, value_name = "FAULT", value_parser = FAULTS)]
    fault: Option<String>,
    /// How many requests meet the fault before the statuses begin; all where not given
    #[arg(long, value_name = "N", requires = "fault")]
    fail_first: Option<u32>,
    /// What is wrong with its certificate, where the fault is `bad_tls`
    #[arg(long, value_name = "WHAT", value_parser = ["expired", "wrong_name", "self_signed"])]
    certificate: Option<String>,
    /// How many bytes a second come, where the fault is `drip`
    #[arg(long, value_name = "BYTES")]
    drip: Option<u32>,
}

const FAULTS: [&str; 7] = ["reset", "close", "no_answer", "drip", "half_headers", "wrong_length", "bad_tls"];

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<(), CliError> {
    let client = &context.client;
    if client.own().is_some() {
        // What this command would make would be gone before anybody could send to it.
        return Err(CliError::NotRunning);
    }
    let done = match verb {
        Verb::List => {
            let rows = client.whole("/v1/fault-receivers").await?;
            let empty = "No fault receivers. Make one with `hookbench faults create --status 503,503,200`.";
            return output::rows(context.form, &rows, &COLUMNS, empty);
        }
        Verb::Show { id } => client.get(&path(&id)).await?,
        Verb::Received { id } => {
            let mut receiver = client.get(&path(&id)).await?;
            let Some(Value::Array(rows)) = receiver.get_mut("received").map(Value::take) else {
                return Err(CliError::Unexpected(format!("no `received` from {}", path(&id))));
            };
            return output::rows(context.form, &rows, &RECEIVED, "It has received nothing yet.");
        }
        Verb::Create(args) => {
            let mut body = Map::from_iter([("dial".to_owned(), args.dial.body()?)]);
            insert(&mut body, "name", args.name);
            insert(&mut body, "trial_of", args.trial_of);
            client.post("/v1/fault-receivers", &body.into()).await?
        }
        Verb::Set { id, dial } => client.patch(&path(&id), &json!({"dial": dial.body()?})).await?,
        Verb::Delete { id } => {
            client.delete(&path(&id)).await?;
            json!({"id": id, "deleted": true})
        }
    };
    output::value(context.form, &done)
}

fn path(id: &str) -> String {
    format!("/v1/fault-receivers/{}", segment(id))
}

impl DialArgs {
    fn body(self) -> Result<Value, CliError> {
        let mut dial = Map::new();
        insert(&mut dial, "statuses", (!self.status.is_empty()).then_some(self.status));
        insert(&mut dial, "repeat", self.repeat.then_some(true));
        insert(&mut dial, "delay_ms", self.delay);
        let headers = self.headers.iter().map(|line| header(line)).collect::<Result<Vec<_>, _>>()?;
        insert(&mut dial, "headers", (!headers.is_empty()).then_some(headers));
        let form = if self.retry_after_date { "date" } else { "seconds" };
        let after = self.retry_after.map(|seconds| json!({"seconds": seconds, "form": form}));
        insert(&mut dial, "retry_after", after);
        insert(&mut dial, "body", self.body);
        insert(&mut dial, "fault", self.fault);
        insert(&mut dial, "fail_first", self.fail_first);
        insert(&mut dial, "certificate", self.certificate);
        insert(&mut dial, "drip_bytes_per_s", self.drip);
        Ok(Value::Object(dial))
    }
}
