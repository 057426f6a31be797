//! A word on the desktop when deliveries have finally failed.
//!
//! [`Announcer`] gathers: one failure is named, a run of them is counted. How it gets onto the screen is the
//! platform's: on Linux straight over the session bus that the single-instance check uses anyway.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// At most one notification in this time; what fails meanwhile is counted into the next.
const PAUSE: Duration = Duration::from_secs(10);

/// A delivery that will not be tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The event's type and the endpoint's name.
    pub(crate) what: String,
    /// The last attempt's error, as a sentence.
    pub(crate) why: String,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notification {
    pub(crate) title: String,
    pub(crate) body: String,
}

/// Turns failures into notifications until the failures end.
pub(crate) async fn announce(
    mut failures: tokio::sync::mpsc::Receiver<Failure>,
    show: impl Fn(Notification),
) {
    let mut earliest = Instant::now();
    let mut gathered = Vec::new();
    loop {
        tokio::select! {
            biased;
            () = sleep_until(earliest), if !gathered.is_empty() => {
                show(worded(&gathered));
                gathered.clear();
                earliest = Instant::now() + PAUSE;
            }
            failure = failures.recv() => match failure {
                Some(failure) => gathered.push(failure),
                None => return,
            },
        }
    }
}

fn worded(failures: &[Failure]) -> Notification {
    match failures {
        [one] => Notification { title: format!("Delivery failed: {}", one.what), body: one.why.clone() },
        many => Notification {
            title: format!("{} deliveries failed", many.len()),
            body: many
                .last()
                .map(|last| format!("Most recently {}: {}", last.what, last.why))
                .unwrap_or_default(),
        },
    }
}

/// Shows it, off the caller's thread; a desktop without notifications is no fault of ours.
pub(crate) fn show(notification: Notification) {
    tauri::async_runtime::spawn_blocking(move || {
        if let Err(error) = platform::show(&notification) {
            tracing::info!(%error, "the desktop takes no notifications");
        }
    });
}

#[cfg(target_os = "linux")]
mod platform {
    use std::collections::HashMap;

    use zbus::blocking::Connection;
    use zbus::zvariant::Value;

    use super::Notification;

    /// The desktop's own time on screen.
    const EXPIRES_BY_ITSELF: i32 = -1;

    pub(super) fn show(notification: &Notification) -> zbus::Result<()> {
        let name = "org.freedesktop.Notifications";
        let hints = HashMap::from([("desktop-entry", Value::from("hookbench-desktop"))]);
        let body = escaped(&notification.body);
        let (replaces, actions) = (0_u32, Vec::<&str>::new());
        let arguments = (
            "Hookbench",
            replaces,
            "hookbench-desktop",
            &notification.title,
            body,
            actions,
            hints,
            EXPIRES_BY_ITSELF,
        );
        Connection::session()?.call_method(
            Some(name),
            "/org/freedesktop/Notifications",
            Some(name),
            "Notify",
            &arguments,
        )?;
        Ok(())
    }

    /// Bodies may be read as markup, and a failing server's words are in them.
    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn what_a_server_says_is_not_markup() {
            assert_eq!(super::escaped("<img src=x> & co"), "&lt;img src=x&gt; &amp; co");
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use super::Notification;

    pub(super) fn show(notification: &Notification) -> Result<(), notify_rust::error::Error> {
        notify_rust::Notification::new()
            .appname("Hookbench")
            .summary(&notification.title)
            .body(&notification.body)
            .show()
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    fn failure(number: usize) -> Failure {
        Failure { what: format!("order.paid to Shop {number}"), why: "The server answered 503.".into() }
    }

    #[tokio::test(start_paused = true)]
    async fn one_failure_is_named_at_once_and_a_run_is_counted() {
        let (failures, received) = mpsc::channel(100);
        let (shown, mut screen) = mpsc::unbounded_channel();
        let announcing = tokio::spawn(announce(received, move |notification| {
            shown.send(notification).unwrap();
        }));

        failures.send(failure(1)).await.unwrap();
        let first = screen.recv().await.unwrap();
        assert_eq!(first.title, "Delivery failed: order.paid to Shop 1");
        assert_eq!(first.body, "The server answered 503.");

        let start = Instant::now();
        for number in 2..=13 {
            failures.send(failure(number)).await.unwrap();
        }
        let second = screen.recv().await.unwrap();
        assert_eq!(second.title, "12 deliveries failed");
        assert_eq!(second.body, "Most recently order.paid to Shop 13: The server answered 503.");
        assert_eq!(start.elapsed(), PAUSE, "no sooner than the pause allows");

        drop(failures);
        announcing.await.unwrap();
    }
}
