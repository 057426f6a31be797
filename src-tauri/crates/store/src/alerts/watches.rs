//! What is remembered of the alerts of all endpoints, in memory and on disk.

use std::collections::{BTreeMap, HashMap};

use hookbench_model::{EndpointId, Timestamp};
use sqlx::SqliteConnection;

use super::watch::{Wanted, Watch};
use crate::Result;
use crate::columns::{Columns, signed};

/// The watches of all endpoints, by the endpoint's key (0 for plain URLs), and who takes alerts.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    by_endpoint: HashMap<i64, Watch>,
    /// Enabled endpoints of the alerts' provider, and what of that which may have to wait they want to be told.
    takers: BTreeMap<EndpointId, Wanted>,
    /// Nothing that waits is to be told, or forgotten, before.
    next: Option<Timestamp>,
}

impl Watches {
    pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Self> {
        const ALL: &str = "SELECT endpoint_seq, told, failing_told_at, failing_by, exhausted_told_at, exhausted, \
                           exhausted_since, exhausted_by FROM alert_watches";
        let mut watches = Self::default();
        for row in sqlx::query(ALL).fetch_all(connection).await? {
            let mut columns = Columns::new(&row);
            let endpoint_seq = columns.get()?;
            let watch = Watch {
                told: columns.time_or_none()?,
                failing_told_at: columns.time_or_none()?,
                failing_by: columns.get()?,
                exhausted_told_at: columns.time_or_none()?,
                exhausted: columns.count()?,
                exhausted_since: columns.time_or_none()?,
                exhausted_by: columns.get()?,
            };
            watches.put(endpoint_seq, watch);
        }
        Ok(watches)
    }

    /// An endpoint takes alerts, or does not (any more).
    pub(crate) fn take(&mut self, endpoint: EndpointId, takes: Option<Wanted>) {
        if let Some(wanted) = takes {
            self.takers.insert(endpoint, wanted);
        } else if !self.takers.is_empty() {
            self.takers.remove(&endpoint);
        }
    }

    pub(crate) fn takers(&self) -> impl ExactSizeIterator<Item = EndpointId> {
        self.takers.keys().copied()
    }

    /// Whether an endpoint's success would be told, or would end what waits to be told.
    pub(crate) fn waits_for_success(&self, endpoint_seq: i64) -> bool {
        let watch = self.by_endpoint.get(&endpoint_seq);
        watch.is_some_and(|watch| watch.told.is_some() || watch.failing_by.is_some())
    }

    pub(crate) fn get(&self, endpoint_seq: i64) -> Watch {
        self.by_endpoint.get(&endpoint_seq).copied().unwrap_or_default()
    }

    /// In memory: whoever changes one [keeps](keep) it too.
    pub(super) fn put(&mut self, endpoint_seq: i64, watch: Watch) {
        self.next = [self.next, watch.due()].into_iter().flatten().min();
        self.by_endpoint.insert(endpoint_seq, watch);
    }

    /// Before when nothing that waits is to be told, or forgotten.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.next
    }

    /// When the first of what waits is told to somebody, where these endpoints still fail.
    pub(super) fn next_told(&self, still_fails: impl Fn(i64) -> bool) -> Option<Timestamp> {
        let wanted = self.takers.values().fold(Wanted::default(), |all, one| all.or(*one));
        let told_at = |(seq, watch): (&i64, &Watch)| watch.told_at(wanted, still_fails(*seq));
        self.by_endpoint.iter().filter_map(told_at).min()
    }

    /// What has waited long enough by `now`; `next` holds again once each of them is put.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Vec<i64> {
        let (due, later): (Vec<_>, Vec<_>) = self
            .by_endpoint
            .iter()
            .filter_map(|(seq, watch)| Some((*seq, watch.due()?)))
            .partition(|(_, at)| *at <= now);
        self.next = later.into_iter().map(|(_, at)| at).min();
        let mut due: Vec<i64> = due.into_iter().map(|(seq, _)| seq).collect();
        due.sort_unstable();
        due
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<(i64, Watch)> {
        self.by_endpoint.iter().map(|(seq, watch)| (*seq, *watch)).collect()
    }
}

/// Keeps a watch on disk.
pub(super) async fn keep(connection: &mut SqliteConnection, endpoint_seq: i64, watch: &Watch) -> Result<()> {
    const KEEP: &str = "INSERT OR REPLACE INTO alert_watches (endpoint_seq, told, failing_told_at, failing_by, \
                        exhausted_told_at, exhausted, exhausted_since, exhausted_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    let ms = |time: Option<Timestamp>| time.map(Timestamp::unix_ms);
    sqlx::query(KEEP)
        .bind(endpoint_seq)
        .bind(ms(watch.told))
        .bind(ms(watch.failing_told_at))
        .bind(watch.failing_by)
        .bind(ms(watch.exhausted_told_at))
        .bind(signed(watch.exhausted))
        .bind(ms(watch.exhausted_since))
        .bind(watch.exhausted_by)
        .execute(connection)
        .await?;
    Ok(())
}
