//! A webhook from a program that knows nothing of Hookbench.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// Sends JSON to a path below an inbox's address, and gives the status that it was answered with.
pub(crate) fn post(address: &str, below: &str, json: &str) -> u16 {
    let rest = address.strip_prefix("http://").expect("an inbox has an address");
    let (host, slug) = rest.split_once('/').expect("an inbox has a path");
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "POST /{slug}{below} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{json}",
        json.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    status.unwrap_or_else(|| panic!("{answer}"))
}
