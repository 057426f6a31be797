//! From where inboxes are reached: the network, TLS, and what of the settings could not be done.

mod addresses;
mod worker;

use std::net::IpAddr;
use std::sync::Arc;

use hookbench_capture::{CaptureError, Identity, LanListener};
use hookbench_model::{Clock, Reach, ReceiverTls};
use tokio::sync::watch;

use crate::Workbench;
use crate::error::{Result, WorkbenchError};

pub(crate) use addresses::Machine;
pub(crate) use worker::run;

/// From where inboxes are reached now.
#[derive(Clone, Debug)]
pub struct Reached {
    /// Whether other machines reach them.
    pub exposed: bool,
    /// Every origin under which they are, those of this machine first.
    pub origins: Vec<String>,
    /// Whose certificate is shown over TLS.
    pub tls: ReceiverTls,
    /// Why something that the settings want is not so, as a sentence; `None` where all is.
    pub problem: Option<String>,
}

/// What is so now, whatever the settings want.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReachNow {
    pub(crate) machine: Machine,
    /// Whether it listens at every address.
    everywhere: bool,
    exposed: bool,
    pub(crate) tls: ReceiverTls,
    /// The names that the certificate is for which is shown.
    names: Vec<String>,
    lan_problem: Option<String>,
    pub(crate) tls_problem: Option<String>,
}

/// What the workbench keeps of it.
#[derive(Debug)]
pub(crate) struct ReachState {
    now: watch::Sender<ReachNow>,
    /// Certificates go by real time, also in a demo: so do those who look at them.
    pub(crate) clock: Arc<dyn Clock>,
}

impl ReachState {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { now: watch::Sender::new(ReachNow { machine: Machine::now(), ..ReachNow::default() }), clock }
    }

    pub(crate) fn now(&self) -> ReachNow {
        self.now.borrow().clone()
    }

    /// Tells of changes.
    pub(crate) fn subscribe(&self) -> watch::Receiver<ReachNow> {
        self.now.subscribe()
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut ReachNow)) {
        self.now.send_modify(change);
    }
}

/// A certificate to be shown, and whose it is.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) tls: ReceiverTls,
    pub(crate) identity: Option<Arc<Identity>>,
    pub(crate) names: Vec<String>,
}

impl Workbench {
    /// From where inboxes are reached now.
    pub fn reached(&self) -> Reached {
        let now = self.reach().now();
        Reached {
            exposed: now.exposed,
            origins: self.capture_origins(),
            tls: now.tls,
            problem: now.lan_problem.or(now.tls_problem),
        }
    }

    /// Every origin under which inboxes are now, in clear and over TLS: that of [`Workbench::capture_origin`] first.
    pub fn capture_origins(&self) -> Vec<String> {
        let (now, address) = (self.reach().now(), self.capture_address());
        let wide_v6 = address.is_ipv6();
        let others =
            now.machine.addresses.iter().filter(|other| now.everywhere && (wide_v6 || other.is_ipv4()));
        let others: Vec<String> = others.map(|address| host_of(*address)).collect();
        let first = self.capture_origin();
        let here = first.strip_prefix("http://").unwrap_or(&first).to_owned();
        let port = address.port();
        let with_port = |host: &str| format!("{host}:{port}");
        // Who is called by an address finds no certificate of one's own in order: it is for names.
        let named: Vec<String> = match now.tls {
            ReceiverTls::Own => {
                now.names.iter().filter(|name| is_called(name)).map(|name| with_port(name)).collect()
            }
            ReceiverTls::Off | ReceiverTls::Made => Vec::new(),
        };
        let in_clear = std::iter::once(here.clone()).chain(others.iter().map(|host| with_port(host)));
        let mut origins: Vec<String> = in_clear.map(|host| format!("http://{host}")).collect();
        if now.tls != ReceiverTls::Off {
            let hosts = if named.is_empty() {
                std::iter::once(here).chain(others.iter().map(|host| with_port(host))).collect()
            } else {
                named
            };
            // Those of this machine come first.
            let (first, further): (Vec<String>, Vec<String>) =
                hosts.into_iter().map(|host| format!("https://{host}")).partition(|url| is_here(url));
            origins.splice(1..1, first);
            origins.extend(further);
        }
        origins
    }

    /// Does what the settings want from here on, before they are kept; gives what is to be done once they are. What
    /// cannot be done leaves everything as it was.
    pub(crate) async fn prepare_reach(&self, before: &Reach, wanted: &Reach) -> Result<Prepared> {
        let shown = if wanted.tls == before.tls && self.reach().now().tls == wanted.tls {
            None
        } else {
            Some(self.shown_for(wanted.tls).await?)
        };
        // Nobody is let in before the addresses and the TLS hold that are wanted with it.
        let opens = if wanted.lan && !before.lan { self.take_lan().await? } else { None };
        Ok(Prepared { shown, opens, closes: before.lan && !wanted.lan })
    }

    /// Does of what was prepared what is to be done before the settings hold: they may let in more.
    pub(crate) async fn close_first(&self, prepared: &Prepared) {
        if prepared.closes {
            self.close_to_lan().await;
        }
    }

    /// Does the rest of what was prepared.
    pub(crate) async fn carry_out(&self, prepared: Prepared) {
        if let Some(shown) = prepared.shown {
            self.show(shown).await;
        }
        if let Some(taken) = prepared.opens {
            self.open_to_lan(taken).await;
        }
    }

    /// Does what the settings want at the start, or what could not be done so far: what cannot be done now is said.
    pub(crate) async fn settle_reach(&self) {
        let wanted = self.settings().reach;
        let mut tls_problem = None;
        if self.reach().now().tls != wanted.tls {
            match self.shown_for(wanted.tls).await {
                Ok(shown) => self.show(shown).await,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "TLS is not spoken");
                    tls_problem = Some(format!("TLS is not spoken: {error}."));
                }
            }
        }
        let lan = if wanted.lan { self.take_lan().await } else { Ok(None) };
        let lan = match lan {
            Ok(Some(taken)) => {
                self.open_to_lan(taken).await;
                None
            }
            Ok(None) => None,
            Err(error) => Some(error),
        };
        let lan_problem = lan.map(|error| format!("Other machines do not reach the inboxes: {error}."));
        let exposed = self.with_receiver(|receiver| (receiver.is_exposed(), receiver.is_everywhere())).await;
        let (exposed, everywhere) = exposed.unwrap_or_default();
        self.reach().change(|now| {
            (now.exposed, now.everywhere) = (exposed, everywhere);
            (now.lan_problem, now.tls_problem) = (lan_problem, tls_problem);
        });
    }

    /// Shows that over TLS from now on.
    pub(crate) async fn show(&self, shown: Shown) {
        let Shown { tls, identity, names } = shown;
        self.with_receiver(|receiver| receiver.show(identity)).await;
        self.reach().change(|now| {
            (now.tls, now.names) = (tls, names);
            now.tls_problem = None;
        });
    }

    async fn take_lan(&self) -> Result<Option<LanListener>> {
        match self.with_receiver(hookbench_capture::Receiver::take_lan).await {
            None => Err(WorkbenchError::Stopping),
            Some(Err(error)) => Err(WorkbenchError::wrong_state(refused(&error))),
            Some(Ok(taken)) => Ok(taken),
        }
    }

    async fn open_to_lan(&self, taken: LanListener) {
        let opened = self.with_receiver(|receiver| {
            receiver.open_to_lan(taken);
            (receiver.is_exposed(), receiver.is_everywhere())
        });
        let (exposed, everywhere) = opened.await.unwrap_or_default();
        self.reach().change(|now| {
            (now.exposed, now.everywhere) = (exposed, everywhere);
            now.lan_problem = None;
        });
    }

    async fn close_to_lan(&self) {
        let closed = self.with_receiver(|receiver| {
            receiver.close_to_lan();
            (receiver.is_exposed(), receiver.is_everywhere())
        });
        let (exposed, everywhere) = closed.await.unwrap_or_default();
        self.reach().change(|now| {
            (now.exposed, now.everywhere) = (exposed, everywhere);
            now.lan_problem = None;
        });
    }
}

/// What of a change was done before it is kept, and what is to be done then.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    shown: Option<Shown>,
    opens: Option<LanListener>,
    closes: bool,
}

/// Why the network was not opened, naming the setting.
fn refused(error: &CaptureError) -> String {
    match error {
        CaptureError::AddressInUse { address, .. } => format!(
            "`reach.lan` stays off: another program listens at port {} on another address of this machine",
            address.port()
        ),
        CaptureError::Bind { address, source } => {
            format!("`reach.lan` stays off: cannot listen at {address} ({source})")
        }
        error => format!("`reach.lan` stays off: {error}"),
    }
}

fn host_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

/// Whether one machine is called that: a name for all below a domain is none.
fn is_called(name: &str) -> bool {
    !name.contains('*') && name.parse::<IpAddr>().is_err()
}

fn is_here(url: &str) -> bool {
    let host = url.strip_prefix("https://").unwrap_or(url);
    host.starts_with("127.") || host.starts_with("localhost:") || host.starts_with("[::1]")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::{SocketAddr, TcpStream};

    use super::*;
    use crate::{Options, SystemClock};

    #[tokio::test]
    async fn nobody_is_let_in_from_the_network_before_the_settings_hold() {
        let folder = tempfile::tempdir().unwrap();
        let workbench = Workbench::open(Options {
            data_dir: Some(folder.path().to_owned()),
            capture: SocketAddr::from(([127, 0, 0, 1], 0)),
            demo: false,
            clock: Arc::new(SystemClock),
            store: hookbench_store::OpenOptions::default(),
        });
        let workbench = workbench.await.unwrap();
        let elsewhere = SocketAddr::from(([127, 0, 0, 9], workbench.capture_address().port()));
        let before = workbench.settings().reach;
        let wanted = Reach { lan: true, tls: ReceiverTls::Made, ..before.clone() };

        let prepared = workbench.prepare_reach(&before, &wanted).await.unwrap();
        assert!(!workbench.reached().exposed);
        assert_eq!(workbench.with_receiver(hookbench_capture::Receiver::is_exposed).await, Some(false));
        // As where they could not be kept.
        drop(prepared);
        assert!(TcpStream::connect(elsewhere).is_err());

        let prepared = workbench.prepare_reach(&before, &wanted).await.unwrap();
        workbench.carry_out(prepared).await;
        assert!(workbench.reached().exposed);
        assert!(TcpStream::connect(elsewhere).is_ok());
        workbench.shutdown().await;
    }
}
