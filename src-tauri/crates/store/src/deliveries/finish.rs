use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use hookbench_model::{
    Action, DeliveryId, DeliveryStatus, EndedBecause, EndpointId, Noun, Timestamp, Trigger,
};
use serde::Deserialize;
use sqlx::Row as _;

use super::claimed_row::Id;
use super::{BreakerChange, EndpointEffect, Finish, Next, TestResult, hold};
use crate::alerts::{self, By, Happening};
use crate::attempts::{self, PlacedAttempt};
use crate::codes::Coded as _;
use crate::columns::{from_json, signed};
use crate::rows::{ROWS, RowTexts, marks};
use crate::stats::Counts;
use crate::writer::{EndpointState, Hot, State, Write};
use crate::{Result, StoreError, endpoints};

/// Where a delivery stands before its attempt is recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Current {
    pub(super) seq: i64,
    pub(super) status: DeliveryStatus,
    pub(super) attempt_count: u32,
    pub(super) automatic_attempts: u32,
    pub(super) endpoint_seq: i64,
    pub(super) is_replay: bool,
    pub(super) is_test: bool,
    pub(super) in_order: bool,
    /// The number of its event's provider and type.
    pub(super) kind: i64,
    /// Whether it goes to another URL than its endpoint's.
    pub(super) elsewhere: bool,
}

impl Current {
    /// Whose order, breaker and state it waits for, and of which its attempts say something; 0 where it goes to a
    /// URL of its own.
    pub(super) fn lane(&self) -> i64 {
        if self.elsewhere { 0 } else { self.endpoint_seq }
    }

    /// As one stands that is claimed as it is accepted, for an endpoint that has no order.
    pub(crate) fn at_birth(seq: i64, kind: i64, endpoint_seq: i64) -> Self {
        Self {
            seq,
            status: DeliveryStatus::InFlight,
            attempt_count: 0,
            automatic_attempts: 0,
            endpoint_seq,
            is_replay: false,
            is_test: false,
            in_order: false,
            kind,
            elsewhere: false,
        }
    }

    /// As alerts know it.
    fn by(&self, id: DeliveryId) -> By {
        let Self { seq, kind, is_test, .. } = *self;
        By { id, seq, kind, endpoint_seq: self.lane(), is_test }
    }
}

/// Where it comes to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Landing {
    pub(super) status: DeliveryStatus,
    pub(super) next_attempt_at: Option<Timestamp>,
    pub(super) resume_at: Option<Timestamp>,
    pub(super) completed_at: Option<Timestamp>,
    pub(super) because: Option<EndedBecause>,
}

struct Placed<'j> {
    current: Current,
    landing: Landing,
    /// What triggers its next attempt, or triggered the newest.
    trigger: Trigger,
    finish: &'j Finish,
}

static CURRENT: LazyLock<RowTexts> = LazyLock::new(|| {
    RowTexts::new(|rows| {
        format!(
            "SELECT json_group_array(json_array(hex(id), seq, status, attempt_count, automatic_attempts, \
             endpoint_seq, replay_seq IS NOT NULL, is_test, in_order, kind, target_url IS NOT NULL)) \
             FROM deliveries WHERE id IN ({})",
            marks(rows)
        )
    })
});

/// The same read: all of them come as one row, since whoever waits is woken for each row by itself.
#[derive(Deserialize)]
struct CurrentRow(Id, i64, i64, u32, u32, i64, u8, u8, u8, i64, u8);

/// One statement for all of them, for the same reason.
static LAND: LazyLock<RowTexts> = LazyLock::new(|| {
    const COLUMNS: [&str; 14] = [
        "seq",
        "status",
        "attempt_count",
        "automatic_attempts",
        "next_attempt_at",
        "resume_at",
        "completed_at",
        "ended_because",
        "first_attempt_at",
        "trigger",
        "last_outcome",
        "last_status",
        "last_duration_ms",
        "last_error",
    ];
    let set = |column: &&str| match *column {
        "first_attempt_at" => {
            "first_attempt_at = coalesce(deliveries.first_attempt_at, new.first_attempt_at)".to_owned()
        }
        column => format!("{column} = new.{column}"),
    };
    let sets: Vec<String> = COLUMNS[1..].iter().map(set).collect();
    RowTexts::new(|rows| {
        let row = format!("({})", marks(COLUMNS.len()));
        format!(
            "WITH new ({}) AS (VALUES {}) UPDATE deliveries SET {} FROM new WHERE deliveries.seq = new.seq",
            COLUMNS.join(", "),
            vec![row; rows].join(","),
            sets.join(", "),
        )
    })
});

/// Records attempts and what becomes of their deliveries, many rows a statement.
pub(crate) async fn finish_all(write: &mut Write, jobs: &mut [Hot<Finish, DeliveryStatus>]) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    let ids: Vec<DeliveryId> = jobs.iter().map(|job| job.input.delivery).collect();
    let current = standing(write, &ids).await?;
    let (mut placed, mut seen) = (Vec::with_capacity(jobs.len()), HashSet::with_capacity(jobs.len()));
    for Hot { input, outcome, .. } in jobs.iter_mut() {
        let accepted = accept(&write.state, &current, input).and_then(|accepted| {
            // Somebody else in this batch was first: it is in flight no more.
            let first = seen.insert(input.delivery).then_some(accepted);
            first.ok_or_else(|| wrong_state(input.delivery, DeliveryStatus::Retrying))
        });
        *outcome = Some(accepted.map(|accepted| {
            let status = accepted.landing.status;
            placed.push(accepted);
            status
        }));
    }
    for Placed { finish, .. } in &placed {
        write.state.landed(finish.delivery);
    }
    land(write, &placed).await?;
    record(write, &placed).await?;
    let mut happenings = Vec::new();
    let disabled = take_effect(write, &placed, &mut happenings).await?;
    happenings.extend(placed.iter().filter_map(|placed| exhausted(&write.state, placed)));
    alerts::tell(write, &happenings).await?;
    // What was to be retried by an endpoint that is disabled with it is paused by now.
    let paused: HashSet<DeliveryId> = placed
        .iter()
        .filter(|placed| disabled.contains(&placed.current.endpoint_seq))
        .map(|placed| placed.finish.delivery)
        .collect();
    for Hot { input, outcome, .. } in jobs {
        if let Some(Ok(status @ DeliveryStatus::Retrying)) = outcome
            && paused.contains(&input.delivery)
        {
            *status = DeliveryStatus::Paused;
        }
    }
    Ok(())
}

/// Where these stand that were in flight: most are known by their claim.
async fn standing(write: &mut Write, ids: &[DeliveryId]) -> Result<HashMap<DeliveryId, Current>> {
    let mut known = HashMap::with_capacity(ids.len());
    let mut unknown = Vec::new();
    for &id in ids {
        match write.state.in_flight(id) {
            Some(current) => drop(known.insert(id, current)),
            None => unknown.push(id),
        }
    }
    known.extend(current(write, &unknown).await?);
    Ok(known)
}

pub(super) async fn current(write: &mut Write, ids: &[DeliveryId]) -> Result<HashMap<DeliveryId, Current>> {
    let mut found = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(ROWS) {
        let script = write.ask(CURRENT.of(ids.len()));
        for id in ids {
            script.bind(id.as_bytes().to_vec());
        }
        let text: String = write.row().await?.try_get(0)?;
        for row in from_json::<Vec<CurrentRow>>(&text)? {
            let CurrentRow(
                id,
                seq,
                status,
                attempts,
                automatic,
                endpoint,
                replay,
                test,
                in_order,
                kind,
                elsewhere,
            ) = row;
            let id = DeliveryId::from_bytes(id.0);
            let current = Current {
                seq,
                status: DeliveryStatus::from_code(status)?,
                attempt_count: attempts,
                automatic_attempts: automatic,
                endpoint_seq: endpoint,
                is_replay: replay != 0,
                is_test: test != 0,
                in_order: in_order != 0,
                kind,
                elsewhere: elsewhere != 0,
            };
            found.insert(id, current);
        }
    }
    Ok(found)
}

fn accept<'j>(
    state: &State,
    current: &HashMap<DeliveryId, Current>,
    finish: &'j Finish,
) -> Result<Placed<'j>> {
    let known = current.get(&finish.delivery).copied();
    let current = known.ok_or_else(|| StoreError::not_found(Noun::Delivery, finish.delivery))?;
    if current.status != DeliveryStatus::InFlight {
        return Err(wrong_state(finish.delivery, current.status));
    }
    let number = current.attempt_count + 1;
    if finish.attempt.number != number || number > attempts::MOST {
        let message = format!("attempt {number} is the next one, not {}", finish.attempt.number);
        return Err(StoreError::Conflict { field: "number", message });
    }
    let landing = match finish.next {
        Next::Delivered { at } => Landing::end(EndedBecause::Delivered, at),
        Next::Failed { at, because } => Landing::end(because, at),
        Next::Retry { at } | Next::Paused { resume_at: at } => {
            let attempt = &finish.attempt;
            let ended = attempt.started_at.plus_ms(signed(attempt.duration_ms));
            Landing::wait(state, &current, DeliveryStatus::Retrying, at, ended)
        }
    };
    let trigger = trigger_after(state, &current, finish.attempt.trigger, &landing);
    Ok(Placed { current, landing, trigger, finish })
}

pub(super) fn wrong_state(id: DeliveryId, status: DeliveryStatus) -> StoreError {
    StoreError::wrong_state(Noun::Delivery, id, status.as_str())
}

impl Landing {
    pub(super) fn end(because: EndedBecause, at: Timestamp) -> Self {
        let status = match because {
            EndedBecause::Delivered => DeliveryStatus::Delivered,
            EndedBecause::Exhausted | EndedBecause::Expired => DeliveryStatus::Failed,
            EndedBecause::Cancelled | EndedBecause::Skipped => DeliveryStatus::Cancelled,
        };
        Self {
            status,
            next_attempt_at: None,
            resume_at: None,
            completed_at: Some(at),
            because: Some(because),
        }
    }

    /// It waits until `at`; or is paused where its endpoint is disabled by now, or ends at `now` where
    /// that has been deleted.
    pub(super) fn wait(
        state: &State,
        current: &Current,
        status: DeliveryStatus,
        at: Timestamp,
        now: Timestamp,
    ) -> Self {
        let endpoint = state.endpoint_id(current.endpoint_seq).and_then(|id| state.endpoint(id));
        match endpoint {
            Some(EndpointState { deleted: true, .. }) => Self::end(EndedBecause::Cancelled, now),
            Some(endpoint) if !current.elsewhere && endpoint.pauses(current.is_test) => Self {
                status: DeliveryStatus::Paused,
                next_attempt_at: None,
                resume_at: Some(at),
                completed_at: None,
                because: None,
            },
            _ => {
                Self { status, next_attempt_at: Some(at), resume_at: None, completed_at: None, because: None }
            }
        }
    }
}

async fn land(write: &mut Write, placed: &[Placed<'_>]) -> Result<()> {
    for rows in placed.chunks(ROWS) {
        let script = write.rows(LAND.of(rows.len()), rows.len()).await?;
        for Placed { current, landing, trigger, finish } in rows {
            let attempt = &finish.attempt;
            let by_plan = attempt.trigger != Trigger::Manual;
            script
                .bind(current.seq)
                .bind(landing.status.code())
                .bind(i64::from(attempt.number))
                .bind(i64::from(current.automatic_attempts + u32::from(by_plan)))
                .bind(landing.next_attempt_at.map(Timestamp::unix_ms))
                .bind(landing.resume_at.map(Timestamp::unix_ms))
                .bind(landing.completed_at.map(Timestamp::unix_ms))
                .bind(landing.because.map(EndedBecause::code))
                .bind(attempt.started_at.unix_ms())
                .bind(trigger.code())
                .bind(attempt.outcome.code())
                .bind(attempt.response.as_ref().map(|response| i64::from(response.status)))
                .bind(signed(attempt.duration_ms))
                .bind(attempt.error.clone());
        }
    }
    for Placed { current, landing, trigger, finish } in placed {
        write.delivery_changed(Action::Updated, finish.delivery, current.endpoint_seq, landing.status);
        put_on_board(write, current, landing);
        if let (Some(at), Trigger::Manual) = (landing.next_attempt_at, trigger) {
            write.state.board_mut().waits_by_hand(current.lane(), at);
        }
    }
    Ok(())
}

/// A delivery that waits is to be looked at when it is due; one that has ended counts, and lets the next of an
/// ordered endpoint go. Where one waits no more, what its endpoint waits for is to be looked up again.
pub(super) fn put_on_board(write: &mut Write, current: &Current, landing: &Landing) {
    let lane = current.lane();
    let endpoint = write.state.endpoint_id(lane).and_then(|id| write.state.endpoint(id));
    let ordered = endpoint.is_some_and(|endpoint| endpoint.ordered);
    if let Some(because) = landing.because {
        write.counted.ended(because, 1);
    }
    if let Some(at) = landing.next_attempt_at {
        write.state.board_mut().waits(lane, at);
    }
    let waited = matches!(current.status, DeliveryStatus::Pending | DeliveryStatus::Retrying);
    if ordered || (waited && landing.next_attempt_at.is_none()) {
        write.state.board_mut().look_at(lane);
    }
}

/// What triggers the next attempt, where there is one: the plan, or the replay that made the delivery; a person still,
/// where what he asked for goes beside a queue and came to nothing, since the plan goes by the queue.
fn trigger_after(state: &State, current: &Current, newest: Trigger, landing: &Landing) -> Trigger {
    let endpoint = state.endpoint_id(current.lane()).and_then(|id| state.endpoint(id));
    let beside = endpoint.is_some_and(|endpoint| endpoint.ordered && !current.in_order && !current.is_test);
    match (landing.completed_at, current.is_replay) {
        (Some(_), _) => newest,
        (None, _) if beside && newest == Trigger::Manual => newest,
        (None, _) if newest == Trigger::Relay => newest,
        (None, true) => Trigger::Replay,
        (None, false) => Trigger::Automatic,
    }
}

/// Writes the attempts and counts them.
async fn record(write: &mut Write, placed: &[Placed<'_>]) -> Result<()> {
    let attempts: Vec<PlacedAttempt<'_>> = placed
        .iter()
        .map(|placed| PlacedAttempt { delivery_seq: placed.current.seq, attempt: &placed.finish.attempt })
        .collect();
    attempts::write(write, &attempts).await?;
    let mut counts = Counts::default();
    for Placed { current, landing, finish, .. } in placed {
        counts.add_attempt(current.lane(), &finish.attempt);
        write.counted.attempt(finish.attempt.outcome, finish.attempt.duration_ms);
        if let (DeliveryStatus::Failed, Some(at)) = (landing.status, landing.completed_at) {
            counts.add_failed(current.lane(), at);
        }
    }
    counts.write(write).await?;
    write.rows_end().await
}

/// Keeps the endpoints' health; gives the keys of those that are disabled by it.
/// What it does to them is added to what happened.
async fn take_effect(
    write: &mut Write,
    placed: &[Placed<'_>],
    happenings: &mut Vec<Happening>,
) -> Result<HashSet<i64>> {
    let (mut touched, mut disable) = (BTreeSet::new(), HashMap::new());
    let (mut tested, mut told) = (Vec::new(), BTreeSet::new());
    for Placed { current, landing, finish, .. } in placed {
        let Some(id) = write.state.endpoint_id(current.lane()) else { continue };
        let Ok(state) = write.state.living_endpoint(id) else { continue };
        let after = breaker_after(health_after(state, &finish.effect), finish.breaker);
        let after = hold::after(after, current, landing);
        if !disable.contains_key(&id) {
            let (health, by) = ((&state, &after), current.by(finish.delivery));
            happenings.extend(alerts::of_attempt(&write.state, health, finish, by));
        }
        if after != state {
            write.state.put_endpoint(id, after);
            touched.insert(id);
        }
        if (after.held_by, after.breaker.opened_at) != (state.held_by, state.breaker.opened_at) {
            told.insert(id);
        }
        if let EndpointEffect::Disable { at, reason } = &finish.effect
            && !state.disabled
        {
            disable.entry(id).or_insert((*at, reason.as_str()));
        }
        if let EndpointEffect::Tested(test) = &finish.effect {
            tested.push((id, test));
        }
    }
    for id in touched {
        keep_health(write, id).await?;
    }
    for id in told {
        let status = write.state.living_endpoint(id)?.status();
        write.changed(Noun::Endpoint, Action::Updated, id, None, Some(status));
    }
    let mut disabled = HashSet::new();
    for (id, (at, reason)) in disable {
        endpoints::disable(write, id, at, reason).await?;
        disabled.extend(write.state.endpoint(id).map(|state| state.seq));
    }
    for (id, test) in tested {
        endpoints::take_test(write, id, test).await?;
    }
    Ok(disabled)
}

/// A delivery that has come to its end without having arrived.
fn exhausted(state: &State, placed: &Placed<'_>) -> Option<Happening> {
    let Placed { current, landing, finish, .. } = placed;
    let at = landing.completed_at.filter(|_| landing.status == DeliveryStatus::Failed)?;
    alerts::of_end(state, current.by(finish.delivery), finish.attempt.trigger, at)
}

fn health_after(state: EndpointState, effect: &EndpointEffect) -> EndpointState {
    match effect {
        EndpointEffect::None | EndpointEffect::Tested(TestResult { failure: Some(_), .. }) => state,
        EndpointEffect::Success | EndpointEffect::Tested(TestResult { failure: None, .. }) => {
            EndpointState { consecutive_failures: 0, failing_since: None, ..state }
        }
        EndpointEffect::Failure { at } | EndpointEffect::Disable { at, .. } => EndpointState {
            consecutive_failures: state.consecutive_failures.saturating_add(1),
            failing_since: state.failing_since.or(Some(*at)),
            ..state
        },
    }
}

fn breaker_after(state: EndpointState, change: Option<BreakerChange>) -> EndpointState {
    match change {
        Some(BreakerChange { number, state: breaker }) if number > state.breaker_change => {
            EndpointState { breaker, breaker_change: number, ..state }
        }
        _ => state,
    }
}

/// Keeps how an endpoint does, where its breaker stands and what holds its queue.
pub(crate) async fn keep_health(write: &mut Write, id: EndpointId) -> Result<()> {
    const KEEP: &str = "UPDATE endpoints SET consecutive_failures = ?, failing_since = ?, held_by = ?, \
                        breaker_failures = ?, breaker_opened_at = ?, breaker_open_for_ms = ?, \
                        breaker_probe_at = ? WHERE seq = ?";
    let state = write.state.living_endpoint(id)?;
    write
        .rows(KEEP, 1)
        .await?
        .bind(i64::from(state.consecutive_failures))
        .bind(state.failing_since.map(Timestamp::unix_ms))
        .bind(state.held_by)
        .bind(i64::from(state.breaker.failures))
        .bind(state.breaker.opened_at.map(Timestamp::unix_ms))
        .bind(signed(state.breaker.open_for_ms))
        .bind(state.breaker.probe_at.map(Timestamp::unix_ms))
        .bind(state.seq);
    Ok(())
}
