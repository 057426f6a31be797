//! What of a record to the byte is hidden, for the moment or for good.

use hookbench_model::{Inbox, VEIL};
use tokio::io::AsyncWriteExt as _;

use super::{TOKEN, newest_written, record, written};
use crate::support::{House, verifying};

#[tokio::test]
async fn what_comes_behind_something_malformed_shows_no_secret() {
    let house = House::open().await;
    let guarded = Inbox { scheme: Some("bearer".to_owned()), ..verifying("guarded", "generic", Some(TOKEN)) };
    house.add(guarded).await;
    let next = format!("POST /guarded HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
    for before in [
        "POST /in HTTP/1.1\r\nHost : h\r\n\r\n",
        "POST /in HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nZ",
    ] {
        let sent = format!("{before}{next}");
        assert_eq!(house.send(&sent).await.status, 400);
        let (_, record, back) = newest_written(&house).await;
        assert_eq!(String::from_utf8(back).unwrap(), sent.replace(TOKEN, VEIL));
        assert!(!format!("{record:?}").contains(TOKEN));
    }
}

#[tokio::test]
async fn a_secret_between_chunks_is_left_out_for_good() {
    let house = House::open().await;
    let guarded = Inbox { scheme: Some("bearer".to_owned()), ..verifying("guarded", "generic", Some(TOKEN)) };
    house.add(guarded).await;
    let mut wire = house.connect().await;
    let sent = format!(
        "POST /guarded HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;k={TOKEN}\r\nabc\r\n0\r\nX-Copy: {TOKEN}\r\n"
    );
    wire.write(&sent).await;
    wire.stream.shutdown().await.unwrap();
    assert_eq!(wire.answer().await.status, 400);
    let (_, record, back) = newest_written(&house).await;
    assert_eq!(String::from_utf8(back).unwrap(), sent.replace(TOKEN, VEIL));
    assert!(!format!("{record:?}").contains(TOKEN));
}

#[tokio::test]
async fn a_secret_is_veiled_in_a_head_as_it_stood_and_in_trailers_and_is_in_no_file() {
    let house = House::open().await;
    let guarded = Inbox { scheme: Some("bearer".to_owned()), ..verifying("guarded", "generic", Some(TOKEN)) };
    house.add(guarded).await;
    let usual = format!(
        "POST /guarded?t={TOKEN} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 0\r\n\r\n"
    );
    let odd = format!(
        "POST http://x/guarded?t={TOKEN} HTTP/1.1\r\nHost:x\r\nauthorization:\t Bearer {TOKEN} \r\n\
         Transfer-Encoding: chunked\r\n\r\n0\r\nX-Copy: {TOKEN}\r\n\r\n"
    );
    let only_in_trailers = format!(
        "POST /guarded HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Copy: {TOKEN}\r\n\r\n"
    );
    let malformed =
        format!("POST /guarded HTTP/1.1\r\nHost: x\r\nAuthorization : Bearer {TOKEN}\r\n{TOKEN}\r\n\r\n");
    for (sent, status) in [(usual, 200), (odd, 200), (only_in_trailers, 200), (malformed, 400)] {
        assert_eq!(house.send(&sent).await.status, status, "{sent}");
        let (request, body) = house.newest().await.unwrap();
        let kept = record(&house, request.id).await;
        assert_eq!(String::from_utf8(written(&request, &kept, &body)).unwrap(), sent);
        let shown = String::from_utf8(written(&request.veiled(), &kept.veiled(), &body)).unwrap();
        // Of a name with a space behind it the kind of credential is not told.
        let expected = sent.replace(TOKEN, VEIL).replace("Authorization : Bearer ", "Authorization : ");
        assert_eq!(shown, expected);
    }
    let folder = house.store.folder().to_owned();
    house.store.shutdown().await;
    for file in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()));
    }
}

#[tokio::test]
async fn of_a_broken_request_what_is_named_like_a_credential_is_veiled() {
    let house = House::open().await;
    let sent = "POST /in HTTP/1.1\r\nHost: h\r\nX-Api-Key: somebodys\r\nContent-Length: 9\r\n\r\nabc";
    let mut wire = house.connect().await;
    wire.write(sent).await;
    wire.stream.shutdown().await.unwrap();
    assert_eq!(wire.answer().await.status, 400);
    let (request, body) = house.newest().await.unwrap();
    let kept = record(&house, request.id).await;
    assert_eq!(String::from_utf8(written(&request, &kept, &body)).unwrap(), sent);
    let shown = written(&request.veiled(), &kept.veiled(), &body);
    assert!(String::from_utf8(shown).unwrap().contains("X-Api-Key: (the secret)\r\n"));
}
