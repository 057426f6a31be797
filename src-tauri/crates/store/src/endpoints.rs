mod configured;
mod order;
mod resume;
mod row;
mod seal;
mod spread;
mod status;
mod stop;
mod test_result;

use std::convert::Infallible;

use futures::FutureExt as _;
use hookbench_model::{
    Action, BreakerState, Endpoint, EndpointId, EndpointStatus, Noun, OrderOnFailure, Page, PageRequest,
    Reveal, RevealedPart, Timestamp,
};
use sqlx::Row as _;

pub(crate) use configured::Configured;
pub(crate) use resume::{Resuming, sweep as resume_some};
pub(crate) use row::{open_proxy, seal_proxy};
pub(crate) use seal::seal_plain_headers;
pub use spread::{Resumed, Spread};
pub(crate) use status::disable;
pub(crate) use stop::{load as left_stopping, sweep as stop_some};
pub(crate) use test_result::take_test;

use crate::alerts::Wanted;
use crate::query::limit;
use crate::writer::{EndpointState, Write};
use crate::{EndpointEdits, Result, Store, StoreError};

/// Endpoints. A deleted one is found no more; deliveries keep its name and URL.
#[derive(Clone, Debug)]
pub struct Endpoints {
    pub(crate) store: Store,
}

impl Endpoints {
    /// Writes a new one.
    pub async fn create(&self, endpoint: Endpoint) -> Result<Endpoint> {
        self.store.writer().run(move |write| create(write, endpoint).boxed()).await
    }

    /// One of them, with its secrets.
    pub async fn get(&self, id: EndpointId) -> Result<Option<Endpoint>> {
        let found = sqlx::query(row::BY_ID).bind(id.as_bytes().to_vec());
        let row = found.fetch_optional(self.store.readers()).await?;
        row.map(|row| row::read(self.store.vault(), &row)).transpose()
    }

    /// A page of them, newest first.
    pub async fn list(&self, page: PageRequest<EndpointId>) -> Result<Page<Endpoint, EndpointId>> {
        let limit = limit(&page);
        let before = page.before.map_or([0xff; 16], |id| *id.as_bytes());
        let found = sqlx::query(row::PAGE).bind(before.to_vec()).bind(i64::from(limit) + 1);
        let rows = found.fetch_all(self.store.readers()).await?;
        let wanted = &rows[..rows.len().min(limit as usize)];
        let read: Vec<Endpoint> =
            wanted.iter().map(|row| row::read(self.store.vault(), row)).collect::<Result<_>>()?;
        let next = if rows.len() > read.len() { read.last().map(|endpoint| endpoint.id) } else { None };
        Ok(Page { rows: read, next })
    }

    /// One of them, with its secrets and where its breaker stands.
    pub async fn get_with_breaker(&self, id: EndpointId) -> Result<Option<(Endpoint, BreakerState)>> {
        let Some(endpoint) = self.get(id).await? else { return Ok(None) };
        let breaker = order::breakers(&self.store, Some(id)).await?.remove(&id);
        Ok(Some((endpoint, breaker.unwrap_or_default())))
    }

    /// All of them, oldest first, with where their breakers stand.
    pub async fn all_with_breakers(&self) -> Result<Vec<(Endpoint, BreakerState)>> {
        let mut breakers = order::breakers(&self.store, None).await?;
        let all = self.all().await?.into_iter();
        Ok(all
            .map(|endpoint| (breakers.remove(&endpoint.id).unwrap_or_default(), endpoint))
            .map(|(breaker, endpoint)| (endpoint, breaker))
            .collect())
    }

    /// All of them, oldest first.
    pub async fn all(&self) -> Result<Vec<Endpoint>> {
        let rows = sqlx::query(row::ALL).fetch_all(self.store.readers()).await?;
        rows.iter().map(|row| row::read(self.store.vault(), row)).collect()
    }

    /// Edits one, reading and writing in one transaction. Its id, status and health stay whatever `edit`
    /// does to them: they have methods of their own. One that `edit` makes a draft is disabled with that,
    /// and one with another URL counts as not tested.
    pub async fn update(
        &self,
        id: EndpointId,
        now: Timestamp,
        edit: impl FnOnce(&mut Endpoint) + Send + 'static,
    ) -> Result<Endpoint> {
        let edit = move |endpoint: &mut Endpoint| {
            edit(endpoint);
            Ok::<(), Infallible>(())
        };
        let Ok(edited) = self.try_update(id, now, edit).await?;
        Ok(edited)
    }

    /// Edits one as [`Self::update`] does, unless the edit refuses what it is given: then nothing is changed, and the
    /// refusal is handed back.
    pub async fn try_update<R: Send + 'static>(
        &self,
        id: EndpointId,
        now: Timestamp,
        edit: impl FnOnce(&mut Endpoint) -> Result<(), R> + Send + 'static,
    ) -> Result<Result<Endpoint, R>> {
        self.store.writer().run(move |write| update(write, id, now, edit).boxed()).await
    }

    /// Deletes one: its waiting and paused deliveries are cancelled, one in flight is when it would have
    /// to be tried again. Its history stays readable, its secrets and headers are wiped.
    pub async fn delete(&self, id: EndpointId, now: Timestamp) -> Result<()> {
        self.store.writer().run(move |write| status::delete(write, id, now).boxed()).await
    }

    /// Disables one: its waiting deliveries are paused. One that is disabled already stays as it is.
    pub async fn disable(&self, id: EndpointId, now: Timestamp, reason: String) -> Result<Endpoint> {
        self.store
            .writer()
            .run(move |write| {
                async move {
                    disable(write, id, now, &reason).await?;
                    get(write, id).await
                }
                .boxed()
            })
            .await
    }

    /// Enables one: its paused deliveries go on by their plan, those that are overdue one after the other over
    /// some time; its failures are forgotten, and its breaker is closed. `WrongState` for a draft, which only a
    /// delivered test enables.
    pub async fn enable(
        &self,
        id: EndpointId,
        now: Timestamp,
        spread: Spread,
    ) -> Result<(Endpoint, Resumed)> {
        self.store
            .writer()
            .run(move |write| {
                async move {
                    let resumed = status::enable(write, id, now, spread).await?;
                    Ok((get(write, id).await?, resumed))
                }
                .boxed()
            })
            .await
    }

    /// Which of them have been edited, for whoever must not act by what one was before.
    pub fn edits(&self) -> EndpointEdits {
        self.store.writer().edits().clone()
    }

    /// Logs that somebody looked at its secret, or at the credentials among its headers.
    pub async fn log_reveal(&self, id: EndpointId, what: RevealedPart, now: Timestamp) -> Result<()> {
        const LOG: &str = "INSERT INTO endpoint_reveals (endpoint_seq, at, what) VALUES (?, ?, ?)";
        self.store
            .writer()
            .run(move |write| {
                async move {
                    let seq = write.state.living_endpoint(id)?.seq;
                    let log = sqlx::query(LOG).bind(seq).bind(now.unix_ms()).bind(what.as_str());
                    log.execute(write.connection().await?).await?;
                    Ok(())
                }
                .boxed()
            })
            .await
    }

    /// When somebody looked at its secret or those credentials, newest first, the newest 100 of each.
    pub async fn reveals(&self, id: EndpointId) -> Result<Vec<Reveal>> {
        let mut looks = self.reveals_of(id, RevealedPart::Secret).await?;
        looks.extend(self.reveals_of(id, RevealedPart::Headers).await?);
        looks.sort_by_key(|look| std::cmp::Reverse(look.at));
        Ok(looks)
    }

    async fn reveals_of(&self, id: EndpointId, what: RevealedPart) -> Result<Vec<Reveal>> {
        const REVEALS: &str = "SELECT at FROM endpoint_reveals \
                               WHERE endpoint_seq = (SELECT seq FROM endpoints WHERE id = ?) AND what = ? \
                               ORDER BY seq DESC LIMIT 100";
        let query = sqlx::query_scalar(REVEALS).bind(id.as_bytes().to_vec()).bind(what.as_str());
        let times: Vec<i64> = query.fetch_all(self.store.readers()).await?;
        Ok(times.into_iter().map(|at| Reveal { at: Timestamp::from_unix_ms(at), what }).collect())
    }
}

async fn create(write: &mut Write, endpoint: Endpoint) -> Result<Endpoint> {
    let insert = row::bind(row::INSERT, &write.vault, &endpoint)?;
    let inserted = insert.fetch_one(write.connection().await?).await.map_err(StoreError::from);
    let row = inserted
        .map_err(|error| error.or_conflict("id", || "an endpoint with this id is there".to_owned()))?;
    let state = EndpointState {
        seq: row.try_get(0)?,
        disabled: endpoint.status == EndpointStatus::Disabled,
        draft: endpoint.draft,
        deleted: false,
        takes_alerts: wanted(&endpoint),
        raises_alerts: raises_alerts(&endpoint),
        consecutive_failures: endpoint.consecutive_failures,
        failing_since: endpoint.failing_since,
        ordered: endpoint.ordered,
        blocks: endpoint.order_on_failure == OrderOnFailure::Block,
        held_by: None,
        breaker: BreakerState::default(),
        breaker_change: 0,
    };
    write.state.put_endpoint(endpoint.id, state);
    write.endpoint_edited(Action::Created, endpoint.id, Some(endpoint.status.as_str()));
    get(write, endpoint.id).await
}

/// What it wants to be told of that which may have to wait, where it takes alerts.
fn wanted(endpoint: &Endpoint) -> Option<Wanted> {
    endpoint.provider.tells_alerts().then(|| Wanted::by(&endpoint.enabled_events))
}

/// Whether what happens to it is told.
fn raises_alerts(endpoint: &Endpoint) -> bool {
    !endpoint.provider.tells_alerts() && endpoint.trial_of.is_none()
}

async fn update<R>(
    write: &mut Write,
    id: EndpointId,
    now: Timestamp,
    edit: impl FnOnce(&mut Endpoint) -> Result<(), R> + Send,
) -> Result<Result<Endpoint, R>> {
    let known = get(write, id).await?;
    let mut edited = known.clone();
    if let Err(refused) = edit(&mut edited) {
        return Ok(Err(refused));
    }
    let edited = Endpoint {
        id,
        status: known.status,
        tested_at: if edited.url == known.url { known.tested_at } else { None },
        disabled_reason: match (known.draft, edited.draft) {
            (true, false) => Some(Endpoint::NO_DRAFT_NOW.to_owned()),
            // What a test of the URL before came to says nothing of this one.
            (true, true) if edited.url != known.url => Some(Endpoint::UNTESTED.to_owned()),
            _ => known.disabled_reason.clone(),
        },
        disabled_at: known.disabled_at,
        consecutive_failures: known.consecutive_failures,
        failing_since: known.failing_since,
        created_at: known.created_at,
        updated_at: now,
        ..edited
    };
    row::bind(row::UPDATE, &write.vault, &edited)?.execute(write.connection().await?).await?;
    order::follow(write, id, &known, &edited).await?;
    let state = EndpointState {
        draft: edited.draft,
        takes_alerts: wanted(&edited),
        raises_alerts: raises_alerts(&edited),
        ..write.state.living_endpoint(id)?
    };
    write.state.put_endpoint(id, state);
    if edited.draft && !known.draft {
        status::make_draft(write, id, now).await?;
        return get(write, id).await.map(Ok);
    }
    write.endpoint_edited(Action::Updated, id, Some(edited.status.as_str()));
    Ok(Ok(edited))
}

pub(crate) async fn get(write: &mut Write, id: EndpointId) -> Result<Endpoint> {
    let found = sqlx::query(row::BY_ID).bind(id.as_bytes().to_vec());
    let row = found.fetch_optional(write.connection().await?).await?;
    row::read(&write.vault, &row.ok_or_else(|| StoreError::not_found(Noun::Endpoint, id))?)
}
