//! Who may send to an inbox: by the address that a request comes from, and by what it shows.

use data_encoding::BASE64;
use hookbench_model::{AllowList, Inbox, InboxAccess, Reach, Settings, TokenPlace, VEIL};
use hookbench_signing::Secret;
use std::net::SocketAddr;
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{Answer, House, Wire, inbox};

fn list(rules: &[&str]) -> AllowList {
    AllowList(rules.iter().map(|rule| rule.parse().unwrap()).collect())
}

fn with_password() -> InboxAccess {
    InboxAccess::Basic { username: "ann".to_owned(), password: Secret::from("pw") }
}

fn with_token(place: TokenPlace) -> InboxAccess {
    InboxAccess::Token { place, token: Secret::from("tk-1") }
}

async fn from(house: &House, ip: [u8; 4]) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((ip, 0))).unwrap();
    socket.connect(house.address()).await.unwrap()
}

async fn send_from(house: &House, ip: [u8; 4], bytes: &str) -> Answer {
    let mut wire = Wire::over(from(house, ip).await);
    wire.write(bytes).await;
    wire.answer().await
}

const POST: &str = "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok";

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_inbox_takes_what_comes_from_its_list_and_no_more() {
    let house = House::open().await;
    let listed = house.add(Inbox { allow: list(&["127.0.0.2", "127.5.0.0/16"]), ..inbox("listed") }).await;
    let to = POST.replace("/in", "/listed");
    for (ip, status) in
        [([127, 0, 0, 2], 200), ([127, 5, 9, 9], 200), ([127, 0, 0, 1], 403), ([127, 0, 0, 3], 403)]
    {
        assert_eq!(send_from(&house, ip, &to).await.status, status, "{ip:?}");
    }
    assert_eq!(house.captured().await.len(), 2);
    let strays = house.receiver.strays();
    let [stray] = &strays[..] else { panic!("{strays:?}") };
    assert_eq!((stray.code, stray.status, stray.count), ("not_allowed", Some(403), 2));
    assert_eq!(stray.inbox, Some(listed.id));
    assert!(stray.message.contains("127.0.0.3"), "{}", stray.message);
    assert!(stray.raw.ends_with(b"ok"), "it is not lost");
    // Half of a request is kept no more than a whole one.
    let broken = "POST /listed HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n";
    assert_eq!(send_from(&house, [127, 0, 0, 3], broken).await.status, 400);
    assert_eq!(house.captured().await.len(), 2);
    assert_eq!(send_from(&house, [127, 0, 0, 2], broken).await.status, 400);
    assert_eq!(house.captured().await.len(), 3);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_workspaces_list_lets_this_machine_in_whatever_it_says() {
    let house = House::open().await;
    let reach = Reach { allow: list(&["192.0.2.7"]), ..Reach::default() };
    house.settings.send_replace(Settings { reach, ..Settings::default() });
    for ip in [[127, 0, 0, 1], [127, 0, 0, 9]] {
        assert_eq!(send_from(&house, ip, POST).await.status, 200, "{ip:?}");
    }
}

#[tokio::test]
async fn a_password_is_asked_for_and_what_has_none_is_not_lost() {
    let house = House::open().await;
    let safe = house.add(Inbox { access: Some(with_password()), ..inbox("safe") }).await;
    let post = |line: &str| format!("POST /safe HTTP/1.1\r\nHost: h\r\n{line}Content-Length: 2\r\n\r\nok");
    let basic = |text: &str| format!("Authorization: Basic {}\r\n", BASE64.encode(text.as_bytes()));
    for line in [String::new(), basic("ann:no"), basic("bob:pw"), "Authorization: Bearer pw\r\n".to_owned()] {
        let answer = house.send(post(&line)).await;
        assert_eq!(answer.status, 401, "{line}");
        assert_eq!(answer.header("www-authenticate"), Some("Basic realm=\"safe\", charset=\"UTF-8\""));
    }
    assert!(house.captured().await.is_empty());
    let strays = house.receiver.strays();
    let [stray] = &strays[..] else { panic!("{strays:?}") };
    assert_eq!((stray.code, stray.status, stray.count), ("unauthorized", Some(401), 4));
    assert_eq!(stray.inbox, Some(safe.id));
    assert_eq!(house.send(post(&basic("ann:pw"))).await.status, 200);
    let (request, _) = house.only().await;
    // As it came it is there, to be sent on; what is shown has no password in it.
    assert_eq!(request.headers.get_str("authorization"), Some(basic("ann:pw")[15..].trim_end()));
    let shown = request.shown.unwrap();
    assert_eq!(shown.headers.get_str("authorization"), Some(&*format!("Basic {VEIL}")));
}

#[tokio::test]
async fn a_token_is_asked_for_in_its_place_and_shown_nowhere() {
    let house = House::open().await;
    let header = TokenPlace::Header("X-Caller".to_owned());
    house.add(Inbox { access: Some(with_token(header)), ..inbox("by-header") }).await;
    let query = TokenPlace::Query("t".to_owned());
    house.add(Inbox { access: Some(with_token(query)), ..inbox("by-query") }).await;
    for (line, headers, status) in [
        ("/by-header", "", 401),
        ("/by-header?t=tk-1", "", 401),
        ("/by-header", "X-Caller: tk-2\r\n", 401),
        ("/by-header", "X-Caller: tk-1\r\n", 200),
        ("/by-header", "x-caller: Bearer tk-1\r\n", 200),
        ("/by-query", "X-Caller: tk-1\r\n", 401),
        ("/by-query?t=tk-2", "", 401),
        ("/by-query?a=1&t=tk%2D1", "", 200),
    ] {
        let answer = house.send(format!("GET {line} HTTP/1.1\r\nHost: h\r\n{headers}\r\n")).await;
        assert_eq!(answer.status, status, "{line} {headers}");
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
    }
    let all = house.captured().await;
    assert_eq!(all.len(), 3);
    for (request, _) in &all {
        let shown = request.shown.as_ref().unwrap();
        let told = format!("{shown:?}");
        assert!(told.contains(VEIL) && !told.contains("tk-1") && !told.contains("tk%2D1"), "{told}");
    }
    // Nor is a right one shown of what was refused for something else, nor a wrong one that stood in its place.
    let raws: Vec<_> = house.receiver.strays().into_iter().map(|stray| stray.raw).collect();
    for raw in &raws {
        let text = String::from_utf8_lossy(raw);
        assert!(!text.contains("tk-1") && !text.contains("tk-2"), "{text}");
    }
}

#[tokio::test]
async fn what_is_asked_for_holds_from_the_next_request_on_of_a_connection_that_is_open() {
    let house = House::open().await;
    let mut wire = house.connect().await;
    wire.write(POST).await;
    assert_eq!(wire.answer().await.status, 200);
    let id = house.only().await.0.inbox_id;
    house.store.inboxes().update(id, |inbox| inbox.access = Some(with_password())).await.unwrap();
    house.receiver.refresh().await.unwrap();
    wire.write(POST).await;
    assert_eq!(wire.answer().await.status, 401);
    house.store.inboxes().update(id, |inbox| inbox.access = None).await.unwrap();
    house.receiver.refresh().await.unwrap();
    wire.write(POST).await;
    assert_eq!(wire.answer().await.status, 200);
}
