use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use hookbench_model::query::{Query, QueryFault, QueryProblem};
use hookbench_model::{
    CapturedRequest, HeaderPairs, HeaderValue, Inbox, Page, PageRequest, RequestEdit, RequestFilter,
    RequestId, Reveal, Slug, Timestamp,
};
use hookbench_signing::{Secret, Unpacked, unpacked};

use crate::aside::aside;
use crate::diagnosis::{Judged, Verdict};
use crate::error::{Faults, Result, WorkbenchError};
use crate::signatures::{SchemeChoice, in_range, scheme};
use crate::{Workbench, checks};

/// The longest note, in characters.
const LONGEST_NOTE: usize = 10_000;
/// The most tags, and the longest one.
const MOST_TAGS: usize = 50;
const LONGEST_TAG: usize = 64;

/// The most that is unpacked of a body, in bytes.
pub const LARGEST_UNPACKED: usize = hookbench_store::LARGEST_UNPACKED;

/// A captured request as it is shown.
#[derive(Clone, Debug)]
pub struct ShownRequest {
    /// The request.
    pub request: CapturedRequest,
    /// Whether secrets that it holds are left out.
    pub veiled: bool,
}

impl From<CapturedRequest> for ShownRequest {
    /// Without the secrets that it holds.
    fn from(request: CapturedRequest) -> Self {
        Self { veiled: request.shown.is_some(), request: request.veiled() }
    }
}

impl Workbench {
    /// A page of captured requests, newest first.
    pub async fn requests(
        &self,
        filter: RequestFilter,
        page: PageRequest<RequestId>,
    ) -> Result<Page<CapturedRequest, RequestId>> {
        checked(&filter)?;
        Ok(self.store().requests().list(&filter, page).await?)
    }

    /// How many captured requests a filter matches.
    pub async fn count_requests(&self, filter: RequestFilter) -> Result<u64> {
        checked(&filter)?;
        Ok(self.store().requests().count(&filter).await?)
    }

    /// The words of a filter that name an inbox which is not there.
    pub async fn unknown_inboxes(&self, query: &Query) -> Result<Vec<QueryFault>> {
        let (mut known, mut faults) = (HashMap::new(), Vec::new());
        for (at, slug) in query.inboxes() {
            let is_there = match known.get(&slug) {
                Some(is_there) => *is_there,
                None => match slug.parse::<Slug>() {
                    Ok(slug) => self.store().inboxes().by_slug(&slug).await?.is_some(),
                    Err(_) => false,
                },
            };
            if !is_there {
                faults.push(QueryFault { at, problem: QueryProblem::NoSuchInbox { slug: slug.clone() } });
            }
            known.insert(slug, is_there);
        }
        Ok(faults)
    }

    /// One captured request, without the content that its signature covers.
    pub async fn request(&self, id: RequestId) -> Result<CapturedRequest> {
        let found = self.store().requests().get(id).await?;
        found.ok_or_else(|| WorkbenchError::not_found("captured request", id))
    }

    /// One captured request with that content, for which its body is read.
    pub(crate) async fn whole_request(&self, id: RequestId) -> Result<CapturedRequest> {
        let found = self.store().requests().whole(id).await?;
        found.ok_or_else(|| WorkbenchError::not_found("captured request", id))
    }

    /// When somebody looked at the secrets in a captured request, newest first, the newest 100.
    pub async fn request_reveals(&self, id: RequestId) -> Result<Vec<Reveal>> {
        self.request(id).await?;
        Ok(self.store().requests().reveals(id).await?)
    }

    /// The body of a captured request, and its content type.
    pub async fn request_body(&self, id: RequestId) -> Result<(Bytes, Option<String>)> {
        let request = self.request(id).await?;
        let body = self.store().requests().body(id).await?;
        let body = body.ok_or_else(|| WorkbenchError::not_found("captured request", id))?;
        Ok((body, request.content_type))
    }

    /// What the body of a captured request says once what it was packed in is undone, with its content type: at
    /// most `limit` bytes of it, and never more than [`LARGEST_UNPACKED`]. The signature is over the bytes as they
    /// came, which [`Self::request_body`] gives.
    pub async fn unpacked_body(&self, id: RequestId, limit: usize) -> Result<(Unpacked, Option<String>)> {
        let request = self.request(id).await?;
        let body = self.store().requests().body(id).await?;
        let body = body.ok_or_else(|| WorkbenchError::not_found("captured request", id))?;
        Ok((unpack(body, &request.headers, limit).await?, request.content_type))
    }

    /// Changes what a person says about a captured request.
    pub async fn edit_request(&self, id: RequestId, mut edit: RequestEdit) -> Result<CapturedRequest> {
        let mut faults = Faults::default();
        if let Some(note) = &edit.note {
            faults.unless(note.chars().count() <= LONGEST_NOTE, "note", || {
                format!("may be at most {LONGEST_NOTE} characters long")
            });
        }
        if let Some(tags) = edit.tags.take() {
            edit.tags = Some(check_tags(&mut faults, tags));
        }
        faults.finish()?;
        let edited = self.store().requests().edit(id, edit).await?;
        // With what its signature covers, unless it has been deleted meanwhile.
        Ok(self.store().requests().whole(id).await?.unwrap_or(edited))
    }

    /// Deletes a captured request.
    pub async fn delete_request(&self, id: RequestId) -> Result<()> {
        Ok(self.store().requests().delete(id).await?)
    }

    /// Checks a captured request's signature again, by what is given or else by its inbox's scheme and
    /// secrets, as of its arrival unless another time (Unix seconds) is given. Changes nothing.
    pub async fn verify_again(
        &self,
        id: RequestId,
        choice: Option<SchemeChoice>,
        secret: Option<Secret>,
        at: Option<i64>,
    ) -> Result<Verdict> {
        let request = self.request(id).await?;
        let inbox = self.inbox(request.inbox_id).await?.inbox;
        let (body, _) = self.request_body(id).await?;
        let mut faults = Faults::default();
        let at = at.map(|seconds| in_range(&mut faults, "at", seconds));
        let profile = inbox.provider.as_ref().and_then(|provider| self.library().profile(provider));
        let chosen = choice.or_else(|| inbox.scheme.clone().map(SchemeChoice::Known));
        let scheme = match (chosen, profile) {
            (Some(choice), _) => scheme(&mut faults, choice, self.library()),
            (None, Some(profile)) => Some(Arc::new(profile.scheme().clone())),
            (None, None) => {
                faults.add(
                    "scheme",
                    "is missing: the inbox has neither a scheme nor a provider to take it from",
                );
                None
            }
        };
        faults.finish()?;
        let Some(scheme) = scheme else { return Err(WorkbenchError::field("scheme", "could not be read")) };
        let at = at.map_or(request.received_at, Timestamp::from_unix_ms);
        let secrets = match secret {
            Some(secret) if secret.is_empty() => Vec::new(),
            Some(secret) => vec![secret],
            None => {
                let holding = inbox.secrets.iter().filter(|kept| kept.holds_at(at));
                holding.map(|kept| kept.secret.clone()).collect()
            }
        };
        let url = if scheme.signs_url() { self.url_as_sent(&request, &inbox) } else { String::new() };
        let judged = Judged {
            within: request.within(),
            scheme,
            secrets,
            method: request.method,
            url,
            headers: request.headers,
            body,
            at,
            received_at: Some(request.received_at),
        };
        self.judge(judged.body.len(), move || Ok(judged)).await
    }

    /// The URL as its sender wrote it; of requests that were captured before it was kept, as far as they tell.
    fn url_as_sent(&self, request: &CapturedRequest, inbox: &Inbox) -> String {
        if let Some(url) = request.url() {
            return url;
        }
        let origin = match request.headers.get_str("host") {
            Some(host) => format!("http://{host}"),
            None => self.capture_origin(),
        };
        let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{origin}/{}{}{query}", inbox.slug, request.path)
    }
}

fn checked(filter: &RequestFilter) -> Result<()> {
    let mut faults = Faults::default();
    checks::searched(&mut faults, "q", filter.q.as_deref());
    faults.finish()
}

/// What a body says once what its headers say it is packed in is undone, and what it begins as and they do not say.
pub(crate) async fn unpack(body: Bytes, headers: &HeaderPairs, limit: usize) -> Result<Unpacked> {
    let said: Vec<_> = headers.get_all("content-encoding").filter_map(HeaderValue::as_str).collect();
    let said = said.join(",");
    let limit = limit.min(LARGEST_UNPACKED);
    aside(body.len(), move || unpacked(&body, &said, limit)).await
}

fn check_tags(faults: &mut Faults, tags: Vec<String>) -> Vec<String> {
    faults.unless(tags.len() <= MOST_TAGS, "tags", || format!("may hold at most {MOST_TAGS} tags"));
    let mut kept: Vec<String> = Vec::new();
    for (at, tag) in tags.into_iter().take(MOST_TAGS).enumerate() {
        let tag = tag.trim().to_owned();
        let fits =
            !tag.is_empty() && tag.chars().count() <= LONGEST_TAG && !tag.chars().any(char::is_control);
        faults.unless(fits, &format!("tags[{at}]"), || format!("must be 1 to {LONGEST_TAG} characters"));
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    kept
}
