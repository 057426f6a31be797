use hookbench_model::{
    DeliveryFilter, DeliveryId, EndpointId, Page, PageRequest, Replay, ReplayId, ReplayProgress,
    ReplaySource, ReplayStatus, RequestFilter, RequestId, SignMode,
};
use hookbench_store::{ReplayTarget, StoreError};

use crate::afresh::SignersOf;
use crate::error::{Faults, Result, WorkbenchError};
use crate::left_out::note;
use crate::{Workbench, checks};

/// The most things that a replay may name one by one.
const MOST_IDS: usize = 10_000;
/// The highest rate.
const HIGHEST_RATE: f64 = 10_000.0;
/// The largest factor of the gaps between originals; the smallest is one part of it.
const LARGEST_FACTOR: f64 = 1_000.0;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 1000;
/// How many of what would be repeated a dry run names.
const SHOWN: u32 = 5;
/// How many of them a dry run of an exact replay looks at more closely.
const LOOKED_AT: u32 = 50;

/// What somebody says of a replay to be made.
#[derive(Clone, Debug, Default)]
pub struct ReplayDraft {
    /// These deliveries or captured requests.
    pub ids: Option<Vec<String>>,
    /// The deliveries that this filter matches.
    pub filter: Option<DeliveryFilter>,
    /// The captured requests that this filter matches.
    pub request_filter: Option<RequestFilter>,
    /// How many a second.
    pub per_second: Option<f64>,
    /// As far apart as the originals came.
    pub gaps: Option<bool>,
    /// Times this; 1 unless given.
    pub gap_factor: Option<f64>,
    /// The URL that it sends to instead.
    pub target_url: Option<String>,
    /// The endpoint that it sends to instead.
    pub endpoint_id: Option<String>,
    /// Signed afresh, or exactly as it was.
    pub resign: Option<SignMode>,
    /// Why.
    pub reason: Option<String>,
}

/// What a replay would do.
#[derive(Clone, Debug)]
pub struct ReplayPlan {
    /// How many deliveries it would make.
    pub total: u64,
    /// How many would go where, most first.
    pub targets: Vec<ReplayTarget>,
    /// The first few of what would be repeated.
    pub first_ids: Vec<String>,
    /// What somebody should know before, in sentences.
    pub notes: Vec<String>,
    /// How long it takes until the last is made, in milliseconds, where its rate or its gaps say so.
    pub lasts_ms: Option<u64>,
}

impl Workbench {
    /// What a replay would send where; makes nothing.
    pub async fn preview_replay(&self, draft: ReplayDraft) -> Result<ReplayPlan> {
        let replay = self.replay_of(draft).await?;
        let preview = self.store().replays().preview(&replay.source).await?;
        let first_ids = self.first_of(&replay.source).await?;
        let targets = match (&replay.target_url, replay.target_endpoint) {
            (Some(url), _) => {
                vec![ReplayTarget {
                    endpoint_id: None,
                    name: String::new(),
                    url: url.to_string(),
                    count: preview.total,
                }]
            }
            (None, Some(id)) => {
                let endpoint = self.endpoint(id).await?;
                let (name, url) = (endpoint.name, endpoint.url.into());
                vec![ReplayTarget { endpoint_id: Some(id), name, url, count: preview.total }]
            }
            (None, None) => preview.by_endpoint,
        };
        let mut notes: Vec<String> = note_on_broken(preview.broken, preview.total).into_iter().collect();
        notes.extend(self.notes_on(&replay, preview.total).await?);
        let lasts_ms = self.lasts(&replay, preview.total).await?;
        Ok(ReplayPlan { total: preview.total, targets, first_ids, notes, lasts_ms })
    }

    /// How long it takes to make all of it.
    async fn lasts(&self, replay: &Replay, total: u64) -> Result<Option<u64>> {
        let apart = |count: u64| count.saturating_sub(1) as f64;
        let ms = match (replay.gaps, replay.per_second) {
            (Some(factor), _) => {
                let span = self.store().replays().span(&replay.source).await?;
                span.map(|(oldest, newest)| newest.ms_since(oldest) as f64 * factor)
            }
            (None, Some(rate)) => Some(apart(total) * 1000.0 / rate),
            (None, None) => None,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a time that passes, cut to whole milliseconds; more than there are is the most there are"
        )]
        Ok(ms.map(|ms| ms.max(0.0) as u64))
    }

    /// What of an exact replay would go out otherwise than it is recorded.
    async fn notes_on(&self, replay: &Replay, total: u64) -> Result<Vec<String>> {
        if replay.resign != SignMode::Exact {
            return Ok(Vec::new());
        }
        let looked_at = LOOKED_AT as usize;
        let ids: Vec<DeliveryId> = match &replay.source {
            ReplaySource::DeliveryIds(ids) => ids.iter().take(looked_at).copied().collect(),
            ReplaySource::Deliveries(filter) => {
                let page = self.store().deliveries().list(filter, PageRequest::first(LOOKED_AT)).await?;
                page.rows.iter().map(|delivery| delivery.id).collect()
            }
            // What arrived is kept whole.
            ReplaySource::Requests(_) | ReplaySource::RequestIds(_) => Vec::new(),
        };
        let mut left_out = Vec::new();
        for id in &ids {
            left_out.push(self.left_out_of(replay, *id).await?);
        }
        left_out.retain(|names| !names.is_empty());
        Ok(note(&left_out, ids.len(), total).into_iter().collect())
    }

    /// Makes a replay; its deliveries follow at its pace, through restarts too.
    pub async fn create_replay(&self, draft: ReplayDraft) -> Result<Replay> {
        let replay = self.replay_of(draft).await?;
        Ok(self.store().replays().create(replay).await?)
    }

    /// A page of replays, newest first.
    pub async fn replays(&self, page: PageRequest<ReplayId>) -> Result<Page<Replay, ReplayId>> {
        Ok(self.store().replays().list(page).await?)
    }

    /// One replay.
    pub async fn replay(&self, id: ReplayId) -> Result<Replay> {
        let found = self.store().replays().get(id).await?;
        found.ok_or_else(|| WorkbenchError::not_found("replay", id))
    }

    /// Holds a replay.
    pub async fn pause_replay(&self, id: ReplayId) -> Result<Replay> {
        self.move_replay(id, ReplayStatus::Paused).await
    }

    /// Lets a held replay go on.
    pub async fn resume_replay(&self, id: ReplayId) -> Result<Replay> {
        self.move_replay(id, ReplayStatus::Running).await
    }

    /// Stops a replay for good; the deliveries it has made go on.
    pub async fn cancel_replay(&self, id: ReplayId) -> Result<Replay> {
        self.move_replay(id, ReplayStatus::Cancelled).await
    }

    async fn move_replay(&self, id: ReplayId, status: ReplayStatus) -> Result<Replay> {
        self.store().replays().set_status(id, status, self.now()).await.map_err(|error| match error {
            StoreError::WrongState { status, .. } => {
                WorkbenchError::wrong_state(format!("The replay {id} is {status}: it has ended."))
            }
            error => error.into(),
        })
    }

    /// The replay that is asked for, or everything that is wrong with it.
    async fn replay_of(&self, draft: ReplayDraft) -> Result<Replay> {
        let mut faults = Faults::default();
        let source = source(&mut faults, draft.ids, draft.filter, draft.request_filter);
        let target_url =
            draft.target_url.as_deref().and_then(|text| checks::url(&mut faults, "target_url", text));
        let target_endpoint = match &draft.endpoint_id {
            Some(text) => self.target_endpoint(&mut faults, text).await?,
            None => None,
        };
        faults.unless(draft.target_url.is_none() || draft.endpoint_id.is_none(), "target_url", || {
            "goes without `endpoint_id`: name one place".to_owned()
        });
        let captured = matches!(source, Some(ReplaySource::Requests(_) | ReplaySource::RequestIds(_)));
        let pointed = draft.target_url.is_some() || draft.endpoint_id.is_some();
        faults.unless(!captured || pointed, "target_url", || {
            "is missing: captured requests need a `target_url` or an `endpoint_id` to be sent to".to_owned()
        });
        let fits = draft.per_second.is_none_or(|rate| rate > 0.0 && rate <= HIGHEST_RATE);
        faults.unless(fits, "per_second", || format!("must be more than 0 and at most {HIGHEST_RATE}"));
        let by_gaps = draft.gaps.unwrap_or(false);
        faults.unless(!by_gaps || draft.per_second.is_none(), "gaps", || {
            "go without `per_second`: either says how fast it goes".to_owned()
        });
        let factor = draft.gap_factor.unwrap_or(1.0);
        faults.unless(by_gaps || draft.gap_factor.is_none(), "gap_factor", || "goes with `gaps`".to_owned());
        faults.unless((1.0 / LARGEST_FACTOR..=LARGEST_FACTOR).contains(&factor), "gap_factor", || {
            format!("must be from {} to {LARGEST_FACTOR}", 1.0 / LARGEST_FACTOR)
        });
        let reason = draft.reason.unwrap_or_default();
        faults.unless(reason.chars().count() <= LONGEST_REASON, "reason", || {
            format!("may be at most {LONGEST_REASON} characters long")
        });
        faults.finish()?;
        let Some(source) = source else { return Err(WorkbenchError::field("ids", "is missing")) };
        // As a single one that is sent on.
        let usual = if captured && target_url.is_some() { SignMode::Exact } else { SignMode::default() };
        let resign = draft.resign.unwrap_or(usual);
        if resign == SignMode::Fresh && target_url.is_some() {
            match &source {
                ReplaySource::Requests(filter) => self.check_signers(SignersOf::Matching(filter)).await?,
                ReplaySource::RequestIds(ids) => self.check_signers(SignersOf::Named(ids)).await?,
                // An endpoint signs; what went to a plain URL is signed by its inbox, as its attempt tells.
                ReplaySource::Deliveries(_) | ReplaySource::DeliveryIds(_) => {}
            }
        }
        let now = self.now();
        Ok(Replay {
            id: ReplayId::new(now),
            source,
            target_url,
            target_endpoint,
            resign,
            per_second: draft.per_second,
            gaps: by_gaps.then_some(factor),
            reason,
            status: ReplayStatus::Running,
            progress: ReplayProgress::default(),
            created_at: now,
            completed_at: None,
        })
    }

    async fn target_endpoint(&self, faults: &mut Faults, text: &str) -> Result<Option<EndpointId>> {
        let Some(id) = faults.take("endpoint_id", text.parse::<EndpointId>()) else { return Ok(None) };
        let found = self.store().endpoints().get(id).await?;
        faults.unless(found.is_some(), "endpoint_id", || format!("there is no endpoint {id}"));
        Ok(found.map(|endpoint| endpoint.id))
    }

    async fn first_of(&self, source: &ReplaySource) -> Result<Vec<String>> {
        let shown = SHOWN as usize;
        Ok(match source {
            ReplaySource::DeliveryIds(ids) => ids.iter().take(shown).map(ToString::to_string).collect(),
            ReplaySource::RequestIds(ids) => ids.iter().take(shown).map(ToString::to_string).collect(),
            ReplaySource::Deliveries(filter) => {
                let page = self.store().deliveries().list(filter, PageRequest::first(SHOWN)).await?;
                page.rows.iter().map(|delivery| delivery.id.to_string()).collect()
            }
            ReplaySource::Requests(filter) => {
                let page = self.store().requests().list(filter, PageRequest::first(SHOWN)).await?;
                page.rows.iter().map(|request| request.id.to_string()).collect()
            }
        })
    }
}

fn source(
    faults: &mut Faults,
    ids: Option<Vec<String>>,
    filter: Option<DeliveryFilter>,
    request_filter: Option<RequestFilter>,
) -> Option<ReplaySource> {
    let q = filter.as_ref().and_then(|filter| filter.q.as_deref());
    checks::searched(faults, "filter.q", q);
    let q = request_filter.as_ref().and_then(|filter| filter.q.as_deref());
    checks::searched(faults, "request_filter.q", q);
    match (ids, filter, request_filter) {
        (Some(ids), None, None) => named(faults, &ids),
        (None, Some(filter), None) => Some(ReplaySource::Deliveries(filter)),
        (None, None, Some(filter)) => Some(ReplaySource::Requests(filter)),
        _ => {
            faults.add("ids", "give one of `ids`, `filter` and `request_filter`");
            None
        }
    }
}

fn named(faults: &mut Faults, ids: &[String]) -> Option<ReplaySource> {
    if ids.is_empty() || ids.len() > MOST_IDS {
        faults.add("ids", format!("must name 1 to {MOST_IDS} deliveries or captured requests"));
        return None;
    }
    let captured = ids.iter().all(|text| text.starts_with(RequestId::PREFIX));
    Some(if captured {
        ReplaySource::RequestIds(parsed(faults, ids))
    } else {
        ReplaySource::DeliveryIds(parsed::<DeliveryId>(faults, ids))
    })
}

fn parsed<Id>(faults: &mut Faults, ids: &[String]) -> Vec<Id>
where
    Id: std::str::FromStr + PartialEq,
    Id::Err: std::fmt::Display,
{
    let mut known = Vec::new();
    for (at, text) in ids.iter().enumerate() {
        known.extend(faults.take(&format!("ids[{at}]"), text.parse::<Id>()));
    }
    known
}

/// What a dry run says where so many of all did not come whole and well formed. They go out all the same: a person asked
/// for them.
fn note_on_broken(broken: u64, total: u64) -> Option<String> {
    let who = match (broken, total) {
        (0, _) => return None,
        (1, 1) => "It is broken: what came of it".to_owned(),
        (1, _) => format!("1 of {total} is broken: what came of it"),
        (some, all) if some == all => format!("All {all} are broken: what came of them"),
        (some, _) => format!("{some} of {total} are broken: what came of them"),
    };
    Some(format!("{who} is sent as if it were whole."))
}

#[cfg(test)]
mod tests {
    use super::note_on_broken;

    #[test]
    fn what_is_broken_is_told_with_how_many_it_is_broken_of() {
        let begins = |broken, total| {
            note_on_broken(broken, total)
                .and_then(|note| note.split_once(':').map(|(begin, _)| begin.to_owned()))
        };
        assert_eq!(begins(0, 5), None);
        for (broken, total, said) in [
            (1, 1, "It is broken"),
            (1, 5, "1 of 5 is broken"),
            (2, 5, "2 of 5 are broken"),
            (5, 5, "All 5 are broken"),
        ] {
            assert_eq!(begins(broken, total).as_deref(), Some(said));
        }
        let whole = note_on_broken(16, 32);
        let said = "16 of 32 are broken: what came of them is sent as if it were whole.";
        assert_eq!(whole.as_deref(), Some(said));
    }
}
