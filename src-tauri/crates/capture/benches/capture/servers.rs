use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use bytes::Bytes;
use hookbench_capture::{
    AskTarget, Asked, Limits, NotAnswered, Receiver, ReceiverParts, RelayedRequest, bind,
};
use hookbench_model::{
    AllowList, Clock, InFlightLedger, Inbox, InboxId, InboxResponse, InboxRetention, RequestFilter, Settings,
    Sleep, StoredSecret, Timestamp,
};
use hookbench_providers::Library;
use hookbench_signing::{Message, Secret, SecretForm, sign};
use hookbench_store::{OpenOptions, Store};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::watch;

const BEGIN: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);
const ANYWHERE: [u8; 4] = [127, 0, 0, 1];

/// Asks no targets: no inbox that is measured has any.
#[derive(Debug)]
struct Nobody;

impl AskTarget for Nobody {
    fn ask(&self, _: RelayedRequest, _: Duration) -> Asked<'_> {
        Box::pin(async { Err(NotAnswered::Failed("nobody is asked".to_owned())) })
    }
}

/// A server that can be measured.
pub(crate) trait Served {
    fn address(&self) -> SocketAddr;

    /// Sees to it that what was answered is there.
    fn check(&self, answered: usize);

    /// A signed request with a body of that size, ready for the wire.
    fn request(&self, size: usize) -> Arc<[u8]> {
        let frame = r#"{"type":"message.created","timestamp":"2025-11-21T04:35:00.000Z","data":{"text":""}}"#;
        let body = frame.replace(r#""""#, &format!(r#""{}""#, "x".repeat(size - frame.len())));
        let profile = Library::builtin().generic();
        let message = Message {
            method: "POST",
            url: "",
            headers: &[],
            body: body.as_bytes(),
            timestamp: BEGIN.unix_ms(),
            id: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
        };
        let signed = sign(profile.scheme(), &[&secret()], &message).unwrap();
        let mut head = format!(
            "POST /bench/hook HTTP/1.1\r\nHost: {}\r\nUser-Agent: bench/1.0\r\nAccept: */*\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n",
            self.address(),
            body.len()
        );
        for (name, value) in signed.headers {
            head.extend([&name, ": ", &value, "\r\n"]);
        }
        format!("{head}\r\n{body}").into_bytes().into()
    }
}

fn secret() -> Secret {
    Secret::generate(SecretForm::WhsecB64, &[7; 24])
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// axum that reads the body, stores nothing and says 200.
#[derive(Debug)]
pub(crate) struct Bare {
    address: SocketAddr,
    _runtime: Runtime,
}

impl Bare {
    pub(crate) fn start() -> Self {
        let runtime = runtime();
        let listener = runtime.block_on(bind(SocketAddr::from((ANYWHERE, 0)))).unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(async |body: Bytes| {
            std::hint::black_box(body);
            StatusCode::OK
        });
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
            let _ = stream.set_nodelay(true);
        });
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { address, _runtime: runtime }
    }
}

impl Served for Bare {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn check(&self, _: usize) {}
}

/// The receiver with everything on: verification, every index, the change feed, a real flush of the disk.
#[derive(Debug)]
pub(crate) struct Product {
    runtime: Runtime,
    store: Store,
    receiver: Option<Receiver>,
    _folder: TempDir,
}

impl Product {
    pub(crate) fn start() -> Self {
        // Beside the build and not in /tmp, which is memory on some machines.
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let runtime = runtime();
        let (store, receiver) = runtime.block_on(async {
            let store = Store::open(folder.path(), BEGIN, OpenOptions::default()).await.unwrap();
            store.inboxes().create(inbox()).await.unwrap();
            let (_, settings) = watch::channel(Settings::default());
            let receiver = Receiver::start(ReceiverParts {
                listener: bind(SocketAddr::from((ANYWHERE, 0))).await.unwrap(),
                store: store.clone(),
                library: Library::builtin(),
                clock: Arc::new(Running { began: Instant::now() }),
                ledger: Arc::new(InFlightLedger::new()),
                settings,
                limits: Limits::default(),
                targets: Arc::new(Nobody),
            });
            (store, receiver.await.unwrap())
        });
        Self { runtime, store, receiver: Some(receiver), _folder: folder }
    }
}

impl Served for Product {
    fn address(&self) -> SocketAddr {
        self.receiver.as_ref().unwrap().local_addr()
    }

    fn check(&self, answered: usize) {
        let valid = RequestFilter {
            verification: Some(hookbench_model::VerificationStatus::Valid),
            ..RequestFilter::default()
        };
        let stored = self.runtime.block_on(self.store.requests().count(&valid)).unwrap();
        assert!(stored >= answered as u64, "{stored} stored and valid of {answered} answered");
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        let receiver = self.receiver.take();
        self.runtime.block_on(async {
            if let Some(receiver) = receiver {
                receiver.stop(Duration::from_secs(1)).await;
            }
            self.store.shutdown().await;
        });
    }
}

fn inbox() -> Inbox {
    Inbox {
        id: InboxId::new(BEGIN),
        slug: "bench".parse().unwrap(),
        name: "Bench".to_owned(),
        provider: Some(Library::builtin().generic().id().clone()),
        scheme: None,
        handshakes: true,
        verify_token: None,
        response: InboxResponse::default(),
        rules: Vec::new(),
        relay: None,
        access: None,
        allow: AllowList::default(),
        retention: InboxRetention::default(),
        secrets: vec![StoredSecret { secret: secret(), created_at: BEGIN, expires_at: None }],
        created_at: BEGIN,
    }
}

/// A clock that runs like the machine's and begins at a known time, at which the requests are signed.
#[derive(Debug)]
struct Running {
    began: Instant,
}

impl Clock for Running {
    fn now(&self) -> Timestamp {
        BEGIN.plus(self.began.elapsed())
    }

    fn sleep_until(&self, until: Timestamp) -> Sleep {
        Box::pin(tokio::time::sleep(until.duration_from(self.now())))
    }
}
