//! The desktop's place for notifications: on Linux straight over the session bus that the single-instance check uses
//! anyway.

use std::sync::Arc;

use super::Notification;

/// Shows notifications; what a click on one does was said when it was made.
#[derive(Clone)]
pub(crate) struct Screen(Arc<platform::Screen>);

impl Screen {
    /// `open` is given the address of a notification that was clicked, where the platform tells.
    pub(crate) fn new(open: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self(Arc::new(platform::Screen::new(Arc::new(open))))
    }

    /// Shows it, off the caller's thread; a desktop without notifications is no fault of ours.
    pub(crate) fn show(&self, notification: Notification) {
        let screen = Arc::clone(&self.0);
        tauri::async_runtime::spawn_blocking(move || {
            if let Err(error) = screen.show(&notification) {
                tracing::info!(%error, "the desktop takes no notifications");
            }
        });
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex, PoisonError};

    use zbus::blocking::{Connection, MessageIterator};
    use zbus::zvariant::Value;
    use zbus::{MatchRule, message};

    use super::Notification;

    /// The desktop's own time on screen.
    const EXPIRES_BY_ITSELF: i32 = -1;
    const NAME: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";
    /// The action of a click on the notification itself.
    const CLICK: &str = "default";
    /// So many notifications are remembered; a click on an older one only closes it.
    const REMEMBERED: usize = 64;

    type Open = Arc<dyn Fn(String) + Send + Sync>;

    pub(super) struct Screen {
        open: Open,
        /// The connection that clicks come over, from the first notification on.
        connection: Mutex<Option<Connection>>,
        shown: Arc<Mutex<Shown>>,
    }

    /// Where clicks lead, by the number that the desktop gave.
    #[derive(Default)]
    struct Shown(Vec<(u32, String)>);

    impl Shown {
        fn remember(&mut self, number: u32, address: String) {
            self.0.retain(|(known, _)| *known != number);
            if self.0.len() == REMEMBERED {
                self.0.remove(0);
            }
            self.0.push((number, address));
        }

        fn take(&mut self, number: u32) -> Option<String> {
            let at = self.0.iter().position(|(known, _)| *known == number)?;
            Some(self.0.remove(at).1)
        }
    }

    impl Screen {
        pub(super) fn new(open: Open) -> Self {
            Self { open, connection: Mutex::default(), shown: Arc::default() }
        }

        pub(super) fn show(&self, notification: &Notification) -> zbus::Result<()> {
            let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = connection.as_ref()
                && self.notify(known, notification).is_ok()
            {
                return Ok(());
            }
            // The first one, or the bus has gone since.
            let fresh = connection.insert(Connection::session()?);
            self.listen(fresh)?;
            self.notify(fresh, notification)
        }

        fn notify(&self, connection: &Connection, notification: &Notification) -> zbus::Result<()> {
            let hints = HashMap::from([("desktop-entry", Value::from("hookbench-desktop"))]);
            let body = escaped(&notification.body);
            let (replaces, actions) = (0_u32, vec![CLICK, "Open"]);
            let app = "hookbench-desktop";
            let title = &notification.title;
            let arguments = ("Hookbench", replaces, app, title, body, actions, hints, EXPIRES_BY_ITSELF);
            // Held until the number is known: a click that comes at once waits for it.
            let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            let answer = connection.call_method(Some(NAME), PATH, Some(NAME), "Notify", &arguments)?;
            shown.remember(answer.body().deserialize()?, notification.address.clone());
            Ok(())
        }

        /// Hears of clicks for as long as the bus is there.
        fn listen(&self, connection: &Connection) -> zbus::Result<()> {
            let clicks = MatchRule::builder()
                .msg_type(message::Type::Signal)
                .interface(NAME)?
                .member("ActionInvoked")?
                .build();
            let clicks = MessageIterator::for_match_rule(clicks, connection, None)?;
            let (shown, open) = (Arc::clone(&self.shown), Arc::clone(&self.open));
            std::thread::Builder::new().name("notifications".to_owned()).spawn(move || {
                for click in clicks.flatten() {
                    let Ok((number, action)) = click.body().deserialize::<(u32, String)>() else { continue };
                    let known = shown.lock().unwrap_or_else(PoisonError::into_inner).take(number);
                    if let Some(address) = known.filter(|_| action == CLICK) {
                        open(address);
                    }
                }
            })?;
            Ok(())
        }
    }

    /// Bodies may be read as markup, and a failing server's words are in them.
    fn escaped(text: &str) -> String {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_a_server_says_is_not_markup() {
            assert_eq!(escaped("<img src=x> & co"), "&lt;img src=x&gt; &amp; co");
        }

        #[test]
        fn a_click_leads_where_its_notification_says_once_and_old_ones_are_forgotten() {
            let mut shown = Shown::default();
            for number in 0..=u32::try_from(REMEMBERED).unwrap() {
                shown.remember(number, format!("#/deliveries/{number}"));
            }
            assert_eq!(shown.take(0), None);
            assert_eq!(shown.take(5).as_deref(), Some("#/deliveries/5"));
            assert_eq!(shown.take(5), None);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use std::sync::Arc;

    use super::Notification;

    /// The library does not tell of clicks here.
    pub(super) struct Screen;

    impl Screen {
        pub(super) fn new(_open: Arc<dyn Fn(String) + Send + Sync>) -> Self {
            Self
        }

        pub(super) fn show(&self, notification: &Notification) -> Result<(), notify_rust::error::Error> {
            notify_rust::Notification::new()
                .appname("Hookbench")
                .summary(&notification.title)
                .body(&notification.body)
                .show()
                .map(drop)
        }
    }
}
