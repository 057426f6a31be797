//! Alerts: what an endpoint is told of the others, as deliveries like any other, and what nobody is told.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use hookbench_delivery::DeliveryEngine;
use hookbench_model::{
    Alert, Clock as _, DeliveryId, DeliveryStatus, DeliveryTarget, DisableRule, Endpoint, EndpointId,
    EndpointStatus, Event, EventFilter, EventId, FailureCount, NewDelivery, PageRequest, ProviderId,
    RetryPolicy, Subscriptions, Trigger,
};
use hookbench_providers::Library;
use hookbench_store::{OpenOptions, Spread, StoreError, WriteGate};
use serde_json::Value;
use support::moody::{Moody, settled};
use support::peer::{OK, Peer};
use support::workspace::{Workspace, options};

const GONE: &[u8] = b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n";
const GRACE: Duration = Duration::from_secs(30);
const QUIET: u64 = Alert::QUIET_MS;

/// An endpoint that is sent each event so often.
async fn endpoint(workspace: &Workspace, url: &str, delays_ms: &[u64]) -> EndpointId {
    let retry = RetryPolicy { delays_ms: delays_ms.to_vec(), ..RetryPolicy::default() };
    workspace.endpoint("generic", url, |endpoint| endpoint.retry = Some(retry)).await
}

async fn taker(workspace: &Workspace, url: &str) -> EndpointId {
    workspace.endpoint("hookbench", url, |_| ()).await
}

/// The alerts that were accepted, oldest first.
async fn alerts(workspace: &Workspace) -> Vec<Event> {
    let filter = EventFilter { provider: Some(ProviderId::hookbench()), ..EventFilter::default() };
    let page = PageRequest { before: None, limit: 500 };
    let mut page = workspace.store.events().list(filter, page).await.unwrap().rows;
    page.reverse();
    let mut events = Vec::new();
    for row in page {
        events.push(workspace.store.events().get(row.event.id).await.unwrap().unwrap());
    }
    events
}

async fn told(workspace: &Workspace) -> Vec<String> {
    alerts(workspace).await.into_iter().map(|event| event.event_type).collect()
}

fn body(event: &Event) -> Value {
    serde_json::from_slice(&event.payload).unwrap()
}

/// Whether the data has the fields of the schema beside the sample, and each is of the kind that it says.
fn assert_fits(event: &Event) {
    let profile = Library::builtin().profile(&ProviderId::hookbench()).unwrap();
    let schema = profile.event(&event.event_type).unwrap().schema().unwrap().clone();
    let data = body(event)["data"].clone();
    fits(&event.event_type, &schema, &data);
}

fn fits(place: &str, schema: &Value, value: &Value) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let allowed = match &schema["type"] {
        Value::String(one) => one == kind,
        Value::Array(several) => several.iter().any(|one| one == kind),
        _ => {
            schema["enum"].as_array().is_some_and(|values| values.contains(value))
                || &schema["const"] == value
        }
    };
    assert!(allowed, "{place}: {value} is not {schema}");
    if let Value::Object(fields) = value {
        let properties = schema["properties"].as_object().unwrap();
        assert!(fields.keys().eq(properties.keys()) || fields.len() == properties.len(), "{place}: {value}");
        for (name, property) in properties {
            fits(&format!("{place}.{name}"), property, &fields[name]);
        }
    }
}

#[tokio::test]
async fn an_endpoint_that_fails_and_recovers_is_told_as_ordinary_deliveries() {
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let shop = Moody::new(false).await;
    let pager = Peer::answering(OK).await;
    let secret = "s3cret";
    let url =
        shop.peer.url().replace("http://", &format!("http://me:{secret}@")) + &format!("?token={secret}");
    let shop_id = endpoint(&workspace, &url, &[1_000]).await;
    let pager_id = taker(&workspace, &pager.url()).await;

    let first = workspace.accept(shop_id, "first").await;
    workspace.until_attempts(first, 1).await;
    settled(&engine).await;
    assert_eq!(told(&workspace).await, ["endpoint.failing"]);
    workspace.advance(1_000);
    workspace.until_status(first, DeliveryStatus::Failed).await;
    settled(&engine).await;
    assert_eq!(told(&workspace).await, ["endpoint.failing", "delivery.exhausted"]);
    // Another failure of the same run is no other alert.
    let second = workspace.accept(shop_id, "second").await;
    workspace.until_attempts(second, 1).await;
    shop.set(true);
    workspace.advance(60_000);
    workspace.until_status(second, DeliveryStatus::Delivered).await;
    settled(&engine).await;

    let alerts = alerts(&workspace).await;
    let types: Vec<_> = alerts.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["endpoint.failing", "delivery.exhausted", "endpoint.recovered"]);
    for event in &alerts {
        assert_fits(event);
        assert!(!String::from_utf8_lossy(&event.payload).contains(secret), "{:?}", event.payload);
        let deliveries = workspace.store.deliveries().of_event(event.id).await.unwrap();
        let [delivery] = deliveries.as_slice() else { panic!("one delivery, not {}", deliveries.len()) };
        assert_eq!(delivery.target.endpoint_id(), Some(pager_id));
        assert_eq!(delivery.status, DeliveryStatus::Delivered);
    }
    let failing = body(&alerts[0]);
    assert_eq!(failing["type"], "endpoint.failing");
    assert_eq!(failing["timestamp"], alerts[0].created_at.to_string());
    assert_eq!(failing["data"]["endpoint"]["id"], shop_id.to_string());
    assert_eq!(failing["data"]["delivery"]["id"], first.to_string());
    assert_eq!(failing["data"]["delivery"]["response_status"], 503);
    let sentence = "Handler has begun to fail. The server answered 503 Service Unavailable.";
    assert_eq!(failing["data"]["sentence"], sentence);
    let recovered = body(&alerts[2]);
    assert_eq!(recovered["data"]["failing_since"], failing["data"]["failing_since"]);
    assert_eq!(recovered["data"]["sentence"], "Handler works again, after 1 minute 1 second.");

    let received = pager.requests();
    assert_eq!(received.len(), 3);
    let head = String::from_utf8_lossy(&received[0]).to_ascii_lowercase();
    assert!(head.contains("webhook-signature: v1,"), "{head}");
    assert!(head.contains(&format!("webhook-id: {}", alerts[0].provider_event_id).to_ascii_lowercase()));
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_rule_and_an_answer_of_410_are_told_and_a_success_after_enabling_ends_it() {
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let (shop, gone) = (Moody::new(false).await, Peer::answering(GONE).await);
    taker(&workspace, &Peer::answering(OK).await.url()).await;
    let rule = DisableRule::ConsecutiveFailures { count: 2, counting: FailureCount::Attempts };
    let shop_id = endpoint(&workspace, &shop.peer.url(), &[1_000, 1_000, 1_000]).await;
    let disable = move |endpoint: &mut Endpoint| endpoint.disable = Some(rule);
    workspace.store.endpoints().update(shop_id, workspace.clock.now(), disable).await.unwrap();
    let gone_id = endpoint(&workspace, &gone.url(), &[]).await;

    let delivery = workspace.accept(shop_id, "x").await;
    workspace.until_attempts(delivery, 1).await;
    workspace.advance(1_000);
    workspace.until_status(delivery, DeliveryStatus::Paused).await;
    assert_eq!(told(&workspace).await, ["endpoint.failing", "endpoint.disabled"]);
    let other = workspace.accept(gone_id, "y").await;
    workspace.until(other, |delivery| delivery.status.is_final()).await;
    settled(&engine).await;
    let alerts_so_far = alerts(&workspace).await;
    let disabled = &alerts_so_far[2];
    assert_eq!(disabled.event_type, "endpoint.disabled", "no `failing` beside it");
    assert_fits(disabled);
    assert!(body(disabled)["data"]["reason"].as_str().unwrap().contains("410 Gone"));

    shop.set(true);
    let now = workspace.clock.now();
    workspace.store.endpoints().enable(shop_id, now, Spread::Usual).await.unwrap();
    workspace.advance(1_000);
    workspace.until_status(delivery, DeliveryStatus::Delivered).await;
    settled(&engine).await;
    assert_eq!(told(&workspace).await.last().unwrap(), "endpoint.recovered");
    // By hand nothing is told: whoever does it knows.
    let reason = "by hand".to_owned();
    workspace.store.endpoints().disable(shop_id, now, reason).await.unwrap();
    settled(&engine).await;
    assert_eq!(told(&workspace).await.last().unwrap(), "endpoint.recovered");
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn alerts_that_fail_raise_no_alerts_and_keep_their_id_when_they_are_tried_again() {
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let (shop, pager) = (Moody::new(false).await, Moody::new(false).await);
    let shop_id = endpoint(&workspace, &shop.peer.url(), &[]).await;
    let rule = DisableRule::ConsecutiveFailures { count: 3, counting: FailureCount::Attempts };
    let pager_id = workspace
        .endpoint("hookbench", &pager.peer.url(), |endpoint| {
            endpoint.retry = Some(RetryPolicy::of([1_000]));
            endpoint.disable = Some(rule);
        })
        .await;
    let other = taker(&workspace, &Peer::answering(OK).await.url()).await;
    let delivery = workspace.accept(shop_id, "x").await;
    workspace.until_status(delivery, DeliveryStatus::Failed).await;
    settled(&engine).await;
    workspace.advance(1_000);
    settled(&engine).await;
    let stored = workspace.store.endpoints().get(pager_id).await.unwrap().unwrap();
    assert_eq!(stored.status, EndpointStatus::Disabled, "its own rule holds");
    // A person sends an alert on to a plain URL, which fails for good too.
    let event = alerts(&workspace).await.remove(0);
    let (id, now) = (DeliveryId::new(event.created_at), workspace.clock.now());
    let plain = NewDelivery {
        id,
        target: DeliveryTarget::Url(shop.peer.url().parse().unwrap()),
        status: DeliveryStatus::Pending,
        is_test: false,
        max_attempts: 1,
        due_at: now,
        expires_at: None,
        trigger: Trigger::Automatic,
        replay_id: None,
        repeats_delivery: None,
        repeats_request: None,
    };
    let event_id = EventId::new(now);
    workspace.store.events().create(Event { id: event_id, ..event }, vec![plain], None).await.unwrap();
    workspace.until_status(id, DeliveryStatus::Failed).await;
    settled(&engine).await;
    workspace.advance(2 * QUIET);
    settled(&engine).await;
    // The third is the one that a person sent on.
    assert_eq!(told(&workspace).await, ["endpoint.failing", "delivery.exhausted", "endpoint.failing"]);
    let ids = |bytes: &Vec<u8>| {
        let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
        text.lines().find_map(|line| line.strip_prefix("webhook-id: ").map(str::to_owned)).unwrap()
    };
    let mut seen: Vec<String> = pager.peer.requests().iter().map(ids).collect();
    let attempts = seen.len();
    seen.sort();
    seen.dedup();
    assert!(attempts > seen.len() && seen.len() == 2, "{attempts} attempts of {seen:?}");
    assert!(workspace.store.endpoints().get(other).await.unwrap().is_some());
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn a_storm_is_told_at_once_and_then_counted_over_a_restart_too() {
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let shop = Moody::new(false).await;
    let pager = Peer::answering(OK).await;
    let shop_id = endpoint(&workspace, &shop.peer.url(), &[]).await;
    let only = "delivery.exhausted".parse().unwrap();
    workspace
        .endpoint("hookbench", &pager.url(), |endpoint| {
            endpoint.enabled_events = Subscriptions::new(vec![only]);
        })
        .await;
    let mut last = None;
    for number in 0..300 {
        last = Some(workspace.accept(shop_id, &number.to_string()).await);
    }
    settled(&engine).await;
    assert_eq!(told(&workspace).await, ["delivery.exhausted"], "and none that was not subscribed to");
    let before = body(&alerts(&workspace).await[0])["data"]["count"].as_u64().unwrap();
    engine.stop(GRACE).await;

    let workspace = workspace.reopen().await;
    let engine = workspace.engine();
    workspace.advance(QUIET - 1);
    settled(&engine).await;
    assert_eq!(told(&workspace).await.len(), 1);
    workspace.advance(1);
    settled(&engine).await;
    let alerts = alerts(&workspace).await;
    assert_eq!(alerts.len(), 2);
    let data = &body(&alerts[1])["data"];
    assert_eq!(before + data["count"].as_u64().unwrap(), 300);
    assert_fits(&alerts[1]);
    assert!(data["sentence"].as_str().unwrap().contains("deliveries to Handler have failed for good"));
    assert!(last.is_some());
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn an_endpoint_that_flaps_is_told_once_and_again_only_if_it_stays_down() {
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let shop = Moody::new(true).await;
    taker(&workspace, &Peer::answering(OK).await.url()).await;
    let shop_id = endpoint(&workspace, &shop.peer.url(), &[3_600_000]).await;
    for round in 0..10 {
        shop.set(false);
        let failing = workspace.accept(shop_id, &format!("{round}")).await;
        workspace.until_attempts(failing, 1).await;
        shop.set(true);
        let well = workspace.accept(shop_id, &format!("{round} well")).await;
        workspace.until_status(well, DeliveryStatus::Delivered).await;
        workspace.advance(1_000);
    }
    settled(&engine).await;
    assert_eq!(told(&workspace).await, ["endpoint.failing", "endpoint.recovered"]);
    // It fails once more, and nothing else happens at it until the quiet is over.
    shop.set(false);
    let failing = workspace.accept(shop_id, "down").await;
    workspace.until_attempts(failing, 1).await;
    settled(&engine).await;
    workspace.advance(QUIET - 11_000);
    settled(&engine).await;
    assert_eq!(told(&workspace).await.len(), 2);
    workspace.advance(1_000);
    settled(&engine).await;
    let alerts = alerts(&workspace).await;
    assert_eq!(alerts.last().unwrap().event_type, "endpoint.failing");
    assert_eq!(alerts.len(), 3);
    assert_fits(&alerts[2]);
    assert_eq!(body(&alerts[2])["data"]["delivery"]["id"], failing.to_string());
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn what_a_person_tries_and_what_nobody_listens_to_is_not_told() {
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let shop = Moody::new(false).await;
    let shop_id = endpoint(&workspace, &shop.peer.url(), &[]).await;
    let unheard = workspace.accept(shop_id, "unheard").await;
    workspace.until_status(unheard, DeliveryStatus::Failed).await;
    let pager_id = taker(&workspace, &Peer::answering(OK).await.url()).await;
    let now = workspace.clock.now();
    workspace.store.deliveries().retry_now(unheard, now).await.unwrap();
    workspace.until(unheard, |delivery| delivery.attempt_count == 2).await;
    let test = workspace.accept_as(shop_id, "test", |new| NewDelivery { is_test: true, ..new });
    workspace.until_status(test.await, DeliveryStatus::Failed).await;
    settled(&engine).await;
    assert!(told(&workspace).await.is_empty());
    // One that is disabled is not told either; once it is enabled it hears of the failures that go on.
    workspace.store.endpoints().disable(pager_id, now, "by hand".to_owned()).await.unwrap();
    let failed = workspace.accept(shop_id, "while disabled").await;
    workspace.until_status(failed, DeliveryStatus::Failed).await;
    assert!(told(&workspace).await.is_empty());
    workspace.store.endpoints().enable(pager_id, now, Spread::Usual).await.unwrap();
    let failed = workspace.accept(shop_id, "enabled").await;
    workspace.until_status(failed, DeliveryStatus::Failed).await;
    assert_eq!(told(&workspace).await, ["endpoint.failing", "delivery.exhausted"]);
    engine.stop(GRACE).await;
}

#[tokio::test]
async fn what_expires_unsent_is_told_with_its_reason() {
    let workspace = Workspace::new().await;
    let engine = workspace.engine();
    let shop = Moody::new(false).await;
    taker(&workspace, &Peer::answering(OK).await.url()).await;
    let shop_id = endpoint(&workspace, &shop.peer.url(), &[60_000]).await;
    let expires_at = Some(Workspace::seconds(10));
    let delivery = workspace
        .accept_as(shop_id, "short-lived", |new| NewDelivery {
            expires_at,
            due_at: Workspace::seconds(20),
            ..new
        })
        .await;
    settled(&engine).await;
    workspace.advance(10_000);
    workspace.until_status(delivery, DeliveryStatus::Failed).await;
    settled(&engine).await;
    let alerts = alerts(&workspace).await;
    assert_eq!(alerts.len(), 1);
    assert_fits(&alerts[0]);
    let data = &body(&alerts[0])["data"];
    assert_eq!(
        (&data["delivery"]["ended_because"], &data["delivery"]["attempt"]),
        (&"expired".into(), &0.into())
    );
    assert!(data["sentence"].as_str().unwrap().contains("time to live"), "{data}");
    engine.stop(GRACE).await;
}

/// The process ends between every two writes of a run that tells three alerts; after the next start there is each
/// outcome with its alert, and neither twice.
#[tokio::test]
async fn a_crash_between_any_two_writes_loses_no_alert_and_doubles_none() {
    let shop = Moody::new(false).await;
    let pager = Peer::answering(OK).await;
    let mut crashed = 0;
    for writes in 1.. {
        shop.set(false);
        let gate = WriteGate::default();
        let with_gate = OpenOptions { gate: Some(gate.clone()), ..options() };
        let workspace = Workspace::with(with_gate).await;
        let shop_id = endpoint(&workspace, &shop.peer.url(), &[1_000]).await;
        taker(&workspace, &pager.url()).await;
        let first = workspace.accept(shop_id, "first").await;
        gate.shut_after(writes);
        let engine = workspace.engine();
        let ran = run_until_shut(&workspace, &engine, &gate, first).await;
        drop(engine);
        let workspace = workspace.reopen().await;
        let engine = workspace.engine();
        settled(&engine).await;
        workspace.advance(1_000);
        workspace.until_status(first, DeliveryStatus::Failed).await;
        shop.set(true);
        let second = workspace.accept(shop_id, "second").await;
        workspace.until_status(second, DeliveryStatus::Delivered).await;
        settled(&engine).await;
        let told = told(&workspace).await;
        let attempts = workspace.attempts(first).await;
        let failed = attempts.iter().any(|attempt| attempt.response.is_some());
        let expected: &[&str] = if failed {
            &["endpoint.failing", "delivery.exhausted", "endpoint.recovered"]
        } else {
            &["delivery.exhausted"]
        };
        assert_eq!(told, expected, "a crash after {writes} writes, attempts {attempts:?}");
        // What was on its way to be told when the process ended is told again by its plan.
        workspace.advance(60_000);
        settled(&engine).await;
        for event in alerts(&workspace).await {
            let deliveries = workspace.store.deliveries().of_event(event.id).await.unwrap();
            assert_eq!(deliveries.len(), 1);
            assert_eq!(deliveries[0].status, DeliveryStatus::Delivered);
        }
        engine.stop(GRACE).await;
        crashed += 1;
        if ran {
            break;
        }
    }
    assert!(crashed >= 5, "{crashed} places to crash at");
}

/// Runs the first delivery to its end, or to where the gate shuts; gives whether it came to its end.
async fn run_until_shut(
    workspace: &Workspace,
    engine: &DeliveryEngine,
    gate: &WriteGate,
    delivery: DeliveryId,
) -> bool {
    for _ in 0..2_000 {
        if gate.has_refused() {
            return false;
        }
        let read = workspace.store.deliveries().get(delivery).await;
        match read.map(|found| found.unwrap().status) {
            Ok(DeliveryStatus::Failed) if engine.rest().is_some() => return true,
            Ok(DeliveryStatus::Retrying) => workspace.advance(1_000),
            Ok(_) | Err(StoreError::Closed) => {}
            Err(error) => panic!("{error}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("neither shut nor done");
}
