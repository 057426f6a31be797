//! TLS and the network, with the real program: what others bring, kills while certificates are made, and floods.

use std::path::Path;
use std::time::Duration;

use reqwest::Certificate;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::support::{PATIENCE, Server, folder, hookbench, text};

const CERTIFICATE: &str = "/v1/capture/certificate";

async fn over_tls(server: &Server) -> String {
    server.patch("/v1/settings", &json!({"reach": {"tls": "made"}})).await;
    server.capture.replacen("http://", "https://", 1)
}

/// A client that trusts that authority and no other.
fn trusting(pem: &[u8]) -> reqwest::Client {
    let authority = Certificate::from_pem(pem).expect("a certificate");
    reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build().expect("a client")
}

/// Whether a program is there.
async fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().await.is_ok_and(|output| output.status.success())
}

async fn authority(data: &Path) -> Vec<u8> {
    let output = hookbench(data).args(["certificate", "ca"]).output().await.expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[tokio::test]
async fn curl_and_others_that_are_told_of_the_authority_trust_it() {
    let data = folder();
    let server = Server::start(data.path()).await;
    server.inbox("In", None, None).await;
    let origin = over_tls(&server).await;
    let pem = authority(data.path()).await;
    let file = data.path().join("ca.pem");
    std::fs::write(&file, &pem).expect("written");
    let port = origin.rsplit(':').next().expect("a port");
    let by_name = format!("https://localhost:{port}");
    assert_eq!(
        trusting(&pem).post(format!("{by_name}/in")).body("r").send().await.expect("sent").status(),
        200
    );
    let stranger = reqwest::Client::builder().no_proxy().build().expect("a client");
    assert!(stranger.post(format!("{origin}/in")).body("x").send().await.is_err());
    let stray = server.until("/v1/strays", |strays| strays["data"][0]["code"] == "tls_failed").await;
    assert!(text(&stray["data"][0], "message").contains("certificate"), "{stray}");
    let mut sent = 1;
    if has("curl").await {
        for (version, origin) in [("--http1.1", &origin), ("--http2", &by_name)] {
            let mut curl = Command::new("curl");
            curl.args(["-sS", "--noproxy", "*", version, "--max-time", "20", "--cacert"]).arg(&file);
            curl.args(["-d", "hello", "-o", "/dev/null", "-w", "%{http_code}"]).arg(format!("{origin}/in"));
            let output = curl.output().await.expect("curl runs");
            assert_eq!(
                String::from_utf8_lossy(&output.stdout),
                "200",
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            sent += 1;
        }
    }
    if has("node").await {
        let script = "fetch(process.argv[1], {method: 'POST', body: 'n'}).then((r) => process.exit(r.status === 200 ? 0 : 3))";
        let mut node = Command::new("node");
        node.env("NODE_EXTRA_CA_CERTS", &file).args(["-e", script]).arg(format!("{by_name}/in"));
        let output = node.output().await.expect("node runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        sent += 1;
    }
    if has("python3").await {
        let script = "import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], data=b'p'))";
        let mut python = Command::new("python3");
        python
            .env("SSL_CERT_FILE", &file)
            .env("no_proxy", "*")
            .args(["-c", script])
            .arg(format!("{origin}/in"));
        let output = python.output().await.expect("python runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        sent += 1;
    }
    let captured = server.rows("/v1/requests").await;
    assert_eq!(captured.len(), sent);
    for request in &captured {
        let wire = server.get(&format!("/v1/requests/{}", text(request, "id"))).await;
        assert!(text(&wire["wire"]["tls"], "version").starts_with("TLSv1."), "{wire}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_kill_while_certificates_are_made_leaves_a_whole_pair() {
    let data = folder();
    for round in 0..8_u64 {
        let server = Server::start(data.path()).await;
        let origin = over_tls(&server).await;
        let seen = server.get(CERTIFICATE).await;
        assert_eq!(text(&seen["made"], "issuer"), text(&seen["made"]["authority"], "subject"));
        let client = trusting(text(&seen["made"], "authority_pem").as_bytes());
        let answer = client.get(format!("{origin}/")).send().await.expect("trusted after a kill");
        assert_eq!(answer.status(), 200);
        let renewals = (0..4).map(|number| {
            let body = json!({"authority": number % 2 == 0}).to_string();
            let call = server.request(reqwest::Method::POST, &format!("{CERTIFICATE}/renew"));
            tokio::spawn(call.header("content-type", "application/json").body(body).send())
        });
        let renewals: Vec<_> = renewals.collect();
        tokio::time::sleep(Duration::from_millis(round * 3)).await;
        server.kill().await;
        for renewal in renewals {
            // Some were done and some not.
            let _ = renewal.await;
        }
    }
}

#[tokio::test]
async fn half_open_handshakes_keep_nobody_out() {
    let data = folder();
    let server = Server::start(data.path()).await;
    server.inbox("In", None, None).await;
    let origin = over_tls(&server).await;
    let address = server.capture.trim_start_matches("http://").to_owned();
    let client = trusting(text(&server.get(CERTIFICATE).await["made"], "authority_pem").as_bytes());
    let mut open = Vec::new();
    for _ in 0..900 {
        let mut tcp = TcpStream::connect(&address).await.expect("it listens");
        tcp.write_all(b"\x16\x03\x01").await.expect("sent");
        open.push(tcp);
    }
    for origin in [&origin, &server.capture] {
        assert_eq!(client.post(format!("{origin}/in")).body("x").send().await.expect("sent").status(), 200);
    }
    for mut tcp in open {
        let mut rest = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, tcp.read_to_end(&mut rest)).await.expect("it is left");
    }
    let seen = |strays: &serde_json::Value| strays["data"][0]["count"].as_u64() == Some(900);
    server.until("/v1/strays", seen).await;
    server.stop().await;
}
