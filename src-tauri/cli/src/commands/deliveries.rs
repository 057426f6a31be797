use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::Context;
use super::endpoints::insert;
use crate::args::{Limit, Span};
use crate::client::{Query, segment};
use crate::error::CliError;
use crate::output::{self, Column};

const COLUMNS: [Column; 7] = [
    ("ID", "id"),
    ("STATUS", "status"),
    ("TYPE", "event_type"),
    ("ATTEMPTS", "attempt_count"),
    ("LAST OUTCOME", "last_attempt.outcome"),
    ("NEXT ATTEMPT", "next_attempt_at"),
    ("URL", "url"),
];

const STATUSES: [&str; 7] =
    ["pending", "in_flight", "retrying", "delivered", "failed", "cancelled", "paused"];

const OUTCOMES: [&str; 11] = [
    "delivered",
    "http_error",
    "redirect",
    "timeout",
    "dns_failure",
    "connection_refused",
    "connection_reset",
    "tls_failure",
    "invalid_response",
    "blocked",
    "interrupted",
];

const REASONS: [&str; 5] = ["delivered", "exhausted", "expired", "cancelled", "skipped"];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List deliveries
    List {
        #[command(flatten)]
        filter: Box<Filter>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Show one with its attempts
    Show { id: String },
    /// Stop one that waits
    Cancel { id: String },
    /// Skip one: one that waits ends, one that failed lets the queue go on that it holds
    Skip { id: String },
    /// Show what goes out when
    Forecast {
        /// How far ahead, in milliseconds
        #[arg(long, default_value_t = 3_600_000)]
        span_ms: u64,
        /// Into how many stretches of time that is cut
        #[arg(long, default_value_t = 12)]
        buckets: u32,
    },
    /// Print the body that an attempt sent, byte for byte
    RequestBody { id: String, attempt: u32 },
    /// Print the body that an attempt got back, byte for byte
    ResponseBody { id: String, attempt: u32 },
}

/// Which deliveries.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Where they stand
    #[arg(long, value_parser = STATUSES)]
    status: Option<String>,
    /// To this endpoint
    #[arg(long, value_name = "ID")]
    endpoint: Option<String>,
    /// Of this event type, or prefix
    #[arg(long = "type", value_name = "TYPE")]
    event_type: Option<String>,
    #[arg(long)]
    provider: Option<String>,
    /// How their newest attempt ended, or any with --any-attempt
    #[arg(long, value_parser = OUTCOMES)]
    outcome: Option<String>,
    /// Whose newest attempt failed by exactly this, as `tls_expired`; any with --any-attempt
    #[arg(long, value_name = "CODE")]
    error_code: Option<String>,
    /// Whose newest attempt was answered so, or any with --any-attempt: 404, 5xx, 500-504, or several with commas between
    /// them
    #[arg(long, value_name = "STATUS")]
    response_status: Option<String>,
    /// Ask --outcome, --error-code and --response-status of every attempt: one of them has to be so, though a later one
    /// may have arrived
    #[arg(long)]
    any_attempt: bool,
    /// That ended for this reason
    #[arg(long, value_name = "REASON", value_parser = REASONS)]
    ended_because: Option<String>,
    /// With this text in an id, a URL, the endpoint's name, the type, an error or a body, capitals and small letters
    /// told apart
    #[arg(long, value_name = "TEXT")]
    q: Option<String>,
    #[command(flatten)]
    span: Span,
}

impl Filter {
    /// Whether any condition was given.
    pub(crate) fn is_given(&self) -> bool {
        let Self { status, endpoint, event_type, provider, outcome, .. } = self;
        let Self { error_code, response_status, ended_because, q, span, .. } = self;
        let given =
            [status, endpoint, event_type, provider, outcome, error_code, response_status, ended_because, q];
        given.into_iter().any(Option::is_some) || span.since.is_some() || span.until.is_some()
    }

    /// Each condition that was given, by its name in the contract.
    fn conditions(&self, context: &Context) -> Vec<(&'static str, String)> {
        let when = |when: crate::span::When| when.to_rfc3339(context.now);
        [
            ("status", self.status.clone()),
            ("endpoint_id", self.endpoint.clone()),
            ("event_type", self.event_type.clone()),
            ("provider", self.provider.clone()),
            ("outcome", self.outcome.clone()),
            ("error_code", self.error_code.clone()),
            ("response_status", self.response_status.clone()),
            ("attempts", self.any_attempt.then(|| "any".to_owned())),
            ("ended_because", self.ended_because.clone()),
            ("q", self.q.clone()),
            ("since", self.span.since.map(when)),
            ("until", self.span.until.map(when)),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| (name, value)))
        .collect()
    }

    fn query(&self, context: &Context) -> Query {
        let mut query = Query::default();
        for (name, value) in self.conditions(context) {
            query.push(name, Some(value));
        }
        query
    }

    /// As the filter of a replay.
    pub(crate) fn body(&self, context: &Context) -> Value {
        let mut body = Map::new();
        for (name, value) in self.conditions(context) {
            insert(&mut body, name, Some(value));
        }
        Value::Object(body)
    }
}

pub(crate) async fn run(context: &Context, verb: Verb) -> Result<(), CliError> {
    let client = &context.client;
    match verb {
        Verb::List { filter, limit } => {
            let rows = client.rows("/v1/deliveries", &filter.query(context), limit.rows()).await?;
            let mut columns = COLUMNS.to_vec();
            let mut none = "No deliveries match.";
            if filter.q.is_some() {
                columns.push(("FOUND IN", "found_in"));
                none = "No deliveries match. The text is found as it is written, capitals and small letters apart.";
            }
            output::rows(context.form, &rows, &columns, none)
        }
        Verb::Show { id } => show(context, &id).await,
        Verb::Cancel { id } => {
            output::value(context.form, &client.post(&format!("{}/cancel", path(&id)), &json!({})).await?)
        }
        Verb::Skip { id } => {
            output::value(context.form, &client.post(&format!("{}/skip", path(&id)), &json!({})).await?)
        }
        Verb::Forecast { span_ms, buckets } => forecast(context, span_ms, buckets).await,
        Verb::RequestBody { id, attempt } => {
            output::bytes(&client.raw(&format!("{}/attempts/{attempt}/request", path(&id))).await?)
        }
        Verb::ResponseBody { id, attempt } => {
            output::bytes(&client.raw(&format!("{}/attempts/{attempt}/response", path(&id))).await?)
        }
    }
}

pub(crate) fn path(id: &str) -> String {
    format!("/v1/deliveries/{}", segment(id))
}

async fn forecast(context: &Context, span_ms: u64, buckets: u32) -> Result<(), CliError> {
    let path = format!("/v1/forecast?span_ms={span_ms}&buckets={buckets}");
    let mut forecast = context.client.get(&path).await?;
    if context.form == output::Form::Json {
        return output::value(context.form, &forecast);
    }
    let buckets = forecast.get_mut("buckets").map(Value::take).unwrap_or_default();
    if let Some(fields) = forecast.as_object_mut() {
        fields.shift_remove("buckets");
    }
    output::value(context.form, &forecast)?;
    output::line("")?;
    let columns = [("FROM", "from"), ("UNTIL", "until"), ("DELIVERIES", "count")];
    output::rows(context.form, buckets.as_array().map_or(&[][..], Vec::as_slice), &columns, "Nothing.")
}

async fn show(context: &Context, id: &str) -> Result<(), CliError> {
    let mut delivery = context.client.get(&path(id)).await?;
    if context.form == output::Form::Json {
        return output::value(context.form, &delivery);
    }
    let attempts = delivery.get_mut("attempts").map(Value::take).unwrap_or_default();
    if let Some(fields) = delivery.as_object_mut() {
        fields.shift_remove("attempts");
        fields.shift_remove("last_attempt");
    }
    output::value(context.form, &delivery)?;
    output::line("")?;
    let columns = [
        ("#", "number"),
        ("TRIGGER", "trigger"),
        ("STARTED", "started_at"),
        ("MS", "duration_ms"),
        ("OUTCOME", "outcome"),
        ("STATUS", "response.status"),
        ("ERROR", "error"),
    ];
    output::rows(context.form, attempts.as_array().map_or(&[][..], Vec::as_slice), &columns, "Not tried yet.")
}
