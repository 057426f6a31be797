use std::fmt;
use std::str::FromStr;

use hookbench_signing::Secret;
use url::Url;
use zeroize::Zeroizing;

/// The way deliveries take to the outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proxy {
    /// Straight there.
    #[default]
    None,
    /// By what the system says: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, or its settings.
    System,
    /// Through this one.
    Server(ProxyServer),
}

/// A proxy server.
#[derive(Clone, Debug)]
pub struct ProxyServer {
    /// Where it is: http, https, socks5 or socks5h, with host and port, without credentials.
    url: Url,
    credentials: Option<ProxyCredentials>,
}

/// Who a proxy is told that we are. Kept encrypted, shown nowhere.
#[derive(Clone, Debug)]
pub struct ProxyCredentials {
    /// `user:password`, percent-encoded as in a URL.
    written: Secret,
}

/// Why a text names no proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// Neither of the words, and no URL.
    #[error("must be `none`, `system` or a URL such as http://proxy:3128 or socks5://127.0.0.1:1080")]
    NotOne,
    /// A URL of another kind.
    #[error("must begin with http://, https://, socks5:// or socks5h://")]
    Scheme,
    /// A URL without a host.
    #[error("names no host")]
    Host,
    /// A URL with more than a proxy has.
    #[error("must end after host and port: a proxy has no path, query or fragment")]
    Path,
    /// The veil stands for credentials that are not there.
    #[error("give user and password again: those that `***` stands for belong to another proxy, or to none")]
    Veiled,
}

/// Stands for a user and password that are there and not shown.
const VEIL: &str = "***";

impl Proxy {
    /// Reads `none`, `system` or a URL. Where the text shows `***` for its credentials, as [`Self::shown`]
    /// writes them, those of `kept` stay, if that is the same proxy.
    pub fn parse(text: &str, kept: Option<&Self>) -> Result<Self, ProxyError> {
        let text = text.trim();
        match text {
            "none" => return Ok(Self::None),
            "system" => return Ok(Self::System),
            _ => {}
        }
        let server: ProxyServer = text.parse()?;
        if server.written().is_none_or(|written| *written != *VEIL) {
            return Ok(Self::Server(server));
        }
        match kept {
            Some(Self::Server(kept)) if kept.url == server.url && kept.credentials.is_some() => {
                Ok(Self::Server(kept.clone()))
            }
            _ => Err(ProxyError::Veiled),
        }
    }

    /// As it is shown: credentials are veiled.
    pub fn shown(&self) -> String {
        self.to_string()
    }

    /// The whole of it, credentials included: for the store, which encrypts it, and for nobody to see.
    pub fn exposed(&self) -> Zeroizing<String> {
        match self {
            Self::None | Self::System => Zeroizing::new(self.to_string()),
            Self::Server(server) => server.exposed_url(),
        }
    }

    /// The server, if one is named.
    pub fn server(&self) -> Option<&ProxyServer> {
        match self {
            Self::Server(server) => Some(server),
            Self::None | Self::System => None,
        }
    }
}

impl ProxyServer {
    /// Where it is, without credentials.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Who it is told that we are.
    pub fn credentials(&self) -> Option<&ProxyCredentials> {
        self.credentials.as_ref()
    }

    /// Its URL with the credentials in it.
    pub fn exposed_url(&self) -> Zeroizing<String> {
        let plain = bare(&self.url);
        match (self.written(), plain.split_once("://")) {
            (Some(written), Some((scheme, rest))) => {
                Zeroizing::new(format!("{scheme}://{}@{rest}", written.as_str()))
            }
            _ => Zeroizing::new(plain),
        }
    }

    fn written(&self) -> Option<Zeroizing<String>> {
        self.credentials.as_ref().map(ProxyCredentials::text)
    }
}

impl ProxyCredentials {
    /// `user:password`, percent-encoded as in a URL.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.written.expose_text().unwrap_or_default().to_owned())
    }

    /// User and password as they are; the password is empty where there is none.
    pub fn decoded(&self) -> (Zeroizing<String>, Zeroizing<String>) {
        let text = self.text();
        let (user, password) = text.split_once(':').unwrap_or((text.as_str(), ""));
        let decode = |part: &str| {
            Zeroizing::new(percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned())
        };
        (decode(user), decode(password))
    }
}

impl FromStr for ProxyServer {
    type Err = ProxyError;

    fn from_str(text: &str) -> Result<Self, ProxyError> {
        let mut url = Url::parse(text).map_err(|_| ProxyError::NotOne)?;
        if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
            return Err(ProxyError::Scheme);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(ProxyError::Host);
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyError::Path);
        }
        let credentials = (!url.username().is_empty() || url.password().is_some()).then(|| {
            let written = match url.password() {
                Some(password) => Zeroizing::new(format!("{}:{password}", url.username())),
                None => Zeroizing::new(url.username().to_owned()),
            };
            ProxyCredentials { written: Secret::from(written.as_str()) }
        });
        let emptied = url.set_username("").and_then(|()| url.set_password(None));
        emptied.map_err(|()| ProxyError::Host)?;
        Ok(Self { url, credentials })
    }
}

/// A URL without the slash that some schemes end with.
fn bare(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

impl PartialEq for ProxyServer {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url && self.written() == other.written()
    }
}

impl Eq for ProxyServer {}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::System => f.write_str("system"),
            Self::Server(server) => server.fmt(f),
        }
    }
}

impl fmt::Display for ProxyServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = bare(&self.url);
        match (&self.credentials, plain.split_once("://")) {
            (Some(_), Some((scheme, rest))) => write!(f, "{scheme}://{VEIL}@{rest}"),
            _ => f.write_str(&plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(text: &str) -> Proxy {
        Proxy::parse(text, None).unwrap()
    }

    #[test]
    fn a_proxy_is_shown_without_its_credentials_and_kept_with_them() {
        for (text, shown) in [
            ("none", "none"),
            ("system", "system"),
            ("http://proxy.example:3128", "http://proxy.example:3128"),
            ("socks5://me:s%40crt@127.0.0.1:1080", "socks5://***@127.0.0.1:1080"),
            ("https://me:hush@proxy.example:8443/", "https://***@proxy.example:8443"),
            ("http://token@proxy.example:1", "http://***@proxy.example:1"),
        ] {
            let proxy = proxy(text);
            assert_eq!(proxy.shown(), shown);
            assert_eq!(proxy.exposed().as_str(), text.trim_end_matches('/'));
            assert_eq!(Proxy::parse(&proxy.exposed(), None).unwrap(), proxy);
            assert!(!format!("{proxy:?}").contains("crt") && !format!("{proxy:?}").contains("hush"));
        }
        let socks = proxy("socks5://me:s%40crt@127.0.0.1:1080");
        let (user, password) = socks.server().unwrap().credentials().unwrap().decoded();
        assert_eq!((user.as_str(), password.as_str()), ("me", "s@crt"));
    }

    #[test]
    fn what_is_veiled_stays_with_its_proxy_and_goes_to_no_other() {
        let kept = proxy("http://me:hush@proxy.example:3128");
        assert_eq!(Proxy::parse(&kept.shown(), Some(&kept)).unwrap(), kept);
        let elsewhere = Proxy::parse("http://***@evil.example:3128", Some(&kept));
        assert_eq!(elsewhere, Err(ProxyError::Veiled));
        assert_eq!(Proxy::parse("http://***@proxy.example:3128", None), Err(ProxyError::Veiled));
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        for (text, error) in [
            ("", ProxyError::NotOne),
            ("proxy:3128", ProxyError::Scheme),
            ("ftp://proxy", ProxyError::Scheme),
            ("http://proxy/path", ProxyError::Path),
            ("socks5://h:1?x", ProxyError::Path),
        ] {
            assert_eq!(Proxy::parse(text, None), Err(error), "{text}");
        }
    }
}
