//! What the capture receiver would have written down of a request.

use bytes::Bytes;
use hookbench_delivery::build::BuiltRequest;
use hookbench_model::{CapturedRequest, DeliveryId, HeaderPairs, Inbox, RequestId, Timestamp, Verification};
use hookbench_providers::Seen;
use hookbench_signing::{Received, Secret, verify};

use crate::Workbench;

/// A request as it comes in.
pub(super) struct Arrival {
    pub(super) method: String,
    /// Below the inbox's slug, with its slash; empty at the inbox itself.
    pub(super) path: String,
    pub(super) query: Option<String>,
    pub(super) headers: HeaderPairs,
    pub(super) body: Bytes,
    pub(super) remote_addr: String,
}

impl Arrival {
    /// A request to the inbox as it was built.
    pub(super) fn of(built: &BuiltRequest, inbox: &Inbox) -> Self {
        let below = built.url().path().strip_prefix(&format!("/{}", inbox.slug)).unwrap_or_default();
        Self {
            method: built.method().to_owned(),
            path: below.to_owned(),
            query: built.url().query().map(ToOwned::to_owned),
            headers: built.headers(),
            body: built.body().clone(),
            remote_addr: "127.0.0.1:51934".to_owned(),
        }
    }

    /// Another body, with its length.
    pub(super) fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.headers.remove("Content-Length");
        self.headers.push("Content-Length", self.body.len().to_string());
        self
    }

    /// The request as it is captured: read by the inbox's profile and verified.
    pub(super) fn captured(&self, workbench: &Workbench, inbox: &Inbox, at: Timestamp) -> CapturedRequest {
        let profile = inbox.provider.as_ref().map(|id| workbench.profile_or_generic(id));
        let (event, verification) = match &profile {
            Some(profile) => {
                let seen = Seen {
                    method: &self.method,
                    query: self.query.as_deref(),
                    headers: &self.headers,
                    body: &self.body,
                };
                let secrets: Vec<&Secret> = inbox.secrets.iter().map(|kept| &kept.secret).collect();
                let pairs: Vec<(&str, &[u8])> =
                    self.headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
                let url = self.url(inbox);
                let received =
                    Received { method: &self.method, url: &url, headers: &pairs, body: &self.body };
                let verdict = verify(profile.scheme(), &secrets, &received, at.unix_ms());
                (profile.event_of(&seen), Verification::from(verdict))
            }
            None => (hookbench_providers::SeenEvent::default(), Verification::not_checked()),
        };
        CapturedRequest {
            id: RequestId::new(at),
            inbox_id: inbox.id,
            received_at: at,
            method: self.method.clone(),
            addressed: Some(self.addressed(inbox)),
            path: self.path.clone(),
            query: self.query.clone(),
            http_version: "HTTP/1.1".to_owned(),
            content_type: self.headers.get_str("content-type").map(ToOwned::to_owned),
            headers: self.headers.clone(),
            body_size: self.body.len() as u64,
            remote_addr: self.remote_addr.clone(),
            event_type: event.event_type,
            provider_event_id: event.provider_event_id,
            verification,
            handshake: None,
            response_status: inbox.response.status,
            answered_by: None,
            delivery: None,
            came: None,
            fault: None,
            note: String::new(),
            tags: Vec::new(),
            pinned: false,
            colour: None,
            shown: None,
        }
    }

    /// Captured on its way from an endpoint.
    pub(super) fn delivered(
        &self,
        workbench: &Workbench,
        inbox: &Inbox,
        at: Timestamp,
        sent_by: (DeliveryId, u32),
    ) -> CapturedRequest {
        CapturedRequest { delivery: Some(sent_by), ..self.captured(workbench, inbox, at) }
    }

    /// The URL as the sender addressed it.
    fn url(&self, inbox: &Inbox) -> String {
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{}{query}", self.addressed(inbox), self.path)
    }

    /// Its beginning, up to the path below the slug.
    fn addressed(&self, inbox: &Inbox) -> String {
        format!("http://{}/{}", self.headers.get_str("host").unwrap_or_default(), inbox.slug)
    }
}
