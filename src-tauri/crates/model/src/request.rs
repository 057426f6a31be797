use bytes::Bytes;
use hookbench_signing::VerificationStatus;

use crate::{
    AnsweredBy, ArrivalFacts, Colour, DeliveryId, HeaderPairs, InboxId, RequestFault, RequestId, Shown,
    Timestamp, Within, is_pseudo, veil::Whole,
};

/// What checking a captured request's signature gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The verdict.
    pub status: VerificationStatus,
    /// The scheme it was checked by.
    pub scheme: Option<String>,
    /// Why it is not valid, as a stable code.
    pub reason: Option<String>,
    /// The verdict as a sentence.
    pub message: String,
    /// The bytes that the signature covers.
    pub signed_content: Option<Bytes>,
}

impl Verification {
    /// For an inbox without a profile and without a scheme.
    pub fn not_checked() -> Self {
        Self {
            status: VerificationStatus::NotChecked,
            scheme: None,
            reason: None,
            message: "Not checked: this inbox has neither a provider nor a scheme.".to_owned(),
            signed_content: None,
        }
    }

    /// For a request that is not whole, or not well formed.
    pub fn not_whole() -> Self {
        Self {
            message: "Not checked: the request did not come whole and well formed.".to_owned(),
            ..Self::not_checked()
        }
    }

    /// For an inbox whose own scheme is not there any more.
    pub fn scheme_gone(id: &str) -> Self {
        Self {
            scheme: Some(id.to_owned()),
            message: format!("Not checked: there is no scheme `{id}` any more."),
            ..Self::not_checked()
        }
    }
}

impl From<hookbench_signing::Verification> for Verification {
    fn from(checked: hookbench_signing::Verification) -> Self {
        Self {
            status: checked.status,
            scheme: Some(checked.scheme),
            reason: checked.reason.map(|reason| reason.code().to_owned()),
            message: checked.message,
            signed_content: checked.signed_content.map(Bytes::from),
        }
    }
}

/// One HTTP request that an inbox received. Its body is kept apart.
#[derive(Clone, Debug)]
pub struct CapturedRequest {
    /// Its id.
    pub id: RequestId,
    /// The inbox that received it.
    pub inbox_id: InboxId,
    /// When its last byte was in.
    pub received_at: Timestamp,
    /// The method, as it stood on the wire.
    pub method: String,
    /// The URL that it was addressed to, up to the path below the slug: `http://localhost:4800/in`. Empty where its
    /// sender named no host, `None` where it is not known.
    pub addressed: Option<String>,
    /// The path below the slug, as it stood on the wire: `/a/b`, `/`, or empty where nothing follows the
    /// slug.
    pub path: String,
    /// The query, as it stood on the wire and without the question mark; `None` where there was none.
    pub query: Option<String>,
    /// `HTTP/1.0`, `HTTP/1.1`, `HTTP/2.0`; of a malformed head what stood in its place, or nothing.
    pub http_version: String,
    /// The headers in their order, with case and duplicates; over HTTP/2 with the pseudo headers among them, in their
    /// places.
    pub headers: HeaderPairs,
    /// The `Content-Type`, where it has one that is text.
    pub content_type: Option<String>,
    /// The size of the body, in bytes.
    pub body_size: u64,
    /// Who sent it: address and port.
    pub remote_addr: String,
    /// The event's type, where the inbox's profile says where to find it.
    pub event_type: Option<String>,
    /// The provider's id of the event, likewise.
    pub provider_event_id: Option<String>,
    /// What checking its signature gave on arrival.
    pub verification: Verification,
    /// The handshake that was answered, by its kind; `None` where it is none.
    pub handshake: Option<String>,
    /// The status that was answered, or would have been, or [`CapturedRequest::UNANSWERED`]; see
    /// [`CapturedRequest::status_seen`].
    pub response_status: u16,
    /// The rule of its inbox that answered it; `None` where none did.
    pub answered_by: Option<AnsweredBy>,
    /// The delivery that sent it, where Hookbench did, and the number of the attempt.
    pub delivery: Option<(DeliveryId, u32)>,
    /// How it came in; `None` of what was not received here, or before that was kept.
    pub came: Option<ArrivalFacts>,
    /// What went wrong with it, where it is not whole or not well formed.
    pub fault: Option<RequestFault>,
    /// What a person wrote about it.
    pub note: String,
    /// What a person marked it with.
    pub tags: Vec<String>,
    /// Whether it stays whatever the retention says.
    pub pinned: bool,
    /// The colour that a person marked it with.
    pub colour: Option<Colour>,
    /// The headers and the query as they are shown, where they hold a secret of the inbox; `None` where they hold
    /// none. In lists `headers` and `query` are these.
    pub shown: Option<Shown>,
}

impl CapturedRequest {
    /// Stands for the status where nobody was told any: its sender had gone, or a file that it was read from says none.
    pub const UNANSWERED: u16 = 0;

    /// The request without the secrets that it holds.
    #[must_use]
    pub fn veiled(mut self) -> Self {
        let content = self.verification.signed_content.take();
        self.verification.signed_content = match (content, self.within()) {
            (Some(content), Some(within)) => Some(Bytes::from(within.taken_out_of(&content).into_owned())),
            (content, _) => content,
        };
        if let Some(Shown { headers, query }) = self.shown.clone() {
            (self.headers, self.query) = (headers, query);
        }
        self
    }

    /// What is hidden of it, to be taken out of what is made of it; `None` where nothing is.
    pub fn within(&self) -> Option<Within> {
        let whole = Whole { headers: &self.headers, query: self.query.as_deref() };
        self.shown.as_ref().map(|shown| Within::of(whole, shown))
    }

    /// Whether it came over HTTP/2 and its pseudo headers are known: they say what a request line would.
    pub fn has_pseudo(&self) -> bool {
        self.http_version == "HTTP/2.0" && self.headers.iter().any(|(name, _)| is_pseudo(name))
    }

    /// The head that is written of its method, target, version and headers: the form that most senders use. What stood
    /// on the wire is that, unless its [`WireRecord`](crate::WireRecord) says otherwise. Over HTTP/2, which has no text,
    /// it is one line for each of its fields, in the order in which they came, and no request line.
    pub fn written_head(&self) -> Vec<u8> {
        self.head_pieces().flatten().copied().collect()
    }

    /// Whether that is these bytes.
    pub fn is_written_as(&self, head: &[u8]) -> bool {
        let rest = self.head_pieces().try_fold(head, |rest, piece| rest.strip_prefix(piece));
        rest.is_some_and(<[u8]>::is_empty)
    }

    fn head_pieces(&self) -> impl Iterator<Item = &[u8]> {
        let addressed = self.addressed.as_deref().unwrap_or_default();
        let authority_at = addressed.find("://").map_or(0, |at| at + 3);
        let slug_at = addressed[authority_at..].find('/').map_or(addressed.len(), |at| authority_at + at);
        let slug = &addressed.as_bytes()[slug_at..];
        let query: [&[u8]; 2] = self.query.as_deref().map_or([b"", b""], |query| [b"?", query.as_bytes()]);
        let line: [&[u8]; 9] = [
            self.method.as_bytes(),
            b" ",
            slug,
            self.path.as_bytes(),
            query[0],
            query[1],
            b" ",
            self.http_version.as_bytes(),
            b"\r\n",
        ];
        let line = (!self.has_pseudo()).then_some(line).into_iter().flatten();
        let headers =
            self.headers.iter().flat_map(|(name, value)| [name.as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
        line.chain(headers).chain([&b"\r\n"[..]])
    }

    /// The status that its sender got to see; `None` where the connection was closed, reset or left silent before that,
    /// where the sender had gone by then, and where nobody was told any.
    pub fn status_seen(&self) -> Option<u16> {
        let seen = self.response_status != Self::UNANSWERED
            && self.answered_by.as_ref().is_none_or(|by| by.shows_status)
            && self.fault.as_ref().is_none_or(|fault| fault.told);
        seen.then_some(self.response_status)
    }

    /// The host that its sender named, with the port where it named one; `None` where it named none, or it is not known.
    pub fn authority(&self) -> Option<&str> {
        let (_, rest) = self.addressed.as_deref()?.split_once("://")?;
        rest.split('/').next().filter(|authority| !authority.is_empty())
    }

    /// The URL as its sender wrote it, with the path and the query; `None` where it is not known. Empty where its
    /// sender named no host.
    pub fn url(&self) -> Option<String> {
        let addressed = self.addressed.as_deref()?;
        if addressed.is_empty() {
            return Some(String::new());
        }
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        Some(format!("{addressed}{}{query}", self.path))
    }

    /// How headers and a query are shown that were made of its own: without what is hidden of these.
    pub fn carried(&self, headers: &HeaderPairs, query: Option<&str>) -> Option<Shown> {
        let from = Whole { headers: &self.headers, query: self.query.as_deref() };
        self.shown.as_ref()?.carried(from, Whole { headers, query })
    }
}

/// What a person changes about a captured request; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct RequestEdit {
    /// Another note.
    pub note: Option<String>,
    /// Other tags.
    pub tags: Option<Vec<String>>,
    /// Pinned or not.
    pub pinned: Option<bool>,
    /// Another colour, or none.
    pub colour: Option<Option<Colour>>,
}
