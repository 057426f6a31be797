use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use hookbench_model::{
    Hidden, InFlightEntry, Inbox, InboxAccess, Noun, RuleId, Shown, Timestamp, is_credential_name,
};
use hookbench_providers::{Handshake, Library, Profile};
use hookbench_signing::{Scheme, Secret};
use hookbench_store::{ChangeStream, Feed, Store, StoreError};
use tokio::sync::Mutex;

use crate::answers::{CountBook, Counted, Rules};
use crate::handshake::{self, Answer, Asked};
use crate::reply::Reply;
use crate::wire::Head;

/// An inbox with everything that an arrival needs of it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) inbox: Inbox,
    pub(crate) profile: Option<Arc<Profile>>,
    /// What arrivals are verified by.
    pub(crate) scheme: Verifier,
    pub(crate) reply: Reply,
    /// What answers before that.
    pub(crate) rules: Rules,
    /// Where its arrivals may bring the secret itself; `None` where there is none to bring.
    secrets_in: Option<SecretPlaces>,
}

/// Where an arrival may hold a secret.
#[derive(Debug)]
struct SecretPlaces {
    /// The headers of the scheme: one sends its secret in them, and into another's somebody may put it by mistake.
    of_scheme: Vec<String>,
    /// Whether the secret is sent as it is, so that it may stand anywhere.
    anywhere: bool,
    /// The headers that bring a secret in a handshake.
    whole: Vec<String>,
    /// What senders show to be let in, as it stands on the wire.
    shown_to_enter: Option<Secret>,
}

/// What the arrivals of an inbox are verified by.
#[derive(Debug)]
pub(crate) enum Verifier {
    /// Nothing: it has neither a profile nor a scheme.
    Nothing,
    /// The scheme of its profile.
    OfProfile(Arc<Profile>),
    /// A scheme of its own.
    Own(Arc<Scheme>),
    /// A scheme of its own that is not there any more.
    Gone(String),
}

impl Verifier {
    fn of(inbox: &Inbox, profile: Option<&Arc<Profile>>, library: &Library) -> Self {
        match (&inbox.scheme, profile) {
            (Some(id), _) => library.scheme(id).map_or_else(|| Self::Gone(id.clone()), Self::Own),
            (None, Some(profile)) => Self::OfProfile(Arc::clone(profile)),
            (None, None) => Self::Nothing,
        }
    }

    /// The scheme, where there is one.
    pub(crate) fn scheme(&self) -> Option<&Scheme> {
        match self {
            Self::OfProfile(profile) => Some(profile.scheme()),
            Self::Own(scheme) => Some(scheme),
            Self::Nothing | Self::Gone(_) => None,
        }
    }
}

impl SecretPlaces {
    fn of(inbox: &Inbox, verifier: &Verifier, library: &Library) -> Option<Self> {
        let scheme = verifier.scheme();
        let asks = |profile: &Profile| profile.handshakes().contains(&Handshake::AsanaHookSecret);
        // The handshake is known by the provider, and by the scheme where that alone is chosen.
        let goes_by = |profile: &Profile| scheme.is_some_and(|scheme| scheme.id() == profile.scheme().id());
        let asks = match &inbox.provider {
            Some(id) => library.profile(id).is_some_and(|profile| asks(&profile)),
            None => library.profiles().iter().any(|profile| goes_by(profile) && asks(profile)),
        };
        let anywhere = inbox.verify_token.is_some()
            || inbox.access.is_some()
            || scheme.is_some_and(Scheme::sends_secret);
        if !anywhere && !asks && (scheme.is_none() || inbox.secrets.is_empty()) {
            return None;
        }
        let of_scheme = scheme.into_iter().flat_map(Scheme::made_headers).map(ToOwned::to_owned).collect();
        let brought = inbox.access.as_ref().and_then(InboxAccess::header);
        let whole =
            asks.then_some("x-hook-secret").into_iter().chain(brought).map(ToOwned::to_owned).collect();
        let shown_to_enter = inbox.access.as_ref().map(InboxAccess::on_wire);
        Some(Self { of_scheme, anywhere, whole, shown_to_enter })
    }
}

impl Known {
    fn of(inbox: Inbox, library: &Library, counts: &CountBook) -> Self {
        let profile = inbox.provider.as_ref().and_then(|id| library.profile(id));
        let scheme = Verifier::of(&inbox, profile.as_ref(), library);
        let secrets_in = SecretPlaces::of(&inbox, &scheme, library);
        let (reply, rules) = (Reply::of(&inbox.response), Rules::of(&inbox.rules, counts));
        Self { inbox, profile, scheme, reply, rules, secrets_in }
    }

    /// How an arrival is shown, where it brings a secret: one that this inbox knows, or one that was hidden when it
    /// was sent from here, as another inbox's that was sent on, or an endpoint's.
    pub(crate) fn shown(&self, head: &Head, sent: Option<&InFlightEntry>) -> Option<Shown> {
        let own = self.shown_by_own(head);
        let query = head.target.query();
        let made = own.as_ref().map_or((&head.headers, query), |own| (&own.headers, own.query.as_deref()));
        sent.and_then(|sent| sent.shown_of(query, made)).or(own)
    }

    /// How an arrival is shown that brings a secret of the inbox, also of those that hold no more, or one that comes
    /// with a handshake.
    fn shown_by_own(&self, head: &Head) -> Option<Shown> {
        let places = self.secrets_in.as_ref()?;
        let secrets: Vec<&Secret> = self.kept_secrets().collect();
        let whole: Vec<&str> = places.whole.iter().map(String::as_str).collect();
        let of_scheme: Vec<&str> = places.of_scheme.iter().map(String::as_str).collect();
        let sends = self.scheme.scheme().is_some_and(Scheme::sends_secret);
        let hidden = Hidden {
            secrets: &secrets,
            tokens_in: if sends { &of_scheme } else { &[] },
            whole: &whole,
            only_in: (!places.anywhere).then_some(&of_scheme),
        };
        Shown::of(&head.headers, head.target.query(), &hidden)
    }

    /// How a request is shown that is not whole: also without what is named like a credential, for whose it is cannot
    /// be told.
    pub(crate) fn shown_of_broken(&self, head: &Head, sent: Option<&InFlightEntry>) -> Option<Shown> {
        let brought = self.inbox.access.as_ref().and_then(InboxAccess::header);
        let is_hidden = |name: &&str| {
            is_credential_name(name) || brought.is_some_and(|brought| name.eq_ignore_ascii_case(brought))
        };
        let names = head.headers.iter().map(|(name, _)| name).filter(is_hidden);
        let names: Vec<&str> = names.collect();
        let query = head.target.query();
        let own = self.hiding(|hidden| Shown::of(&head.headers, query, &Hidden { whole: &names, ..*hidden }));
        let made = own.as_ref().map_or((&head.headers, query), |own| (&own.headers, own.query.as_deref()));
        sent.and_then(|sent| sent.shown_of(query, made)).or(own)
    }

    /// Looks for the inbox's own secrets, wherever they stand.
    pub(crate) fn hiding<T>(&self, look: impl FnOnce(&Hidden<'_>) -> T) -> T {
        let secrets: Vec<&Secret> = self.kept_secrets().collect();
        let of_scheme = self.secrets_in.as_ref().map_or(&[][..], |places| &places.of_scheme);
        let of_scheme: Vec<&str> = of_scheme.iter().map(String::as_str).collect();
        let sends = self.scheme.scheme().is_some_and(Scheme::sends_secret);
        look(&Hidden {
            secrets: &secrets,
            tokens_in: if sends { &of_scheme } else { &[] },
            ..Hidden::default()
        })
    }

    fn kept_secrets(&self) -> impl Iterator<Item = &Secret> {
        let to_enter = self.secrets_in.as_ref().and_then(|places| places.shown_to_enter.as_ref());
        let to_enter = to_enter.into_iter().chain(self.inbox.access.as_ref().map(InboxAccess::secret));
        self.inbox.secrets.iter().map(|kept| &kept.secret).chain(&self.inbox.verify_token).chain(to_enter)
    }

    /// The handshake of its profile that a request is, and the answer; `None` where it is none, and where
    /// the inbox answers none.
    pub(crate) fn handshake(&self, head: &Head, body: &[u8], now: Timestamp) -> Option<(Handshake, Answer)> {
        let profile = self.profile.as_ref().filter(|_| self.inbox.handshakes)?;
        let asked = Asked {
            method: &head.method,
            query: head.target.query(),
            headers: &head.headers,
            body,
            secrets: &self.secrets_at(now),
            verify_token: self.inbox.verify_token.as_ref(),
        };
        handshake::answer(profile.handshakes(), &asked)
    }

    /// The secrets that verify at `now`, newest first.
    pub(crate) fn secrets_at(&self, now: Timestamp) -> Vec<&Secret> {
        self.inbox.secrets.iter().filter(|kept| kept.holds_at(now)).map(|kept| &kept.secret).collect()
    }
}

/// All inboxes by slug, in memory: looking one up waits for nobody.
#[derive(Debug)]
pub(crate) struct InboxBook {
    store: Store,
    library: Library,
    by_slug: ArcSwap<HashMap<String, Arc<Known>>>,
    /// What rules have counted.
    counts: CountBook,
    /// Held while reading, so that an older reading never replaces a newer one.
    reading: Mutex<()>,
}

impl InboxBook {
    /// Reads them all.
    pub(crate) async fn open(store: Store, library: Library) -> Result<Self, StoreError> {
        let (by_slug, counts) = (ArcSwap::default(), CountBook::default());
        let book = Self { store, library, by_slug, counts, reading: Mutex::new(()) };
        book.refresh().await?;
        Ok(book)
    }

    /// Reads them again; what was committed before the call is known after it.
    pub(crate) async fn refresh(&self) -> Result<(), StoreError> {
        let _reading = self.reading.lock().await;
        let inboxes = self.store.inboxes().all().await?;
        self.counts.keep(inboxes.iter().flat_map(|inbox| &inbox.rules));
        let known = inboxes
            .into_iter()
            .map(|inbox| {
                (inbox.slug.as_str().to_owned(), Arc::new(Known::of(inbox, &self.library, &self.counts)))
            })
            .collect();
        self.by_slug.store(Arc::new(known));
        Ok(())
    }

    /// The inbox of that slug.
    pub(crate) fn find(&self, slug: &str) -> Option<Arc<Known>> {
        self.by_slug.load().get(slug).map(Arc::clone)
    }

    /// Looks for the secrets of all inboxes.
    pub(crate) fn hiding<T>(&self, look: impl FnOnce(&Hidden<'_>) -> T) -> T {
        let known = self.by_slug.load();
        let secrets: Vec<&Secret> = known.values().flat_map(|known| known.kept_secrets()).collect();
        let brought = known.values().filter_map(|known| known.inbox.access.as_ref()).map(InboxAccess::place);
        let whole: Vec<&str> = brought.collect();
        look(&Hidden { secrets: &secrets, whole: &whole, ..Hidden::default() })
    }

    /// What a rule has counted.
    pub(crate) fn counted(&self, rule: RuleId) -> Counted {
        self.counts.counted(rule)
    }

    /// Has a rule begin to count anew.
    pub(crate) fn start_again(&self, rule: RuleId) {
        self.counts.start_again(rule);
    }

    /// Follows the store's changes until it closes.
    pub(crate) async fn follow(&self, mut changes: ChangeStream) {
        loop {
            let stale = match changes.next().await {
                Feed::Change(change) => change.noun == Noun::Inbox,
                Feed::Lagged => true,
                Feed::Closed => return,
            };
            if stale && let Err(error) = self.refresh().await {
                tracing::warn!(%error, "the inboxes could not be read again; the ones known before are served");
            }
        }
    }
}
