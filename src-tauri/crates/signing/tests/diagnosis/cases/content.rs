//! Other parts signed, or joined otherwise.

use super::body_for;
use crate::bench::{Bench, Case, scheme};
use crate::bodies::NESTED;
use hookbench_signing::CauseCode::{self, *};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |id: &str, content: &str, code: CauseCode| {
        let body = body_for(id);
        let bench = Bench::new(id, &body).signing(|spec| content.clone_into(&mut spec.content));
        cases.push(bench.expect("sound").case(content, &[code]));
    };
    for id in ["standardwebhooks", "svix", "sent"] {
        add(id, "{id}.{body}", ContentTimestamp);
        add(id, "{ts}.{body}", ContentId);
        add(id, "{body}", ContentBodyOnly);
        add(id, "{id}:{ts}:{body}", ContentSeparator);
        add(id, "{id}{ts}{body}", ContentSeparator);
        add(id, "{ts}.{id}.{body}", ContentOrder);
        add(id, "{body}.{ts}.{id}", ContentOrder);
    }
    for id in ["stripe", "contactsmanager", "calendly", "mux"] {
        add(id, "{body}", ContentBodyOnly);
        add(id, "{ts}:{body}", ContentSeparator);
        add(id, "{ts}{body}", ContentSeparator);
        add(id, "{ts}\n{body}", ContentSeparator);
        add(id, "{body}.{ts}", ContentOrder);
    }
    for id in ["slack", "zoom"] {
        add(id, "{body}", ContentBodyOnly);
        add(id, "v0:{body}", ContentTimestamp);
        add(id, "{ts}:{body}", ContentSeparator);
        add(id, "v0.{ts}.{body}", ContentSeparator);
        add(id, "v0:{body}:{ts}", ContentOrder);
    }
    add("box", "{ts}{body}", ContentOrder);
    add("box", "{body}", ContentBodyOnly);
    add("box", "{body}.{ts}", ContentSeparator);
    add("hubspot_v3", "{body}", ContentBodyOnly);
    add("hubspot_v3", "{method}{url}{body}", ContentTimestamp);
    add("hubspot_v3", "{ts}{method}{url}{body}", ContentOrder);
    add("smsportal", "v1:{ts}|{url}|{method}|{body}", ContentOrder);
    add("smsportal", "v1:{ts}.{method}.{url}.{body}", ContentSeparator);
    add("smsportal", "{body}", ContentBodyOnly);
    add("square", "{body}", ContentBodyOnly);
    add("square", "{body}{url}", ContentOrder);
    add("cloudinary", "{body}{secret}", ContentBodyOnly);
    add("cloudinary", "{ts}{body}{secret}", ContentOrder);
    add("discord", "{body}", ContentBodyOnly);
    add("discord", "{ts}.{body}", ContentSeparator);
    add("telnyx", "{ts}.{body}", ContentSeparator);
    add("sendgrid", "{body}{ts}", ContentOrder);
    // Schemes that sign the body alone, and a sender that signs more.
    for id in ["github", "shopify", "pulsewave"] {
        let timed = |content: &'static str| {
            let bench = Bench::new(id, NESTED).signing(|spec| {
                spec.timestamp = Some(hookbench_signing::TimestampSpec {
                    header: Some("X-Timestamp".into()),
                    ..scheme("slack").keyed().expect("keyed").timestamp.clone().expect("a time")
                });
                content.clone_into(&mut spec.content);
            });
            bench.expect("sound").case(content, &[ContentTimestamp])
        };
        cases.push(timed("{ts}.{body}"));
        cases.push(timed("{body}{ts}"));
        let named = Bench::new(id, NESTED).signing(|spec| {
            spec.id_header = Some("X-Request-Id".into());
            "{id}.{body}".clone_into(&mut spec.content);
        });
        cases.push(named.expect("sound").case("{id}.{body}", &[ContentId]));
    }
    cases
}
