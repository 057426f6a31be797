//! The receiver is opened to the network and closed again while it is at work.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use hookbench_capture::{CaptureError, Limits};
use hookbench_model::RequestFilter;
use tokio::net::TcpStream;

use crate::support::{House, Wire};

const POST: &str = "POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok";

/// An address of this machine at which the receiver listens only where it listens everywhere.
fn elsewhere(house: &House) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 7], house.address().port()))
}

fn open_to_lan(house: &House) {
    house.receiver.open_to_lan(house.receiver.take_lan().unwrap().unwrap());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn whoever_connects_before_it_is_opened_waits_or_is_turned_away() {
    let house = House::open().await;
    let taken = house.receiver.take_lan().unwrap().unwrap();
    assert!(!house.receiver.is_exposed());
    let early = TcpStream::connect(elsewhere(&house)).await.unwrap();
    let mut wire = Wire::over(early);
    wire.write(POST).await;
    // What is sent to this machine's own address after it is answered; it is not.
    assert_eq!(house.send(POST).await.status, 200);
    let captured = async || house.store.requests().count(&RequestFilter::default()).await.unwrap();
    assert_eq!(captured().await, 1);
    house.receiver.open_to_lan(taken);
    assert_eq!(wire.answer().await.status, 200);
    assert_eq!(captured().await, 2);
    house.receiver.close_to_lan();
    until_refused(elsewhere(&house)).await;

    drop(house.receiver.take_lan().unwrap().unwrap());
    assert!(TcpStream::connect(elsewhere(&house)).await.is_err());
    assert!(!house.receiver.is_exposed());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn it_is_opened_and_closed_without_anybody_noticing_who_is_at_work() {
    let house = House::open().await;
    assert!(!house.receiver.is_exposed());
    assert!(TcpStream::connect(elsewhere(&house)).await.is_err());
    let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let senders: Vec<_> = (0..4)
        .map(|number| {
            let (stop, sent, address) = (Arc::clone(&stop), Arc::clone(&sent), house.address());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let mut wire = Wire::over(TcpStream::connect(address).await.unwrap());
                    // Half of them keep their connections.
                    for _ in 0..=(number % 2) * 3 {
                        wire.write(POST).await;
                        assert_eq!(wire.answer().await.status, 200);
                        sent.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    for _ in 0..20 {
        open_to_lan(&house);
        assert!(house.receiver.take_lan().unwrap().is_none(), "it is open already");
        assert!(house.receiver.is_exposed() && house.receiver.is_everywhere());
        let mut wire = Wire::over(TcpStream::connect(elsewhere(&house)).await.unwrap());
        wire.write(POST).await;
        assert_eq!(wire.answer().await.status, 200);
        sent.fetch_add(1, Ordering::Relaxed);
        // Under way while it is closed: it is answered, and then the connection ends.
        wire.write(&POST[..POST.len() - 1]).await;
        let before = house.receiver.strays().len();
        wait_for_head(&house).await;
        house.receiver.close_to_lan();
        wire.write("k").await;
        assert_eq!(wire.answer().await.status, 200);
        sent.fetch_add(1, Ordering::Relaxed);
        assert!(wire.is_closed().await);
        assert_eq!(house.receiver.strays().len(), before);
        assert!(!house.receiver.is_exposed());
        until_refused(elsewhere(&house)).await;
    }
    stop.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await.unwrap();
    }
    let counted = house.store.requests().count(&RequestFilter::default()).await.unwrap();
    assert_eq!(counted, u64::from(sent.load(Ordering::Relaxed)), "none is lost and none twice");
}

/// The head of what is under way has arrived once something that was sent after it is answered.
async fn wait_for_head(house: &House) {
    for _ in 0..3 {
        let mut wire = house.connect().await;
        wire.write("GET /favicon.ico HTTP/1.1\r\nHost: h\r\n\r\n").await;
        assert_eq!(wire.answer().await.status, 404);
    }
}

async fn until_refused(address: SocketAddr) {
    for _ in 0..2_000 {
        if TcpStream::connect(address).await.is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    panic!("{address} still listens");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn where_the_port_is_taken_on_another_address_all_stays_as_it_was() {
    let house = House::open().await;
    let taken = std::net::TcpListener::bind(elsewhere(&house)).unwrap();
    let error = house.receiver.take_lan().unwrap_err();
    assert!(
        matches!(&error, CaptureError::AddressInUse { address, .. } if address.ip() == IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
        "{error}"
    );
    assert!(!house.receiver.is_exposed());
    assert_eq!(house.send(POST).await.status, 200);
    // Nobody may listen beside it by the back door afterwards.
    assert!(std::net::TcpListener::bind(house.address()).is_err());
    drop(taken);
    open_to_lan(&house);
    assert!(std::net::TcpListener::bind(SocketAddr::from(([0, 0, 0, 0], house.address().port()))).is_err());
    let mut wire = Wire::over(TcpStream::connect(elsewhere(&house)).await.unwrap());
    wire.write(POST).await;
    assert_eq!(wire.answer().await.status, 200);
}

/// However many come from elsewhere, who sends from this machine finds a place.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_quarter_of_the_places_is_for_this_machine() {
    let house = House::with(Limits { connections: 8, ..Limits::default() }, None).await;
    open_to_lan(&house);
    let mut others = Vec::new();
    for _ in 0..7 {
        let mut wire = Wire::over(TcpStream::connect(elsewhere(&house)).await.unwrap());
        wire.write(POST).await;
        others.push(wire);
    }
    let mut waiting = others.pop().unwrap();
    for wire in &mut others {
        assert_eq!(wire.answer().await.status, 200);
    }
    let (mut one, mut two) = (house.connect().await, house.connect().await);
    for wire in [&mut one, &mut two] {
        wire.write(POST).await;
        assert_eq!(wire.answer().await.status, 200);
    }
    let waits = tokio::time::timeout(std::time::Duration::from_millis(50), waiting.try_answer(false)).await;
    assert!(waits.is_err(), "what is kept for this machine is not given away");
    // The first place that is free is this machine's again, and the next one theirs.
    drop((one, others.pop()));
    assert_eq!(waiting.answer().await.status, 200);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn when_it_stops_it_stops_everywhere() {
    let house = House::open().await;
    open_to_lan(&house);
    let (here, there) = (house.address(), elsewhere(&house));
    house.receiver.stop(std::time::Duration::from_secs(5)).await;
    assert!(TcpStream::connect(here).await.is_err());
    assert!(TcpStream::connect(there).await.is_err());
}
