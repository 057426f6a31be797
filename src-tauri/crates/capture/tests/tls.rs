//! TLS at the receiver's port: real handshakes with clients that trust the authority or do not, and with what is none.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookbench_capture::{
    Identity, IdentityError, Limits, Permitted, Stray, make_authority, make_certificate, names_for,
};
use hookbench_model::{AnswerFault, AnswerRule, Inbox, RuleAnswer, RuleId, RuleWhen, TlsFacts};
use hookbench_signing::Secret;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::{House, NOW, inbox};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);
const LAN: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 7, 7));
const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// An authority, and a receiver's certificate of it.
struct Made {
    authority_pem: String,
    authority_key: Secret,
    identity: Arc<Identity>,
}

fn made() -> Made {
    let authority = make_authority("bench", &[LAN], NOW).unwrap();
    let leaf = make_certificate(&authority.key_pem, &permitted(&[]), "bench", &[LAN, PUBLIC], NOW).unwrap();
    let identity = Arc::new(Identity::new(&leaf.certificate_pem, &leaf.key_pem).unwrap());
    Made { authority_pem: authority.certificate_pem, authority_key: authority.key_pem, identity }
}

/// What that authority may sign for.
fn permitted(addresses: &[IpAddr]) -> Permitted {
    Permitted { names: vec!["bench".to_owned()], addresses: addresses.to_vec() }
}

/// The clients live when the certificates were made.
#[derive(Debug)]
struct Then;

impl TimeProvider for Then {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_millis(NOW.unix_ms().unsigned_abs())))
    }
}

fn client(authority_pem: Option<&str>, alpn: &[&str]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = authority_pem {
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_details(provider, Arc::new(Then))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

async fn over_tls(
    house: &House,
    connector: &TlsConnector,
    name: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(house.address()).await.unwrap();
    connector.connect(ServerName::try_from(name.to_owned()).unwrap(), tcp).await
}

/// Writes, and reads what is answered until the connection ends.
async fn told(stream: &mut TlsStream<TcpStream>, bytes: &str) -> String {
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // An end without a farewell is an end too.
    let _ = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("it ends");
    String::from_utf8_lossy(&answer).into_owned()
}

const LAST: &str = "POST /in HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";

async fn strays(house: &House, code: &str) -> Vec<Stray> {
    for _ in 0..2_000 {
        let found: Vec<Stray> =
            house.receiver.strays().into_iter().filter(|stray| stray.code == code).collect();
        if !found.is_empty() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("no stray {code}: {:?}", house.receiver.strays());
}

#[tokio::test]
async fn a_client_that_trusts_the_authority_is_served_beside_one_in_clear() {
    let (house, made) = (House::open().await, made());
    house.receiver.show(Some(Arc::clone(&made.identity)));
    let connector = client(Some(&made.authority_pem), &["http/1.1"]);
    for (name, asked) in [
        ("localhost", Some("localhost")),
        ("bench", Some("bench")),
        ("bench.local", Some("bench.local")),
        ("127.0.0.1", None),
        ("192.168.7.7", None),
    ] {
        let mut stream = over_tls(&house, &connector, name).await.unwrap();
        assert!(told(&mut stream, LAST).await.starts_with("HTTP/1.1 200 "), "{name}");
        let (request, body) = house.newest().await.unwrap();
        let record = house.store.requests().wire(request.id).await.unwrap();
        let tls = record.tls.clone().unwrap();
        assert_eq!(
            (tls.version.as_str(), tls.server_name.as_deref(), tls.alpn.as_deref()),
            ("TLSv1.3", asked, Some("http/1.1"))
        );
        assert!(tls.cipher_suite.starts_with("TLS_"), "{}", tls.cipher_suite);
        assert_eq!(
            [request.written_head(), body.to_vec()].concat(),
            LAST.as_bytes(),
            "the bytes inside are as they were"
        );
    }
    assert_eq!(house.send(LAST).await.status, 200);
    let (in_clear, _) = house.newest().await.unwrap();
    assert_eq!(house.store.requests().wire(in_clear.id).await.unwrap().tls, None);
    assert!(
        over_tls(&house, &connector, "198.51.100.7").await.is_err(),
        "its authority may not sign for that"
    );
}

#[tokio::test]
async fn http2_is_chosen_inside_of_tls() {
    let (house, made) = (House::open().await, made());
    house.receiver.show(Some(Arc::clone(&made.identity)));
    let connector = client(Some(&made.authority_pem), &["h2", "http/1.1"]);
    let stream = over_tls(&house, &connector, "localhost").await.unwrap();
    let io = TokioIo::new(stream);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    for turn in 1..=3 {
        let request =
            http::Request::post("https://localhost/in/deep?q=1").body(Full::new(Bytes::from("two")));
        let answer = sender.send_request(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.into_body().collect().await.unwrap();
        let (request, body) = house.newest().await.unwrap();
        assert_eq!((&*request.http_version, &body[..]), ("HTTP/2.0", &b"two"[..]));
        assert_eq!(request.came.unwrap().turn, turn);
        let tls = house.store.requests().wire(request.id).await.unwrap().tls;
        assert_eq!(tls.and_then(|TlsFacts { alpn, .. }| alpn).as_deref(), Some("h2"));
    }
}

#[tokio::test]
async fn another_certificate_is_shown_from_the_next_connection_on() {
    let (house, first, second) = (House::open().await, made(), made());
    house.receiver.show(Some(Arc::clone(&first.identity)));
    let mut open = over_tls(&house, &client(Some(&first.authority_pem), &[]), "localhost").await.unwrap();
    house.receiver.show(Some(Arc::clone(&second.identity)));
    assert!(told(&mut open, LAST).await.starts_with("HTTP/1.1 200 "), "what is open goes on");
    assert!(over_tls(&house, &client(Some(&first.authority_pem), &[]), "localhost").await.is_err());
    let mut stream = over_tls(&house, &client(Some(&second.authority_pem), &[]), "localhost").await.unwrap();
    assert!(told(&mut stream, LAST).await.starts_with("HTTP/1.1 200 "));
    house.receiver.show(None);
    assert!(over_tls(&house, &client(Some(&second.authority_pem), &[]), "localhost").await.is_err());
}

#[tokio::test]
async fn a_certificate_is_made_anew_by_the_same_authority() {
    let (house, made) = (House::open().await, made());
    let again = make_certificate(&made.authority_key, &permitted(&[]), "bench", &[], NOW.plus_ms(1)).unwrap();
    house.receiver.show(Some(Arc::new(Identity::new(&again.certificate_pem, &again.key_pem).unwrap())));
    over_tls(&house, &client(Some(&made.authority_pem), &[]), "localhost").await.unwrap();
    let names = names_for("bench", &permitted(&[PUBLIC]), &[LAN, PUBLIC]);
    assert_eq!(
        names,
        ["localhost", "bench", "bench.local", "127.0.0.1", "::1", "192.168.7.7", "198.51.100.7"]
    );
    assert!(!names_for("bench", &permitted(&[]), &[PUBLIC]).contains(&"198.51.100.7".to_owned()));
    assert_eq!(names_for("no_name", &permitted(&[]), &[]), ["localhost", "127.0.0.1", "::1"]);
}

#[tokio::test]
async fn a_machine_that_is_called_otherwise_is_trusted_still() {
    let (house, made) = (House::open().await, made());
    let renamed = make_certificate(&made.authority_key, &permitted(&[]), "laptop", &[LAN], NOW).unwrap();
    house.receiver.show(Some(Arc::new(Identity::new(&renamed.certificate_pem, &renamed.key_pem).unwrap())));
    for asked in ["localhost", "laptop.local", "127.0.0.1", "192.168.7.7"] {
        over_tls(&house, &client(Some(&made.authority_pem), &[]), asked).await.expect(asked);
    }
    assert!(over_tls(&house, &client(Some(&made.authority_pem), &[]), "laptop").await.is_err());
    let names = |host| names_for(host, &permitted(&[]), &[]);
    assert_eq!(names("laptop"), ["localhost", "laptop.local", "127.0.0.1", "::1"]);
    assert_eq!(names("a.bench"), ["localhost", "a.bench", "127.0.0.1", "::1"], "what is below it is its own");
    assert_eq!(names("workbench"), ["localhost", "workbench.local", "127.0.0.1", "::1"]);
}

#[tokio::test]
async fn who_does_not_trust_it_leaves_a_trace_that_says_so() {
    let (house, made) = (House::open().await, made());
    house.receiver.show(Some(made.identity));
    assert!(over_tls(&house, &client(None, &["h2"]), "hooks.example").await.is_err());
    let stray = strays(&house, "tls_failed").await.remove(0);
    assert_eq!((stray.status, stray.inbox), (None, None));
    assert!(stray.message.contains("unknown_ca"), "{}", stray.message);
    assert!(stray.message.contains("asked for `hooks.example`, and would speak h2"), "{}", stray.message);
    assert!(stray.raw.is_empty(), "a hello is chance, which nobody reads");
    assert!(over_tls(&house, &client(None, &["h2"]), "hooks.example").await.is_err());
    let all = house.receiver.strays();
    assert!(all.len() == 1 || all[0].count == 1, "{all:?}");
}

#[tokio::test]
async fn what_speaks_nothing_that_is_spoken_here_is_told_apart() {
    let (house, made) = (House::open().await, made());
    house.receiver.show(Some(made.identity));
    // A hello of TLS 1.0, as old libraries write it.
    let mut old = vec![3, 1];
    old.extend([7; 32]);
    old.extend([0, 0, 2, 0, 47, 1, 0]);
    let length = u8::try_from(old.len()).unwrap();
    let old = [&[22, 3, 1, 0, length + 4, 1, 0, 0, length], &old[..]].concat();
    for (bytes, says, kept) in [
        (old, "The sender offered TLS 1.0", false),
        (b"\x16garbage that is none".to_vec(), "begins like TLS and is none", true),
    ] {
        let mut tcp = TcpStream::connect(house.address()).await.unwrap();
        tcp.write_all(&bytes).await.unwrap();
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, tcp.read_to_end(&mut answer)).await.expect("it ends");
        let stray = strays(&house, "tls_failed").await.remove(0);
        assert!(stray.message.contains(says), "{}", stray.message);
        assert_eq!(stray.raw == bytes, kept, "{says}");
        house.receiver.clear_strays();
    }
    let connector = client(None, &["acme-tls/1"]);
    assert!(over_tls(&house, &connector, "localhost").await.is_err());
    let stray = strays(&house, "tls_failed").await.remove(0);
    assert!(stray.message.contains("neither HTTP/1.1 nor HTTP/2"), "{}", stray.message);
}

#[tokio::test]
async fn slow_handshakes_end_in_time_and_keep_nobody_out() {
    let limits = Limits { head_time: Duration::from_millis(500), connections: 256, ..Limits::default() };
    let (house, made) = (House::with(limits, None).await, made());
    house.receiver.show(Some(made.identity));
    let mut open = Vec::new();
    for _ in 0..200 {
        let mut tcp = TcpStream::connect(house.address()).await.unwrap();
        tcp.write_all(b"\x16\x03").await.unwrap();
        open.push(tcp);
    }
    assert_eq!(house.send(LAST).await.status, 200, "who speaks in clear is served meanwhile");
    // Byte after byte does not make it longer.
    let mut dripping = TcpStream::connect(house.address()).await.unwrap();
    let drip = async {
        for byte in [0x16_u8, 3, 1, 2, 0, 1].into_iter().chain(std::iter::repeat(0)) {
            if dripping.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, drip).await.expect("it is left");
    for mut tcp in open {
        let mut rest = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, tcp.read_to_end(&mut rest)).await.expect("it is left");
    }
    let stray = strays(&house, "tls_failed").await.remove(0);
    assert!(stray.message.contains("not done within 500 ms"), "{}", stray.message);
    assert!(stray.count > 100, "they are one entry: {}", stray.count);
}

#[tokio::test]
async fn who_says_one_byte_or_nothing_in_clear_is_treated_as_ever() {
    let limits = Limits { head_time: Duration::from_millis(100), ..Limits::default() };
    let (house, made) = (House::with(limits, None).await, made());
    house.receiver.show(Some(made.identity));
    let mut one = house.connect().await;
    one.write("P").await;
    assert_eq!(one.answer().await.status, 408);
    assert!(house.connect().await.is_closed().await);
}

#[tokio::test]
async fn a_rule_ends_a_connection_over_tls_by_hand() {
    let (house, made) = (House::open().await, made());
    house.receiver.show(Some(Arc::clone(&made.identity)));
    let rule = |fault| AnswerRule {
        id: RuleId::new(NOW),
        name: String::new(),
        enabled: true,
        when: RuleWhen::default(),
        then: RuleAnswer { fault: Some(fault), body: "0123456789".into(), ..RuleAnswer::default() },
    };
    let cut = rule(AnswerFault::Close { after_bytes: 12 });
    house.add(Inbox { rules: vec![cut], ..inbox("cut") }).await;
    let mut stream = over_tls(&house, &client(Some(&made.authority_pem), &[]), "localhost").await.unwrap();
    assert_eq!(told(&mut stream, "GET /cut HTTP/1.1\r\nHost: h\r\n\r\n").await, "HTTP/1.1 200");
    assert_eq!(house.only().await.0.path, "");
}

#[test]
fn a_certificate_and_a_key_have_to_fit() {
    let authority = make_authority("bench", &[], NOW).unwrap();
    let one = make_certificate(&authority.key_pem, &permitted(&[]), "bench", &[], NOW).unwrap();
    let other = make_certificate(&authority.key_pem, &permitted(&[]), "bench", &[], NOW).unwrap();
    let refused = |certificate: &str, key: &Secret| Identity::new(certificate, key).unwrap_err();
    assert!(matches!(refused(&one.certificate_pem, &other.key_pem), IdentityError::Mismatch));
    assert!(matches!(refused("", &one.key_pem), IdentityError::NoCertificate));
    assert!(matches!(refused("nonsense", &one.key_pem), IdentityError::NoCertificate));
    assert!(matches!(refused(&one.certificate_pem, &Secret::from("nonsense")), IdentityError::NoKey));
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    assert!(matches!(refused(&one.certificate_pem, &Secret::from(encrypted)), IdentityError::EncryptedKey));
    assert!(!format!("{:?}", Identity::new(&one.certificate_pem, &one.key_pem).unwrap()).contains("KEY"));
}
