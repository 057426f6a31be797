use std::collections::{BTreeMap, BTreeSet, HashMap};

use hookbench_model::{
    BreakerState, DeliveryId, EndpointId, EndpointStatus, InboxId, Noun, OrderOnFailure, ProviderId,
    Timestamp,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use crate::alerts::{Wanted, Watches};
use crate::columns::{from_json, id};
use crate::deliveries::{Board, Current, load_board};
use crate::endpoints::{Resuming, left_stopping};
use crate::events::RecentEvents;
use crate::{Result, StoreError};

/// What the writer knows by heart, so that hot jobs need not ask the database. It is read again after
/// every transaction that failed.
#[derive(Debug, Default)]
pub(crate) struct State {
    endpoints: HashMap<EndpointId, EndpointState>,
    endpoint_ids: HashMap<i64, EndpointId>,
    inboxes: HashMap<InboxId, i64>,
    kinds: HashMap<String, HashMap<String, i64>>,
    board: Board,
    recent_events: RecentEvents,
    /// Deliveries in flight, as they were claimed.
    in_flight: HashMap<DeliveryId, Current>,
    alerts: Watches,
    /// Endpoints that were enabled and whose paused deliveries have not all gone on, by their keys.
    resuming: BTreeMap<i64, Resuming>,
    /// Endpoints that were disabled or deleted and whose deliveries have not all stopped, by their keys.
    stopping: BTreeSet<i64>,
    next_event: i64,
    next_delivery: i64,
    next_request: i64,
    /// Whether the running transaction has changed anything here.
    touched: bool,
    /// The newest change of each breaker that is committed: it is in no table, and one that it has overtaken must not
    /// come after it.
    breaker_changes: HashMap<EndpointId, u64>,
    /// Those of the running transaction.
    new_breaker_changes: Vec<(EndpointId, u64)>,
}

/// What the writer knows of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EndpointState {
    pub(crate) seq: i64,
    pub(crate) disabled: bool,
    /// Whether it is a draft, which is sent nothing but tests.
    pub(crate) draft: bool,
    pub(crate) deleted: bool,
    /// What it wants to be told of that which may have to wait, where it is one that alerts are told to.
    pub(crate) takes_alerts: Option<Wanted>,
    /// Whether what happens to it is told: not of those that take alerts, nor of trials, whose failures are wanted.
    pub(crate) raises_alerts: bool,
    pub(crate) consecutive_failures: u32,
    pub(crate) failing_since: Option<Timestamp>,
    /// Whether its deliveries go one at a time, in their order.
    pub(crate) ordered: bool,
    /// Whether one that failed for good holds the others then.
    pub(crate) blocks: bool,
    /// The delivery that does so, by its key.
    pub(crate) held_by: Option<i64>,
    /// Where its breaker stands.
    pub(crate) breaker: BreakerState,
    /// The number of the change that brought it there.
    pub(crate) breaker_change: u64,
}

impl EndpointState {
    /// Whether a delivery to it waits for it to be enabled: a test of a draft does not.
    pub(crate) fn pauses(&self, is_test: bool) -> bool {
        self.disabled && !(self.draft && is_test)
    }

    /// Its status in the words of the model.
    pub(crate) fn status(&self) -> &'static str {
        if self.disabled { EndpointStatus::Disabled.as_str() } else { EndpointStatus::Enabled.as_str() }
    }
}

/// Where a breaker stands, from the four columns that begin there.
pub(crate) fn breaker(row: &SqliteRow, first: usize) -> Result<BreakerState> {
    let time = |column| row.try_get::<Option<i64>, _>(column).map(|ms| ms.map(Timestamp::from_unix_ms));
    Ok(BreakerState {
        failures: row.try_get(first)?,
        opened_at: time(first + 1)?,
        open_for_ms: u64::try_from(row.try_get::<i64, _>(first + 2)?).unwrap_or(0),
        probe_at: time(first + 3)?,
    })
}

impl State {
    pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Self> {
        let mut state = Self { alerts: Watches::load(connection).await?, ..Self::default() };
        state.load_endpoints(connection).await?;
        state.board = load_board(connection).await?;
        state.resuming.extend(Resuming::load(connection).await?);
        state.stopping.extend(left_stopping(connection).await?);
        for row in sqlx::query("SELECT id, seq FROM inboxes").fetch_all(&mut *connection).await? {
            state.inboxes.insert(InboxId::from_bytes(id(&row, 0)?), row.try_get(1)?);
        }
        for row in
            sqlx::query("SELECT provider, event_type, no FROM kinds").fetch_all(&mut *connection).await?
        {
            state.kinds.entry(row.try_get(0)?).or_default().insert(row.try_get(1)?, row.try_get(2)?);
        }
        let newest = "SELECT (SELECT coalesce(max(seq), 0) FROM events), \
                      (SELECT coalesce(max(seq), 0) FROM deliveries), \
                      (SELECT coalesce(max(seq), 0) FROM requests)";
        let (event, delivery, request): (i64, i64, i64) =
            sqlx::query_as(newest).fetch_one(connection).await?;
        (state.next_event, state.next_delivery, state.next_request) = (event + 1, delivery + 1, request + 1);
        state.touched = false;
        Ok(state)
    }

    async fn load_endpoints(&mut self, connection: &mut SqliteConnection) -> Result<()> {
        const ALL: &str = "SELECT id, seq, disabled_at IS NOT NULL, deleted_at IS NOT NULL, \
                           consecutive_failures, failing_since, draft, ordered, order_on_failure, held_by, \
                           breaker_failures, breaker_opened_at, breaker_open_for_ms, breaker_probe_at, \
                           provider, trial_of IS NOT NULL, enabled_events FROM endpoints";
        for row in sqlx::query(ALL).fetch_all(connection).await? {
            let takes_alerts = row.try_get::<&str, _>(14)? == ProviderId::hookbench().as_str();
            let state = EndpointState {
                seq: row.try_get(1)?,
                disabled: row.try_get(2)?,
                draft: row.try_get(6)?,
                deleted: row.try_get(3)?,
                takes_alerts: takes_alerts
                    .then(|| row.try_get(16).map_err(StoreError::from).and_then(from_json))
                    .transpose()?
                    .map(|subscriptions| Wanted::by(&subscriptions)),
                raises_alerts: !takes_alerts && !row.try_get::<bool, _>(15)?,
                consecutive_failures: row.try_get(4)?,
                failing_since: row.try_get::<Option<i64>, _>(5)?.map(Timestamp::from_unix_ms),
                ordered: row.try_get(7)?,
                blocks: row.try_get::<&str, _>(8)? == OrderOnFailure::Block.as_str(),
                held_by: row.try_get(9)?,
                breaker: breaker(&row, 10)?,
                breaker_change: 0,
            };
            self.put_endpoint(EndpointId::from_bytes(id(&row, 0)?), state);
        }
        Ok(())
    }

    /// After a roll-back: reads everything again where the transaction had changed anything.
    pub(super) async fn reload(&mut self, connection: &mut SqliteConnection) -> Result<()> {
        if self.touched {
            let mut read = Self::load(connection).await?;
            read.breaker_changes = std::mem::take(&mut self.breaker_changes);
            for (id, number) in &read.breaker_changes {
                if let Some(endpoint) = read.endpoints.get_mut(id) {
                    endpoint.breaker_change = *number;
                }
            }
            *self = read;
        }
        Ok(())
    }

    /// Reads everything again within the running transaction.
    pub(super) async fn read_again(&mut self, connection: &mut SqliteConnection) -> Result<()> {
        let mut read = Self::load(connection).await?;
        for (id, endpoint) in &mut read.endpoints {
            endpoint.breaker_change = self.endpoints.get(id).map_or(0, |known| known.breaker_change);
        }
        read.breaker_changes = std::mem::take(&mut self.breaker_changes);
        read.new_breaker_changes = std::mem::take(&mut self.new_breaker_changes);
        read.touched = true;
        *self = read;
        Ok(())
    }

    pub(super) fn committed(&mut self) {
        self.touched = false;
        self.breaker_changes.extend(self.new_breaker_changes.drain(..));
    }

    /// What is kept in memory is put right by what the running transaction reads: it holds only if that does.
    pub(crate) fn touch(&mut self) {
        self.touched = true;
    }

    pub(crate) fn board(&self) -> &Board {
        &self.board
    }

    pub(crate) fn board_mut(&mut self) -> &mut Board {
        &mut self.board
    }

    pub(crate) fn alerts(&self) -> &Watches {
        &self.alerts
    }

    pub(crate) fn alerts_mut(&mut self) -> &mut Watches {
        self.touched = true;
        &mut self.alerts
    }

    pub(crate) fn resuming(&self) -> &BTreeMap<i64, Resuming> {
        &self.resuming
    }

    pub(crate) fn resuming_mut(&mut self) -> &mut BTreeMap<i64, Resuming> {
        self.touched = true;
        &mut self.resuming
    }

    pub(crate) fn stopping(&self) -> &BTreeSet<i64> {
        &self.stopping
    }

    pub(crate) fn stopping_mut(&mut self) -> &mut BTreeSet<i64> {
        self.touched = true;
        &mut self.stopping
    }

    pub(crate) fn recent_events(&mut self) -> &mut RecentEvents {
        &mut self.recent_events
    }

    /// Where a delivery in flight stands, if that is known.
    pub(crate) fn in_flight(&self, id: DeliveryId) -> Option<Current> {
        self.in_flight.get(&id).copied()
    }

    /// A delivery was claimed; it stands so until it lands.
    pub(crate) fn went_out(&mut self, id: DeliveryId, current: Current) {
        self.touched = true;
        self.in_flight.insert(id, current);
    }

    pub(crate) fn landed(&mut self, id: DeliveryId) {
        self.in_flight.remove(&id);
    }

    /// Whatever comes may change deliveries in flight: their ends read anew where they stand.
    pub(super) fn forget_in_flight(&mut self) {
        self.in_flight.clear();
    }

    pub(crate) fn endpoint(&self, id: EndpointId) -> Option<&EndpointState> {
        self.endpoints.get(&id)
    }

    /// The endpoints whose queue one of these deliveries holds.
    pub(crate) fn held_by_any(&self, delivery_seqs: &[i64]) -> Vec<EndpointId> {
        let holds = |state: &EndpointState| {
            !state.deleted && state.held_by.is_some_and(|holder| delivery_seqs.contains(&holder))
        };
        self.endpoints.iter().filter(|(_, state)| holds(state)).map(|(id, _)| *id).collect()
    }

    /// The endpoint, unless it never was or has been deleted.
    pub(crate) fn living_endpoint(&self, id: EndpointId) -> Result<EndpointState> {
        let known = self.endpoints.get(&id).filter(|state| !state.deleted);
        known.copied().ok_or_else(|| StoreError::not_found(Noun::Endpoint, id))
    }

    /// The endpoint with that seq; `None` for 0, which stands for a plain URL.
    pub(crate) fn endpoint_id(&self, seq: i64) -> Option<EndpointId> {
        self.endpoint_ids.get(&seq).copied()
    }

    pub(crate) fn put_endpoint(&mut self, id: EndpointId, state: EndpointState) {
        self.touched = true;
        self.alerts.take(id, state.takes_alerts.filter(|_| !state.disabled && !state.deleted));
        self.endpoint_ids.insert(state.seq, id);
        let before = self.endpoints.insert(id, state);
        if state.breaker_change > before.map_or(0, |before| before.breaker_change) {
            self.new_breaker_changes.push((id, state.breaker_change));
        }
    }

    pub(crate) fn inbox(&self, id: InboxId) -> Result<i64> {
        self.inboxes.get(&id).copied().ok_or_else(|| StoreError::not_found(Noun::Inbox, id))
    }

    pub(crate) fn put_inbox(&mut self, id: InboxId, seq: i64) {
        self.touched = true;
        self.inboxes.insert(id, seq);
    }

    pub(crate) fn forget_inbox(&mut self, id: InboxId) {
        self.touched = true;
        self.inboxes.remove(&id);
    }

    pub(crate) fn kind(&self, provider: &str, event_type: &str) -> Option<i64> {
        self.kinds.get(provider)?.get(event_type).copied()
    }

    /// Whether events of that kind tell of alerts.
    pub(crate) fn is_alert_kind(&self, no: i64) -> bool {
        let kinds = self.kinds.get(ProviderId::hookbench().as_str());
        kinds.is_some_and(|types| types.values().any(|known| *known == no))
    }

    pub(crate) fn put_kind(&mut self, provider: &str, event_type: &str, no: i64) {
        self.touched = true;
        self.kinds.entry(provider.to_owned()).or_default().insert(event_type.to_owned(), no);
    }

    /// The key of the next event. Numbers of a transaction that failed may be left out.
    pub(crate) fn take_event_seq(&mut self) -> i64 {
        self.next_event += 1;
        self.next_event - 1
    }

    /// The first of so many keys for the next deliveries.
    pub(crate) fn take_delivery_seqs(&mut self, count: usize) -> i64 {
        let first = self.next_delivery;
        self.next_delivery += i64::try_from(count).unwrap_or(0);
        first
    }

    pub(crate) fn take_request_seq(&mut self) -> i64 {
        self.next_request += 1;
        self.next_request - 1
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use hookbench_model::Endpoint;

    use super::*;
    use crate::{OpenOptions, Store, Synchronous};

    const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

    async fn number(store: &Store, endpoint: EndpointId) -> (u64, bool) {
        let look = store.writer().run(move |write| {
            async move { Ok((write.state.living_endpoint(endpoint)?.breaker_change, write.state.touched)) }.boxed()
        });
        look.await.unwrap()
    }

    /// Gives a breaker's change that number, and fails where that is asked for.
    async fn change(store: &Store, endpoint: EndpointId, number: u64, fails: bool) -> Result<()> {
        let change = store.writer().run(move |write| {
            async move {
                let state = write.state.living_endpoint(endpoint)?;
                write.state.put_endpoint(endpoint, EndpointState { breaker_change: number, ..state });
                if fails { Err(StoreError::Panicked) } else { Ok(()) }
            }
            .boxed()
        });
        change.await
    }

    #[tokio::test]
    async fn a_roll_back_keeps_the_order_of_breaker_changes_and_reads_all_of_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let options = OpenOptions { synchronous: Synchronous::Normal, ..OpenOptions::default() };
        let store = Store::open(folder.path(), NOW, options).await.unwrap();
        let url = "http://localhost:9/".parse().unwrap();
        let endpoint = Endpoint::new(EndpointId::new(NOW), "one", url, ProviderId::generic());
        let endpoint = store.endpoints().create(endpoint).await.unwrap().id;
        change(&store, endpoint, 5, false).await.unwrap();
        change(&store, endpoint, 6, true).await.unwrap_err();
        assert_eq!(number(&store, endpoint).await, (5, false), "what was rolled back has overtaken nothing");
        let again = store.writer().run(|write| write.read_again().boxed());
        again.await.unwrap();
        assert_eq!(number(&store, endpoint).await, (5, false));
    }
}
