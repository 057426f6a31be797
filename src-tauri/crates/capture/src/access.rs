//! Who may send to an inbox.

use hookbench_model::{HeaderPairs, InboxAccess};
use http::HeaderValue;

use crate::inboxes::Known;
use crate::record::Who;
use crate::reply::Refusal;
use crate::wire::Head;

impl Known {
    /// Lets a request in, or says why not: first by the address that it comes from, then by what it shows.
    pub(crate) fn admit(&self, head: &Head, who: &Who) -> Result<(), Refusal> {
        let inbox = self.inbox.id;
        if !self.inbox.allow.lets_in(who.ip) {
            return Err(Refusal::NotAllowed(Some(inbox)));
        }
        match &self.inbox.access {
            Some(access) if !access.is_shown_by(&head.headers, head.target.query()) => {
                Err(Refusal::Unauthorized { inbox, challenge: self.challenge(access) })
            }
            _ => Ok(()),
        }
    }

    /// Whether a request with these headers and this query would be let in.
    pub(crate) fn is_open_to(&self, headers: &HeaderPairs, query: Option<&str>, who: &Who) -> bool {
        let shows = |access: &InboxAccess| access.is_shown_by(headers, query);
        self.inbox.allow.lets_in(who.ip) && self.inbox.access.as_ref().is_none_or(shows)
    }

    /// What `WWW-Authenticate` says of it. A slug has nothing that would have to be quoted.
    fn challenge(&self, access: &InboxAccess) -> HeaderValue {
        let slug = &self.inbox.slug;
        let challenge = match access {
            InboxAccess::Basic { .. } => format!("Basic realm=\"{slug}\", charset=\"UTF-8\""),
            InboxAccess::Token { .. } => format!("Bearer realm=\"{slug}\""),
        };
        HeaderValue::try_from(challenge).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}
