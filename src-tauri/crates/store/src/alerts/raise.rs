//! Alerts become events, in the transaction of what they tell of.

use std::collections::BTreeMap;

use hookbench_model::{Action, Alert, Delivery, Endpoint, EndpointId, ErrorCode, Noun, Timestamp};

use super::happened::{Happened, Happening};
use super::watch::{Exhausted, Watch};
use super::watches::keep;
use super::{AlertedEndpoint, RaisedAlert};
use crate::Result;
use crate::columns::Columns;
use crate::events::{self, NewEvent};
use crate::writer::Write;
use crate::{deliveries, endpoints};

/// An alert before anything has been read about it.
#[derive(Clone, Copy, Debug)]
struct Raised {
    alert: Alert,
    at: Timestamp,
    endpoint_seq: i64,
    delivery_seq: i64,
    failing_since: Option<Timestamp>,
    count: u64,
    counted_since: Timestamp,
}

/// Tells what happened: the change feed at once, and those endpoints that take alerts as far as it is not quiet.
pub(crate) async fn tell(write: &mut Write, happenings: &[Happening]) -> Result<()> {
    for happening in happenings {
        note(write, happening);
    }
    if happenings.is_empty() || !is_heard(write) {
        return Ok(());
    }
    let mut watches: BTreeMap<i64, (Watch, Timestamp)> = BTreeMap::new();
    let mut raised = Vec::new();
    for happening in happenings {
        let Happening { endpoint_seq, delivery_seq, at, .. } = *happening;
        let (watch, newest) =
            watches.entry(endpoint_seq).or_insert_with(|| (write.state.alerts().get(endpoint_seq), at));
        *newest = at.max(*newest);
        let told = match happening.what {
            Happened::Failed { since, .. } => {
                watch.failed(since, delivery_seq, at).then_some((Alert::EndpointFailing, since))
            }
            Happened::Succeeded { .. } => watch.succeeded().map(|since| (Alert::EndpointRecovered, since)),
            Happened::Disabled { since } => {
                watch.disabled(since);
                Some((Alert::EndpointDisabled, since))
            }
            Happened::Exhausted => {
                watch.exhausted(delivery_seq, at);
                None
            }
        };
        raised.extend(told.map(|(alert, since)| Raised {
            alert,
            at,
            endpoint_seq,
            delivery_seq,
            failing_since: Some(since),
            count: 1,
            counted_since: at,
        }));
    }
    for (endpoint_seq, (mut watch, newest)) in watches {
        let exhausted = watch.take_exhausted(newest);
        raised.extend(exhausted.map(|exhausted| told_of(write, endpoint_seq, newest, exhausted)));
        put(write, endpoint_seq, watch).await?;
    }
    raise(write, &raised).await
}

/// Tells what has waited for the quiet after an alert to be over. It costs nothing while nothing waits.
pub(crate) async fn sweep(write: &mut Write, now: Timestamp) -> Result<()> {
    if write.state.alerts().next().is_none_or(|at| at > now) {
        return Ok(());
    }
    let heard = is_heard(write);
    let mut raised = Vec::new();
    for endpoint_seq in write.state.alerts_mut().take_due(now) {
        let mut watch = write.state.alerts().get(endpoint_seq);
        if heard {
            let exhausted = watch.take_exhausted(now);
            raised.extend(exhausted.map(|exhausted| told_of(write, endpoint_seq, now, exhausted)));
            let failing_since = still_failing(write, endpoint_seq);
            if let Some(by) = watch.failing_by
                && let Some(since) = failing_since
                && watch.failed(since, by, now)
            {
                raised.push(Raised {
                    alert: Alert::EndpointFailing,
                    at: now,
                    endpoint_seq,
                    delivery_seq: by,
                    failing_since: Some(since),
                    count: 1,
                    counted_since: since,
                });
            } else if failing_since.is_none() {
                watch.failing_by = None;
            }
        } else {
            watch.forget_waiting();
        }
        put(write, endpoint_seq, watch).await?;
    }
    raise(write, &raised).await
}

/// When the first of what waits is told, as everything stands by now: what nobody wants is forgotten at its time, and
/// nothing is seen of that.
pub(crate) fn next_told(write: &Write) -> Option<Timestamp> {
    let still_fails = |endpoint_seq| still_failing(write, endpoint_seq).is_some();
    is_heard(write).then(|| write.state.alerts().next_told(still_fails)).flatten()
}

/// Nothing more is sent to an endpoint: that it fails is not told any more.
pub(crate) async fn stops(write: &mut Write, endpoint_seq: i64) -> Result<()> {
    let mut watch = write.state.alerts().get(endpoint_seq);
    if watch.failing_by.take().is_some() {
        put(write, endpoint_seq, watch).await?;
    }
    Ok(())
}

/// The clock was set back: what is remembered goes back with it.
pub(crate) async fn set_back(write: &mut Write, by_ms: i64, now: Timestamp) -> Result<()> {
    for (endpoint_seq, mut watch) in write.state.alerts().all() {
        watch.set_back(by_ms, now);
        put(write, endpoint_seq, watch).await?;
    }
    Ok(())
}

/// Whether anybody takes alerts, and anybody composes them.
fn is_heard(write: &Write) -> bool {
    write.state.alerts().takers().len() > 0 && write.alerts.get().is_some()
}

/// Tells the change feed, each time.
fn note(write: &mut Write, happening: &Happening) {
    let alert = match happening.what {
        Happened::Failed { is_first: true, .. } => Alert::EndpointFailing,
        Happened::Succeeded { ends_run: true } => Alert::EndpointRecovered,
        Happened::Disabled { .. } => Alert::EndpointDisabled,
        Happened::Exhausted => Alert::DeliveryExhausted,
        Happened::Failed { .. } | Happened::Succeeded { .. } => return,
    };
    let parent = write.state.endpoint_id(happening.endpoint_seq).map(|id| id.to_string());
    write.changed(Noun::Alert, Action::Created, happening.delivery, parent, Some(alert.as_str()));
}

fn told_of(write: &Write, endpoint_seq: i64, at: Timestamp, exhausted: Exhausted) -> Raised {
    let state = write.state.endpoint_id(endpoint_seq).and_then(|id| write.state.endpoint(id));
    Raised {
        alert: Alert::DeliveryExhausted,
        at,
        endpoint_seq,
        delivery_seq: exhausted.by,
        failing_since: state.and_then(|state| state.failing_since),
        count: exhausted.count,
        counted_since: exhausted.since,
    }
}

/// Since when an endpoint fails that is sent to.
fn still_failing(write: &Write, endpoint_seq: i64) -> Option<Timestamp> {
    let state = write.state.endpoint_id(endpoint_seq).and_then(|id| write.state.endpoint(id))?;
    state.failing_since.filter(|_| !state.disabled && !state.deleted)
}

async fn put(write: &mut Write, endpoint_seq: i64, watch: Watch) -> Result<()> {
    // One that is due has to be put in any case: that is what says when the next is.
    if watch != write.state.alerts().get(endpoint_seq) {
        keep(write.connection().await?, endpoint_seq, &watch).await?;
    }
    write.state.alerts_mut().put(endpoint_seq, watch);
    Ok(())
}

/// Writes the events of alerts, with their deliveries.
async fn raise(write: &mut Write, raised: &[Raised]) -> Result<()> {
    let Some(pen) = write.alerts.get().filter(|_| !raised.is_empty()) else { return Ok(()) };
    let takers = takers(write).await?;
    let mut new = Vec::with_capacity(raised.len());
    for raised in raised {
        let alert = facts(write, raised).await?;
        if let Some((event, deliveries)) = pen.write(&alert, &takers) {
            new.push(NewEvent { event, deliveries, idempotency: None });
        }
    }
    events::create_together(write, &new).await
}

async fn takers(write: &mut Write) -> Result<Vec<Endpoint>> {
    let ids: Vec<EndpointId> = write.state.alerts().takers().collect();
    let mut takers = Vec::with_capacity(ids.len());
    for id in ids {
        takers.push(endpoints::get(write, id).await?);
    }
    Ok(takers)
}

/// What is known of what happened, as the transaction has it by now.
async fn facts(write: &mut Write, raised: &Raised) -> Result<RaisedAlert> {
    let endpoint = alerted(write, raised.endpoint_seq).await?;
    let delivery = deliveries::by_seq(write, raised.delivery_seq).await?;
    let error_code = match &delivery {
        Some(delivery) => error_code(write, raised.delivery_seq, delivery).await?,
        None => None,
    };
    let state = endpoint.as_ref().and_then(|endpoint| write.state.endpoint(endpoint.id));
    Ok(RaisedAlert {
        alert: raised.alert,
        at: raised.at,
        consecutive_failures: state.map_or(0, |state| state.consecutive_failures),
        endpoint,
        delivery,
        error_code,
        failing_since: raised.failing_since,
        count: raised.count,
        counted_since: raised.counted_since,
    })
}

/// The endpoint, deleted ones included.
async fn alerted(write: &mut Write, endpoint_seq: i64) -> Result<Option<AlertedEndpoint>> {
    const ONE: &str = "SELECT id, name, url, provider, disabled_reason FROM endpoints WHERE seq = ?";
    let row = sqlx::query(ONE).bind(endpoint_seq).fetch_optional(write.connection().await?).await?;
    row.map(|row| {
        let mut columns = Columns::new(&row);
        Ok(AlertedEndpoint {
            id: EndpointId::from_bytes(columns.id()?),
            name: columns.get()?,
            url: columns.parsed()?,
            provider: columns.parsed()?,
            disabled_reason: columns.get()?,
        })
    })
    .transpose()
}

async fn error_code(write: &mut Write, delivery_seq: i64, delivery: &Delivery) -> Result<Option<ErrorCode>> {
    const CODE: &str = "SELECT error_code FROM attempts WHERE key = ?";
    let key = delivery_seq << 16 | i64::from(delivery.attempt_count);
    let row = sqlx::query(CODE).bind(key).fetch_optional(write.connection().await?).await?;
    row.map(|row| Columns::new(&row).parsed_or_none()).transpose().map(Option::flatten)
}
