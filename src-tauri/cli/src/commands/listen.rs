use std::collections::HashSet;
use std::net::SocketAddr;

use clap::Args;
use hookbench_workbench::{HeaderPairs, Relay, RelayOptions, RelayedRequest};
use serde_json::{Map, Value, json};
use url::Url;

use super::Context;
use super::endpoints::insert;
use super::requests::{path, shown};
use crate::client::Query;
use crate::error::CliError;
use crate::feed::Feed;
use crate::output::{self, Form};
use crate::secret::SecretArg;

#[derive(Args)]
pub(crate) struct ListenArgs {
    /// The inbox's slug; it is made where there is none
    #[arg(long, default_value = "listen", value_name = "SLUG")]
    inbox: String,
    /// The profile by which arrivals are verified, for a new inbox
    #[arg(long)]
    provider: Option<String>,
    /// The secret by which arrivals are verified, for a new inbox
    #[arg(long, env = "HOOKBENCH_SECRET", hide_env_values = true)]
    secret: Option<SecretArg>,
    /// Where inboxes listen, where no server runs yet
    #[arg(long, value_name = "ADDR", env = "HOOKBENCH_CAPTURE", default_value = "127.0.0.1:4800")]
    pub(crate) capture: SocketAddr,
    /// Send everything on to this URL, path and query below the inbox added
    #[arg(long, value_name = "URL")]
    forward: Option<Url>,
}

/// Prints what arrives until it is stopped.
pub(crate) async fn run(context: &Context, args: ListenArgs) -> Result<(), CliError> {
    let target = args.forward.clone().map(Target::new).transpose()?;
    let mut feed = Feed::open(&context.client).await?;
    let inbox = find_or_make(context, &args).await?;
    let id = inbox.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    announce(context, &inbox, args.forward.as_ref())?;
    let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
    let mut seen = HashSet::new();
    let mut newest = newest_id(context, &id).await?;
    loop {
        let message = tokio::select! {
            message = feed.next() => message?,
            _ = &mut stop => return Ok(()),
        };
        let Some(message) = message else { return Ok(()) };
        let text = |key: &str| message.data.get(key).and_then(Value::as_str).unwrap_or_default();
        if message.event == "request" && text("action") == "created" && text("parent") == id {
            let request = text("id").to_owned();
            if seen.insert(request.clone()) {
                arrival(context, &request, target.as_ref()).await?;
                newest = Some(request);
            }
        } else if message.event == "resync" {
            for request in missed(context, &id, newest.as_deref()).await? {
                if seen.insert(request.clone()) {
                    arrival(context, &request, target.as_ref()).await?;
                    newest = Some(request);
                }
            }
        }
    }
}

async fn find_or_make(context: &Context, args: &ListenArgs) -> Result<Value, CliError> {
    let inboxes = context.client.rows("/v1/inboxes", &Query::default(), usize::MAX).await?;
    let slug = |inbox: &Value| inbox.get("slug").and_then(Value::as_str) == Some(args.inbox.as_str());
    if let Some(known) = inboxes.into_iter().find(slug) {
        return Ok(known);
    }
    let mut body = Map::new();
    body.insert("name".to_owned(), args.inbox.clone().into());
    body.insert("slug".to_owned(), args.inbox.clone().into());
    insert(&mut body, "provider", args.provider.clone());
    insert(&mut body, "secret", args.secret.clone());
    context.client.post("/v1/inboxes", &Value::Object(body)).await
}

fn announce(context: &Context, inbox: &Value, forward: Option<&Url>) -> Result<(), CliError> {
    let url = inbox.get("url").and_then(Value::as_str).unwrap_or_default();
    if context.form == Form::Json {
        return output::line(&json!({"inbox_id": inbox["id"], "url": url}).to_string());
    }
    let onward = forward.map(|target| format!(" and forwarding to {target}")).unwrap_or_default();
    output::line(&format!("Capturing at {url}{onward}. Ctrl-C ends it."))
}

async fn newest_id(context: &Context, inbox: &str) -> Result<Option<String>, CliError> {
    let rows = context.client.rows("/v1/requests", &of(inbox), 1).await?;
    Ok(rows.first().and_then(|row| row.get("id")).and_then(Value::as_str).map(str::to_owned))
}

/// What arrived after `newest` while the feed could not keep up, oldest first.
async fn missed(context: &Context, inbox: &str, newest: Option<&str>) -> Result<Vec<String>, CliError> {
    let rows = context.client.rows("/v1/requests", &of(inbox), 10_000).await?;
    let ids = rows.iter().filter_map(|row| row.get("id")).filter_map(Value::as_str);
    let mut missed: Vec<String> =
        ids.take_while(|id| newest.is_none_or(|last| *id > last)).map(str::to_owned).collect();
    missed.reverse();
    Ok(missed)
}

fn of(inbox: &str) -> Query {
    let mut query = Query::default();
    query.push("inbox_id", Some(inbox));
    query
}

async fn arrival(context: &Context, id: &str, target: Option<&Target>) -> Result<(), CliError> {
    let request = context.client.get(&path(id)).await?;
    let forwarded = match target {
        Some(target) => {
            let body = context.client.raw(&format!("{}/body", path(id))).await?;
            // What is printed is veiled; what goes on is what arrived.
            let whole = match request.get("veiled").and_then(Value::as_bool) {
                Some(true) => context.client.get(&shown(&path(id), true)).await?,
                _ => request.clone(),
            };
            Some(target.forward(&whole, body).await)
        }
        None => None,
    };
    if context.form == Form::Json {
        let mut line = json!({"request": request});
        if let Some(forwarded) = forwarded {
            line["forwarded"] = forwarded;
        }
        return output::line(&line.to_string());
    }
    let text = |key: &str| request.get(key).and_then(Value::as_str).unwrap_or_default();
    let signature = request.pointer("/verification/status").and_then(Value::as_str).unwrap_or_default();
    let mut words = format!(
        "{}  {:6} {}  {}  {signature}",
        text("received_at"),
        text("method"),
        text("path"),
        text("event_type")
    );
    if let Some(forwarded) = forwarded {
        let answer = forwarded.get("error").unwrap_or(&forwarded["status"]);
        words.push_str("  → ");
        words.push_str(&answer.as_str().map_or_else(|| answer.to_string(), str::to_owned));
    }
    output::line(&words)
}

/// Where what arrives is forwarded to.
struct Target {
    relay: Relay,
    url: Url,
}

impl Target {
    fn new(url: Url) -> Result<Self, CliError> {
        Ok(Self { relay: Relay::new(RelayOptions::default())?, url })
    }

    /// What the target answered, or why it did not.
    async fn forward(&self, request: &Value, body: bytes::Bytes) -> Value {
        let text = |key: &str| request.get(key).and_then(Value::as_str);
        let headers: HeaderPairs = request
            .get("headers")
            .cloned()
            .and_then(|headers| serde_json::from_value(headers).ok())
            .unwrap_or_default();
        let outgoing = RelayedRequest {
            method: text("method").unwrap_or("POST").to_owned(),
            path: text("path").unwrap_or_default().to_owned(),
            query: text("query").map(str::to_owned),
            headers,
            body,
        };
        match self.relay.forward(outgoing, &self.url).await {
            Ok(answer) => json!({"status": answer.status, "duration_ms": answer.duration.as_millis()}),
            Err(error) => json!({"error": crate::error::whole(&error)}),
        }
    }
}
