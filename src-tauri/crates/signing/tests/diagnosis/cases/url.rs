//! URLs that the receiver sees otherwise than the sender signed them.

use super::body_for;
use crate::bench::{Bench, Case, Edit, URL};
use hookbench_signing::CauseCode::{self, *};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in ["square", "hubspot_v3", "hubspot_v2", "smsportal", "twilio", "mandrill"] {
        let bench = Bench::new(id, &body_for(id));
        let mut add = |signed: &str, seen: &str, edits: &[(&str, &str)], codes: &[CauseCode]| {
            let mut bench = bench.clone();
            signed.clone_into(&mut bench.signed_url);
            seen.clone_into(&mut bench.url);
            for (name, value) in edits {
                bench = bench.edit(Edit::Add((*name).into(), (*value).into()));
            }
            cases.push(bench.case(format!("{signed} seen as {seen}"), codes));
        };
        add(URL, &URL.replace("https", "http"), &[], &[UrlScheme]);
        add(&URL.replace("https", "http"), URL, &[("X-Forwarded-Proto", "http")], &[UrlScheme]);
        add(URL, "https://hooks.example:8443/in/orders?shop=7&lang=en", &[], &[UrlPort]);
        add("https://hooks.example:443/in/orders?shop=7&lang=en", URL, &[], &[UrlPort]);
        add(
            "https://hooks.example:9000/in",
            "https://hooks.example/in",
            &[("X-Forwarded-Port", "9000")],
            &[UrlPort],
        );
        add("https://hooks.example/in", "https://hooks.example/in/", &[], &[UrlTrailingSlash]);
        add("https://hooks.example/in/?a=1", "https://hooks.example/in?a=1", &[], &[UrlTrailingSlash]);
        add(URL, &URL.replace("hooks.example", "10.0.0.7"), &[], &[UrlHost]);
        add(&URL.replace("hooks.example", "HOOKS.EXAMPLE"), URL, &[], &[UrlHost]);
        let (own, local) = ("http://LOCALHOST:8787/in", "http://localhost:8787/in");
        add(own, local, &[], &[UrlHost]);
        add(local, own, &[], &[UrlHost]);
        add("https://Hooks.example/in", "https://hooks.example/in", &[], &[UrlHost]);
        add("https://hooks.example/in", "https://hooks.example/in#top", &[], &[UrlQuery]);
        add("https://hooks.example/in", "http://hooks.example/in#top", &[], &[UrlQuery, UrlScheme]);
        let (letters, ascii) = ("https://bücher.example/in?a=1", "https://xn--bcher-kva.example/in?a=1");
        add(letters, ascii, &[], &[UrlHost]);
        add(ascii, letters, &[], &[UrlHost]);
        if bench.scheme.id() == "smsportal" {
            add("/in/orders?shop=7&lang=en", URL, &[], &[UrlHost]);
            add("/in/orders", "https://hooks.example/in/orders", &[], &[UrlHost]);
        }
        add(
            "https://pub.example/in",
            "https://inner.local/in",
            &[("X-Forwarded-Host", "pub.example")],
            &[UrlHost],
        );
        add(
            "https://pub.example/in",
            "https://inner.local/in",
            &[("Forwarded", "for=1.2.3.4;host=pub.example;proto=https")],
            &[UrlHost],
        );
        add(
            URL,
            "https://hooks.example/in/orders",
            &[("X-Original-URI", "/in/orders?shop=7&lang=en")],
            &[UrlQuery],
        );
        add("https://hooks.example/in/orders", URL, &[], &[UrlQuery]);
        add("https://hooks.example/in?b=2&a=1&c=3", "https://hooks.example/in?a=1&b=2&c=3", &[], &[UrlQuery]);
        add("https://hooks.example/a%20b/in", "https://hooks.example/a b/in", &[], &[UrlEncoding]);
        add("https://hooks.example/in?q=a+b", "https://hooks.example/in?q=a%20b", &[], &[UrlEncoding]);
        add("https://hooks.example/in?q=%3A", "https://hooks.example/in?q=%3a", &[], &[UrlEncoding]);
        add("https://hooks.example/in?u=a:b", "https://hooks.example/in?u=a%3Ab", &[], &[UrlEncoding]);
        add(
            "https://hooks.example/api/in",
            "https://hooks.example/in",
            &[("X-Forwarded-Prefix", "/api")],
            &[UrlPrefix],
        );
        add("https://hooks.example/in/x", "https://hooks.example/proxy/in/x", &[], &[UrlPrefix]);
        add(
            "https://pub.example/in",
            "http://inner.local/in",
            &[("X-Forwarded-Host", "pub.example"), ("X-Forwarded-Proto", "https")],
            &[UrlHost, UrlScheme],
        );
        add("https://hooks.example/in", "http://hooks.example:8080/in", &[], &[UrlPort, UrlScheme]);
    }
    cases
}
