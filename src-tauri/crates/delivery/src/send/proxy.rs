//! Which proxy, if any, stands between us and a target.

use std::fmt;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hookbench_model::{ErrorCode, Outcome, Proxy, ProxyServer};
use http::HeaderValue;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use url::Host;

use super::failure::Failure;
use super::target::Target;

/// What the system says of proxies: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` in the environment
/// (in small letters too), and where they say nothing the settings of macOS and Windows. Read once, at first
/// need. A cheap clone.
#[derive(Clone, Default)]
pub struct SystemProxy(Arc<OnceLock<Matcher>>);

impl SystemProxy {
    /// One that says this: proxies for http and https targets, and for whom there is none.
    pub fn of(http: &str, https: &str, none_for: &str) -> Self {
        let matcher = Matcher::builder().http(http).https(https).no(none_for).build();
        Self(Arc::new(OnceLock::from(matcher)))
    }

    fn for_target(&self, target: &Target) -> Option<Intercept> {
        let uri = target.origin().parse().ok()?;
        self.0.get_or_init(Matcher::from_system).intercept(&uri)
    }
}

impl fmt::Debug for SystemProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SystemProxy")
    }
}

/// A proxy as it is spoken to.
#[derive(Clone)]
pub(super) struct Via {
    pub(super) kind: Kind,
    pub(super) host: Host<String>,
    pub(super) port: u16,
    /// As it is named in records and sentences: without credentials.
    pub(super) shown: String,
    pub(super) login: Option<Login>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// HTTP, in clear.
    Http,
    /// HTTP over TLS.
    Https,
    /// SOCKS 5; we find the target's address.
    Socks,
    /// SOCKS 5; the proxy finds the target's address.
    SocksNames,
}

#[derive(Clone)]
pub(super) enum Login {
    /// For `Proxy-Authorization`.
    Basic(HeaderValue),
    /// User and password.
    Pair(zeroize::Zeroizing<String>, zeroize::Zeroizing<String>),
}

/// The proxy to this target; `None` for straight there. What is on this machine is reached straight, unless the
/// proxy was named for this very endpoint (`own`): somebody wants to look at what goes by.
pub(super) fn proxy_for(
    proxy: &Proxy,
    own: bool,
    system: &SystemProxy,
    target: &Target,
) -> Result<Option<Via>, Failure> {
    match proxy {
        Proxy::None => Ok(None),
        Proxy::Server(_) if target.is_loopback() && !own => Ok(None),
        Proxy::System if target.is_loopback() => Ok(None),
        Proxy::Server(server) => named(server).map(Some),
        Proxy::System => system.for_target(target).map(|found| by_system(&found)).transpose(),
    }
}

impl Via {
    /// Whether requests in clear are handed to it whole, rather than sent through a tunnel.
    pub(super) fn forwards(&self) -> bool {
        matches!(self.kind, Kind::Http | Kind::Https)
    }

    /// What it is told of us in a header.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        match &self.login {
            Some(Login::Basic(value)) => Some(value),
            Some(Login::Pair(..)) | None => None,
        }
    }
}

fn named(server: &ProxyServer) -> Result<Via, Failure> {
    let url = server.url();
    let host = url.host().map(|host| host.to_owned());
    let mut via = via(url.scheme(), host, url.port_or_known_default())?;
    via.login = server.credentials().map(|credentials| {
        let (user, password) = credentials.decoded();
        login(via.kind, user, password)
    });
    Ok(via)
}

fn by_system(found: &Intercept) -> Result<Via, Failure> {
    let uri = found.uri();
    let host = uri.host().and_then(|host| Host::parse(host).ok());
    let mut via = via(uri.scheme_str().unwrap_or_default(), host, uri.port_u16())?;
    via.login = match (found.basic_auth(), found.raw_auth()) {
        (Some(basic), _) => Some(Login::Basic(basic.clone())),
        (None, Some((user, password))) => {
            Some(Login::Pair(user.to_owned().into(), password.to_owned().into()))
        }
        (None, None) => None,
    };
    Ok(via)
}

fn via(scheme: &str, host: Option<Host<String>>, port: Option<u16>) -> Result<Via, Failure> {
    let (kind, usual_port) = match scheme {
        "http" => (Kind::Http, 80),
        "https" => (Kind::Https, 443),
        "socks5" => (Kind::Socks, 1080),
        "socks5h" => (Kind::SocksNames, 1080),
        other => return Err(unfit(&format!("{other} is no kind of proxy that Hookbench speaks to"))),
    };
    // `Url` parses the host of an unknown scheme such as socks5 as opaque text: an address too.
    let host = match host {
        Some(Host::Domain(name)) => Host::parse(&name).map_err(|_| unfit("its host is none"))?,
        Some(address) => address,
        None => return Err(unfit("it names no host")),
    };
    let port = port.unwrap_or(usual_port);
    Ok(Via { kind, shown: format!("{scheme}://{host}:{port}"), host, port, login: None })
}

fn login(kind: Kind, user: zeroize::Zeroizing<String>, password: zeroize::Zeroizing<String>) -> Login {
    if matches!(kind, Kind::Socks | Kind::SocksNames) {
        return Login::Pair(user, password);
    }
    let pair = zeroize::Zeroizing::new(format!("{}:{}", user.as_str(), password.as_str()));
    let text = format!("Basic {}", STANDARD.encode(pair.as_bytes()));
    // Base64 has no character that a header may not hold.
    let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    Login::Basic(value)
}

fn unfit(why: &str) -> Failure {
    let error = format!("Nothing was sent: the proxy cannot be used ({why})");
    Failure::new(Outcome::Blocked, ErrorCode::ProxySetup, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Target {
        Target::of(&url.parse().unwrap()).unwrap()
    }

    fn chosen(proxy: &str, system: &SystemProxy, url: &str) -> Option<String> {
        chosen_of(proxy, false, system, url)
    }

    fn chosen_of(proxy: &str, own: bool, system: &SystemProxy, url: &str) -> Option<String> {
        let proxy = Proxy::parse(proxy, None).unwrap();
        let via = proxy_for(&proxy, own, system, &target(url)).ok().flatten()?;
        Some(via.shown)
    }

    #[test]
    fn what_is_on_this_machine_is_reached_straight_unless_the_endpoint_names_the_proxy() {
        let system = SystemProxy::of("http://sys:1", "http://sys:2", "");
        for url in [
            "http://localhost/",
            "https://a.localhost/",
            "http://127.9.9.9:80/",
            "http://[::1]/",
            "http://0x7f.1/",
        ] {
            assert_eq!(chosen("http://p:3128", &system, url), None, "{url}");
            assert_eq!(chosen("system", &system, url), None, "{url}");
            let own = |proxy| chosen_of(proxy, true, &system, url);
            assert_eq!(own("http://p:3128").as_deref(), Some("http://p:3128"), "{url}");
            assert_eq!((own("system"), own("none")), (None, None), "{url}");
        }
        assert_eq!(chosen("http://p:3128", &system, "http://example.com/").as_deref(), Some("http://p:3128"));
    }

    #[test]
    fn the_system_says_which_by_scheme_and_for_whom_none() {
        let system =
            SystemProxy::of("http://u:secret@one:3128", "socks5h://two", "inside.example,10.0.0.0/8");
        assert_eq!(chosen("system", &system, "http://example.com/").as_deref(), Some("http://one:3128"));
        assert_eq!(chosen("system", &system, "https://example.com/").as_deref(), Some("socks5h://two:1080"));
        assert_eq!(chosen("system", &system, "https://a.inside.example/"), None);
        assert_eq!(chosen("system", &system, "https://10.1.2.3/"), None);
        assert_eq!(chosen("none", &system, "https://example.com/"), None);
    }

    #[test]
    fn a_proxy_of_a_kind_that_is_not_spoken_blocks() {
        let system = SystemProxy::of("socks4://old:1080", "", "");
        let failure =
            proxy_for(&Proxy::System, false, &system, &target("http://example.com/")).err().unwrap();
        assert_eq!((failure.outcome, failure.code), (Outcome::Blocked, ErrorCode::ProxySetup));
    }

    #[test]
    fn credentials_become_a_header_or_a_pair_and_stay_out_of_the_name() {
        let of = |text: &str| {
            let Proxy::Server(server) = Proxy::parse(text, None).unwrap() else { panic!() };
            named(&server).unwrap_or_else(|_| panic!("{text}"))
        };
        let http = of("http://me:p%40ss@proxy");
        assert_eq!(http.authorization().unwrap(), "Basic bWU6cEBzcw==");
        assert_eq!((http.shown.as_str(), http.port), ("http://proxy:80", 80));
        let socks = of("socks5://me:p%40ss@10.0.0.1");
        assert!(matches!(&socks.login, Some(Login::Pair(user, word)) if **user == "me" && **word == "p@ss"));
        assert_eq!((socks.shown.as_str(), socks.kind), ("socks5://10.0.0.1:1080", Kind::Socks));
        assert!(matches!(socks.host, Host::Ipv4(_)));
    }
}
