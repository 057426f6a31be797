//! Changes on their way to the page: gathered, so that thousands a second cost the page twenty messages.

use std::collections::HashMap;
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use serde::Serialize;
use tokio::time::{Instant, sleep_until};

/// The pause between two batches. Twenty a second look live, and leave the page its frames.
const PAUSE: Duration = Duration::from_millis(50);

/// More things than this changed in one pause are cheaper fetched anew than applied one by one.
const MOST: usize = 4_000;

/// After this much silence the page hears an empty batch: so it knows that its channel lives, and the channel
/// that nobody reads is noticed.
const SILENCE: Duration = Duration::from_secs(15);

/// One message to the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Message {
    /// Some changes were missed: everything shown has to be fetched again.
    Resync,
    #[serde(untagged)]
    Change(Change),
}

/// A change as the page reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    /// What kind of thing changed, in the contract's word.
    #[serde(rename = "type")]
    pub(crate) noun: &'static str,
    pub(crate) id: String,
    /// `created`, `updated` or `deleted`.
    pub(crate) action: &'static str,
    pub(crate) parent: Option<String>,
    pub(crate) status: Option<&'static str>,
    /// After which a subscription can be taken up again, as in the server-sent feed.
    pub(crate) event_id: String,
}

/// Passes messages on in batches, until they end or `send` says that nobody reads any more. The first one
/// after a quiet time goes out at once.
pub(crate) async fn forward(
    mut messages: impl Stream<Item = Message> + Unpin,
    mut send: impl FnMut(Vec<Message>) -> bool,
) {
    let mut batch = Batch::default();
    let mut earliest = Instant::now();
    loop {
        tokio::select! {
            // In this order, so that a flood cannot keep a batch from going out.
            biased;
            () = sleep_until(earliest), if !batch.is_empty() => {
                if !send(batch.take()) {
                    return;
                }
                earliest = Instant::now() + PAUSE;
            }
            message = messages.next() => match message {
                Some(message) => batch.add(message),
                None => break,
            },
            () = sleep_until(earliest + SILENCE), if batch.is_empty() => {
                if !send(Vec::new()) {
                    return;
                }
                earliest = Instant::now();
            }
        }
    }
    if !batch.is_empty() {
        send(batch.take());
    }
}

/// What changed since the last batch, each thing once.
#[derive(Debug, Default)]
struct Batch {
    changes: Vec<Change>,
    places: HashMap<(&'static str, String), usize>,
    missed: bool,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.changes.is_empty() && !self.missed
    }

    fn add(&mut self, message: Message) {
        match message {
            Message::Resync => self.missed = true,
            Message::Change(_) if self.missed => {}
            Message::Change(change) => self.merge(change),
        }
        self.missed |= self.changes.len() > MOST;
    }

    /// The page fetches what it shows, so only the last word on a thing counts; that it is new counts too.
    fn merge(&mut self, change: Change) {
        let key = (change.noun, change.id.clone());
        let Some(&place) = self.places.get(&key) else {
            self.places.insert(key, self.changes.len());
            self.changes.push(change);
            return;
        };
        let known = &mut self.changes[place];
        let still_new = known.action == "created" && change.action == "updated";
        let action = if still_new { known.action } else { change.action };
        *known = Change { action, ..change };
    }

    fn take(&mut self) -> Vec<Message> {
        let Self { changes, missed, .. } = std::mem::take(self);
        if missed { vec![Message::Resync] } else { changes.into_iter().map(Message::Change).collect() }
    }
}

#[cfg(test)]
mod tests {
    use futures::channel::mpsc;
    use futures::stream;

    use super::*;

    fn change(id: &str, action: &'static str, sequence: u64) -> Message {
        let event_id = format!("boot-{sequence}");
        let (parent, status) = (None, None);
        Message::Change(Change { noun: "delivery", id: id.into(), action, parent, status, event_id })
    }

    async fn forwarded(messages: Vec<Message>) -> Vec<Vec<Message>> {
        let mut sent = Vec::new();
        forward(stream::iter(messages), |batch| {
            sent.push(batch);
            true
        })
        .await;
        sent
    }

    #[test]
    fn the_page_reads_the_type_first_and_nothing_else_of_a_resync() {
        let text = serde_json::to_string(&[change("dlv_1", "created", 7), Message::Resync]).unwrap();
        assert_eq!(
            text,
            r#"[{"type":"delivery","id":"dlv_1","action":"created","parent":null,"status":null,"event_id":"boot-7"},{"type":"resync"}]"#
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_lone_change_goes_out_at_once_and_a_burst_in_batches() {
        let (mut tx, rx) = mpsc::unbounded();
        let start = Instant::now();
        let (log, mut heard) = mpsc::unbounded();
        let forwarding = tokio::spawn(forward(rx, move |batch: Vec<Message>| {
            log.unbounded_send((start.elapsed().as_millis(), batch.len())).is_ok()
        }));
        futures::SinkExt::send(&mut tx, change("dlv_0", "created", 1)).await.unwrap();
        assert_eq!(heard.next().await, Some((0, 1)));
        for number in 1..=300_u64 {
            tx.unbounded_send(change(&format!("dlv_{number}"), "created", number)).unwrap();
        }
        assert_eq!(heard.next().await, Some((50, 300)));
        drop(tx);
        forwarding.await.unwrap();
        assert_eq!(heard.next().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_thing_that_changes_again_and_again_is_told_once_and_stays_new() {
        let mut burst = vec![change("dlv_x", "created", 1)];
        burst.extend([
            change("dlv_y", "created", 2),
            change("dlv_y", "updated", 3),
            change("dlv_y", "updated", 4),
        ]);
        burst.extend([change("dlv_z", "created", 5), change("dlv_z", "deleted", 6)]);
        let sent = forwarded(burst).await.concat();
        assert_eq!(
            sent,
            [change("dlv_x", "created", 1), change("dlv_y", "created", 4), change("dlv_z", "deleted", 6)]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn missing_some_or_having_too_many_becomes_a_resync() {
        assert_eq!(
            forwarded(vec![change("a", "created", 1), Message::Resync]).await.concat().last(),
            Some(&Message::Resync)
        );
        let flood = (0..=MOST as u64 + 1).map(|n| change(&format!("dlv_{n}"), "created", n)).collect();
        assert_eq!(forwarded(flood).await.concat().last(), Some(&Message::Resync));
    }

    #[tokio::test(start_paused = true)]
    async fn a_quiet_channel_is_heard_from_and_ends_when_nobody_reads() {
        let start = Instant::now();
        let mut heard = Vec::new();
        forward(stream::pending(), |batch| {
            heard.push((start.elapsed().as_secs(), batch.len()));
            heard.len() < 3
        })
        .await;
        assert_eq!(heard, [(15, 0), (30, 0), (45, 0)]);
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_when_nobody_reads() {
        let endless = stream::repeat_with(|| change("dlv_1", "updated", 1));
        let mut batches = 0;
        forward(endless, |_| {
            batches += 1;
            false
        })
        .await;
        assert_eq!(batches, 1);
    }
}
