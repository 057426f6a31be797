//! The worker that makes deliveries of what inboxes pass on, behind the answers to their senders.
//!
//! What waits is on disk, written with the captured request; it leaves the queue in the transaction that writes its
//! event and delivery. So whatever ends the program, each goes on once, in the order in which the requests came. From
//! then on the engine has them: it retries while a target is down, and logs what comes back.

use std::sync::Arc;
use std::time::Duration;

use hookbench_delivery::relayed;
use hookbench_model::{Event, NewDelivery, RelayHost, RelayTo, RequestId, SignMode, Trigger};
use hookbench_store::{MadeRelay, Store, StoreError, WaitingRelay};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::Workbench;
use crate::error::{Result, WorkbenchError};
use crate::relay_inline::as_it_came;
use crate::send_on::{Destination, Repeatable};

/// How many are made in one write, unless their bodies are large.
const BATCH: u32 = 100;
/// From so many bytes of bodies on no other is added to a write.
const LARGE: usize = 16 << 20;
/// After an error, in real time.
const PAUSE: Duration = Duration::from_secs(2);

/// Ends what a crash left under way. Before anything is received.
pub(crate) async fn recover(store: &Store) -> Result<()> {
    let words = "Hookbench stopped while the target was being asked; whether it got the request is not known";
    let ended = store.relays().interrupt(words.to_owned()).await?;
    if ended > 0 {
        tracing::info!(ended, "relays that a crash left under way were ended");
    }
    Ok(())
}

/// Makes deliveries until it is stopped.
pub(crate) async fn run(workbench: Workbench, passing: Arc<Notify>, stopping: CancellationToken) {
    loop {
        let wait = match round(&workbench).await {
            Ok(true) => None,
            Ok(false) => Some(Duration::MAX),
            Err(WorkbenchError::Store(StoreError::Closed)) => return,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "relays could not go on; it is tried again"
                );
                Some(PAUSE)
            }
        };
        let rest = async {
            match wait {
                None => {}
                Some(Duration::MAX) => passing.notified().await,
                Some(pause) => tokio::time::sleep(pause).await,
            }
        };
        if stopping.run_until_cancelled(rest).await.is_none() || stopping.is_cancelled() {
            return;
        }
    }
}

/// Makes some of what waits; gives whether there may be more.
async fn round(workbench: &Workbench) -> Result<bool> {
    let waiting = workbench.store().relays().waiting(BATCH).await?;
    if waiting.is_empty() {
        return Ok(false);
    }
    let (mut work, mut bytes) = (Vec::with_capacity(waiting.len()), 0);
    let mut read: Option<(RequestId, Repeatable)> = None;
    // What carries that request so far.
    let mut carriers: Vec<Event> = Vec::new();
    for WaitingRelay { request, relay } in waiting {
        if read.as_ref().is_none_or(|(id, _)| *id != request) {
            // One that was deleted meanwhile waits no more.
            let Some(found) = workbench.store().requests().get(request).await? else { continue };
            read = Some((request, workbench.repeatable(found).await?));
            carriers.clear();
        }
        let Some((_, repeatable)) = &read else { continue };
        let number = relay.number;
        let mut made = match destination(workbench, &relay.to).await? {
            Some(destination) => make(workbench, repeatable, &destination, relay.host),
            None => Err("Nothing was sent: the endpoint has been deleted".to_owned()),
        };
        if let Ok((event, _)) = &mut made {
            match carriers.iter().find(|known| carries_alike(known, event)) {
                Some(known) => *event = known.clone(),
                None if bytes >= LARGE => break,
                None => {
                    bytes += repeatable.body.len();
                    carriers.push(event.clone());
                }
            }
        }
        work.push(MadeRelay { request, number, work: made.map(Box::new) });
    }
    workbench.store().relays().made(work).await?;
    workbench.wake_engine();
    Ok(true)
}

async fn destination(workbench: &Workbench, to: &RelayTo) -> Result<Option<Destination>> {
    Ok(match to {
        RelayTo::Url(url) => Some(Destination::Url(url.clone())),
        RelayTo::Endpoint(id) => {
            let found = workbench.store().endpoints().get(*id).await?;
            found.map(|endpoint| Destination::Endpoint(Box::new(endpoint)))
        }
    })
}

/// The event that carries a captured request to a target exactly as it came, and its delivery; or why it cannot go.
fn make(
    workbench: &Workbench,
    repeatable: &Repeatable,
    destination: &Destination,
    host: RelayHost,
) -> Result<(Event, NewDelivery), String> {
    let now = workbench.now();
    let mut event = repeatable.event(destination, SignMode::Exact, workbench.library(), now);
    let query = event.request.query.take();
    event.request = as_it_came(&repeatable.request, url_of(destination), host, query)
        .map_err(|why| format!("Nothing was sent: {why}"))?;
    let mut delivery = destination.delivery(repeatable, workbench, now, None);
    delivery.trigger = Trigger::Relay;
    if matches!(destination, Destination::Url(_)) {
        delivery.max_attempts = relayed(&repeatable.profile).retry.max_attempts();
    }
    Ok((event, delivery))
}

/// Whether two events that carry a request go out alike: one of them does for both.
fn carries_alike(one: &Event, other: &Event) -> bool {
    one.provider == other.provider && one.request == other.request
}

fn url_of(destination: &Destination) -> &Url {
    match destination {
        Destination::Endpoint(endpoint) => &endpoint.url,
        Destination::Url(url) => url,
    }
}
