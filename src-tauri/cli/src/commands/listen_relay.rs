//! The relay that an inbox has for as long as somebody listens.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::{Value, json};

use super::Context;
use super::inboxes;
use super::listeners::{Listener, Listeners};
use super::relay_args::{Forward, short};
use super::requests::path;
use crate::client::Query;
use crate::error::CliError;
use crate::output::{self, Form};

/// How the names of its targets begin: `listen`, the listener's name, and a number among its own. What a listener that
/// was killed left behind is known by that.
const MARK: &str = "listen ";
/// The most requests whose relays are awaited at a time.
const MOST_AWAITED: usize = 10_000;

/// What is passed on while somebody listens.
pub(super) struct ListenRelay<'c> {
    context: &'c Context,
    inbox: String,
    listeners: Listeners,
    /// Holds its place among the listeners.
    _listener: Listener,
    /// The targets that it has set.
    own: HashSet<String>,
    /// Whose answer was passed back before.
    reply: Value,
    /// Relays whose end has not been told, by their request; the oldest first.
    awaited: HashSet<String>,
    order: VecDeque<String>,
    /// What was told of each last: its status and when the target was asked.
    told: HashMap<(String, u64), (String, String)>,
    /// Of which requests deliveries are.
    deliveries: HashMap<String, String>,
}

impl<'c> ListenRelay<'c> {
    /// Sets it: what listeners before have left is taken away, from all inboxes; what somebody else has set stays, and so
    /// does what those pass on that listen too.
    pub(super) async fn begin(
        context: &'c Context,
        inbox: &Value,
        forwards: &[Forward],
        reply_from: Option<&str>,
        keeps_host: bool,
    ) -> Result<Self, CliError> {
        let listeners = Listeners::of(&context.data_dir);
        let _alone = listeners.alone().await?;
        let listener = listeners.enter()?;
        let id = inbox["id"].as_str().unwrap_or_default().to_owned();
        sweep(context, &listeners, listener.name(), &id).await?;
        let inbox = context.client.get(&inboxes::path(&id)).await?;
        let mut targets = others(&inbox, |target| !is_left(target, &listeners, listener.name()));
        let (kept, before) = (targets.len(), inbox["relay"]["reply"].clone());
        let reply_before =
            if targets.iter().any(|target| target["id"] == before) { before } else { json!("inbox") };
        let mut reply = reply_before.clone();
        for (at, forward) in forwards.iter().enumerate() {
            let name = format!("{MARK}{}.{}: {}", listener.name(), at + 1, short(&forward.url));
            if reply_from == Some(forward.url.as_str()) && reply == reply_before {
                reply = name.clone().into();
            }
            targets.push(forward.target(Some(name), keeps_host));
        }
        let set = json!({"relay": {"reply": reply, "targets": targets}});
        let edited = context.client.patch(&inboxes::path(&id), &set).await?;
        let set = edited["relay"]["targets"].as_array().cloned().unwrap_or_default();
        let own =
            set.iter().skip(kept).filter_map(|target| target["id"].as_str()).map(str::to_owned).collect();
        Ok(Self {
            context,
            inbox: id,
            listeners,
            _listener: listener,
            own,
            reply: reply_before,
            awaited: HashSet::new(),
            order: VecDeque::new(),
            told: HashMap::new(),
            deliveries: HashMap::new(),
        })
    }

    /// Takes its targets away again, and leaves those of others.
    pub(super) async fn end(&self) -> Result<(), CliError> {
        let client = &self.context.client;
        let _alone = self.listeners.alone().await?;
        let inbox = client.get(&inboxes::path(&self.inbox)).await?;
        let is_own = |target: &Value| target["id"].as_str().is_some_and(|id| self.own.contains(id));
        let targets = others(&inbox, |target| !is_own(target));
        let replies = [&inbox["relay"]["reply"], &self.reply];
        client.patch(&inboxes::path(&self.inbox), &relay_of(&targets, &replies)).await.map(drop)
    }

    /// A request has come: what becomes of its relays is told from now on.
    pub(super) async fn awaits(&mut self, request: &str) -> Result<(), CliError> {
        self.order.push_back(request.to_owned());
        self.awaited.insert(request.to_owned());
        if self.order.len() > MOST_AWAITED
            && let Some(oldest) = self.order.pop_front()
        {
            self.forget(&oldest);
        }
        self.look(request).await
    }

    /// Something has changed: tells what is new of the relays that are of it.
    pub(super) async fn heard(&mut self, noun: &str, id: &str) -> Result<(), CliError> {
        let request = match noun {
            "request" => self.awaited.contains(id).then(|| id.to_owned()),
            "delivery" => self.deliveries.get(id).cloned(),
            _ => None,
        };
        match request {
            Some(request) => self.look(&request).await,
            None => Ok(()),
        }
    }

    /// The feed could not keep up: looks at all that are awaited.
    pub(super) async fn look_again(&mut self) -> Result<(), CliError> {
        for request in self.order.clone() {
            self.look(&request).await?;
        }
        Ok(())
    }

    async fn look(&mut self, request: &str) -> Result<(), CliError> {
        let relays = match self.context.client.whole(&format!("{}/relays", path(request))).await {
            Ok(relays) => relays,
            // It may have been deleted meanwhile.
            Err(CliError::Refused { .. }) => {
                self.forget(request);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let mut all_ended = true;
        for relay in &relays {
            let number = relay["number"].as_u64().unwrap_or_default();
            let status = relay["status"].as_str().unwrap_or_default().to_owned();
            let ended = matches!(status.as_str(), "delivered" | "failed" | "cancelled");
            all_ended &= ended;
            if let Some(delivery) = relay["delivery_id"].as_str() {
                self.deliveries.insert(delivery.to_owned(), request.to_owned());
            }
            let state = (status, relay["started_at"].as_str().unwrap_or_default().to_owned());
            let key = (request.to_owned(), number);
            if (ended || state.0 == "retrying") && self.told.get(&key) != Some(&state) {
                self.told.insert(key, state);
                self.tell(request, relay)?;
            }
        }
        if all_ended {
            self.forget(request);
        }
        Ok(())
    }

    fn forget(&mut self, request: &str) {
        self.awaited.remove(request);
        self.order.retain(|known| known != request);
        self.told.retain(|(known, _), _| known != request);
        self.deliveries.retain(|_, known| known != request);
    }

    fn tell(&self, request: &str, relay: &Value) -> Result<(), CliError> {
        if self.context.form == Form::Json {
            return output::line(&json!({"request_id": request, "relay": relay}).to_string());
        }
        let text = |key: &str| relay[key].as_str().unwrap_or_default();
        let mut words = format!("{request}  → {}  {}", text("url"), text("status"));
        if let Some(status) = relay["response"]["status"].as_u64() {
            words.extend(["  ", &status.to_string()]);
        }
        if let Some(took) = relay["duration_ms"].as_u64() {
            words.extend(["  ", &took.to_string(), " ms"]);
        }
        if !text("error").is_empty() {
            words.push_str("  ");
            words.push_str(text("error"));
        }
        output::line(&output::escaped(&words))
    }
}

/// Takes away what listeners have left at other inboxes than this one.
async fn sweep(context: &Context, listeners: &Listeners, own: &str, but_for: &str) -> Result<(), CliError> {
    for inbox in context.client.rows("/v1/inboxes", &Query::default(), usize::MAX).await? {
        let id = inbox["id"].as_str().unwrap_or_default();
        let targets = others(&inbox, |target| !is_left(target, listeners, own));
        let is_untouched = inbox["relay"]["targets"].as_array().is_none_or(|all| all.len() == targets.len());
        if id == but_for || is_untouched {
            continue;
        }
        let relay = relay_of(&targets, &[&inbox["relay"]["reply"]]);
        context.client.patch(&inboxes::path(id), &relay).await?;
    }
    listeners.tidy();
    Ok(())
}

/// The edit of an inbox that leaves it these targets, and the first of the replies that is one of theirs.
fn relay_of(targets: &[Value], replies: &[&Value]) -> Value {
    if targets.is_empty() {
        return json!({"relay": null});
    }
    let is_there = |reply: &Value| targets.iter().any(|target| target["id"] == *reply);
    let reply = replies
        .iter()
        .find(|reply| is_there(reply))
        .map_or_else(|| json!("inbox"), |reply| (**reply).clone());
    json!({"relay": {"reply": reply, "targets": targets}})
}

/// Whether a target was left behind by a listener that runs no more: one of this one's own name can be no other's.
fn is_left(target: &Value, listeners: &Listeners, own: &str) -> bool {
    let name = target["name"].as_str().unwrap_or_default();
    let Some((mark, _)) = name.strip_prefix(MARK).and_then(|rest| rest.split_once(": ")) else {
        return false;
    };
    if !mark.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    // Those of older listeners had a number and no name.
    let listener = mark.split_once('.').map_or("", |(listener, _)| listener);
    listener == own || !listeners.is_there(listener)
}

/// The targets of an inbox that fit.
fn others(inbox: &Value, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
    let targets = inbox["relay"]["targets"].as_array();
    targets.into_iter().flatten().filter(|target| fits(target)).cloned().collect()
}
