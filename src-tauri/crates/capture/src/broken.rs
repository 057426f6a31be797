//! What is not whole, or not well formed, is kept too, and marked as such.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookbench_model::{
    ArrivalFacts, BrokenHead, CapturedRequest, RequestFault, RequestId, Shown, Verification,
};
use http::StatusCode;

use crate::fault::Fault;
use crate::inboxes::Known;
use crate::receive::Reception;
use crate::record::{Bared, Who};
use crate::reply::Refusal;
use crate::strays::Astray;
use crate::waiting::note_untold;
use crate::wire::{Arrivals, Head, Left, Refused, Refusing, Target, Version, as_text, blame, broken_as_text};

/// The most that is kept of what stands in the place of a method or a version apart from the head itself, in
/// characters.
const LONGEST_WORD: usize = 100;

/// A request with something wrong.
pub(crate) struct Broken {
    pub(crate) head: Head,
    /// What stood in the place of its version.
    pub(crate) version: String,
    pub(crate) body: Bytes,
    pub(crate) bared: Bared,
    pub(crate) came: ArrivalFacts,
    pub(crate) fault: Fault,
    /// What is said of it, and the byte that showed it.
    pub(crate) message: String,
    pub(crate) at: Option<u64>,
    /// Whether its sender is still there to be told, as far as that is known.
    pub(crate) told: bool,
}

impl Reception {
    /// Keeps a request that the gate did not let in: with its inbox, where that can be told, else among the strays.
    pub(crate) async fn keep_refused(&self, refused: Refused, who: Who, arrivals: &Arrivals) -> Refusal {
        let Refused { fault, what, since } = refused;
        let raw = match what {
            Refusing::Raw(raw) => raw,
            Refusing::Two(head) => {
                self.note_lost(&fault, Some(fault.status()), &broken_as_text(&head), &who);
                return Refusal::Fault(fault);
            }
            Refusing::Nothing => {
                self.note_lost(&fault, Some(fault.status()), &[], &who);
                return Refusal::Fault(fault);
            }
        };
        let broken = BrokenHead::read(&raw);
        // What breaks off within its first segment may have meant another inbox.
        let is_told = |target: &Target| {
            broken.target_ends || !target.path_below_slug().is_empty() || target.query().is_some()
        };
        let target = Target::read(&broken.target).ok().filter(is_told);
        let known = target.as_ref().and_then(|target| self.inboxes.find(target.slug()));
        // Who might not send a whole request there may not have half of one kept there.
        let known = known.filter(|known| {
            let lets_in = self.settings.borrow().reach.lets_in(who.ip);
            let query = target.as_ref().and_then(Target::query);
            lets_in && known.is_open_to(&broken.headers, query, &who)
        });
        let (Some(target), Some(known)) = (target, known) else {
            self.note_lost(&fault, Some(fault.status()), &raw, &who);
            return Refusal::Fault(fault);
        };
        let short = |word: String| word.chars().take(LONGEST_WORD).collect::<String>();
        let broken = Broken {
            head: Head {
                method: short(broken.method),
                target,
                version: Version::Http11,
                headers: broken.headers,
                announced: None,
                raw: None,
            },
            version: short(broken.version),
            body: self.behind_malformed(raw.slice(broken.length..)),
            message: fault.sentence(),
            at: blame(&fault, &raw[..broken.length]).map(|at| at as u64),
            bared: Bared { head: Some(raw.slice(..broken.length)), ..Bared::default() },
            came: who.came(Some(since.elapsed()), Duration::ZERO),
            fault,
            told: true,
        };
        self.keep_broken(&known, broken, &who, arrivals).await
    }

    /// What came behind a malformed head. It may be another request, for whatever inbox: their secrets are left out, for
    /// good.
    fn behind_malformed(&self, bytes: Bytes) -> Bytes {
        self.inboxes.hiding(|hidden| hidden.taken_out_of(&bytes)).map_or(bytes, Bytes::from)
    }

    /// Notes what of a connection over HTTP/2 nobody was asked about, now that it has ended: none of it was answered. And
    /// what was to be answered on one over HTTP/1, and nobody was there to hear.
    pub(crate) fn note_left(&self, left: Left, who: &Who) {
        for untold in left.untold {
            note_untold(&self.store, &self.notes, untold);
        }
        let why =
            left.lost.iter().map(|lost| lost.fault.clone()).find(|fault| matches!(fault, Fault::Http2(_)));
        let why = why.unwrap_or(Fault::NotTakenUp);
        for lost in left.lost {
            self.note_lost(&lost.fault, None, &[], who);
        }
        for request in left.requests {
            match request {
                Ok(arrival) => self.note_lost(&why, None, &as_text(&arrival.head), who),
                Err(Refused { fault, what: Refusing::Two(head), .. }) => {
                    self.note_lost(&fault, None, &broken_as_text(&head), who);
                }
                Err(refused) => self.note_lost(&refused.fault, None, &[], who),
            }
        }
    }

    /// Notes what is malformed and for no inbox that can be told; `status` is what was answered, if anything was.
    pub(crate) fn note_lost(&self, fault: &Fault, status: Option<StatusCode>, raw: &[u8], who: &Who) {
        self.strays.note(Astray {
            code: fault.code(),
            message: fault.sentence(),
            status: status.map(|status| status.as_u16()),
            inbox: None,
            raw: &[raw],
            size: raw.len() as u64,
            at: self.clock.now(),
            remote: Arc::clone(&who.remote),
        });
    }

    /// Keeps a request that is not whole with its inbox, and says what its sender is told. What has begun is done to
    /// its end also where the sender has gone meanwhile.
    pub(crate) async fn keep_broken(
        &self,
        known: &Arc<Known>,
        broken: Broken,
        who: &Who,
        arrivals: &Arrivals,
    ) -> Refusal {
        let fault = broken.fault.clone();
        // A stream of HTTP/2 ends by itself, and its connection goes on.
        let is_told_on_stream = broken.head.version == Version::Http2;
        let (request, body, mut bared) = self.request_of(known, broken, who);
        if let Some(chunks) = &mut bared.chunks {
            chunks.tail = self.behind_malformed(std::mem::take(&mut chunks.tail));
        }
        let record = bared.record(known, &request, who);
        let (store, id, arrivals) = (self.store.clone(), request.id, arrivals.clone());
        let keep = tokio::spawn(async move {
            store.requests().capture_exactly(request, body, record, Vec::new()).await?;
            if is_told_on_stream || arrivals.will_tell(id) {
                return Ok(());
            }
            store.requests().untold(id).await
        });
        match keep.await {
            Ok(Ok(())) => {
                tracing::debug!(request = %id, fault = fault.code(), "a request with a fault was captured");
                Refusal::Kept(fault)
            }
            Ok(Err(error)) => {
                tracing::error!(error = %crate::error::chain(&error), "a request with a fault could not be stored");
                Refusal::Fault(fault)
            }
            Err(_) => Refusal::Fault(fault),
        }
    }

    fn request_of(&self, known: &Known, broken: Broken, who: &Who) -> (CapturedRequest, Bytes, Bared) {
        let Broken { head, version, body, bared, came, fault, message, at, told } = broken;
        let now = self.clock.now();
        let shown = self.shown_of_broken(known, &head, bared.head.as_deref().unwrap_or_default());
        let request = CapturedRequest {
            id: RequestId::new(now),
            inbox_id: known.inbox.id,
            received_at: now,
            addressed: Some(head.addressed()),
            path: head.target.path_below_slug().to_owned(),
            query: head.target.query().map(ToOwned::to_owned),
            http_version: version,
            content_type: head.headers.get_str("content-type").map(ToOwned::to_owned),
            body_size: body.len() as u64,
            remote_addr: who.remote.to_string(),
            event_type: None,
            provider_event_id: None,
            verification: Verification::not_whole(),
            handshake: None,
            response_status: if told { fault.status().as_u16() } else { CapturedRequest::UNANSWERED },
            answered_by: None,
            delivery: None,
            came: Some(came),
            fault: Some(RequestFault { code: fault.code().to_owned(), message, at, told }),
            note: String::new(),
            tags: Vec::new(),
            pinned: false,
            colour: None,
            shown,
            method: head.method,
            headers: head.headers,
        };
        (request, body, bared)
    }

    /// How it is shown. Whose it is cannot be told for sure, so what is named like a credential is hidden too.
    fn shown_of_broken(&self, known: &Known, head: &Head, raw: &[u8]) -> Option<Shown> {
        let sent = self.ledger.resembling(&head.headers);
        let shown = known.shown_of_broken(head, sent.as_ref());
        // A secret may stand where no header can be read.
        let is_elsewhere = || known.hiding(|hidden| hidden.taken_out_of(raw)).is_some();
        shown.or_else(|| {
            let query = head.target.query().map(ToOwned::to_owned);
            is_elsewhere().then(|| Shown { headers: head.headers.clone(), query })
        })
    }
}
