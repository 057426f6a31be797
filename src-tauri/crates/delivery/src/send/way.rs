use std::sync::{Arc, Mutex, PoisonError};

use hookbench_model::{Egress, HttpVersion, Proxy, TlsPolicy};

use super::pool::{IdleCount, Pool};
use super::tls::same_tls;

/// How many ways have connections of their own at most; the one that has not been gone for longest makes room.
const WAYS: usize = 64;

/// How a request gets to where it goes.
#[derive(Clone, Copy, Debug)]
pub struct Way<'a> {
    /// How TLS is checked.
    pub tls: &'a TlsPolicy,
    /// The HTTP version.
    pub http_version: HttpVersion,
    /// The proxy on the way.
    pub proxy: &'a Proxy,
    /// Whether the proxy was named for this endpoint itself: only then targets on this machine are reached
    /// through it too.
    pub own_proxy: bool,
    /// Where it may go.
    pub egress: &'a Egress,
}

static USUAL: Way<'static> = Way {
    tls: &TlsPolicy { verify: true, ca_pem: None, client_cert: None },
    http_version: HttpVersion::Auto,
    proxy: &Proxy::None,
    own_proxy: false,
    egress: &Egress { deny_private: false, allow: Vec::new(), deny: Vec::new() },
};

impl Default for Way<'static> {
    /// Straight there, to anywhere, with certificates checked.
    fn default() -> Self {
        USUAL
    }
}

/// A way that was gone before, with the connections that are open on it. They are shared by nothing that is
/// checked, sent or allowed otherwise.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) tls: TlsPolicy,
    pub(super) http_version: HttpVersion,
    pub(super) proxy: Proxy,
    pub(super) own_proxy: bool,
    pub(super) egress: Egress,
    pub(super) pool: Arc<Pool>,
}

impl Route {
    fn new(way: &Way<'_>, idle: &IdleCount) -> Self {
        Self {
            tls: way.tls.clone(),
            http_version: way.http_version,
            proxy: way.proxy.clone(),
            own_proxy: way.own_proxy,
            egress: way.egress.clone(),
            pool: Arc::new(Pool::new(idle.clone())),
        }
    }

    fn is(&self, way: &Way<'_>) -> bool {
        self.http_version == way.http_version
            && same_tls(&self.tls, way.tls)
            && self.proxy == *way.proxy
            && self.own_proxy == way.own_proxy
            && self.egress == *way.egress
    }
}

/// The ways that were gone so far, the newest last.
#[derive(Debug, Default)]
pub(super) struct Routes {
    known: Mutex<Vec<Arc<Route>>>,
    idle: IdleCount,
}

impl Routes {
    pub(super) fn get(&self, way: &Way<'_>) -> Arc<Route> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = known.iter().rposition(|route| route.is(way)) {
            known[at..].rotate_left(1);
            return Arc::clone(&known[known.len() - 1]);
        }
        if known.len() >= WAYS {
            // Attempts under way keep it; connections that lie idle on it end with it.
            known.remove(0);
        }
        let route = Arc::new(Route::new(way, &self.idle));
        known.push(Arc::clone(&route));
        route
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_difference_is_a_route_of_its_own_and_the_same_is_the_same() {
        let routes = Routes::default();
        let usual = routes.get(&Way::default());
        assert!(Arc::ptr_eq(&usual, &routes.get(&Way::default())));
        let unchecked = TlsPolicy { verify: false, ..TlsPolicy::default() };
        let private = Egress { deny_private: true, ..Egress::default() };
        let proxies = ["http://p:1", "http://q:1", "http://a:b@p:1", "http://a:c@p:1", "system"];
        let proxies = proxies.map(|text| Proxy::parse(text, None).unwrap());
        let mut ways = vec![
            Way { tls: &unchecked, ..Way::default() },
            Way { egress: &private, ..Way::default() },
            Way { http_version: HttpVersion::Http2, ..Way::default() },
        ];
        ways.extend(proxies.iter().map(|proxy| Way { proxy, ..Way::default() }));
        ways.extend(proxies.iter().map(|proxy| Way { proxy, own_proxy: true, ..Way::default() }));
        let found: Vec<_> = ways.iter().map(|way| routes.get(way)).collect();
        for (index, route) in found.iter().enumerate() {
            assert!(!Arc::ptr_eq(route, &usual));
            assert!(found[..index].iter().all(|other| !Arc::ptr_eq(other, route)), "{index}");
            assert!(Arc::ptr_eq(route, &routes.get(&ways[index])));
        }
    }

    #[test]
    fn what_has_not_been_gone_for_longest_makes_room() {
        let routes = Routes::default();
        let by = |port: usize| {
            let proxy = Proxy::parse(&format!("http://p:{port}"), None).unwrap();
            routes.get(&Way { proxy: &proxy, ..Way::default() })
        };
        let (usual, first) = (routes.get(&Way::default()), by(1));
        for port in 2..=2 * WAYS {
            by(port);
            assert!(Arc::ptr_eq(&usual, &routes.get(&Way::default())), "it is gone again and again: {port}");
        }
        assert!(!Arc::ptr_eq(&first, &by(1)));
        assert_eq!(Arc::strong_count(&first), 1);
    }
}
