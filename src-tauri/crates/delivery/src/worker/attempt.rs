//! One attempt: build, send, judge, plan, record.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::FutureExt as _;
use hookbench_model::{
    Attempt, Egress, ErrorCode, HeaderPairs, InFlightEntry, Outcome, Proxy, RelayWay, SentRequest, Shown,
    SuccessRule, Timestamp, Trigger,
};
use hookbench_signing::Scheme;
use hookbench_store::{Claimed, EndpointEffect, Finish, TestResult};
use tokio::time::Instant;

use super::Shared;
use super::lane::Known;
use super::record::record;
use super::signer::signer;
use crate::breaker::{By, heard};
use crate::build::{BuildError, BuildInput, BuiltRequest, build};
use crate::plan::{Ended, follow, judge, retry_after};
use crate::send::{Exchange, Failure, Limits, Way};
use crate::{Policy, policy_to};

/// Makes the attempt that was claimed and records what came of it. Whatever happens, a panic included, there
/// is a record of it.
pub(super) async fn make(shared: Arc<Shared>, claimed: Claimed, known: Option<Arc<Known>>, by: By) {
    let slot = Slot { shared: &shared, claimed: &claimed, by };
    let started_at = shared.clock.now();
    let policy = match &known {
        Some(known) => known.policy.clone(),
        None => policy_to(&claimed.delivery, None, &shared.profile_of(&claimed)),
    };
    let made = survive(exchange(&shared, &claimed, known.as_deref(), &policy, started_at)).await;
    let finish = finish(&shared, &claimed, known.as_deref(), &policy, made, started_at, by);
    shared.recording.fetch_add(1, Ordering::SeqCst);
    // The next attempt may go out while this one's record is on its way to the disk: until it is there the
    // delivery stands as in flight, so a crash between the two sends it again and loses nothing.
    drop(slot);
    record(&shared, finish, claimed.delivery.target.endpoint_id()).await;
    shared.recorded.fetch_add(1, Ordering::SeqCst);
    shared.recording.fetch_sub(1, Ordering::SeqCst);
    if known.is_some_and(|known| known.endpoint.ordered) {
        // The next in the row could not be claimed before.
        shared.look_for_work();
    } else if shared.lanes().ends() || shared.under_way() == 0 {
        // Something waits for the end, or it was the last one.
        shared.wake.notify_one();
    }
}

/// Records what a crash left in flight: it may have arrived or not.
pub(super) async fn recover(shared: &Arc<Shared>, claimed: Claimed, known: Option<Arc<Known>>) {
    let now = shared.clock.now();
    let policy = match &known {
        Some(known) => known.policy.clone(),
        None => policy_to(&claimed.delivery, None, &shared.profile_of(&claimed)),
    };
    // What is claimed and has not begun stands as in flight too, so nobody knows whether this one had.
    let error = "Hookbench ended before the end of this attempt was recorded; whether it was sent, and whether it \
                 arrived, is not known";
    let made = Made::nothing(Failure::new(Outcome::Interrupted, ErrorCode::Stopped, error));
    let finish = finish(shared, &claimed, known.as_deref(), &policy, made, now, By::Plan);
    record(shared, finish, claimed.delivery.target.endpoint_id()).await;
}

/// Runs an attempt; one that panics is an interrupted one.
async fn survive(attempt: impl Future<Output = Made>) -> Made {
    AssertUnwindSafe(attempt).catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!("attempt panicked");
        let error = "Hookbench failed in the middle of this attempt; whether it arrived is not known";
        Made::nothing(Failure::new(Outcome::Interrupted, ErrorCode::Failed, error))
    })
}

fn interrupted() -> Failure {
    let error = "Hookbench stopped while this attempt was under way; whether it arrived is not known";
    Failure::new(Outcome::Interrupted, ErrorCode::Stopped, error)
}

/// The place that an attempt takes among those under way.
struct Slot<'a> {
    shared: &'a Shared,
    claimed: &'a Claimed,
    by: By,
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.shared.in_flight.fetch_sub(1, Ordering::SeqCst);
        let (wanted, awaited) = {
            let mut lanes = self.shared.lanes();
            (lanes.leave(self.claimed.delivery.target.lane(), self.by), lanes.ends())
        };
        if wanted {
            self.shared.look_for_work();
        } else if awaited {
            self.shared.wake.notify_one();
        }
    }
}

/// What came of an attempt, before anything follows from it.
struct Made {
    request: Option<SentRequest>,
    exchange: Option<Exchange>,
    outcome: Outcome,
    error_code: Option<ErrorCode>,
    error: Option<String>,
}

impl Made {
    /// Nothing went out, or nobody knows what did.
    fn nothing(failure: Failure) -> Self {
        let Failure { outcome, code, error } = failure;
        Self { request: None, exchange: None, outcome, error_code: Some(code), error: Some(error) }
    }
}

async fn exchange(
    shared: &Shared,
    claimed: &Claimed,
    known: Option<&Known>,
    policy: &Policy,
    now: Timestamp,
) -> Made {
    let target = &claimed.delivery.target;
    let profile = known.map_or_else(|| shared.profile_of(claimed), |known| Arc::clone(&known.profile));
    let signer = match signer(shared, claimed, now).await {
        Ok(signer) => signer,
        Err(failure) => return Made::nothing(failure),
    };
    let built = match own_scheme(shared, known) {
        _ if target.endpoint_id().is_some() && known.is_none() => Err(BuildError::EndpointGone),
        Err(error) => Err(error),
        Ok(scheme) => build(&BuildInput {
            event: &claimed.event,
            target,
            endpoint: known.map(|known| &known.endpoint),
            profile: &profile,
            scheme: scheme.as_deref(),
            signer: signer.as_ref(),
            attempt: claimed.attempt_number,
            now,
        }),
    };
    let request = match built {
        Ok(request) => request,
        Err(error) => return Made::nothing(unbuildable(&error)),
    };
    let (cap, proxy, egress) = {
        let settings = shared.settings.borrow();
        (settings.response_cap, settings.proxy.clone(), settings.egress.clone())
    };
    let cap = usize::try_from(cap).unwrap_or(usize::MAX);
    let limits = Limits { timeout: policy.timeout, response_cap: cap };
    let entry = LedgerEntry::enter(shared, claimed, &request);
    let way = way(known, &proxy, &egress, entry.is_some());
    let began = Instant::now();
    let exchange = tokio::select! {
        exchange = shared.wire.send(&request, way, limits) => exchange,
        () = shared.halt.cancelled() => {
            let exchange = Exchange { duration: began.elapsed(), ..Exchange::default() };
            let made = Made::nothing(interrupted());
            return Made { request: Some(request.to_sent()), exchange: Some(exchange), ..made };
        }
    };
    judged(&request, exchange, policy)
}

/// The way to the endpoint, by its own rules and the workspace's. Our own receiver may always be reached, and
/// straight: it is the one end of the wire that needs nobody to look at it.
fn way<'a>(known: Option<&'a Known>, proxy: &'a Proxy, egress: &'a Egress, is_ours: bool) -> Way<'a> {
    let usual = Way::default();
    let endpoint = known.map(|known| &known.endpoint);
    let own = endpoint.and_then(|endpoint| endpoint.proxy.as_ref());
    Way {
        tls: endpoint.map_or(usual.tls, |endpoint| &endpoint.tls),
        http_version: endpoint.map_or(usual.http_version, |endpoint| endpoint.http_version),
        proxy: if is_ours { usual.proxy } else { own.unwrap_or(proxy) },
        own_proxy: own.is_some() && !is_ours,
        egress: if is_ours { usual.egress } else { egress },
    }
}

pub(super) fn unbuildable(error: &BuildError) -> Failure {
    Failure::new(Outcome::Blocked, ErrorCode::Unbuildable, format!("Nothing was sent: {error}"))
}

/// The endpoint's own scheme as it is at this moment, where it has one.
fn own_scheme(shared: &Shared, known: Option<&Known>) -> Result<Option<Arc<Scheme>>, BuildError> {
    let Some(id) = known.and_then(|known| known.endpoint.scheme.as_deref()) else { return Ok(None) };
    let scheme = shared.library.scheme(id);
    scheme.map(Some).ok_or_else(|| BuildError::SchemeGone { scheme: id.to_owned() })
}

fn judged(request: &BuiltRequest, mut exchange: Exchange, policy: &Policy) -> Made {
    if let Some(response) = &mut exchange.response {
        response.headers = request.shown_answer(std::mem::take(&mut response.headers));
    }
    let (outcome, error) = match (&exchange.failure, &exchange.response) {
        (Some(failure), _) => (failure.outcome, Some(failure.error.clone())),
        (None, Some(response)) => {
            let whole = !response.body_truncated;
            let outcome = judge(response.status, &response.body, whole, &policy.success);
            let sentence = answer_sentence(outcome, response.status, &policy.success);
            (outcome, sentence.map(|sentence| perhaps_of_proxy(sentence, &exchange, request)))
        }
        // An exchange without a failure has a response; should it ever not, the connection gave none.
        (None, None) => (Outcome::ConnectionReset, Some("The exchange ended without an answer".to_owned())),
    };
    // Where nothing could be sent there is no request to show.
    let sent = || if exchange.over_http2 { request.to_sent_over_http2() } else { request.to_sent() };
    let request = (outcome != Outcome::Blocked).then(sent);
    let error_code = exchange.failure.as_ref().map(|failure| failure.code);
    Made { request, exchange: Some(exchange), outcome, error_code, error }
}

/// A request in clear is handed to the proxy whole, so that its own refusals look like the server's.
fn perhaps_of_proxy(sentence: String, exchange: &Exchange, request: &BuiltRequest) -> String {
    let proxy = exchange.connection.as_ref().and_then(|connection| connection.proxy.as_deref());
    match proxy.filter(|proxy| proxy.starts_with("http") && request.url().scheme() == "http") {
        Some(proxy) => format!("{sentence}; it may be the answer of the proxy {proxy}"),
        None => sentence,
    }
}

fn answer_sentence(outcome: Outcome, status: u16, success: &SuccessRule) -> Option<String> {
    let words = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let answered = match words {
        Some(words) => format!("The server answered {status} {words}"),
        None => format!("The server answered {status}"),
    };
    match (outcome, success.word()) {
        (Outcome::Delivered, _) => None,
        (Outcome::Redirect, _) => Some(format!("{answered}; redirects are not followed")),
        (_, Some(word)) if success.accepts(status) => Some(format!(
            "{answered}, but the body is not just `{word}`, which this endpoint takes for success"
        )),
        _ => Some(answered),
    }
}

/// An attempt to our own receiver, known there for as long as it is under way.
struct LedgerEntry<'a> {
    shared: &'a Shared,
    claimed: &'a Claimed,
    request: &'a BuiltRequest,
    target: String,
}

impl<'a> LedgerEntry<'a> {
    fn enter(shared: &'a Shared, claimed: &'a Claimed, request: &'a BuiltRequest) -> Option<Self> {
        let url = request.url();
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        if !shared.ledger.is_ours(host, port) {
            return None;
        }
        let target = request.path_and_query().to_owned();
        // On HTTP/2 the host arrives as something else than a header.
        let without_host = |headers: HeaderPairs| -> HeaderPairs {
            let others = headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host"));
            others.map(|(name, value)| (name.to_owned(), value.clone())).collect()
        };
        let entry = InFlightEntry {
            delivery: claimed.delivery.id,
            attempt: claimed.attempt_number,
            headers: without_host(request.headers()),
            shown: Shown {
                headers: without_host(request.shown_headers()),
                query: request.shown_url().split_once('?').map(|(_, query)| query.to_owned()),
            },
            relay: (claimed.delivery.trigger == Trigger::Relay).then_some(RelayWay::Queued),
        };
        shared.ledger.sent(request.method(), &target, request.body(), entry);
        Some(Self { shared, claimed, request, target })
    }
}

impl Drop for LedgerEntry<'_> {
    fn drop(&mut self) {
        let Self { shared, claimed, request, target } = self;
        let (delivery, attempt) = (claimed.delivery.id, claimed.attempt_number);
        shared.ledger.ended(request.method(), target, request.body(), delivery, attempt);
    }
}

/// What a test says of the endpoint as it was when the test went out.
fn tested(known: &Known, ended: &Ended, error: Option<&str>) -> EndpointEffect {
    let failed = ended.outcome != Outcome::Delivered;
    EndpointEffect::Tested(TestResult {
        at: ended.at,
        url: known.endpoint.url.to_string(),
        failure: failed.then(|| error.unwrap_or("It was not delivered").to_owned()),
    })
}

fn finish(
    shared: &Shared,
    claimed: &Claimed,
    known: Option<&Known>,
    policy: &Policy,
    made: Made,
    started_at: Timestamp,
    by: By,
) -> Finish {
    let delivery = &claimed.delivery;
    let Made { request, exchange, outcome, error_code, error } = made;
    let at = shared.clock.now();
    let by_plan = u32::from(delivery.trigger != Trigger::Manual);
    let answer = exchange.as_ref().and_then(|exchange| exchange.response.as_ref());
    let ended = Ended {
        outcome,
        trigger: delivery.trigger,
        at,
        automatic_attempts: delivery.automatic_attempts + by_plan,
        attempts: claimed.attempt_number,
        max_attempts: delivery.max_attempts,
        plan_over: delivery.plan_over,
        is_test: delivery.is_test,
        status: answer.map(|answer| answer.status),
        retry_after: answer.and_then(|answer| retry_after(&answer.headers, at)),
        first_at: delivery.first_attempt_at.unwrap_or(started_at),
        expires_at: delivery.expires_at,
    };
    // An attempt that was sent elsewhere says nothing about the endpoint.
    let judged_endpoint = delivery.target.lane();
    let (plan, breaker) = {
        let mut lanes = shared.lanes();
        let health = judged_endpoint.and_then(|id| lanes.health(id, at));
        let mut plan = follow(&ended, policy, health.as_ref(), shared.chance.next());
        if let (true, Some(known)) = (delivery.is_test && judged_endpoint.is_some(), known) {
            plan.effect = tested(known, &ended, error.as_deref());
        }
        if let Some(id) = judged_endpoint {
            lanes.feel(id, &ended, &plan.effect);
        }
        let breaker = judged_endpoint.and_then(|id| lanes.hear(id, heard(outcome, ended.status), by, at));
        (plan, breaker)
    };
    let Exchange { duration, timing, remote_addr, connection, response, .. } = exchange.unwrap_or_default();
    let attempt = Attempt {
        delivery_id: delivery.id,
        number: claimed.attempt_number,
        trigger: delivery.trigger,
        started_at,
        duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        timing,
        remote_addr: remote_addr.map(|address| address.to_string()),
        connection,
        request,
        response,
        outcome,
        error_code,
        error,
        captured_as: None,
    };
    Finish { delivery: delivery.id, attempt, next: plan.next, effect: plan.effect, breaker }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_attempt_that_panics_is_an_interrupted_one() {
        let made = survive(async { panic!("on purpose") }).await;
        assert_eq!(made.outcome, Outcome::Interrupted);
        assert!(made.error.is_some_and(|error| error.contains("not known")));
    }
}
