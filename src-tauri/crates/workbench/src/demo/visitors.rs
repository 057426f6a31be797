//! Requests of the day that no provider sent: people trying things out.

use bytes::Bytes;
use hookbench_model::HeaderPairs;

use super::arrival::Arrival;
use super::cast::Cast;
use crate::Workbench;
use crate::error::Result;

/// What a visitor sends.
struct Visit {
    minutes_ago: i64,
    method: &'static str,
    path: &'static str,
    query: Option<&'static str>,
    headers: &'static [(&'static str, &'static str)],
    body: &'static [u8],
}

const VISITS: [Visit; 6] = [
    Visit {
        minutes_ago: 1210,
        method: "GET",
        path: "/",
        query: Some("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock"),
        headers: &[("User-Agent", "facebookexternalua"), ("Accept", "*/*")],
        body: b"",
    },
    Visit {
        minutes_ago: 805,
        method: "POST",
        path: "/orders",
        query: None,
        headers: &[("User-Agent", "curl/8.5.0"), ("Accept", "*/*"), ("Content-Type", "application/json")],
        body: br#"{"order":"A-1042","total":"129.00","currency":"EUR","items":[{"sku":"TEE-M","quantity":2},{"sku":"CAP","quantity":1}]}"#,
    },
    Visit {
        minutes_ago: 640,
        method: "POST",
        path: "/forms/contact",
        query: None,
        headers: &[
            ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("X-Forwarded-For", "203.0.113.24"),
            ("X-Forwarded-For", "10.0.0.7"),
        ],
        body: b"name=Ada+Lovelace&email=ada%40example.com&message=Is+the+engine+ready%3F",
    },
    Visit {
        minutes_ago: 312,
        method: "PUT",
        path: "/stock/TEE-M",
        query: Some("dry_run=1"),
        headers: &[("User-Agent", "warehouse-sync/3.1"), ("Content-Type", "application/xml")],
        body: b"<?xml version=\"1.0\"?>\n<stock sku=\"TEE-M\"><level>17</level><warehouse>Porto</warehouse></stock>\n",
    },
    Visit {
        minutes_ago: 140,
        method: "POST",
        path: "/avatar",
        query: None,
        headers: &[("User-Agent", "python-requests/2.32.3"), ("Content-Type", "image/png")],
        body: &[
            0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 6,
            0, 0, 0, 0x1f, 0x15, 0xc4, 0x89,
        ],
    },
    Visit {
        minutes_ago: 35,
        method: "DELETE",
        path: "/subscriptions/77",
        query: None,
        headers: &[("User-Agent", "curl/8.5.0"), ("Accept", "*/*")],
        body: b"",
    },
];

/// Lets everybody call.
pub(super) async fn call(workbench: &Workbench, cast: &Cast) -> Result<()> {
    let now = workbench.now();
    for visit in &VISITS {
        let at = now.plus_ms(-60_000 * visit.minutes_ago);
        let arrival = arrival(workbench, visit);
        let request = arrival.captured(workbench, &cast.playground, at);
        workbench.store().requests().capture(request, arrival.body).await?;
    }
    Ok(())
}

fn arrival(workbench: &Workbench, visit: &Visit) -> Arrival {
    let host = workbench.capture_origin();
    let mut headers = HeaderPairs::from_iter([("Host", host.trim_start_matches("http://"))]);
    headers.extend(visit.headers.iter().copied());
    let arrival = Arrival {
        method: visit.method.to_owned(),
        path: visit.path.to_owned(),
        query: visit.query.map(ToOwned::to_owned),
        headers,
        body: Bytes::new(),
        remote_addr: "127.0.0.1:40112".to_owned(),
    };
    if visit.body.is_empty() { arrival } else { arrival.with_body(visit.body) }
}
