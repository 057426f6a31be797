//! The window on a desktop with a session bus: one instance a workspace, and a word when deliveries fail.

use std::time::Duration;

use tokio::sync::mpsc;
use zbus::zvariant::OwnedValue;

use crate::desk::{Desk, System, Window};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_brings_the_first_window_forward_and_ends() {
    let desk = Desk::with_bus(System::Light);
    let window = desk.open().await;
    let mut second = desk.program();
    second.arg("--data").arg(desk.data()).args(["--capture", "127.0.0.1:0"]);
    let output = tokio::task::spawn_blocking(move || second.output().unwrap()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    window.find("nav").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_finally_fails_is_announced() {
    let desk = Desk::with_bus(System::Light);
    let mut screen = Notifications::listen(desk.bus_address()).await;
    let window = desk.open().await;
    fail_a_delivery(&window).await;
    let shown = screen.next().await;
    assert_eq!(shown.title, "Delivery failed: demo.failed to Nobody home");
    assert!(shown.body.contains("refused"), "the body says why: {}", shown.body);
    // A click on it opens the delivery, wherever the window was.
    assert_eq!(shown.actions, ["default", "Open"]);
    screen.click(shown.number).await;
    window.find("main[aria-label='Deliveries']").await;
    window.shows("demo.failed").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_chosen_is_announced() {
    let desk = Desk::with_bus(System::Light);
    let mut screen = Notifications::listen(desk.bus_address()).await;
    let window = desk.open().await;
    let chosen = "fetch('hookbench://localhost/v1/settings', {
            method: 'PATCH', headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ notify_on: ['endpoint.failing'] }),
        }).then((answer) => done(String(answer.status)), (error) => done(String(error)));";
    assert_eq!(window.run_async(chosen).await, "200");
    fail_a_delivery(&window).await;
    let shown = screen.next().await;
    assert_eq!(
        shown.title, "Nobody home has begun to fail",
        "and not that the delivery failed, which came with it"
    );
    window.close().await;
}

/// An endpoint where nobody listens, tried once.
async fn fail_a_delivery(window: &Window) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = format!(
        "const post = (path, body) => fetch('hookbench://localhost' + path, {{
            method: 'POST', headers: {{ 'content-type': 'application/json' }}, body: JSON.stringify(body),
        }}).then(async (answer) => {{ if (!answer.ok) throw await answer.text(); }});
        post('/v1/webhook-endpoints', {{
            name: 'Nobody home', url: 'http://127.0.0.1:{port}/', provider: 'generic', enabled_events: ['*'],
            retry: {{ delays_ms: [], jitter: 0 }},
        }})
        .then(() => post('/v1/events', {{ type: 'demo.failed', provider: 'generic', payload: {{}} }}))
        .then(() => done('sent'), (error) => done(String(error)));"
    );
    assert_eq!(window.run_async(&script).await, "sent");
}

/// The desktop's place for notifications, as the window sees it.
struct Notifications {
    shown: mpsc::UnboundedReceiver<Shown>,
    connection: zbus::Connection,
}

/// A notification as it was handed over.
struct Shown {
    number: u32,
    title: String,
    body: String,
    actions: Vec<String>,
}

impl Notifications {
    async fn listen(address: &str) -> Self {
        let (tell, shown) = mpsc::unbounded_channel();
        let connection = zbus::connection::Builder::address(address)
            .unwrap()
            .name("org.freedesktop.Notifications")
            .unwrap()
            .serve_at(PATH, Service { tell, numbers: std::sync::atomic::AtomicU32::new(7) })
            .unwrap()
            .build()
            .await
            .unwrap();
        Self { shown, connection }
    }

    /// The next notification.
    async fn next(&mut self) -> Shown {
        let next = tokio::time::timeout(Duration::from_secs(20), self.shown.recv()).await;
        next.expect("a notification comes").unwrap()
    }

    /// Clicks on it.
    async fn click(&self, number: u32) {
        let clicked = (number, "default");
        let signal = self.connection.emit_signal(
            None::<zbus::names::BusName<'_>>,
            PATH,
            "org.freedesktop.Notifications",
            "ActionInvoked",
            &clicked,
        );
        signal.await.unwrap();
    }
}

const PATH: &str = "/org/freedesktop/Notifications";

struct Service {
    tell: mpsc::UnboundedSender<Shown>,
    numbers: std::sync::atomic::AtomicU32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(clippy::too_many_arguments, reason = "the desktop's interface has that many")]
    fn notify(
        &self,
        app: &str,
        replaces: u32,
        icon: &str,
        title: &str,
        body: &str,
        actions: Vec<String>,
        hints: std::collections::HashMap<String, OwnedValue>,
        expires_ms: i32,
    ) -> u32 {
        drop((app, replaces, icon, hints, expires_ms));
        let number = self.numbers.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let (title, body) = (title.to_owned(), body.to_owned());
        let _ = self.tell.send(Shown { number, title, body, actions });
        number
    }
}
