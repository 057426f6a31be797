//! What providers sent from outside: most of it went wrong on its way, each piece in a manner of its own that
//! can be proven.

use hookbench_delivery::build::{BuildInput, build};
use hookbench_model::{
    CapturedRequest, Colour, DeliveryTarget, Endpoint, HeaderPairs, Inbox, RequestEdit, Timestamp,
};
use hookbench_providers::{Handshake, Profile};
use hookbench_signing::{Message, Secret, sign};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::Value;

use super::arrival::Arrival;
use super::cast::{Cast, Part};
use super::day::composed;
use crate::Workbench;
use crate::error::{Result, WorkbenchError};

/// Something from outside.
struct Letter {
    minutes_ago: i64,
    /// Whose it is: the slug of the part that it would be for.
    of: &'static str,
    /// Where it arrives.
    to: &'static str,
    event_type: &'static str,
    fate: Fate,
    /// What somebody wrote on it, and its tag.
    note: Option<(&'static str, &'static str)>,
}

/// What became of it.
#[derive(Clone, Copy)]
enum Fate {
    /// Nothing: it arrives as it was sent.
    Whole,
    /// Whoever passed it on ended the body with a line break.
    NewlineAdded,
    /// Whoever passed it on read the JSON and wrote it again.
    Rewritten,
    /// It was signed with the secret of another inbox.
    SecretOf(&'static str),
    /// The secret was pasted with the line break behind it.
    SecretWithLineBreak,
    /// It arrived so many minutes after it was signed.
    Late(i64),
    /// Its time is in milliseconds where seconds are asked for.
    Milliseconds,
    /// It was sent by https, which ended at a proxy.
    BehindHttps,
    /// It was never signed.
    Unsigned,
    /// It is a question of the provider's, which was answered.
    Handshake(Handshake),
}

const fn letter(minutes_ago: i64, of: &'static str, event_type: &'static str, fate: Fate) -> Letter {
    Letter { minutes_ago, of, to: of, event_type, fate, note: None }
}

const LETTERS: [Letter; 13] = [
    letter(1_380, "office-bot", "url_verification", Fate::Handshake(Handshake::SlackUrlVerification)),
    letter(590, "receipts-by-mail", "delivered", Fate::Unsigned),
    letter(433, "campaign-office", "message.delivered", Fate::Unsigned),
    letter(271, "community-app", "user.new", Fate::Milliseconds),
    letter(196, "marketing-site", "message.sent", Fate::SecretWithLineBreak),
    letter(152, "order-notices", "message.delivered", Fate::Unsigned),
    letter(118, "office-bot", "message.channels", Fate::Late(22)),
    letter(83, "support-line", "incoming_message", Fate::BehindHttps),
    Letter { to: "deploy-bot", ..letter(57, "payments", "invoice.paid", Fate::Whole) },
    Letter {
        note: Some(("Signed with a secret of ours, but with which?", "secret")),
        ..letter(41, "whatsapp-desk", "whatsapp.messages.text", Fate::SecretOf("shop-orders"))
    },
    letter(23, "shop-orders", "orders/create", Fate::Rewritten),
    Letter {
        note: Some(("Came through the relay. Asked them to pass the body on as it comes.", "relay")),
        ..letter(9, "deploy-bot", "push", Fate::NewlineAdded)
    },
    Letter { to: "playground", ..letter(4, "deploy-bot", "pull_request.opened", Fate::Whole) },
];

/// Brings everything in.
pub(super) async fn call(workbench: &Workbench, cast: &Cast) -> Result<()> {
    let now = workbench.now();
    let mut rng = StdRng::seed_from_u64(42);
    for letter in &LETTERS {
        let at = now.plus_ms(-60_000 * letter.minutes_ago);
        let Some((part, _)) = cast.at(letter.of) else { continue };
        let inbox = cast.at(letter.to).map_or(&cast.playground, |(_, inbox)| inbox);
        let arrival = arrival(workbench, cast, part, inbox, letter, at, &mut rng)?;
        let request = captured(workbench, inbox, letter.fate, &arrival, at);
        let id = request.id;
        workbench.store().requests().capture(request, arrival.body).await?;
        if let Some((note, tag)) = letter.note {
            let edit = RequestEdit {
                note: Some(note.to_owned()),
                tags: Some(vec![tag.to_owned()]),
                pinned: Some(true),
                colour: Some(Some(Colour::Orange)),
            };
            workbench.store().requests().edit(id, edit).await?;
        }
    }
    Ok(())
}

fn captured(
    workbench: &Workbench,
    inbox: &Inbox,
    fate: Fate,
    arrival: &Arrival,
    at: Timestamp,
) -> CapturedRequest {
    let request = arrival.captured(workbench, inbox, at);
    match fate {
        Fate::Handshake(kind) => {
            CapturedRequest { handshake: Some(kind.as_str().to_owned()), response_status: 200, ..request }
        }
        _ => request,
    }
}

/// The letter as its provider would send it, after its fate.
fn arrival(
    workbench: &Workbench,
    cast: &Cast,
    part: &Part,
    inbox: &Inbox,
    letter: &Letter,
    at: Timestamp,
    rng: &mut StdRng,
) -> Result<Arrival> {
    let profile = workbench.profile_or_generic(&part.endpoint.provider);
    let mut endpoint = Endpoint { headers: HeaderPairs::new(), ..part.endpoint.clone() };
    let address = format!("{}/{}", workbench.capture_origin(), inbox.slug);
    endpoint.url = address.parse().map_err(|_| WorkbenchError::field("url", "is not a URL"))?;
    let mut signed_at = at;
    // The newest alone: whoever sends from outside has no overlap.
    endpoint.secrets.truncate(1);
    match letter.fate {
        Fate::SecretOf(slug) => {
            let other = cast.at(slug).map(|(other, _)| other.endpoint.secrets.clone());
            endpoint.secrets = other.unwrap_or_default();
        }
        Fate::SecretWithLineBreak => {
            for kept in &mut endpoint.secrets {
                let text = String::from_utf8_lossy(kept.secret.expose());
                kept.secret = Secret::from(format!("{text}\n").as_str());
            }
        }
        Fate::Late(minutes) => signed_at = at.plus_ms(-60_000 * minutes),
        Fate::Unsigned => endpoint.secrets.clear(),
        _ => {}
    }
    let event = composed(&profile, letter.event_type, signed_at, rng)?;
    let target = DeliveryTarget::Endpoint(endpoint.id);
    let input = BuildInput {
        event: &event,
        target: &target,
        endpoint: Some(&endpoint),
        profile: &profile,
        scheme: None,
        signer: None,
        attempt: 1,
        now: signed_at,
    };
    let built = build(&input).map_err(|error| WorkbenchError::field("url", error.to_string()))?;
    let sent = Arrival { remote_addr: "127.0.0.1:40112".to_owned(), ..Arrival::of(&built, inbox) };
    Ok(match letter.fate {
        Fate::NewlineAdded => {
            let body = [&sent.body[..], b"\n"].concat();
            passed_on(sent).with_body(body)
        }
        Fate::Rewritten => {
            let body = rewritten(&sent.body);
            passed_on(sent).with_body(body)
        }
        Fate::Milliseconds => {
            let timestamp = at.unix_ms().saturating_mul(1_000);
            signed_anew(sent, &profile, &endpoint, &address, timestamp)
        }
        Fate::BehindHttps => {
            let address = address.replacen("http://", "https://", 1);
            let mut sent = signed_anew(sent, &profile, &endpoint, &address, at.unix_ms());
            sent.headers.push("X-Forwarded-Proto", "https");
            passed_on(sent)
        }
        _ => sent,
    })
}

/// The same message, signed at another time or for another URL.
fn signed_anew(
    mut sent: Arrival,
    profile: &Profile,
    endpoint: &Endpoint,
    url: &str,
    timestamp: i64,
) -> Arrival {
    let secrets: Vec<&Secret> = endpoint.secrets.iter().map(|kept| &kept.secret).collect();
    let pairs: Vec<(&str, &[u8])> =
        sent.headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
    let message = Message { method: &sent.method, url, headers: &pairs, body: &sent.body, timestamp, id: "" };
    let signed = sign(profile.scheme(), &secrets, &message).map(|signed| signed.headers).unwrap_or_default();
    for (name, value) in signed {
        sent.headers.remove(&name);
        sent.headers.push(name, value);
    }
    sent
}

/// What passes requests on says so.
fn passed_on(mut sent: Arrival) -> Arrival {
    sent.headers.push("X-Forwarded-For", "203.0.113.40");
    sent.headers.push("Via", "1.1 relay");
    sent
}

/// The same JSON, laid out for people: no signature survives that.
fn rewritten(body: &[u8]) -> Vec<u8> {
    let read: Result<Value, _> = serde_json::from_slice(body);
    read.and_then(|value| serde_json::to_vec_pretty(&value)).unwrap_or_else(|_| body.to_vec())
}
