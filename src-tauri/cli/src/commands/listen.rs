use std::collections::{HashSet, VecDeque};
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
    let mut arrivals = Arrivals::since_now(context, &id).await?;
    loop {
        let message = tokio::select! {
            message = feed.next() => message?,
            _ = &mut stop => return Ok(()),
        };
        let Some(message) = message else { return Ok(()) };
        let text = |key: &str| message.data.get(key).and_then(Value::as_str).unwrap_or_default();
        if message.event == "request" && text("action") == "created" && text("parent") == id {
            arrivals.print(text("id"), target.as_ref()).await?;
        } else if message.event == "resync" {
            arrivals.print_missed(target.as_ref()).await?;
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

/// The most that is read of what arrived while the feed could not keep up.
const MOST_MISSED: usize = 10_000;
/// How many arrivals are remembered as printed: more than can be read again.
const REMEMBERED: usize = 2 * MOST_MISSED;
/// How many of those that are there at the beginning are known. A request that is written late has a lower id than
/// some that were written before it; this far back none comes.
const KNOWN_BEFORE: usize = 500;

/// What arrives at an inbox, each printed once.
struct Arrivals<'c> {
    context: &'c Context,
    inbox: &'c str,
    /// What was there at the beginning, and what lies at or below the floor.
    before: HashSet<String>,
    floor: Option<String>,
    /// What has been printed, the oldest first, and the same to look it up.
    printed: VecDeque<String>,
    known: HashSet<String>,
}

impl<'c> Arrivals<'c> {
    async fn since_now(context: &'c Context, inbox: &'c str) -> Result<Self, CliError> {
        let before = newest(context, inbox, KNOWN_BEFORE).await?;
        let floor = before.last().filter(|_| before.len() == KNOWN_BEFORE).cloned();
        let before = before.into_iter().collect();
        Ok(Self { context, inbox, before, floor, printed: VecDeque::new(), known: HashSet::new() })
    }

    /// Whether it is seen for the first time.
    fn is_new(&mut self, id: &str) -> bool {
        if !self.known.insert(id.to_owned()) {
            return false;
        }
        self.printed.push_back(id.to_owned());
        if self.printed.len() > REMEMBERED
            && let Some(oldest) = self.printed.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }

    /// Prints one, and sends it on. What cannot be read is said, and ends nothing: another may be.
    async fn print(&mut self, id: &str, target: Option<&Target>) -> Result<(), CliError> {
        if !self.is_new(id) {
            return Ok(());
        }
        match arrival(self.context, id, target).await {
            Err(error @ (CliError::Stdio(_) | CliError::Usage(_))) => Err(error),
            Err(error) => self.trouble(Some(id), &crate::error::whole(&error)),
            Ok(()) => Ok(()),
        }
    }

    /// What arrived while the feed could not keep up, oldest first.
    async fn print_missed(&mut self, target: Option<&Target>) -> Result<(), CliError> {
        let ids = match newest(self.context, self.inbox, MOST_MISSED).await {
            Ok(ids) => ids,
            Err(error) => return self.trouble(None, &crate::error::whole(&error)),
        };
        let is_after =
            |id: &String| !self.before.contains(id) && self.floor.as_ref().is_none_or(|floor| id > floor);
        let missed: Vec<String> = ids.into_iter().filter(is_after).collect();
        if missed.len() == MOST_MISSED && missed.last().is_some_and(|oldest| !self.known.contains(oldest)) {
            self.trouble(None, &format!("more than {MOST_MISSED} arrived at once: older ones are left out"))?;
        }
        for id in missed.iter().rev() {
            self.print(id, target).await?;
        }
        Ok(())
    }

    fn trouble(&self, id: Option<&str>, words: &str) -> Result<(), CliError> {
        if self.context.form == Form::Json {
            return output::line(
                &json!({"request": id.map(|id| json!({"id": id})), "error": words}).to_string(),
            );
        }
        output::line(&output::escaped(&format!("{}  {words}", id.unwrap_or("-"))))
    }
}

/// The ids of so many, newest first.
async fn newest(context: &Context, inbox: &str, most: usize) -> Result<Vec<String>, CliError> {
    let mut query = Query::default();
    query.push("inbox_id", Some(inbox));
    let rows = context.client.rows("/v1/requests", &query, most).await?;
    Ok(rows.iter().filter_map(|row| row.get("id")).filter_map(Value::as_str).map(str::to_owned).collect())
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
    output::line(&output::escaped(&words))
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
