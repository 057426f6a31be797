//! The change feed, to the page and to the window itself.

use std::sync::{Mutex, PoisonError};

use futures::{Stream, stream};
use hookbench_workbench::{ChangeStream, Feed, Workbench};
use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use tokio::sync::mpsc;

use crate::batch::{self, Change, Message};
use crate::engine::{self, Engine};
use crate::notification::{self, Alert, Facts, Kind, Screen};
use crate::window;

/// The page's subscription. There is one page, so a new one takes the place of the one before.
#[derive(Default)]
pub(crate) struct Subscription(Mutex<Option<JoinHandle<()>>>);

impl Subscription {
    fn replace(&self, new: JoinHandle<()>) {
        let old = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(new);
        if let Some(old) = old {
            old.abort();
        }
    }
}

/// Sends every change from now on to the channel, in batches. With `last_event_id`, as the server-sent feed
/// gives it, from after that change; where that is no longer known the first message is `resync`.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "a command gets its arguments by value")]
pub(crate) fn subscribe_changes(
    engine: State<'_, Engine>,
    subscription: State<'_, Subscription>,
    channel: Channel<Vec<Message>>,
    last_event_id: Option<String>,
) {
    let messages = messages(&engine.workbench, last_event_id.as_deref());
    let forwarding = batch::forward(Box::pin(messages), move |batch| channel.send(batch).is_ok());
    subscription.replace(tauri::async_runtime::spawn(forwarding));
}

fn messages(workbench: &Workbench, last: Option<&str>) -> impl Stream<Item = Message> + use<> {
    let feed = workbench.changes();
    let resumed = last
        .and_then(|id| id.rsplit_once('-'))
        .filter(|(boot, _)| *boot == workbench.boot())
        .and_then(|(_, sequence)| feed.subscribe_after(sequence.parse().ok()?));
    let missed = last.is_some() && resumed.is_none();
    let boot = workbench.boot().to_owned();
    let changes = resumed.unwrap_or_else(|| feed.subscribe());
    stream::unfold((changes, boot, missed), |(mut changes, boot, missed)| async move {
        let message = if missed { Message::Resync } else { next(&mut changes, &boot).await? };
        Some((message, (changes, boot, false)))
    })
}

async fn next(changes: &mut ChangeStream, boot: &str) -> Option<Message> {
    match changes.next().await {
        Feed::Change(change) => Some(Message::Change(Change {
            noun: change.noun.as_str(),
            action: change.action.as_str(),
            id: change.id.clone(),
            parent: change.parent.clone(),
            status: change.status,
            event_id: format!("{boot}-{}", change.sequence),
        })),
        Feed::Lagged => Some(Message::Resync),
        Feed::Closed => None,
    }
}

/// Keeps the window's theme the setting's, as long as the workspace is open.
pub(crate) async fn follow_settings(app: AppHandle, engine: Engine) {
    let mut settings = engine.workbench.watch_settings();
    let mut worn = engine::theme(&settings.borrow_and_update());
    while settings.changed().await.is_ok() {
        let theme = engine::theme(&settings.borrow_and_update());
        if theme != worn {
            worn = theme;
            dress(&app, theme);
        }
    }
}

/// Announces what the settings choose, as long as the workspace is open; a click on it leads there.
pub(crate) async fn follow_alerts(app: AppHandle, engine: Engine) {
    let (alerts, received) = mpsc::unbounded_channel();
    let screen = Screen::new(move |address| window::open(&app, &address));
    let asked = engine.clone();
    let facts = move |alert| facts(asked.clone(), alert);
    let show = move |notification| screen.show(notification);
    tauri::async_runtime::spawn(notification::announce(received, facts, show));
    let mut changes = engine.workbench.changes().subscribe();
    loop {
        match changes.next().await {
            Feed::Change(change) if change.noun.as_str() == "alert" => {
                let name = change.status.unwrap_or_default();
                let chosen = engine.workbench.settings().notify_on;
                if let Some(kind) = Kind::from_name(name)
                    && chosen.iter().any(|alert| alert.as_str() == name)
                {
                    let (delivery, endpoint) = (change.id.clone(), change.parent.clone());
                    // It is received for as long as the feed is.
                    let _ = alerts.send(Alert { kind, delivery, endpoint });
                }
            }
            Feed::Change(_) | Feed::Lagged => {}
            Feed::Closed => return,
        }
    }
}

fn dress(app: &AppHandle, theme: Option<tauri::Theme>) {
    let window = app.clone();
    let dressed = app.run_on_main_thread(move || {
        if let Err(error) = window::dress(&window, theme) {
            tracing::warn!(%error, "the window could not change its theme");
        }
    });
    if let Err(error) = dressed {
        tracing::warn!(%error, "the window is gone");
    }
}

async fn facts(engine: Engine, alert: Alert) -> Facts {
    let delivery = engine.get(&format!("/v1/deliveries/{}", alert.delivery)).await.unwrap_or_default();
    let text = |pointer: &str| delivery.pointer(pointer).and_then(|value| value.as_str()).map(str::to_owned);
    let named = text("/endpoint_name").filter(|name| !name.is_empty());
    let why = match (alert.kind, &alert.endpoint) {
        (Kind::EndpointRecovered, _) => None,
        (Kind::EndpointDisabled, Some(endpoint)) => {
            let endpoint = engine.get(&format!("/v1/webhook-endpoints/{endpoint}")).await.unwrap_or_default();
            endpoint["disabled_reason"].as_str().map(str::to_owned)
        }
        _ => text("/last_attempt/error"),
    };
    Facts { event: text("/event_type"), endpoint: named.or_else(|| text("/url")), why }
}
