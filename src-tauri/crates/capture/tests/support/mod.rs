//! A receiver with a real store and real sockets, and a client that writes bytes as they are given.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hookbench_capture::{Limits, Receiver, ReceiverParts, bind};
use hookbench_model::{
    AllowList, CapturedRequest, InFlightLedger, Inbox, InboxId, InboxResponse, InboxRetention, ManualClock,
    PageRequest, RequestFilter, Settings, StoredSecret, Timestamp,
};
use hookbench_providers::Library;
use hookbench_signing::Secret;
use hookbench_store::{OpenOptions, Store, Synchronous};
use hookbench_workbench::Asker;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// The time on the clock of every test.
pub(crate) const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);
/// No answer takes so long; a test that waits longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) clock: ManualClock,
    pub(crate) ledger: Arc<InFlightLedger>,
    pub(crate) settings: watch::Sender<Settings>,
    pub(crate) receiver: Receiver,
    _folder: TempDir,
}

impl House {
    /// A receiver with one inbox, `in`, that has neither profile nor secret.
    pub(crate) async fn open() -> Self {
        Self::with(Limits::default(), None).await
    }

    pub(crate) async fn with(limits: Limits, max_size: Option<u64>) -> Self {
        let folder = TempDir::new().unwrap();
        let options = OpenOptions { synchronous: Synchronous::Normal, max_size, ..OpenOptions::default() };
        let store = Store::open(folder.path(), NOW, options).await.unwrap();
        store.inboxes().create(inbox("in")).await.unwrap();
        let clock = ManualClock::new(NOW);
        let ledger = Arc::new(InFlightLedger::new());
        let (settings, watched) = watch::channel(Settings::default());
        let targets = Asker::new(Library::builtin(), watched.clone(), Arc::clone(&ledger));
        let receiver = Receiver::start(ReceiverParts {
            listener: bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap(),
            store: store.clone(),
            library: Library::builtin(),
            clock: Arc::new(clock.clone()),
            ledger: Arc::clone(&ledger),
            settings: watched,
            limits,
            targets: Arc::new(targets),
        })
        .await
        .unwrap();
        Self { store, clock, ledger, settings, receiver, _folder: folder }
    }

    /// Makes an inbox that is served from now on.
    pub(crate) async fn add(&self, inbox: Inbox) -> Inbox {
        let inbox = self.store.inboxes().create(inbox).await.unwrap();
        self.receiver.refresh().await.unwrap();
        inbox
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.receiver.local_addr()
    }

    pub(crate) async fn connect(&self) -> Wire {
        Wire::over(TcpStream::connect(self.address()).await.unwrap())
    }

    /// Writes bytes on a connection of their own and gives the answer.
    pub(crate) async fn send(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let mut wire = self.connect().await;
        wire.write(bytes).await;
        wire.answer().await
    }

    /// What is stored, oldest first, with bodies.
    pub(crate) async fn captured(&self) -> Vec<(CapturedRequest, Bytes)> {
        let page =
            self.store.requests().list(&RequestFilter::default(), PageRequest::first(500)).await.unwrap();
        let mut all = Vec::new();
        for row in page.rows.into_iter().rev() {
            let request = self.store.requests().whole(row.id).await.unwrap().unwrap();
            let body = self.store.requests().body(row.id).await.unwrap().unwrap();
            all.push((request, body));
        }
        all
    }

    /// The newest request that is stored.
    pub(crate) async fn newest(&self) -> Option<(CapturedRequest, Bytes)> {
        self.captured().await.pop()
    }

    /// The one request that is stored.
    pub(crate) async fn only(&self) -> (CapturedRequest, Bytes) {
        let mut all = self.captured().await;
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}

pub(crate) fn inbox(slug: &str) -> Inbox {
    Inbox {
        id: InboxId::new(NOW),
        slug: slug.parse().unwrap(),
        name: slug.to_owned(),
        provider: None,
        scheme: None,
        handshakes: true,
        verify_token: None,
        response: InboxResponse::default(),
        rules: Vec::new(),
        relay: None,
        access: None,
        allow: AllowList::default(),
        retention: InboxRetention::default(),
        secrets: Vec::new(),
        created_at: NOW,
    }
}

/// An inbox that verifies by a profile.
pub(crate) fn verifying(slug: &str, provider: &str, secret: Option<&str>) -> Inbox {
    let keep = |secret: &str| StoredSecret { secret: Secret::new(secret), created_at: NOW, expires_at: None };
    Inbox {
        provider: Some(provider.parse().unwrap()),
        secrets: secret.map(keep).into_iter().collect(),
        ..inbox(slug)
    }
}

/// One connection, as bytes.
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) version: u8,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str())
    }
}

impl Wire {
    pub(crate) const fn over(stream: TcpStream) -> Self {
        Self { stream, read: Vec::new() }
    }

    /// Writes; a connection that is closed under the writer is the reader's to find out.
    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    pub(crate) async fn answer(&mut self) -> Answer {
        self.answer_to(false).await
    }

    /// The next answer; that to a HEAD has a length and no body.
    pub(crate) async fn answer_to(&mut self, head: bool) -> Answer {
        self.try_answer(head).await.expect("an answer before the connection ends")
    }

    /// The next answer; `None` where the connection ends without one.
    pub(crate) async fn try_answer(&mut self, head: bool) -> Option<Answer> {
        loop {
            if let Some(answer) = self.parse(head) {
                return Some(answer);
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// Whether the server has closed, with nothing more to read.
    pub(crate) async fn is_closed(&mut self) -> bool {
        !self.more().await && self.read.is_empty()
    }

    async fn more(&mut self) -> bool {
        let mut part = [0; 4096];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut part));
        let length = read.await.expect("the server answers or closes").unwrap_or(0);
        self.read.extend_from_slice(&part[..length]);
        length > 0
    }

    fn parse(&mut self, head: bool) -> Option<Answer> {
        let mut room = [httparse::EMPTY_HEADER; 32];
        let mut parsed = httparse::Response::new(&mut room);
        let httparse::Status::Complete(start) = parsed.parse(&self.read).unwrap() else { return None };
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let mut answer = Answer {
            status: parsed.code.unwrap(),
            version: parsed.version.unwrap(),
            headers: parsed.headers.iter().map(|h| (h.name.to_owned(), text(h.value))).collect(),
            body: String::new(),
        };
        let length = answer.header("content-length").map_or(0, |text| text.parse().unwrap());
        let end = if head { start } else { start + length };
        if self.read.len() < end {
            return None;
        }
        answer.body = text(&self.read[start..end]);
        self.read.drain(..end);
        Some(answer)
    }
}
