//! Opens connections: finds the address, asks the egress rules about the very address that is then used, goes
//! through the proxy, and shakes hands.

mod tls;
mod tunnel;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use hookbench_model::{Egress, ErrorCode, HttpVersion, Outcome};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use url::Host;

use tunnel::There;
pub(super) use tunnel::refused;

use super::failure::{self, Failure};
use super::line::Io;
use super::names::Names;
use super::phases::{Phases, Stage};
use super::proxy::{Kind, SystemProxy, Via, proxy_for};
use super::target::{Target, bare, literal};
use super::tls::{Configs, Offer};
use super::way::Route;

/// How long one address may take before the next one is tried beside it (RFC 8305).
const HEAD_START: Duration = Duration::from_millis(250);

/// What connections are opened with.
#[derive(Debug, Default)]
pub(super) struct Connector {
    pub(super) names: Names,
    pub(super) system_proxy: SystemProxy,
    pub(super) configs: Configs,
}

/// A connection that stands.
pub(super) struct Opened {
    pub(super) io: Box<dyn Io>,
    pub(super) http2: bool,
}

impl Connector {
    /// The proxy that requests to this target take, where they are handed to it whole.
    pub(super) fn forwarding(&self, route: &Route, target: &Target) -> Result<Option<Via>, Failure> {
        let via = self.proxy(route, target)?;
        Ok(via.filter(|via| forwards(via, route, target)))
    }

    fn proxy(&self, route: &Route, target: &Target) -> Result<Option<Via>, Failure> {
        proxy_for(&route.proxy, route.own_proxy, &self.system_proxy, target)
    }

    /// Opens a connection to the target; what it gets to know on the way is noted with the phases.
    pub(super) async fn open(
        &self,
        route: &Route,
        target: &Target,
        phases: &Phases,
    ) -> Result<Opened, Failure> {
        let prior_knowledge = route.http_version == HttpVersion::Http2;
        let config = self.config(route, target).await?;
        let io: Box<dyn Io> = match self.proxy(route, target)? {
            None => Box::new(self.straight(route, target, phases).await?),
            Some(via) => {
                phases.learn(|facts| facts.proxy = Some(via.shown.clone()));
                self.through(&via, route, target, phases).await?
            }
        };
        let Some(config) = config else { return Ok(Opened { io, http2: prior_knowledge }) };
        let (stream, http2) = tls::shake_hands(io, config, target, phases).await?;
        if prior_knowledge && !http2 {
            return Err(failure::no_http2(&target.shown()));
        }
        Ok(Opened { io: Box::new(stream), http2 })
    }

    /// How TLS is spoken with the target; `None` in clear.
    async fn config(&self, route: &Route, target: &Target) -> Result<Option<Arc<ClientConfig>>, Failure> {
        if !target.https {
            return Ok(None);
        }
        let offer = match route.http_version {
            HttpVersion::Auto => Offer::Both,
            HttpVersion::Http1 => Offer::One,
            HttpVersion::Http2 => Offer::Two,
        };
        self.configs.get(&route.tls, offer).await.map(Some).map_err(|error| tls::unusable(&error))
    }

    async fn straight(&self, route: &Route, target: &Target, phases: &Phases) -> Result<TcpStream, Failure> {
        let peer = target.shown();
        let addresses = self.addresses(&target.host, phases).await.map_err(|error| error.of(target))?;
        let addresses = permitted(&route.egress, target, addresses)?;
        phases.enter(Stage::Connect);
        let stream = call(&addresses, target.port).await;
        let stream = stream.map_err(|error| failure::no_connection(&error, &peer))?;
        stands(&stream, phases);
        Ok(stream)
    }

    async fn through(
        &self,
        via: &Via,
        route: &Route,
        target: &Target,
        phases: &Phases,
    ) -> Result<Box<dyn Io>, Failure> {
        let asked = self.asked_of(via, route, target, phases).await?;
        let addresses = self.addresses(&via.host, phases).await.map_err(|error| error.of_proxy(via))?;
        let mut no_way = None;
        for there in asked {
            match self.by_proxy(via, &addresses, route, &there, phases).await {
                // As a proxy does that is given the name: it tries each of its addresses.
                Err(failure) if failure.code == ErrorCode::ProxyNoWay => no_way = Some(failure),
                ended => return ended,
            }
        }
        Err(no_way.unwrap_or_else(|| NoAddress(None).of(target)))
    }

    /// What is asked of the proxy, one after the other: what was judged. Where we are the ones who find the addresses,
    /// or rules deny addresses, that is an address and not the name.
    async fn asked_of<'a>(
        &self,
        via: &Via,
        route: &Route,
        target: &'a Target,
        phases: &Phases,
    ) -> Result<Vec<There<'a>>, Failure> {
        let egress = &route.egress;
        let found = match target.literal() {
            Some(address) => vec![address],
            None if via.kind == Kind::Socks => {
                self.addresses(&target.host, phases).await.map_err(|error| error.of(target))?
            }
            None if egress.denies_addresses() => {
                self.addresses(&target.host, phases).await.map_err(|error| error.unjudged(target))?
            }
            None => {
                let named = egress.check_name(&target.bare_host());
                named.map_err(|denied| failure::denied(&denied, &target.shown()))?;
                return Ok(vec![There::by_name(target)]);
            }
        };
        let permitted = permitted(egress, target, found)?;
        let instead = hides_name(via, route, target);
        Ok(permitted.into_iter().map(|address| There::at(target, address, instead)).collect())
    }

    /// A way through the proxy, which is at these addresses.
    async fn by_proxy(
        &self,
        via: &Via,
        addresses: &[IpAddr],
        route: &Route,
        there: &There<'_>,
        phases: &Phases,
    ) -> Result<Box<dyn Io>, Failure> {
        phases.enter(Stage::Connect);
        let stream = call(addresses, via.port).await.map_err(|error| tunnel::unreachable(&error, via))?;
        stands(&stream, phases);
        phases.enter(Stage::Tunnel);
        let io: Box<dyn Io> = match via.kind {
            Kind::Socks | Kind::SocksNames => return tunnel::socks(stream, via, there).await,
            Kind::Http => Box::new(stream),
            Kind::Https => {
                let config = self.configs.get(&tls::of_proxy(&route.tls), Offer::One).await;
                let config = config.map_err(|error| tls::unusable(&error))?;
                Box::new(tls::to_proxy(stream, config, via).await?)
            }
        };
        if forwards(via, route, there.target) {
            return Ok(io);
        }
        tunnel::connect(io, via, there).await
    }

    async fn addresses(&self, host: &Host<String>, phases: &Phases) -> Result<Vec<IpAddr>, NoAddress> {
        if let Some(address) = literal(host) {
            return Ok(vec![address]);
        }
        phases.enter(Stage::Lookup);
        match self.names.addresses(&bare(host)).await {
            Ok(found) if found.is_empty() => Err(NoAddress(None)),
            Ok(found) => Ok(found),
            Err(error) => Err(NoAddress(Some(error))),
        }
    }
}

/// A name has no address: the resolver said so, or gave an empty list.
struct NoAddress(Option<std::io::Error>);

impl NoAddress {
    fn of(&self, target: &Target) -> Failure {
        failure::no_address(&target.bare_host(), self.0.as_ref())
    }

    /// The same where the rules want to judge one before the proxy hears of the target.
    fn unjudged(&self, target: &Target) -> Failure {
        let failure = self.of(target);
        if failure.code != ErrorCode::DnsNoAddress {
            return failure;
        }
        failure::unjudged(&target.shown(), self.0.as_ref())
    }

    fn of_proxy(&self, via: &Via) -> Failure {
        let failure = failure::no_address(&bare(&via.host), self.0.as_ref());
        if failure.code != ErrorCode::DnsNoAddress {
            return failure;
        }
        let error = format!("The proxy {} cannot be reached: {}", via.shown, failure.error);
        Failure::new(Outcome::DnsFailure, ErrorCode::ProxyNoAddress, error)
    }
}

/// Whether a request is handed to the proxy whole: in clear, in the version that proxies speak.
fn forwards(via: &Via, route: &Route, target: &Target) -> bool {
    let in_clear = !target.https && route.http_version != HttpVersion::Http2;
    via.forwards() && in_clear && !hides_name(via, route, target)
}

/// Whether the proxy, which would look the name up, is given an address in its place: rules that deny addresses hold for
/// the one that is used, so nobody else chooses it. A request that is handed over whole names its host twice, and a proxy
/// may go by either; then it goes through a tunnel.
fn hides_name(via: &Via, route: &Route, target: &Target) -> bool {
    target.literal().is_none() && via.kind != Kind::Socks && route.egress.denies_addresses()
}

/// Those of the addresses that the egress rules permit; where there is none, why the first is not.
fn permitted(egress: &Egress, target: &Target, addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, Failure> {
    if egress.is_open() {
        return Ok(addresses);
    }
    let host = target.bare_host();
    let mut denied = None;
    let permitted: Vec<_> = addresses
        .into_iter()
        .filter(|address| match egress.check(&host, *address) {
            Ok(()) => true,
            Err(why) => {
                denied.get_or_insert(why);
                false
            }
        })
        .collect();
    match denied {
        Some(denied) if permitted.is_empty() => Err(failure::denied(&denied, &target.shown())),
        _ => Ok(permitted),
    }
}

fn stands(stream: &TcpStream, phases: &Phases) {
    // A small request must not wait for the answer to the packet before.
    let _ = stream.set_nodelay(true);
    let (remote, local) = (stream.peer_addr().ok(), stream.local_addr().ok());
    phases.learn(|facts| (facts.remote, facts.local) = (remote, local));
}

/// The first connection that stands. The addresses are tried in their order, each with a head start.
async fn call(addresses: &[IpAddr], port: u16) -> std::io::Result<TcpStream> {
    let mut waiting = addresses.iter();
    let mut calls = FuturesUnordered::new();
    let mut failed = None;
    loop {
        if let Some(address) = waiting.next() {
            calls.push(TcpStream::connect(SocketAddr::new(*address, port)));
        }
        if calls.is_empty() {
            return Err(failed.unwrap_or_else(|| std::io::ErrorKind::AddrNotAvailable.into()));
        }
        let ended = if waiting.len() > 0 {
            tokio::time::timeout(HEAD_START, calls.next()).await.ok().flatten()
        } else {
            calls.next().await
        };
        match ended {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) => failed = Some(error),
            None => {}
        }
    }
}
