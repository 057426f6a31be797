//! Who takes part: an inbox and an endpoint for each of five providers, and some that do not do well.

use bytes::Bytes;
use hookbench_model::{
    Endpoint, EndpointId, EndpointStatus, EventPattern, HeaderPairs, Inbox, InboxId, InboxResponse,
    InboxRetention, ProviderId, StoredSecret, Subscriptions, Timestamp, TlsPolicy,
};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use url::Url;

use super::DAY_MS;
use super::actors::Manner;
use crate::Workbench;
use crate::error::{Result, WorkbenchError};

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
    /// How many events a day.
    pub(super) events: u32,
}

/// What is known of a part beforehand.
struct Role {
    provider: &'static str,
    name: &'static str,
    slug: Option<&'static str>,
    events: &'static [&'static str],
    manner: Manner,
    a_day: u32,
}

const ROLES: [Role; 7] = [
    Role {
        provider: "pulsewave",
        name: "Marketing site",
        slug: Some("marketing-site"),
        events: &["*"],
        manner: Manner::Steady,
        a_day: 130,
    },
    Role {
        provider: "politicalcomms",
        name: "Campaign office",
        slug: Some("campaign-office"),
        events: &["message.*", "link.clicked"],
        manner: Manner::Hiccups,
        a_day: 90,
    },
    Role {
        provider: "contactmanager",
        name: "Community app",
        slug: Some("community-app"),
        events: &["*"],
        manner: Manner::Steady,
        a_day: 70,
    },
    Role {
        provider: "smsportal",
        name: "Clinic reminders",
        slug: Some("clinic-reminders"),
        events: &["*"],
        manner: Manner::Outage,
        a_day: 60,
    },
    Role {
        provider: "sent",
        name: "Order notices",
        slug: Some("order-notices"),
        events: &["*"],
        manner: Manner::Slow,
        a_day: 60,
    },
    Role {
        provider: "sent",
        name: "Old staging server",
        slug: None,
        events: &["*"],
        manner: Manner::Gone,
        a_day: 0,
    },
    Role {
        provider: "pulsewave",
        name: "Billing worker",
        slug: Some("billing-worker"),
        events: &["message.bounced", "message.complained"],
        manner: Manner::Broken,
        a_day: 0,
    },
];

/// Makes everybody, as of a week ago.
pub(super) async fn appear(workbench: &Workbench) -> Result<Cast> {
    let born = workbench.now().plus_ms(-7 * DAY_MS);
    let mut rng = StdRng::seed_from_u64(1);
    let mut parts = Vec::new();
    for (number, role) in (0_i64..).zip(ROLES) {
        parts.push(enter(workbench, role, born.plus_ms(number * 3_600_000), &mut rng).await?);
    }
    let playground = inbox("playground", "Playground", None, Vec::new(), born);
    let playground = workbench.store().inboxes().create(playground).await?;
    Ok(Cast { parts, playground })
}

async fn enter(workbench: &Workbench, role: Role, born: Timestamp, rng: &mut StdRng) -> Result<Part> {
    let wanted = ProviderId::try_from(role.provider.to_owned());
    let profile =
        wanted.map_or_else(|_| workbench.library().generic(), |id| workbench.profile_or_generic(&id));
    let secret = StoredSecret { secret: profile.generate_secret(rng), created_at: born, expires_at: None };
    let (url, inbox) = match role.slug {
        Some(slug) => {
            let mut made = inbox(slug, role.name, Some(profile.id().clone()), vec![secret.clone()], born);
            made.response = role.manner.inbox_response();
            let made = workbench.store().inboxes().create(made).await?;
            (format!("{}/{slug}", workbench.capture_origin()), Some(made))
        }
        // Nothing listens at the discard port of this machine.
        None => ("http://127.0.0.1:9/webhooks".to_owned(), None),
    };
    let patterns = role.events.iter().filter_map(|text| text.parse::<EventPattern>().ok()).collect();
    let endpoint = Endpoint {
        id: EndpointId::new(born),
        name: role.name.to_owned(),
        url: Url::parse(&url).map_err(|_| WorkbenchError::field("url", "is not a URL"))?,
        provider: profile.id().clone(),
        scheme: None,
        envelope: None,
        enabled_events: Subscriptions::new(patterns),
        status: EndpointStatus::Enabled,
        disabled_reason: None,
        disabled_at: None,
        draft: false,
        tested_at: None,
        disable_counts: None,
        headers: HeaderPairs::new(),
        timeout_ms: None,
        retry: None,
        rate_limit: None,
        max_in_flight: None,
        ordered: false,
        tls: TlsPolicy::default(),
        secrets: vec![secret],
        consecutive_failures: 0,
        failing_since: None,
        created_at: born,
        updated_at: born,
    };
    let endpoint = workbench.store().endpoints().create(endpoint).await?;
    Ok(Part { endpoint, inbox, manner: role.manner, events: role.a_day })
}

fn inbox(
    slug: &str,
    name: &str,
    provider: Option<ProviderId>,
    secrets: Vec<StoredSecret>,
    born: Timestamp,
) -> Inbox {
    #[expect(clippy::expect_used, reason = "the slugs are constants of this file, made in its tests")]
    let slug = slug.parse().expect("a slug of the cast is a slug");
    Inbox {
        id: InboxId::new(born),
        slug,
        name: name.to_owned(),
        provider,
        scheme: None,
        handshakes: true,
        verify_token: None,
        response: InboxResponse { body: Bytes::from_static(b"ok"), ..InboxResponse::default() },
        retention: InboxRetention::default(),
        secrets,
        created_at: born,
    }
}
