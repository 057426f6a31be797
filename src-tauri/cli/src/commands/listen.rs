use std::collections::{HashSet, VecDeque};
use std::net::SocketAddr;

use clap::Args;
use serde_json::{Map, Value, json};

use super::Context;
use super::endpoints::insert;
use super::listen_relay::ListenRelay;
use super::relay_args::Forward;
use super::requests::path;
use super::signals::Signals;
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
    /// Pass everything on to this URL as it came, path and query below the inbox added; with event types before it only
    /// those: `message.*=http://…`. Repeat it for several. Ends with the listening; what is on its way then still goes
    #[arg(long, value_name = "[TYPES=]URL")]
    forward: Vec<Forward>,
    /// Give senders the answer of what is at this URL, in place of the inbox's
    #[arg(long, value_name = "URL")]
    reply_from: Option<String>,
    /// Send targets the Host that the sender used
    #[arg(long)]
    sender_host: bool,
}

/// Prints what arrives until it is stopped.
pub(crate) async fn run(context: &Context, mut args: ListenArgs) -> Result<(), CliError> {
    if let Some(url) =
        args.reply_from.as_deref().filter(|url| args.forward.iter().all(|known| known.url != **url))
    {
        args.forward.push(Forward::everything_to(url));
    }
    let feed = Feed::open(&context.client).await?;
    let inbox = find_or_make(context, &args).await?;
    let reply_from = args.reply_from.as_deref();
    let signals = Signals::listen_in_a_terminal()?;
    let mut relay = match args.forward.as_slice() {
        [] => None,
        forwards => Some(ListenRelay::begin(context, &inbox, forwards, reply_from, args.sender_host).await?),
    };
    let followed = follow(context, feed, &inbox, &args, relay.as_mut(), signals).await;
    if let Some(relay) = &relay {
        let ended = relay.end().await;
        followed?;
        return ended;
    }
    followed
}

async fn follow(
    context: &Context,
    mut feed: Feed,
    inbox: &Value,
    args: &ListenArgs,
    mut relay: Option<&mut ListenRelay<'_>>,
    mut signals: Signals,
) -> Result<(), CliError> {
    let id = inbox.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut arrivals = Arrivals::since_now(context, &id).await?;
    announce(context, inbox, &args.forward)?;
    loop {
        let message = tokio::select! {
            message = feed.next() => message?,
            () = signals.asked() => return Ok(()),
        };
        let Some(message) = message else { return Ok(()) };
        let text = |key: &str| message.data.get(key).and_then(Value::as_str).unwrap_or_default();
        let new = if message.event == "request" && text("action") == "created" && text("parent") == id {
            arrivals.print(text("id")).await?.into_iter().collect()
        } else if message.event == "resync" {
            arrivals.print_missed().await?
        } else {
            Vec::new()
        };
        let Some(relay) = relay.as_deref_mut() else { continue };
        for request in &new {
            relay.awaits(request).await?;
        }
        if message.event == "resync" {
            relay.look_again().await?;
        } else if new.is_empty() {
            relay.heard(&message.event, text("id")).await?;
        }
    }
}

async fn find_or_make(context: &Context, args: &ListenArgs) -> Result<Value, CliError> {
    let inboxes = context.client.rows("/v1/inboxes", &Query::default(), usize::MAX).await?;
    let slug = |inbox: &Value| inbox.get("slug").and_then(Value::as_str) == Some(args.inbox.as_str());
    let known = inboxes.into_iter().find(slug);
    let provider = match &known {
        Some(known) => known["provider"].as_str().map(str::to_owned),
        None => args.provider.clone(),
    };
    if provider.is_none()
        && let Some(forward) = args.forward.iter().find(|forward| forward.goes_by_type())
    {
        return Err(without_types(forward, known.as_ref()));
    }
    if let Some(known) = known {
        return Ok(known);
    }
    let mut body = Map::new();
    body.insert("name".to_owned(), args.inbox.clone().into());
    body.insert("slug".to_owned(), args.inbox.clone().into());
    insert(&mut body, "provider", args.provider.clone());
    insert(&mut body, "secret", args.secret.clone());
    context.client.post("/v1/inboxes", &Value::Object(body)).await
}

/// Nothing would ever go there, and nobody would know why.
fn without_types(forward: &Forward, inbox: Option<&Value>) -> CliError {
    let mend = match inbox.and_then(|inbox| inbox["id"].as_str()) {
        Some(id) => format!("give it one with `hookbench inboxes edit {id} --provider …`"),
        None => "name one with --provider".to_owned(),
    };
    CliError::Usage(format!(
        "--forward to {} goes by event types, and an inbox tells those by its provider, which this one has not: \
         {mend} (`hookbench providers` lists them, `generic` is Standard Webhooks), or leave the types out",
        forward.url
    ))
}

fn announce(context: &Context, inbox: &Value, forwards: &[Forward]) -> Result<(), CliError> {
    let url = inbox.get("url").and_then(Value::as_str).unwrap_or_default();
    if context.form == Form::Json {
        return output::line(&json!({"inbox_id": inbox["id"], "url": url}).to_string());
    }
    let urls: Vec<&str> = forwards.iter().map(|forward| forward.url.as_str()).collect();
    let onward =
        if urls.is_empty() { String::new() } else { format!(" and passing on to {}", urls.join(", ")) };
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

    /// Prints one, unless that was done; gives its id where it was new. What cannot be read is said, and ends nothing:
    /// another may be.
    async fn print(&mut self, id: &str) -> Result<Option<String>, CliError> {
        if !self.is_new(id) {
            return Ok(None);
        }
        match arrival(self.context, id).await {
            Err(error @ (CliError::Stdio(_) | CliError::Usage(_))) => return Err(error),
            Err(error) => self.trouble(Some(id), &crate::error::whole(&error))?,
            Ok(()) => {}
        }
        Ok(Some(id.to_owned()))
    }

    /// What arrived while the feed could not keep up, oldest first; gives the ids of what was new.
    async fn print_missed(&mut self) -> Result<Vec<String>, CliError> {
        let ids = match newest(self.context, self.inbox, MOST_MISSED).await {
            Ok(ids) => ids,
            Err(error) => {
                self.trouble(None, &crate::error::whole(&error))?;
                return Ok(Vec::new());
            }
        };
        let is_after =
            |id: &String| !self.before.contains(id) && self.floor.as_ref().is_none_or(|floor| id > floor);
        let missed: Vec<String> = ids.into_iter().filter(is_after).collect();
        if missed.len() == MOST_MISSED && missed.last().is_some_and(|oldest| !self.known.contains(oldest)) {
            self.trouble(None, &format!("more than {MOST_MISSED} arrived at once: older ones are left out"))?;
        }
        let mut new = Vec::new();
        for id in missed.iter().rev() {
            new.extend(self.print(id).await?);
        }
        Ok(new)
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

async fn arrival(context: &Context, id: &str) -> Result<(), CliError> {
    let request = context.client.get(&path(id)).await?;
    if context.form == Form::Json {
        return output::line(&json!({"request": request}).to_string());
    }
    let text = |key: &str| request.get(key).and_then(Value::as_str).unwrap_or_default();
    let signature = request.pointer("/verification/status").and_then(Value::as_str).unwrap_or_default();
    let words = format!(
        "{}  {:6} {}  {}  {signature}",
        text("received_at"),
        text("method"),
        text("path"),
        text("event_type")
    );
    output::line(&output::escaped(&words))
}
