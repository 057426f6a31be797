//! Finds what is due, each endpoint in its turn, by what the index gives and no more.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use hookbench_model::{EndpointId, Timestamp, Trigger};
use sqlx::{Row as _, SqliteConnection};

use super::OverdueTaken;
use super::board::Known;
use crate::Result;
use crate::codes::Coded as _;
use crate::columns::Columns;
use crate::writer::{EndpointState, Write};

/// How many deliveries an endpoint takes now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// The most of those that the plan makes.
    pub plan: usize,
    /// The most of those that a person asked for: a retry by hand, a test. They come first.
    pub by_hand: usize,
    /// What was due before some time, where that goes out slowly.
    pub overdue: Option<Overdue>,
}

/// Deliveries that have been due for long, and are made up for bit by bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overdue {
    /// Those that were due by then.
    pub until: Timestamp,
    /// The most of them.
    pub most: usize,
}

impl Room {
    /// None at all.
    pub const NONE: Self = Self { plan: 0, by_hand: 0, overdue: None };
    /// As much as anybody wants.
    pub const ALL: Self = Self { plan: usize::MAX, by_hand: usize::MAX, overdue: None };
}

/// An endpoint that something is due for and that has no room for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Whether a person asked for something of that: it waits for no breaker.
    pub by_hand: bool,
}

/// What tells how many deliveries go to whom, and when.
pub trait Doors: Send + Sync {
    /// The room that an endpoint has, or plain URLs have (`None`), when their turn comes.
    fn room(&self, endpoint: Option<EndpointId>) -> Room;

    /// Before when nothing goes to an endpoint, or nothing that a person asked for either, as long as nothing else does;
    /// `None` where nothing is known to keep it back until some time.
    fn shut_until(&self, endpoint: EndpointId, by_hand: bool) -> Option<Timestamp>;
}

/// Rooms alone.
pub(super) struct Rooms<F>(pub(super) F);

impl<F: Fn(Option<EndpointId>) -> Room + Send + Sync> Doors for Rooms<F> {
    fn room(&self, endpoint: Option<EndpointId>) -> Room {
        self.0(endpoint)
    }

    fn shut_until(&self, _endpoint: EndpointId, _by_hand: bool) -> Option<Timestamp> {
        None
    }
}

/// What is asked for.
#[derive(Clone)]
pub(crate) struct Claim {
    pub(crate) now: Timestamp,
    pub(crate) limit: usize,
    pub(crate) doors: Arc<dyn Doors>,
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { now, limit, .. } = self;
        f.debug_struct("Claim").field("now", now).field("limit", limit).finish_non_exhaustive()
    }
}

/// What may be claimed.
#[derive(Debug, Default)]
pub(super) struct Picked {
    /// The keys.
    pub(super) seqs: Vec<i64>,
    /// Endpoints that something is due for and that had no room.
    pub(super) full: Vec<Full>,
    /// Whether there is more to be looked at.
    pub(super) more: bool,
    /// What is among it of what goes out slowly.
    pub(super) overdue: Vec<OverdueTaken>,
}

/// An endpoint that has its turn.
#[derive(Clone, Copy, Debug)]
struct Lane {
    seq: i64,
    id: Option<EndpointId>,
    /// Where its deliveries go in order: what is known of the endpoint.
    ordered: Option<EndpointState>,
    room: Room,
}

/// A delivery that waits.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    seq: i64,
    due: Timestamp,
}

/// What an endpoint gave in its turn.
#[derive(Debug, Default)]
struct Turn {
    seqs: Vec<i64>,
    /// Whether more of it may be due.
    more: bool,
    /// Whether that is not known: its share was used up before.
    unread: bool,
    /// When it is to be looked at again, where no more is.
    next: Option<Timestamp>,
    /// When the first of its queue is due, where a person asked for that and it does not go now.
    by_hand: Option<Timestamp>,
    /// Whether something is due that it has no room for.
    full: bool,
    /// How many of them are overdue, and whether no more are.
    overdue: Option<(usize, bool)>,
}

/// The keys of what may be claimed, the endpoints side by side.
pub(super) async fn pick(write: &mut Write, claim: &Claim) -> Result<Picked> {
    let Lanes { ready, unread, full, more } = lanes(write, claim);
    let mut picked = Picked { full, more, ..Picked::default() };
    if !ready.is_empty() || !unread.is_empty() {
        // What is put right in memory below holds only if this transaction does.
        write.state.touch();
    }
    for lane in &unread {
        // It takes nothing, and what it waits for is known then.
        let turn = turn(write, lane, 0, claim.now).await?;
        picked.full.extend(without_room(write, lane).filter(|_| turn.full));
    }
    for (index, lane) in ready.iter().enumerate() {
        let left = claim.limit.saturating_sub(picked.seqs.len());
        if left == 0 {
            break;
        }
        let share = left.div_ceil(ready.len() - index);
        let turn = turn(write, lane, share, claim.now).await?;
        if !turn.seqs.is_empty() {
            write.state.board_mut().had_turn(lane.seq);
        }
        picked.full.extend(without_room(write, lane).filter(|_| turn.full));
        if let (Some((count, all)), Some(endpoint)) = (turn.overdue, lane.id) {
            picked.overdue.push(OverdueTaken { endpoint, count, all });
        }
        picked.seqs.extend(turn.seqs);
    }
    Ok(picked)
}

/// Has an endpoint take its turn, and notes when it has the next.
async fn turn(write: &mut Write, lane: &Lane, share: usize, now: Timestamp) -> Result<Turn> {
    let turn = match lane.ordered {
        Some(state) => in_order(write, lane, &state, share, now).await?,
        None => side_by_side(write, lane, share, now).await?,
    };
    if turn.unread {
        return Ok(turn);
    }
    let after = if turn.more { BEGINNING } else { now };
    let by_hand = [turn.by_hand, beside(write, lane.seq, after).await?].into_iter().flatten().min();
    let board = write.state.board_mut();
    if !turn.more {
        board.looked(lane.seq, turn.next, by_hand);
    } else if by_hand.is_some() && !turn.seqs.is_empty() {
        // That may be what goes now.
        board.look_at(lane.seq);
    } else {
        board.found_due(lane.seq, Known { by_hand: by_hand.is_some_and(|at| at <= now) });
    }
    Ok(turn)
}

/// An endpoint without room for what is due.
fn without_room(write: &Write, lane: &Lane) -> Option<Full> {
    let known = write.state.board().known_due(lane.seq);
    Some(Full { endpoint: lane.id?, by_hand: known.is_some_and(|known| known.by_hand) })
}

/// The endpoints whose turn it is.
#[derive(Default)]
struct Lanes {
    /// Those that have room, as many as can get a place each.
    ready: Vec<Lane>,
    /// Those without room of which it is not known whether anything is due.
    unread: Vec<Lane>,
    /// Those without room that something is due for.
    full: Vec<Full>,
    /// Whether there are more of those of which it is not known.
    more: bool,
}

/// How many endpoints without room are looked at in one claim, so that nobody is kept waiting.
const READ_AT_ONCE: usize = 200;

fn lanes(write: &mut Write, claim: &Claim) -> Lanes {
    write.state.board_mut().wake(claim.now);
    let Lanes { mut ready, mut unread, mut full, mut more } = Lanes::default();
    let state = &write.state;
    for seq in state.board().due() {
        if ready.len() >= claim.limit {
            break;
        }
        if state.stopping().contains(&seq) {
            continue;
        }
        let id = state.endpoint_id(seq);
        let room = claim.doors.room(id);
        let by_hand = state.board().may_have_by_hand(seq);
        let ordered = id.and_then(|id| state.endpoint(id)).filter(|state| state.ordered).copied();
        let lane = Lane { seq, id, ordered, room };
        if room.plan > 0 || (room.by_hand > 0 && by_hand) {
            ready.push(lane);
        } else if let Some(Known { by_hand }) = state.board().known_due(seq) {
            full.extend(id.map(|endpoint| Full { endpoint, by_hand }));
        } else if unread.len() < READ_AT_ONCE {
            unread.push(Lane { room: Room { by_hand: 0, ..room }, ..lane });
        } else {
            more = true;
        }
    }
    Lanes { ready, unread, full, more }
}

/// The next of an endpoint that has no order: half of its share for first attempts, half for later ones, each
/// the longest due first; what one half leaves the other takes.
async fn side_by_side(write: &mut Write, lane: &Lane, share: usize, now: Timestamp) -> Result<Turn> {
    let seqs = by_hand(write, lane, share, now).await?;
    let mut turn = Turn { seqs, ..Turn::default() };
    let room = lane.room.plan.min(share.saturating_sub(turn.seqs.len()));
    let mut known: HashSet<i64> = turn.seqs.iter().copied().collect();
    if lane.room.plan == 0 {
        let left = stretch(write, lane.seq, (BEGINNING, now), 0, &mut known).await?;
        (turn.more, turn.full, turn.next) = (!left.all, !left.all, left.next);
        return Ok(turn);
    }
    if room == 0 {
        (turn.more, turn.unread) = (true, true);
        return Ok(turn);
    }
    let overdue = lane.room.overdue;
    let after = overdue.map_or(BEGINNING, |overdue| overdue.until);
    let recent = stretch(write, lane.seq, (after, now), room, &mut known).await?;
    let left = room - recent.seqs.len();
    let (mut all, next) = (recent.all, recent.next);
    turn.seqs.extend(recent.seqs);
    if let Some(overdue) = overdue {
        let most = left.min(overdue.most);
        // One more than may go: whether anything is left.
        let late = stretch(write, lane.seq, (BEGINNING, after), most, &mut known).await?;
        turn.full = !late.all && most < left;
        all &= late.all;
        turn.overdue = Some((late.seqs.len(), late.all));
        turn.seqs.extend(late.seqs);
    }
    (turn.more, turn.next) = (!all, next);
    Ok(turn)
}

/// The next of an endpoint that has its deliveries in order: the oldest, where none is under way and none that
/// failed holds the others.
async fn in_order(
    write: &mut Write,
    lane: &Lane,
    state: &EndpointState,
    share: usize,
    now: Timestamp,
) -> Result<Turn> {
    if lane.room.by_hand == 0 && beside(write, lane.seq, BEGINNING).await?.is_some_and(|at| at <= now) {
        return Ok(Turn { more: true, full: true, ..Turn::default() });
    }
    let mut turn = Turn { seqs: by_hand(write, lane, share, now).await?, ..Turn::default() };
    if write.state.resuming().contains_key(&lane.seq) {
        // What is still paused may be older.
        return Ok(turn);
    }
    let Some((head, trigger)) = oldest(write.connection().await?, lane.seq).await? else {
        turn.overdue = lane.room.overdue.map(|_| (0, true));
        return Ok(turn);
    };
    let held = state.held_by.is_some_and(|holder| head.seq > holder);
    // The end of what holds it, or is under way, is written, and with that the endpoint is looked at again.
    if held || is_under_way(write.connection().await?, lane.seq).await? {
        return Ok(turn);
    }
    let late = lane.room.overdue.filter(|overdue| head.due <= overdue.until);
    if let (Some(overdue), None) = (lane.room.overdue, late) {
        // Some of those that were overdue may have ended otherwise.
        let left = stretch(write, lane.seq, (BEGINNING, overdue.until), 0, &mut HashSet::new()).await?;
        turn.overdue = Some((0, left.all));
    }
    if head.due > now {
        match trigger {
            Trigger::Manual => turn.by_hand = Some(head.due),
            Trigger::Automatic | Trigger::Replay | Trigger::Relay => turn.next = Some(head.due),
        }
    } else {
        let room = match trigger {
            Trigger::Manual => lane.room.by_hand,
            Trigger::Automatic | Trigger::Replay | Trigger::Relay => {
                late.map_or(lane.room.plan, |late| late.most.min(lane.room.plan))
            }
        };
        if room > 0 {
            turn.seqs.push(head.seq);
            turn.overdue = late.map(|_| (1, false)).or(turn.overdue);
        } else {
            (turn.more, turn.full) = (true, true);
            turn.by_hand = (trigger == Trigger::Manual).then_some(head.due);
        }
    }
    Ok(turn)
}

/// Before every time.
const BEGINNING: Timestamp = Timestamp::from_unix_ms(i64::MIN);

/// What a stretch of time gave.
struct Stretch {
    seqs: Vec<i64>,
    /// Whether that is all there is in it.
    all: bool,
    /// When the first is due after it.
    next: Option<Timestamp>,
}

/// What is due after the one time and until the other, at most so many, but for what is `known`.
async fn stretch(
    write: &mut Write,
    lane: i64,
    (after, until): (Timestamp, Timestamp),
    most: usize,
    known: &mut HashSet<i64>,
) -> Result<Stretch> {
    // One row, four steps down the index: 0 pending, 2 retrying.
    const DUE: &str = "SELECT \
         (SELECT json_group_array(seq) FROM (SELECT seq FROM deliveries \
             INDEXED BY deliveries_waiting WHERE lane = ? AND status = 0 \
             AND next_attempt_at > ? AND next_attempt_at <= ? ORDER BY next_attempt_at, seq LIMIT ?)), \
         (SELECT json_group_array(seq) FROM (SELECT seq FROM deliveries \
             INDEXED BY deliveries_waiting WHERE lane = ? AND status = 2 \
             AND next_attempt_at > ? AND next_attempt_at <= ? ORDER BY next_attempt_at, seq LIMIT ?)), \
         (SELECT min(next_attempt_at) FROM deliveries INDEXED BY deliveries_waiting \
             WHERE lane = ? AND status = 0 AND next_attempt_at > ?), \
         (SELECT min(next_attempt_at) FROM deliveries INDEXED BY deliveries_waiting \
             WHERE lane = ? AND status = 2 AND next_attempt_at > ?)";
    // One more than wanted tells whether there are more.
    let limit = most.saturating_add(known.len()).saturating_add(1);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (after, until) = (after.unix_ms(), until.unix_ms());
    let script = write.ask(DUE);
    for _status in 0..2 {
        script.bind(lane).bind(after).bind(until).bind(limit);
    }
    for _status in 0..2 {
        script.bind(lane).bind(until);
    }
    let row = write.row().await?;
    let mut columns = Columns::new(&row);
    let (mut first, mut later): (Vec<i64>, Vec<i64>) = (columns.json()?, columns.json()?);
    first.retain(|seq| !known.contains(seq));
    later.retain(|seq| !known.contains(seq));
    let next = [columns.time_or_none()?, columns.time_or_none()?].into_iter().flatten().min();
    let found = first.len() + later.len();
    let seqs = halves(&first, &later, most, write.state.board().gives_first_more(lane));
    known.extend(&seqs);
    Ok(Stretch { all: seqs.len() == found, seqs, next })
}

/// Half of each, and where one has less the other more. The odd one is taken from either in turn.
fn halves(first: &[i64], later: &[i64], most: usize, first_is_odd: bool) -> Vec<i64> {
    let half = if first_is_odd { most.div_ceil(2) } else { most / 2 };
    let of_first = first.len().min(half.max(most.saturating_sub(later.len())));
    let of_later = later.len().min(most - of_first);
    [&first[..of_first], &later[..of_later]].concat()
}

/// What a person asked for and is not bound by the order, as far as it is due.
async fn by_hand(write: &mut Write, lane: &Lane, share: usize, now: Timestamp) -> Result<Vec<i64>> {
    // The terms are those of the index: 1 is a retry by hand.
    const BY_HAND: &str = "SELECT seq, next_attempt_at, in_order FROM deliveries \
                           INDEXED BY deliveries_by_hand WHERE lane = ? \
                           AND next_attempt_at IS NOT NULL AND (trigger = 1 OR is_test = 1) \
                           ORDER BY in_order, seq LIMIT ?";
    let most = lane.room.by_hand.min(share);
    if most == 0 || !write.state.board().may_have_by_hand(lane.seq) {
        return Ok(Vec::new());
    }
    let query = sqlx::query(BY_HAND).bind(lane.seq).bind(i64::try_from(most).unwrap_or(i64::MAX));
    let rows = query.fetch_all(write.connection().await?).await?;
    let mut due = Vec::with_capacity(rows.len());
    for row in &rows {
        let (seq, in_order): (i64, bool) = (row.try_get(0)?, row.try_get(2)?);
        let at = Timestamp::from_unix_ms(row.try_get(1)?);
        // A test that was paused goes on in its turn, like the rest.
        if !in_order && at <= now {
            due.push(seq);
        }
    }
    if rows.len() < most && due.len() == rows.len() {
        write.state.board_mut().nothing_by_hand(lane.seq);
    }
    Ok(due)
}

/// When the first is due after that time of what a person asked for and what goes beside its endpoint's queue.
async fn beside(write: &mut Write, lane: i64, after: Timestamp) -> Result<Option<Timestamp>> {
    // Found by the same index.
    const BESIDE: &str = "SELECT min(next_attempt_at) FROM deliveries INDEXED BY deliveries_by_hand \
                          WHERE lane = ? AND next_attempt_at IS NOT NULL AND (trigger = 1 OR is_test = 1) \
                          AND in_order = 0 AND next_attempt_at > ?";
    if !write.state.board().may_have_by_hand(lane) {
        return Ok(None);
    }
    let query = sqlx::query(BESIDE).bind(lane).bind(after.unix_ms());
    let row = query.fetch_one(write.connection().await?).await?;
    Ok(row.try_get::<Option<i64>, _>(0)?.map(Timestamp::from_unix_ms))
}

/// The oldest delivery that waits of an ordered endpoint, and what made it wait.
async fn oldest(connection: &mut SqliteConnection, endpoint_seq: i64) -> Result<Option<(Waiting, Trigger)>> {
    const OLDEST: &str = "SELECT seq, next_attempt_at, trigger FROM deliveries INDEXED BY deliveries_in_order \
                          WHERE endpoint_seq = ? AND in_order = 1 AND next_attempt_at IS NOT NULL \
                          ORDER BY seq LIMIT 1";
    let row = sqlx::query(OLDEST).bind(endpoint_seq).fetch_optional(connection).await?;
    row.map(|row| {
        let waiting = Waiting { seq: row.try_get(0)?, due: Timestamp::from_unix_ms(row.try_get(1)?) };
        Ok((waiting, Trigger::from_code(row.try_get(2)?)?))
    })
    .transpose()
}

/// Whether one of an ordered endpoint's deliveries is in flight.
async fn is_under_way(connection: &mut SqliteConnection, endpoint_seq: i64) -> Result<bool> {
    const UNDER_WAY: &str = "SELECT EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_in_order_sent \
                             WHERE endpoint_seq = ? AND in_order = 1 AND status = 1)";
    Ok(sqlx::query_scalar(UNDER_WAY).bind(endpoint_seq).fetch_one(connection).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_attempts_and_later_ones_share_and_neither_wastes_what_the_other_leaves() {
        let (first, later): (Vec<i64>, Vec<i64>) = ((0..10).collect(), (100..110).collect());
        assert_eq!(halves(&first, &later, 4, true), [0, 1, 100, 101]);
        assert_eq!(halves(&first, &later, 1, true), [0]);
        assert_eq!(halves(&first, &later, 1, false), [100]);
        assert_eq!(halves(&first, &later[..1], 4, true), [0, 1, 2, 100]);
        assert_eq!(halves(&first[..1], &later, 4, true), [0, 100, 101, 102]);
        assert_eq!(halves(&[], &later, 3, true), [100, 101, 102]);
        assert_eq!(halves(&first[..2], &[], 9, false), [0, 1]);
    }
}
