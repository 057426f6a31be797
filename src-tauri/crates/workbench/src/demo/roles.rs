//! The company: who gets whose webhooks, how well, and how often.

use super::actors::Manner;

/// What is known of a part beforehand.
#[derive(Clone, Copy)]
pub(super) struct Role {
    pub(super) provider: &'static str,
    pub(super) name: &'static str,
    /// The inbox it points at; nobody listens where it points without one.
    pub(super) slug: Option<&'static str>,
    /// What it subscribes to.
    pub(super) events: &'static [&'static str],
    /// What happens, the most usual first; whatever the provider sends, where it is empty.
    pub(super) happens: &'static [&'static str],
    pub(super) manner: Manner,
    pub(super) a_day: u32,
}

/// A part that takes everything and has its own inbox.
const fn part(
    provider: &'static str,
    name: &'static str,
    slug: &'static str,
    manner: Manner,
    a_day: u32,
) -> Role {
    Role { provider, name, slug: Some(slug), events: &["*"], happens: &[], manner, a_day }
}

/// Everybody, the oldest endpoint first.
pub(super) const ROLES: [Role; 16] = [
    part("pulsewave", "Marketing site", "marketing-site", Manner::Steady, 90),
    Role {
        events: &["message.*", "link.clicked"],
        ..part("politicalcomms", "Campaign office", "campaign-office", Manner::Hiccups, 45)
    },
    part("contactmanager", "Community app", "community-app", Manner::Steady, 35),
    part("smsportal", "Clinic reminders", "clinic-reminders", Manner::Outage, 40),
    part("sent", "Order notices", "order-notices", Manner::Slow, 45),
    Role { slug: None, ..part("sent", "Old staging server", "", Manner::Gone, 0) },
    Role {
        events: &["message.bounced", "message.complained"],
        ..part("pulsewave", "Billing worker", "billing-worker", Manner::Broken, 0)
    },
    Role {
        happens: &[
            "push",
            "workflow_run.completed",
            "pull_request.opened",
            "pull_request_review.submitted",
            "pull_request.closed",
            "issue_comment.created",
            "issues.opened",
        ],
        ..part("github", "Deploy bot", "deploy-bot", Manner::Steady, 38)
    },
    Role {
        happens: &[
            "payment_intent.succeeded",
            "charge.succeeded",
            "checkout.session.completed",
            "invoice.paid",
            "payment_intent.payment_failed",
            "charge.refunded",
        ],
        ..part("stripe", "Payments", "payments", Manner::Hiccups, 34)
    },
    Role {
        happens: &["orders/create", "orders/paid", "inventory_levels/update", "orders/fulfilled"],
        ..part("shopify", "Shop orders", "shop-orders", Manner::Steady, 36)
    },
    Role {
        happens: &["message.channels", "app_mention", "reaction_added", "app_home_opened"],
        ..part("slack", "Office bot", "office-bot", Manner::Steady, 20)
    },
    Role {
        happens: &["incoming_message", "message_status.delivered", "message_status.sent", "incoming_call"],
        ..part("twilio", "Support line", "support-line", Manner::Steady, 20)
    },
    Role {
        happens: &["delivered", "open", "processed", "bounce"],
        ..part("sendgrid", "Receipts by mail", "receipts-by-mail", Manner::Steady, 18)
    },
    Role {
        happens: &["whatsapp.statuses.delivered", "whatsapp.messages.text", "whatsapp.statuses.read"],
        ..part("meta", "WhatsApp desk", "whatsapp-desk", Manner::Steady, 22)
    },
    Role {
        happens: &["ENTITLEMENT_CREATE", "APPLICATION_AUTHORIZED", "ENTITLEMENT_UPDATE"],
        ..part("discord", "Player perks", "player-perks", Manner::Steady, 8)
    },
    part("mailgun", "Newsletter", "newsletter", Manner::Steady, 10),
];

/// The endpoint that still waits for its test, and the inbox at which it will pass.
pub(super) const DRAFT: (&str, &str) = ("Clinic reminders, second site", "clinic-reminders");

/// Whose secret was rotated today, and holds for a while longer.
pub(super) const ROTATED: &str = "payments";
