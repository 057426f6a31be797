//! What the window's own page measures: the contract's lists as it asks for them, how soon rows are drawn, and
//! the times between frames while it scrolls.

use serde_json::{Value, json};

use crate::desk::Window;

/// How often each list is asked for.
const TIMES: usize = 20;

/// What is asked, and within how many milliseconds the first page is to come.
const FILTERS: [(&str, f64); 14] = [
    ("", 100.0),
    ("method:PUT", 100.0),
    ("method:PUT type:message.*", 100.0),
    ("status:500", 100.0),
    ("-valid", 100.0),
    ("path:/orders/77", 100.0),
    ("header:x-request-id~4711", 100.0),
    ("json:n=4711", 300.0),
    ("json:data.to=\"person 7\"", 300.0),
    ("body:\"person 7\"", 300.0),
    ("\"needle in a stack\"", 300.0),
    ("\"stands nowhere\"", 300.0),
    ("\"9e3779b97f4a7c15\"", 300.0),
    ("since:1h needle", 300.0),
];

/// Makes the inbox that is flooded, and gives its URL.
pub(crate) async fn make_inbox(window: &Window) -> String {
    window.find("nav").await;
    let made = window
        .run_async(
            "fetch('hookbench://localhost/v1/inboxes', {
                method: 'POST', headers: { 'content-type': 'application/json' },
                body: JSON.stringify({ name: 'Flood', provider: 'generic' }),
            }).then((answer) => answer.json()).then((inbox) => done(inbox.url), (error) => done(String(error)));",
        )
        .await;
    made.as_str().unwrap().to_owned()
}

/// First pages over the contract, asked from the page.
pub(crate) async fn lists(window: &Window, count: usize) -> Vec<Value> {
    let mut lines = Vec::new();
    for (filter, goal) in FILTERS {
        let mut took = Vec::new();
        let mut rows = 0;
        for _ in 0..TIMES {
            let script = format!(
                "const began = performance.now();
                fetch('hookbench://localhost/v1/requests?limit=100&filter=' + encodeURIComponent({}))
                    .then((answer) => answer.json())
                    .then((page) => done([performance.now() - began, page.data.length]),
                        (error) => done(String(error)));",
                json!(filter)
            );
            let answer = window.run_async(&script).await;
            took.push(answer[0].as_f64().unwrap_or_else(|| panic!("{filter}: {answer}")));
            rows = answer[1].as_u64().unwrap();
        }
        took.sort_by(f64::total_cmp);
        lines.push(json!({
            "path": format!("window, first page of {count} by {filter:?}"),
            "p50_ms": tenths(took[TIMES / 2]), "p95_ms": tenths(took[TIMES * 95 / 100]),
            "rows": rows, "goal": goal,
        }));
    }
    lines
}

/// From going to the list, and from typing into its filter, to the first row that is drawn.
pub(crate) async fn screens(window: &Window, count: usize) -> Vec<Value> {
    window.run("location.hash = '#/overview'").await;
    window.find("main[aria-label='Overview']").await;
    let row = ".row.body:not([aria-busy])";
    let opened = window
        .run_async(&format!(
            "const began = performance.now();
            const look = () => document.querySelector({row:?})
                ? requestAnimationFrame(() => done(performance.now() - began)) : requestAnimationFrame(look);
            location.hash = '#/inbox'; look();"
        ))
        .await;
    vec![json!({
        "path": format!("window, the list of {count} opened until its first row is drawn"),
        "p50_ms": tenths(opened.as_f64().expect("rows are drawn")), "goal": null,
    })]
}

/// The times between frames: scrolled evenly, fast, and thrown from place to place; each beside the same scrolling of a
/// plain list of text in the same window, since without a graphics card drawing is most of it.
pub(crate) async fn frames(window: &Window, count: usize) -> Vec<Value> {
    let ways = [
        ("evenly, 20 pixels a frame", "scroller.scrollTop += 20"),
        // The plain list is short, and goes round.
        (
            "fast, 2,000 pixels a frame",
            "const at = scroller.scrollTop; scroller.scrollTop += 2000; if (scroller.scrollTop === at) scroller.scrollTop = 0",
        ),
        (
            "back up, 2,000 pixels a frame",
            "if (scroller.scrollTop === 0) scroller.scrollTop = scroller.scrollHeight; else scroller.scrollTop -= 2000",
        ),
        (
            "by the bar, anywhere each fifth frame",
            "if (times.length % 5 === 0) scroller.scrollTop = ((times.length * 7919) % 1000) / 1000 * scroller.scrollHeight",
        ),
    ];
    let mut lines = Vec::new();
    for (way, step) in ways {
        let gaps = scrolled(window, OURS, step).await;
        lay_plain_list(window).await;
        let bare = scrolled(window, PLAIN, step).await;
        window.run("document.getElementById('plain-list').remove()").await;
        let late = gaps.iter().filter(|gap| **gap > 34.0).count();
        lines.push(json!({
            "path": format!("window, frames while {count} rows are scrolled {way}"),
            "frames": gaps.len(), "p50_ms": share(&gaps, 50), "p95_ms": share(&gaps, 95), "p99_ms": share(&gaps, 99),
            "worst_ms": share(&gaps, 100), "over_33_ms": late, "goal": 33,
            "bare_frames": bare.len(), "bare_p50_ms": share(&bare, 50), "bare_p95_ms": share(&bare, 95),
            "ratio": tenths(share(&gaps, 50) / share(&bare, 50)),
        }));
    }
    lines
}

/// What scrolls: the list, and what is laid over it.
const OURS: &str = "document.querySelector('[role=grid] .scroller')";
const PLAIN: &str = "document.getElementById('plain-list')";

/// Two thousand rows of plain text, all of them there, where the list is and as large as it.
async fn lay_plain_list(window: &Window) {
    let script = format!(
        "const at = {OURS}.getBoundingClientRect();
        const plain = document.createElement('div');
        plain.id = 'plain-list';
        plain.style.cssText = `position: fixed; overflow: auto; background: Canvas; left: ${{at.left}}px; top: ${{at.top}}px;
            width: ${{at.width}}px; height: ${{at.height}}px`;
        for (let row = 0; row < 2000; row++) {{
            const line = document.createElement('div');
            line.style.cssText = 'height: 28px; white-space: pre; overflow: hidden';
            line.textContent = `${{row}}  POST  /orders/${{row}}  message.sent  200  12:00:0${{row % 10}}.000  1.0 KiB  127.0.0.1`;
            plain.append(line);
        }}
        document.body.append(plain);"
    );
    window.run(&script).await;
}

/// Ten seconds of it: the times between frames, in milliseconds, by size.
async fn scrolled(window: &Window, scroller: &str, step: &str) -> Vec<f64> {
    let script = format!(
        "const scroller = {scroller};
        const times = []; const began = performance.now();
        const frame = (now) => {{
            times.push(now);
            if (now - began > 10000) {{ done(times); return; }}
            {step};
            requestAnimationFrame(frame);
        }};
        requestAnimationFrame(frame);"
    );
    let times = window.run_async(&script).await;
    let times: Vec<f64> = times.as_array().unwrap().iter().filter_map(Value::as_f64).collect();
    let mut gaps: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_by(f64::total_cmp);
    gaps
}

/// What so many of a hundred do not exceed.
fn share(sorted: &[f64], percent: usize) -> f64 {
    tenths(sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)])
}

fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
