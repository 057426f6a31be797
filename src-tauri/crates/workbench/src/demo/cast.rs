//! Who takes part: an inbox and an endpoint for each provider of the company, and some that do not do well.

use bytes::Bytes;
use hookbench_model::{
    AllowList, Endpoint, EndpointId, EndpointStatus, EventPattern, Inbox, InboxId, InboxResponse,
    InboxRetention, ProviderId, StoredSecret, Subscriptions, Timestamp,
};
use hookbench_providers::Profile;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use url::Url;

use super::DAY_MS;
use super::actors::Manner;
use super::roles::{DRAFT, ROLES, ROTATED, Role};
use crate::Workbench;
use crate::error::{Result, WorkbenchError};

/// How long ago the secret was rotated that still has its overlap.
const ROTATED_MS: i64 = 5 * 3_600_000;

/// Everybody.
pub(super) struct Cast {
    pub(super) parts: Vec<Part>,
    /// An inbox without a provider, where people try things out.
    pub(super) playground: Inbox,
}

/// An endpoint and how its receiver behaves.
pub(super) struct Part {
    pub(super) endpoint: Endpoint,
    /// The inbox it points at, if it points at one.
    pub(super) inbox: Option<Inbox>,
    pub(super) manner: Manner,
    /// What happens, the most usual first; whatever the provider sends, where it is empty.
    pub(super) happens: &'static [&'static str],
    /// How many events a day.
    pub(super) events: u32,
}

impl Cast {
    /// The part with the inbox of that slug.
    pub(super) fn at(&self, slug: &str) -> Option<(&Part, &Inbox)> {
        self.parts.iter().find_map(|part| {
            let inbox = part.inbox.as_ref().filter(|inbox| inbox.slug.as_str() == slug)?;
            Some((part, inbox))
        })
    }
}

/// Makes everybody, as of a week ago.
pub(super) async fn appear(workbench: &Workbench) -> Result<Cast> {
    let now = workbench.now();
    let born = now.plus_ms(-7 * DAY_MS);
    let mut rng = StdRng::seed_from_u64(1);
    let mut parts = Vec::new();
    for (number, role) in (0_i64..).zip(ROLES) {
        parts.push(enter(workbench, role, born.plus_ms(number * 3_600_000), now, &mut rng).await?);
    }
    let playground = inbox("playground", "Playground", born);
    let playground = workbench.store().inboxes().create(playground).await?;
    let cast = Cast { parts, playground };
    wait_for_test(workbench, &cast, now.plus_ms(-DAY_MS / 12)).await?;
    Ok(cast)
}

async fn enter(
    workbench: &Workbench,
    role: Role,
    born: Timestamp,
    now: Timestamp,
    rng: &mut StdRng,
) -> Result<Part> {
    let wanted = ProviderId::try_from(role.provider.to_owned());
    let profile =
        wanted.map_or_else(|_| workbench.library().generic(), |id| workbench.profile_or_generic(&id));
    let secrets = secrets(&profile, role, born, now, rng);
    let (url, inbox) = match role.slug {
        Some(slug) => {
            let made = Inbox {
                provider: Some(profile.id().clone()),
                response: role.manner.inbox_response(profile.success()),
                secrets: secrets.iter().map(|kept| received_with(&profile, kept)).collect(),
                ..inbox(slug, role.name, born)
            };
            let made = workbench.store().inboxes().create(made).await?;
            (format!("{}/{slug}", workbench.capture_origin()), Some(made))
        }
        // Nothing listens at the discard port of this machine.
        None => ("http://127.0.0.1:9/webhooks".to_owned(), None),
    };
    let patterns = role.events.iter().filter_map(|text| text.parse::<EventPattern>().ok()).collect();
    let endpoint = Endpoint {
        enabled_events: Subscriptions::new(patterns),
        // What has to be tested first was, a minute after it was made.
        tested_at: profile.requires_test().then(|| born.plus_ms(60_000)),
        secrets,
        ..endpoint(role.name, &url, &profile, born)?
    };
    let endpoint = workbench.store().endpoints().create(endpoint).await?;
    Ok(Part { endpoint, inbox, manner: role.manner, happens: role.happens, events: role.a_day })
}

/// The secret of a part; where it was rotated, the new one and the old one in its overlap.
fn secrets(
    profile: &Profile,
    role: Role,
    born: Timestamp,
    now: Timestamp,
    rng: &mut StdRng,
) -> Vec<StoredSecret> {
    let first = StoredSecret { secret: profile.generate_secret(rng), created_at: born, expires_at: None };
    if role.slug != Some(ROTATED) {
        return vec![first];
    }
    let rotated = now.plus_ms(-ROTATED_MS);
    let second = StoredSecret { secret: profile.generate_secret(rng), created_at: rotated, expires_at: None };
    vec![second, StoredSecret { expires_at: Some(rotated.plus_ms(DAY_MS)), ..first }]
}

/// What the receiver of a secret keeps: the same, or the public half where there are two.
fn received_with(profile: &Profile, kept: &StoredSecret) -> StoredSecret {
    let secret = profile.scheme().public_half(&kept.secret).unwrap_or_else(|| kept.secret.clone());
    StoredSecret { secret, ..kept.clone() }
}

/// An endpoint that nothing is sent to until a test of it was delivered.
async fn wait_for_test(workbench: &Workbench, cast: &Cast, born: Timestamp) -> Result<()> {
    let (name, slug) = DRAFT;
    let Some((part, _)) = cast.at(slug) else { return Ok(()) };
    let profile = workbench.profile_or_generic(&part.endpoint.provider);
    let draft = Endpoint {
        status: EndpointStatus::Disabled,
        disabled_reason: Some(Endpoint::UNTESTED.to_owned()),
        disabled_at: Some(born),
        draft: true,
        enabled_events: part.endpoint.enabled_events.clone(),
        secrets: part.endpoint.secrets.clone(),
        ..endpoint(name, part.endpoint.url.as_str(), &profile, born)?
    };
    workbench.store().endpoints().create(draft).await?;
    Ok(())
}

fn endpoint(name: &str, url: &str, profile: &Profile, born: Timestamp) -> Result<Endpoint> {
    let url = Url::parse(url).map_err(|_| WorkbenchError::field("url", "is not a URL"))?;
    Ok(Endpoint {
        enabled_events: Subscriptions::new(vec![EventPattern::all()]),
        ..Endpoint::new(EndpointId::new(born), name, url, profile.id().clone())
    })
}

fn inbox(slug: &str, name: &str, born: Timestamp) -> Inbox {
    #[expect(clippy::expect_used, reason = "the slugs are constants of the demo, made in its tests")]
    let slug = slug.parse().expect("a slug of the cast is a slug");
    Inbox {
        id: InboxId::new(born),
        slug,
        name: name.to_owned(),
        provider: None,
        scheme: None,
        handshakes: true,
        verify_token: None,
        response: InboxResponse { body: Bytes::from_static(b"ok"), ..InboxResponse::default() },
        rules: Vec::new(),
        relay: None,
        access: None,
        allow: AllowList::default(),
        retention: InboxRetention::default(),
        secrets: Vec::new(),
        created_at: born,
    }
}
