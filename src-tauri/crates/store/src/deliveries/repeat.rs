use hookbench_model::{EventId, NewDelivery, Noun, ReplayId};

use super::Repeat;
use crate::events::{PlacedDelivery, PlacedEvent, endpoint_of, intern_kind, write_deliveries, write_events};
use crate::writer::Write;
use crate::{Result, StoreError};

/// Writes deliveries that repeat something, and the events that come with them.
pub(crate) async fn write_repeats(write: &mut Write, repeats: &[&Repeat]) -> Result<()> {
    let (mut events, mut deliveries) = (Vec::new(), Vec::with_capacity(repeats.len()));
    let mut replay: Option<(ReplayId, i64)> = None;
    for repeat in repeats {
        let (event_seq, kind, new) = match repeat {
            Repeat::Existing(id, new) => {
                let (seq, kind) = event(write, *id).await?;
                (seq, kind, new)
            }
            Repeat::New(event, new) => {
                let (seq, kind) = (write.state.take_event_seq(), intern_kind(write, event).await?);
                events.push(PlacedEvent { seq, kind, event });
                (seq, kind, new)
            }
        };
        if let Some(id) = new.replay_id
            && replay.is_none_or(|(known, _)| known != id)
        {
            replay = Some((id, replay_seq(write, id).await?));
        }
        deliveries.push(place(write, event_seq, kind, replay, new)?);
    }
    write_events(write, &events).await?;
    write_deliveries(write, &deliveries).await?;
    Ok(())
}

fn place<'r>(
    write: &Write,
    event_seq: i64,
    kind: i64,
    replay: Option<(ReplayId, i64)>,
    new: &'r NewDelivery,
) -> Result<PlacedDelivery<'r>> {
    let endpoint = endpoint_of(write, &new.target)?;
    let replay_seq = replay.filter(|(id, _)| new.replay_id == Some(*id)).map(|(_, seq)| seq);
    Ok(PlacedDelivery::new((event_seq, kind), endpoint, replay_seq, new))
}

async fn event(write: &mut Write, id: EventId) -> Result<(i64, i64)> {
    let query = sqlx::query_as("SELECT seq, kind FROM events WHERE id = ?").bind(id.as_bytes().to_vec());
    let found = query.fetch_optional(write.connection().await?).await?;
    found.ok_or_else(|| StoreError::not_found(Noun::Event, id))
}

async fn replay_seq(write: &mut Write, id: ReplayId) -> Result<i64> {
    let query = sqlx::query_scalar("SELECT seq FROM replays WHERE id = ?").bind(id.as_bytes().to_vec());
    let found = query.fetch_optional(write.connection().await?).await?;
    found.ok_or_else(|| StoreError::not_found(Noun::Replay, id))
}
