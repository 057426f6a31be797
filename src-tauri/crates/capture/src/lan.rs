//! Listening for the network beside this machine, at the same port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

#[cfg(unix)]
use socket2::SockRef;
use tokio::net::{TcpListener, TcpSocket};

use crate::error::CaptureError;

/// How many connections the system keeps until they are accepted, as with any listener of tokio's.
const BACKLOG: u32 = 1024;

/// Every address of the machine, of the kind and at the port of one of its loopback addresses; `None` for an address
/// that was chosen otherwise, which stays what it is.
pub(crate) fn everywhere(first: SocketAddr) -> Option<SocketAddr> {
    let ip = match first.ip() {
        IpAddr::V4(v4) if v4.is_loopback() => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(v6) if v6.is_loopback() => Ipv6Addr::UNSPECIFIED.into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, first.port()))
}

/// Listens at every address beside the first listener, which goes on as it is: so nothing that comes from this machine
/// notices. The system gives a port that somebody listens at to a second one only if both agree to that, so they do
/// for as long as it takes.
pub(crate) fn listen_beside(first: &TcpListener, address: SocketAddr) -> Result<TcpListener, CaptureError> {
    agree(first, true)?;
    let listening = listen(address);
    let no_longer = agree(first, false);
    let listener = listening?;
    no_longer.and_then(|()| agree(&listener, false))?;
    Ok(listener)
}

fn listen(address: SocketAddr) -> Result<TcpListener, CaptureError> {
    let failed = |source| CaptureError::listening(address, source);
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
    let socket = socket.map_err(failed)?;
    #[cfg(unix)]
    socket.set_reuseaddr(true).and_then(|()| socket.set_reuseport(true)).map_err(failed)?;
    socket.bind(address).map_err(failed)?;
    socket.listen(BACKLOG).map_err(failed)
}

#[cfg(unix)]
fn agree(listener: &TcpListener, whether: bool) -> Result<(), CaptureError> {
    let agreed = SockRef::from(listener).set_reuse_port(whether);
    agreed.map_err(|source| CaptureError::Listener { source })
}

/// Elsewhere one address beside all of them needs no agreement.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
fn agree(_: &TcpListener, _: bool) -> Result<(), CaptureError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_of_this_machine_is_widened() {
        for (first, wide) in [
            ("127.0.0.1:4800", Some("0.0.0.0:4800")),
            ("[::1]:4800", Some("[::]:4800")),
            ("0.0.0.0:4800", None),
            ("192.168.1.2:4800", None),
        ] {
            assert_eq!(everywhere(first.parse().unwrap()), wide.map(|wide| wide.parse().unwrap()), "{first}");
        }
    }
}
