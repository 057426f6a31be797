//! Very many webhooks sent to an inbox over connections that are kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

/// Each sends its next when the last is answered.
pub(crate) const CONNECTIONS: usize = 64;

/// What came of it.
pub(crate) struct Flooded {
    pub(crate) first_tenth_per_s: f64,
    pub(crate) last_tenth_per_s: f64,
}

pub(crate) async fn flood(inbox: &str, count: usize) -> Flooded {
    let (authority, path) = inbox.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let (authority, path): (Arc<str>, Arc<str>) = (authority.into(), path.into());
    let next = Arc::new(AtomicUsize::new(0));
    let tenths = Arc::new(Mutex::new(vec![(0, Instant::now())]));
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (authority, path) = (Arc::clone(&authority), Arc::clone(&path));
            let (next, tenths) = (Arc::clone(&next), Arc::clone(&tenths));
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(&*authority).await.unwrap();
                stream.set_nodelay(true).unwrap();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    stream.write_all(&request(&authority, &path, number)).await.unwrap();
                    answered(&mut stream).await;
                    if (number + 1) % (count / 10).max(1) == 0 {
                        tenths.lock().await.push((number + 1, Instant::now()));
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let mut tenths = tenths.lock().await.clone();
    tenths.sort_by_key(|(number, _)| *number);
    let rate = |pair: &[(usize, Instant)]| {
        (pair[1].0 - pair[0].0) as f64 / pair[1].1.duration_since(pair[0].1).as_secs_f64()
    };
    Flooded { first_tenth_per_s: rate(&tenths[..2]), last_tenth_per_s: rate(&tenths[tenths.len() - 2..]) }
}

/// About a kilobyte; no two alike, and one in ten thousand rare.
fn request(authority: &str, path: &str, number: usize) -> Vec<u8> {
    let method = if number % 100 == 3 { "PUT" } else { "POST" };
    let word = if number % 10_000 == 17 { "needle in a stack" } else { "hay" };
    let kind = ["message.sent", "message.delivered", "order.made", "message.failed"][number % 4];
    let body = json!({
        "n": number,
        "type": kind,
        "data": {"to": format!("person {}", number % 997), "word": word, "text": "x".repeat(900 - number % 700)},
    })
    .to_string();
    let token = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!(
        "{method} /{path}/orders/{} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: A sender of webhooks/1.0\r\n\
         Content-Type: application/json\r\nX-Request-Id: {token:016x}\r\nContent-Length: {}\r\n\r\n{body}",
        number % 5000,
        body.len(),
    )
    .into_bytes()
}

/// Reads one answer, whose body is as long as its head says.
async fn answered(stream: &mut TcpStream) {
    let mut answer = Vec::new();
    let end = loop {
        assert!(stream.read_buf(&mut answer).await.unwrap() > 0, "an answer");
        if let Some(at) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
    };
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer));
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
    while answer.len() < end + length {
        assert!(stream.read_buf(&mut answer).await.unwrap() > 0, "an answer's body");
    }
}
