//! Where a running workspace answers: a server's port, or the socket of a window.

use std::net::SocketAddr;
use std::path::Path;

use axum::body::Body;
use hookbench_workbench::{Running, Secret};
use http::{Request, Response, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::error::CliError;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Where a running workspace answers.
pub(crate) enum Place {
    /// A server's TCP port, behind its token.
    Port {
        /// The port.
        addr: SocketAddr,
        /// What opens it.
        token: Secret,
    },
    /// A window's socket in the data folder, which its owner alone can enter.
    #[cfg(unix)]
    Socket(std::path::PathBuf),
}

impl Place {
    /// Where the workspace of a data folder answers; `None` where none does. One that died may have left its
    /// note behind.
    pub(crate) async fn find(data_dir: &Path) -> Option<Self> {
        let place = Self::of(&Running::find(data_dir)?)?;
        place.answers().await.then_some(place)
    }

    /// `None` where the note names no place of a known kind.
    fn of(running: &Running) -> Option<Self> {
        #[cfg(unix)]
        if let Some(path) = running.api.strip_prefix("unix:") {
            return Some(Self::Socket(path.into()));
        }
        let addr = running.api.strip_prefix("http://")?.parse().ok()?;
        Some(Self::Port { addr, token: Secret::from(running.token.as_str()) })
    }

    async fn answers(&self) -> bool {
        match self {
            Self::Port { addr, .. } => TcpStream::connect(addr).await.is_ok(),
            #[cfg(unix)]
            Self::Socket(path) => tokio::net::UnixStream::connect(path).await.is_ok(),
        }
    }

    /// Asks, and gives the answer as it begins to come.
    pub(crate) async fn call(&self, request: Request<Body>) -> Result<Response<Body>, CliError> {
        self.exchange(request)
            .await
            .map_err(|source| CliError::Unreachable { place: self.to_string(), source })
    }

    async fn exchange(&self, mut request: Request<Body>) -> Result<Response<Body>, Failure> {
        let headers = request.headers_mut();
        match self {
            Self::Port { addr, token } => {
                headers.insert(header::HOST, addr.to_string().parse()?);
                let bearer = [b"Bearer ", token.expose()].concat();
                let mut bearer = http::HeaderValue::from_bytes(&bearer)?;
                bearer.set_sensitive(true);
                headers.insert(header::AUTHORIZATION, bearer);
                over(TcpStream::connect(addr).await?, request).await
            }
            #[cfg(unix)]
            Self::Socket(path) => {
                headers.insert(header::HOST, http::HeaderValue::from_static("localhost"));
                over(tokio::net::UnixStream::connect(path).await?, request).await
            }
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Port { addr, .. } => addr.fmt(f),
            #[cfg(unix)]
            Self::Socket(path) => path.display().fmt(f),
        }
    }
}

async fn over(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Body>,
) -> Result<Response<Body>, Failure> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    Ok(response.map(Body::new))
}
