use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use proptest::prelude::*;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::*;
use crate::answers::Outlet;
use crate::tls::Transport;

/// What came out behind the gate: the head that was judged and the body that hyper read.
type Passed = (Result<Head, Fault>, Result<Bytes, ()>);

/// Writes the pieces to a gate with hyper behind it and gives what passed.
async fn pass(pieces: Vec<Vec<u8>>) -> Vec<Passed> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut sender = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let (tell, mut told) = mpsc::unbounded_channel();
    let server = tokio::spawn(async move {
        let arrivals = Arrivals::default();
        let socket = Socket::new(Transport::Plain(stream), Outlet::default());
        let (_, settings) = tokio::sync::watch::channel(hookbench_model::Settings::default());
        let room = Arc::new(Room::new(1 << 20, settings));
        let gate = Gate::new(socket, Arc::new(Limits::default()), room, arrivals.clone());
        let service = service_fn(move |request: http::Request<Incoming>| {
            let (tell, arrivals) = (tell.clone(), arrivals.clone());
            async move {
                let arrival = arrivals.next().expect("one arrival for every request of hyper's");
                let arrival = arrival.map_err(|refused| refused.fault);
                let status = arrival.as_ref().map_or_else(Fault::status, |_| http::StatusCode::OK);
                let names: Vec<_> = request.headers().keys().map(|name| name.as_str().to_owned()).collect();
                let ours = ["content-length", "transfer-encoding", "connection", "expect", "te"];
                assert!(names.iter().all(|name| ours.contains(&name.as_str())), "{names:?}");
                let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes);
                let whole = arrival.as_ref().ok().and_then(|arrival| arrival.body.clone());
                let body = whole.map_or_else(|| body.map_err(|_| ()), Ok);
                tell.send((arrival.map(|arrival| arrival.head), body)).unwrap();
                let mut response = http::Response::new(Full::new(Bytes::new()));
                *response.status_mut() = status;
                Ok::<_, Infallible>(response)
            }
        });
        let _ = hyper::server::conn::http1::Builder::new()
            .half_close(true)
            .serve_connection(TokioIo::new(gate), service)
            .await;
    });
    let (mut from, mut to) = sender.split();
    let write = async {
        for piece in pieces {
            let _ = to.write_all(&piece).await;
            let _ = to.flush().await;
            tokio::task::yield_now().await;
        }
        let _ = to.shutdown().await;
    };
    let mut answers = Vec::new();
    let ((), _) = tokio::join!(write, from.read_to_end(&mut answers));
    server.await.unwrap();
    let mut passed = Vec::new();
    while let Ok(one) = told.try_recv() {
        passed.push(one);
    }
    passed
}

fn cut(bytes: &[u8], at: &[usize]) -> Vec<Vec<u8>> {
    let mut ends: Vec<usize> = at.iter().map(|at| at % (bytes.len() + 1)).collect();
    ends.extend([0, bytes.len()]);
    ends.sort_unstable();
    ends.windows(2).map(|pair| bytes[pair[0]..pair[1]].to_vec()).filter(|piece| !piece.is_empty()).collect()
}

#[derive(Clone, Debug)]
struct Sent {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    chunks: Option<usize>,
}

impl Sent {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(format!("POST /{} HTTP/1.1\r\nHost: h\r\n", self.path).bytes());
        for (name, value) in &self.headers {
            out.extend(format!("X-{name}: {value}\r\n").bytes());
        }
        let Some(size) = self.chunks else {
            out.extend(format!("Content-Length: {}\r\n\r\n", self.body.len()).bytes());
            out.extend(&self.body);
            return;
        };
        out.extend(b"Transfer-Encoding: chunked\r\n\r\n");
        for (at, part) in self.body.chunks(size).enumerate() {
            // hyper bears 16 KiB of extensions in one body, which thousands of tiny chunks would exceed.
            let extension = if at < 1000 { ";x=y" } else { "" };
            out.extend(format!("{:X}{extension}\r\n", part.len()).bytes());
            out.extend(part);
            out.extend(b"\r\n");
        }
        out.extend(b"0\r\nT: v\r\n\r\n");
    }
}

fn sent() -> impl Strategy<Value = Sent> {
    let headers = proptest::collection::vec(("[A-Za-z-]{1,8}", "[!-~]{0,3}( [!-~]{1,3})?"), 0..6);
    let body = proptest::collection::vec(any::<u8>(), 0..40_000);
    let chunks = proptest::option::of(1_usize..9_000);
    ("[a-z/?%]{0,9}", headers, body, chunks).prop_map(|(path, headers, body, chunks)| Sent {
        path,
        headers,
        body,
        chunks,
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_request_passes_whole_however_it_is_cut(
        requests in proptest::collection::vec(sent(), 1..5),
        at in proptest::collection::vec(any::<usize>(), 0..12),
    ) {
        let mut bytes = Vec::new();
        for request in &requests {
            request.write(&mut bytes);
        }
        let passed = block_on(pass(cut(&bytes, &at)));
        prop_assert_eq!(passed.len(), requests.len());
        for (request, (head, body)) in requests.iter().zip(passed) {
            let head = head.unwrap();
            let path = format!("/{}", request.path);
            prop_assert_eq!(head.target.path_and_query(), path.as_str());
            let got: Vec<_> = head.headers.iter().filter(|(name, _)| name.starts_with("X-")).collect();
            prop_assert_eq!(got.len(), request.headers.len());
            for ((name, value), (got_name, got_value)) in request.headers.iter().zip(got) {
                prop_assert_eq!(&got_name[2..], name.as_str());
                prop_assert_eq!(got_value.as_bytes(), value.trim_ascii().as_bytes());
            }
            prop_assert_eq!(&body.unwrap()[..], &request.body[..]);
        }
    }

    #[test]
    fn bytes_that_are_no_requests_never_pass_as_one(
        bytes in proptest::collection::vec(any::<u8>(), 1..300),
        at in proptest::collection::vec(any::<usize>(), 0..4),
    ) {
        for (head, _) in block_on(pass(cut(&bytes, &at))) {
            prop_assert!(head.is_err(), "{:?}", head);
        }
    }
}

#[test]
fn a_fault_in_a_body_reaches_the_handler_as_one() {
    let bytes = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nQ\r\n";
    let passed = block_on(pass(vec![bytes.to_vec()]));
    assert_eq!(passed.len(), 1);
    assert!(passed[0].0.is_ok() && passed[0].1.is_err());
}
