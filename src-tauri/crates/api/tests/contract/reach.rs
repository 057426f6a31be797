//! From where inboxes are reached, over the contract: the network, TLS, its certificates, and who may send.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use hookbench_model::{Clock as _, Timestamp};
use http::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, text};

const CERTIFICATE: &str = "/v1/capture/certificate";

/// A client that takes any certificate: whether one is trusted is tried where the clock is the client's.
fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().tls_danger_accept_invalid_certs(true).build().unwrap()
}

fn texts(values: &Value) -> Vec<&str> {
    values.as_array().unwrap().iter().map(text).collect()
}

async fn set(bench: &Bench, reach: Value) -> crate::bench::Answer {
    bench.patch("/v1/settings", &json!({"reach": reach})).await
}

#[tokio::test]
async fn nothing_but_this_machine_reaches_inboxes_until_somebody_says_so() {
    let bench = Bench::open().await;
    let settings = bench.get("/v1/settings").await.expect(200);
    assert_eq!(settings["reach"], json!({"lan": false, "tls": "off", "allow": []}));
    let health = bench.get("/v1/health").await.expect(200);
    let origin = text(&health["capture_origin"]).to_owned();
    assert_eq!(
        health["reach"],
        json!({"exposed": false, "origins": [origin], "tls": "off", "problem": null})
    );
    assert_eq!(bench.get(CERTIFICATE).await.expect(200), json!({"tls": "off", "made": null, "own": null}));
    bench.get(&format!("{CERTIFICATE}/ca.pem")).await.expect(404);
    // What was written before there was such a setting has none.
    let mut older = settings.clone();
    older.as_object_mut().unwrap().remove("reach");
    let put = bench.send(Method::PUT, "/v1/settings", &older).await.expect(200);
    assert_eq!(put["reach"], settings["reach"]);
    bench.close().await;
}

#[tokio::test]
async fn a_made_certificate_is_shown_as_soon_as_it_is_wanted() {
    let bench = Bench::open().await;
    let inbox = bench.post("/v1/inboxes", &json!({"name": "In"})).await.expect(201);
    assert_eq!(inbox["urls"], json!([inbox["url"]]));
    let settings = set(&bench, json!({"tls": "made"})).await.expect(200);
    assert_eq!(settings["reach"], json!({"lan": false, "tls": "made", "allow": []}));
    let inbox = bench.get(&format!("/v1/inboxes/{}", text(&inbox["id"]))).await.expect(200);
    let secure = text(&inbox["url"]).replacen("http://", "https://", 1);
    assert_eq!(inbox["urls"], json!([inbox["url"], secure]));
    for url in texts(&inbox["urls"]) {
        assert_eq!(client().post(url).body("hello").send().await.unwrap().status(), 200, "{url}");
    }
    let captured = bench.get("/v1/requests").await.expect(200);
    let [over_tls, in_clear] = &captured["data"].as_array().unwrap()[..] else { panic!("{captured}") };
    let wire = async |request: &Value| {
        let path = format!("/v1/requests/{}", text(&request["id"]));
        bench.get(&path).await.expect(200)["wire"]["tls"].clone()
    };
    assert_eq!(wire(in_clear).await, Value::Null);
    let tls = wire(over_tls).await;
    assert_eq!(tls["version"], "TLSv1.3");
    assert!(text(&tls["cipher_suite"]).starts_with("TLS_"), "{tls}");
    assert_eq!(tls["server_name"], Value::Null);

    let seen = bench.get(CERTIFICATE).await.expect(200);
    let made = &seen["made"];
    assert_eq!((seen["tls"].clone(), made["standing"].clone()), (json!("made"), json!("valid")));
    for name in ["localhost", "127.0.0.1", "::1"] {
        assert!(texts(&made["names"]).contains(&name), "{made}");
    }
    assert_eq!(made["issuer"], made["authority"]["subject"]);
    assert_eq!(made["warnings"], json!([]));
    let pem = bench.get(&format!("{CERTIFICATE}/ca.pem")).await;
    assert_eq!(pem.header("content-disposition"), "attachment; filename=\"hookbench-ca.pem\"");
    assert_eq!(text(&made["authority_pem"]).as_bytes(), &pem.body[..]);
    let systems: Vec<&str> = made["trust"].as_array().unwrap().iter().map(|one| text(&one["id"])).collect();
    assert_eq!(systems, ["debian", "fedora", "macos", "windows", "firefox", "curl", "node", "python"]);
    // Nothing that is answered holds a key.
    assert!(!seen.to_string().contains("PRIVATE KEY"));

    // Made anew it is another of the same authority, and with the authority all is another.
    let again = bench.post(&format!("{CERTIFICATE}/renew"), &json!({})).await.expect(200);
    assert_ne!(again["made"]["sha256"], made["sha256"]);
    assert_eq!(again["made"]["authority"]["sha256"], made["authority"]["sha256"]);
    let anew = bench.post(&format!("{CERTIFICATE}/renew"), &json!({"authority": true})).await.expect(200);
    assert_ne!(anew["made"]["authority"]["sha256"], made["authority"]["sha256"]);
    assert_eq!(client().post(&secure).body("again").send().await.unwrap().status(), 200);
    set(&bench, json!({"tls": "off"})).await.expect(200);
    assert!(client().post(&secure).body("no").send().await.is_err());
    assert_eq!(bench.get("/v1/health").await.expect(200)["reach"]["tls"], "off");
    bench.close().await;
}

/// What the receiver shows, DER.
async fn shown(secure: &str) -> Vec<u8> {
    let looking = reqwest::Client::builder().no_proxy().tls_danger_accept_invalid_certs(true).tls_info(true);
    let answer = looking.build().unwrap().post(secure).body("look").send().await.unwrap();
    let info = answer.extensions().get::<reqwest::tls::TlsInfo>().unwrap();
    info.peer_certificate().unwrap().to_vec()
}

#[tokio::test]
async fn a_made_certificate_is_made_anew_by_itself_thirty_days_before_it_ends() {
    const DAY: u64 = 24 * 3600;
    let bench = Bench::open().await;
    let inbox = bench.post("/v1/inboxes", &json!({"name": "In"})).await.expect(201);
    set(&bench, json!({"tls": "made"})).await.expect(200);
    let secure = text(&inbox["url"]).replacen("http://", "https://", 1);
    let first = bench.get(CERTIFICATE).await.expect(200)["made"].clone();
    let (mut made, mut der) = (first.clone(), shown(&secure).await);
    for _ in 0..2 {
        let ends = Timestamp::parse_rfc3339(text(&made["not_after"])).unwrap();
        let left = ends.duration_from(bench.clock.now());
        // A minute before its time nothing is to be done; a minute later it is.
        let minute = Duration::from_mins(1);
        let before = Duration::from_secs(30 * DAY) + minute;
        bench.clock.advance(left.checked_sub(before).expect("it ends after a month"));
        let now = bench.get(CERTIFICATE).await.expect(200)["made"].clone();
        assert_eq!((&now["sha256"], &now["standing"]), (&made["sha256"], &json!("valid")));
        bench.clock.advance(2 * minute);
        let renewed = async {
            loop {
                let now = bench.get(CERTIFICATE).await.expect(200)["made"].clone();
                if now["sha256"] != made["sha256"] {
                    return now;
                }
                tokio::task::yield_now().await;
            }
        };
        let now =
            tokio::time::timeout(Duration::from_secs(15), renewed).await.expect("sooner than by chance");
        assert_eq!(
            (&now["standing"], &now["authority"]["sha256"]),
            (&json!("valid"), &first["authority"]["sha256"])
        );
        let anew = Timestamp::parse_rfc3339(text(&now["not_after"])).unwrap();
        assert!(anew > ends, "{now}");
        let seen = shown(&secure).await;
        assert_ne!(seen, der, "senders see the new one from the next connection on");
        (made, der) = (now, seen);
    }
    bench.close().await;
}

/// A certificate for these names that signs itself, and its key.
fn own(names: &[&str]) -> Value {
    let key = rcgen::KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let certificate = rcgen::CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
    json!({"certificate_pem": certificate.pem(), "key_pem": key.serialize_pem()})
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_checked_kept_and_shown() {
    let bench = Bench::open().await;
    let refused = set(&bench, json!({"tls": "own", "lan": false})).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "reach.tls");
    let (one, other) = (own(&["hooks.example"]), own(&["hooks.example"]));
    for (body, field) in [
        (json!({"certificate_pem": one["certificate_pem"], "key_pem": other["key_pem"]}), "key_pem"),
        (json!({"certificate_pem": one["certificate_pem"], "key_pem": "nonsense"}), "key_pem"),
        (json!({"certificate_pem": "nonsense", "key_pem": one["key_pem"]}), "certificate_pem"),
        (json!({"certificate_pem": one["key_pem"], "key_pem": one["key_pem"]}), "certificate_pem"),
    ] {
        let refused = bench.send(Method::PUT, CERTIFICATE, &body).await.expect(422);
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
        assert!(!refused.to_string().contains("PRIVATE KEY"), "{refused}");
    }
    assert_eq!(bench.get(CERTIFICATE).await.expect(200)["own"], Value::Null);
    let kept = bench.send(Method::PUT, CERTIFICATE, &one).await.expect(200);
    assert_eq!((kept["own"]["names"].clone(), kept["tls"].clone()), (json!(["hooks.example"]), json!("off")));
    set(&bench, json!({"tls": "own"})).await.expect(200);
    let health = bench.get("/v1/health").await.expect(200);
    let port = bench.workbench.capture_address().port();
    // A sender finds it in order by its name alone.
    assert_eq!(health["reach"]["origins"][1], json!(format!("https://hooks.example:{port}")));
    bench.delete(CERTIFICATE).await.expect(409);
    let shown = bench.send(Method::PUT, CERTIFICATE, &other).await.expect(200);
    assert_ne!(shown["own"]["sha256"], kept["own"]["sha256"]);
    set(&bench, json!({"tls": "off"})).await.expect(200);
    assert_eq!(bench.delete(CERTIFICATE).await.expect(200)["own"], Value::Null);
    bench.close().await;
}

#[tokio::test]
async fn one_that_has_ended_is_taken_and_says_so() {
    let bench = Bench::open().await;
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let certificate = params.self_signed(&key).unwrap().pem();
    let body = json!({"certificate_pem": certificate, "key_pem": key.serialize_pem()});
    let kept = bench.send(Method::PUT, CERTIFICATE, &body).await.expect(200);
    assert_eq!(kept["own"]["standing"], "expired");
    assert!(text(&kept["own"]["warnings"][0]).contains("has ended"), "{kept}");
    set(&bench, json!({"tls": "own"})).await.expect(200);
    bench.close().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_network_is_a_setting_and_one_that_cannot_be_had_stays_as_it_was() {
    let bench = Bench::open().await;
    let port = bench.workbench.capture_address().port();
    let elsewhere = SocketAddr::from(([127, 0, 0, 9], port));
    let taken = TcpListener::bind(elsewhere).unwrap();
    let refused = set(&bench, json!({"lan": true})).await.expect(409);
    assert!(text(&refused["detail"]).contains("`reach.lan`"), "{refused}");
    assert!(text(&refused["detail"]).contains(&port.to_string()), "{refused}");
    assert_eq!(bench.get("/v1/settings").await.expect(200)["reach"]["lan"], false);
    drop(taken);
    assert!(TcpStream::connect(elsewhere).is_err());
    set(&bench, json!({"lan": true})).await.expect(200);
    assert!(TcpStream::connect(elsewhere).is_ok());
    let health = bench.get("/v1/health").await.expect(200);
    assert_eq!(health["reach"]["exposed"], true);
    assert_eq!(health["reach"]["origins"][0], health["capture_origin"]);
    set(&bench, json!({"tls": "made"})).await.expect(200);
    set(&bench, json!({"lan": false})).await.expect(200);
    let health = bench.get("/v1/health").await.expect(200);
    assert_eq!(
        (health["reach"]["exposed"].clone(), health["reach"]["tls"].clone()),
        (json!(false), json!("made"))
    );
    bench.close().await;
}

#[tokio::test]
async fn what_is_set_holds_after_the_next_start() {
    let bench = Bench::open().await;
    set(&bench, json!({"lan": true, "tls": "made", "allow": ["10.0.0.0/8"]})).await.expect(200);
    let before = bench.get(CERTIFICATE).await.expect(200);
    bench.workbench.shutdown().await;
    let again = bench.again().await;
    let health = again.get("/v1/health").await.expect(200);
    assert_eq!(
        (health["reach"]["exposed"].clone(), health["reach"]["tls"].clone()),
        (json!(true), json!("made"))
    );
    let after = again.get(CERTIFICATE).await.expect(200);
    assert_eq!(after["made"]["sha256"], before["made"]["sha256"]);
    assert_eq!(again.get("/v1/settings").await.expect(200)["reach"]["allow"], json!(["10.0.0.0/8"]));
    again.workbench.shutdown().await;
}

#[tokio::test]
async fn what_an_inbox_wants_shown_is_written_and_never_read() {
    let bench = Bench::open().await;
    let access = json!({"type": "basic", "username": "ann", "password": "correct-horse-battery"});
    let made = json!({"name": "Safe", "access": access, "allow": ["127.0.0.1", "::1", "10.9.8.7/16"]});
    let inbox = bench.post("/v1/inboxes", &made).await.expect(201);
    assert_eq!(inbox["access"], json!({"type": "basic", "username": "ann", "hint": "…tery"}));
    assert_eq!(inbox["allow"], json!(["127.0.0.1", "::1", "10.9.0.0/16"]));
    let (path, url) = (format!("/v1/inboxes/{}", text(&inbox["id"])), text(&inbox["url"]).to_owned());
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    assert_eq!(status(client().post(&url)).await, 401);
    assert_eq!(status(client().post(&url).basic_auth("ann", Some("no"))).await, 401);
    assert_eq!(status(client().post(&url).basic_auth("ann", Some("correct-horse-battery"))).await, 200);
    let strays = bench.get("/v1/strays").await.expect(200);
    assert_eq!(strays["data"][0]["code"], "unauthorized");
    assert_eq!((&strays["data"][0]["inbox_id"], &strays["data"][0]["status"]), (&inbox["id"], &json!(401)));
    let captured = bench.get("/v1/requests").await.expect(200)["data"][0].clone();
    assert!(captured["headers"].to_string().contains("Basic (the secret)"), "{captured}");

    // What is left out stays; another kind has nothing to stay.
    let edit = |access: Value| json!({"access": access});
    let renamed = edit(json!({"type": "basic", "username": "bob"}));
    bench.patch(&path, &renamed).await.expect(200);
    assert_eq!(status(client().post(&url).basic_auth("bob", Some("correct-horse-battery"))).await, 200);
    let tokenless = edit(json!({"type": "token", "header": "X-Token"}));
    let refused = bench.patch(&path, &tokenless).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "access.token");
    for wrong in [
        json!({"type": "other"}),
        json!({"type": "basic", "username": "a:b", "password": "x"}),
        json!({"type": "token", "header": "X", "query": "x", "token": "t"}),
        json!({"type": "token", "token": "t"}),
        json!({"type": "basic", "username": "a", "token": "t"}),
    ] {
        bench.patch(&path, &edit(wrong.clone())).await.expect(422);
    }
    let token = edit(json!({"type": "token", "query": "key", "token": "tk-0123456789"}));
    let inbox = bench.patch(&path, &token).await.expect(200);
    assert_eq!(inbox["access"], json!({"type": "token", "header": null, "query": "key", "hint": "…6789"}));
    assert_eq!(status(client().post(format!("{url}?key=tk-0123456789"))).await, 200);
    let open = bench.patch(&path, &edit(Value::Null)).await.expect(200);
    assert_eq!(open["access"], Value::Null);
    assert_eq!(status(client().post(&url)).await, 200);

    bench.patch(&path, &json!({"allow": ["192.0.2.1"]})).await.expect(200);
    assert_eq!(status(client().post(&url)).await, 403);
    for wrong in [json!(["example.com"]), json!(["10.0.0.0/99"]), json!("10.0.0.1"), json!([7])] {
        bench.patch(&path, &json!({"allow": wrong})).await.expect(422);
        set(&bench, json!({"allow": wrong})).await.expect(422);
    }
    for stored in ["inboxes", "requests", "strays", "settings"] {
        let answer = bench.get(&format!("/v1/{stored}")).await;
        let answer = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!answer.contains("correct-horse") && !answer.contains("tk-0123456789"), "{stored}: {answer}");
    }
    bench.close().await;
}
