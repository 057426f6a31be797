//! A word on the desktop when something happens that the settings choose.
//!
//! [`announce`] gathers: one alert is named, a run of them is counted. How it gets onto the screen is the
//! platform's ([`screen`]).

mod screen;
mod words;

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

pub(crate) use screen::Screen;
pub(crate) use words::{Facts, Kind, Notification};

/// At most one notification in this time; what happens meanwhile is counted into the next.
const PAUSE: Duration = Duration::from_secs(10);

/// Something that happened, as the change feed tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alert {
    pub(crate) kind: Kind,
    /// The delivery by which it happened.
    pub(crate) delivery: String,
    /// Its endpoint; `None` for a plain URL.
    pub(crate) endpoint: Option<String>,
}

/// Turns alerts into notifications until the alerts end. What stands behind one is asked for only when it is shown.
pub(crate) async fn announce<F: Future<Output = Facts>>(
    mut alerts: tokio::sync::mpsc::UnboundedReceiver<Alert>,
    facts: impl Fn(Alert) -> F,
    show: impl Fn(Notification),
) {
    let mut earliest = Instant::now();
    let mut gathered = words::Gathered::default();
    loop {
        tokio::select! {
            biased;
            () = sleep_until(earliest), if !gathered.is_empty() => {
                if let Some(newest) = gathered.newest() {
                    let facts = facts(newest.clone()).await;
                    show(gathered.worded(&facts));
                }
                gathered = words::Gathered::default();
                earliest = Instant::now() + PAUSE;
            }
            alert = alerts.recv() => match alert {
                Some(alert) => gathered.add(alert),
                None => return,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    fn alert(kind: Kind, number: usize) -> Alert {
        Alert { kind, delivery: format!("dlv_{number}"), endpoint: Some("ep_1".into()) }
    }

    #[tokio::test(start_paused = true)]
    async fn one_failure_is_named_at_once_and_a_run_is_counted() {
        let (alerts, received) = mpsc::unbounded_channel();
        let (shown, mut screen) = mpsc::unbounded_channel();
        let facts = async |alert: Alert| Facts {
            event: Some("order.paid".into()),
            endpoint: Some(format!("Shop {}", &alert.delivery[4..])),
            why: Some("The server answered 503.".into()),
        };
        let announcing = tokio::spawn(announce(received, facts, move |notification| {
            shown.send(notification).unwrap();
        }));

        alerts.send(alert(Kind::DeliveryExhausted, 1)).unwrap();
        let first = screen.recv().await.unwrap();
        assert_eq!(first.title, "Delivery failed: order.paid to Shop 1");
        assert_eq!(first.body, "The server answered 503.");
        assert_eq!(first.address, "#/deliveries/dlv_1");

        let start = Instant::now();
        for number in 2..=13 {
            alerts.send(alert(Kind::DeliveryExhausted, number)).unwrap();
        }
        let second = screen.recv().await.unwrap();
        assert_eq!(second.title, "12 deliveries failed");
        assert_eq!(second.body, "Most recently order.paid to Shop 13: The server answered 503.");
        assert_eq!(start.elapsed(), PAUSE, "no sooner than the pause allows");

        drop(alerts);
        announcing.await.unwrap();
    }
}
