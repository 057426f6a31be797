//! The rules of endpoints on disk.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use hookbench_model::{
    Breaker, DisableRule, Endpoint, Exponential, HttpVersion, OrderOnFailure, Proxy, RateLimit, RetryPolicy,
    Settings, SuccessRule,
};
use support::{endpoint, open};

fn proxy() -> Proxy {
    Proxy::parse("socks5://me:hush-hush@127.0.0.1:1080", None).unwrap()
}

#[tokio::test]
async fn rules_are_read_back_as_they_were_written_and_a_proxys_password_is_not_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let growth = Exponential { first_ms: 5_000, factor: 1.5, cap_ms: 60_000, max_attempts: 4 };
    let retry = RetryPolicy {
        exponential: Some(growth),
        max_total_ms: Some(90_000),
        no_retry: vec!["4xx".parse().unwrap()],
        ..RetryPolicy::default()
    }
    .filled();
    let ruled = Endpoint {
        retry: Some(retry.clone()),
        success: Some(SuccessRule::BodyWord { word: "True".to_owned(), statuses: Some(vec![200]) }),
        disable: Some(DisableRule::FailureShare { share: 0.25, window_ms: 60_000, min_attempts: 7 }),
        gone_disables: Some(false),
        ttl_ms: Some(3_600_000),
        breaker: Some(Breaker { failures: 5, open_ms: 1_000, max_open_ms: 9_000 }),
        rate_limit: Some(RateLimit { per_second: 0.5, burst: Some(3) }),
        order_on_failure: OrderOnFailure::Block,
        method: Some("PUT".to_owned()),
        http_version: HttpVersion::Http2,
        proxy: Some(proxy()),
        ..endpoint("ruled")
    };
    let made = store.endpoints().create(ruled.clone()).await.unwrap();
    let tried = Endpoint { trial_of: Some(made.id), ..endpoint("trial") };
    let tried = store.endpoints().create(tried).await.unwrap();
    let plain = store.endpoints().create(endpoint("plain")).await.unwrap();
    let settings = Settings { proxy: proxy(), metrics: true, ..Settings::default() };
    store.settings().put(settings.clone()).await.unwrap();
    store.shutdown().await;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(9).any(|nine| nine == b"hush-hush"), "the password is on disk");
    }

    let store = open(folder.path()).await;
    let read = store.endpoints().get(made.id).await.unwrap().unwrap();
    assert_eq!((read.retry, read.success), (Some(retry), ruled.success));
    assert_eq!(
        (read.disable, read.gone_disables, read.ttl_ms),
        (ruled.disable, Some(false), Some(3_600_000))
    );
    assert_eq!((read.breaker, read.rate_limit), (ruled.breaker, ruled.rate_limit));
    assert_eq!((read.order_on_failure, read.http_version), (OrderOnFailure::Block, HttpVersion::Http2));
    assert_eq!((read.method.as_deref(), read.proxy), (Some("PUT"), Some(proxy())));
    assert_eq!(read.trial_of, None);
    assert_eq!(store.endpoints().get(tried.id).await.unwrap().unwrap().trial_of, Some(made.id));
    let read = store.endpoints().get(plain.id).await.unwrap().unwrap();
    assert_eq!((read.success, read.disable, read.breaker, read.proxy), (None, None, None, None));
    assert_eq!(store.settings().get().await.unwrap(), settings);
}
