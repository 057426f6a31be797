//! A request as a test of a handler: a script that sends it and checks what comes back.

mod node;
mod python;
mod shell;

pub use hookbench_snippets::{Script, Signer};

use hookbench_model::{is_credential_name, is_veiled};

use super::Sending;
use crate::{Facts, Message, Outgoing, Redaction, redact};

/// Whom the script asks, and what it expects of the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// The handler's address, where the script is not given another.
    pub target: Option<String>,
    /// The status; any 2xx where it is not said.
    pub status: Option<u16>,
    /// Text that the body holds.
    pub body_holds: Option<String>,
}

/// How the script signs.
#[derive(Clone, Copy, Debug)]
pub enum Signing<'s> {
    /// As it came: the headers of its signature too.
    AsItCame,
    /// As it came, although it was signed: the sentence says why.
    Cannot(&'s str),
    /// Afresh.
    Fresh(&'s Signer),
}

/// A script that needs nothing but its language. The handler's address is its argument or `WEBHOOK_URL`, or else the one
/// that stands in it. It ends with 0 where the answer is as expected, with 1 where it is not, and with 2 where it could
/// not be asked. The secret that signs and headers that hold a credential come from the environment: none is written into
/// the script, be it that the body has one, which the script says of itself.
pub fn save_as_test(message: &Message, checks: &Checks, script: Script, signing: Signing<'_>) -> String {
    let sending = Sending::of(message);
    let written = |name: &str| match signing {
        Signing::Fresh(signer) => signer.writes.iter().any(|own| own.eq_ignore_ascii_case(name)),
        Signing::AsItCame | Signing::Cannot(_) => false,
    };
    let sent = sending.headers.iter().copied().filter(|(name, _)| !written(name));
    let (secret, plain): (Vec<_>, Vec<_>) =
        sent.partition(|(name, value)| is_credential_name(name) || is_veiled(value));
    let secret = secret.into_iter().map(|(name, _)| (name, variable(name))).collect();
    let query = sending.target.split_once('?').map(|(_, query)| redact::Within::default().pairs(query));
    let tells = may_tell(message);
    let test = Test { sending: Sending { headers: plain, ..sending }, query, secret, tells, checks, signing };
    match script {
        Script::Python => python::write(&test),
        Script::Node => node::write(&test),
        Script::Shell => shell::write(&test),
    }
}

/// What a script is made of.
struct Test<'t> {
    /// Without what is signed anew and what comes from the environment.
    sending: Sending<'t>,
    /// Without its secrets.
    query: Option<String>,
    /// Headers that come from the environment, and the variables that hold them.
    secret: Vec<(&'t str, String)>,
    /// Whether its body may hold a credential.
    tells: bool,
    checks: &'t Checks,
    signing: Signing<'t>,
}

impl Test<'_> {
    fn signer(&self) -> Option<&Signer> {
        match self.signing {
            Signing::Fresh(signer) => Some(signer),
            Signing::AsItCame | Signing::Cannot(_) => None,
        }
    }

    /// What the script says of itself, in lines.
    fn about(&self, command: &str) -> Vec<String> {
        let secret = if self.signer().is_some() { "WEBHOOK_SECRET=… " } else { "" };
        let mut lines = vec![
            "Sends a webhook to a handler and checks what it answers.".to_owned(),
            String::new(),
            format!("    {secret}{command} http://localhost:3000/webhooks"),
            String::new(),
        ];
        let else_it_is =
            if self.checks.target.is_some() { ", and without that it is the one below" } else { "" };
        lines.push(format!("Without an argument the address is taken from WEBHOOK_URL{else_it_is}."));
        lines.extend(ENDS.map(str::to_owned));
        match self.signing {
            Signing::AsItCame => {}
            Signing::Cannot(why) => {
                lines.push(format!("It is sent as it came, with its old signature: {}.", one_line(why)));
            }
            Signing::Fresh(signer) => {
                lines.push(format!("It is signed afresh. {}", one_line(&signer.secret_is)));
            }
        }
        if self.tells {
            lines.push(BODY_TELLS.to_owned());
        }
        lines
    }
}

/// What the script says of how it ends.
const ENDS: [&str; 2] = [
    "It ends with 0 where the answer is as expected, with 1 where it is not, and with 2 where it could not",
    "be asked.",
];

/// What the script says where its body may hold a credential.
const BODY_TELLS: &str =
    "Its body stands here as it came, and may hold a credential: look through it before you hand this on.";

/// Whether a body holds what a redaction would take out, or may hold what nobody can see.
fn may_tell(message: &Message) -> bool {
    let mut outgoing = Outgoing { message: message.clone(), facts: Facts::default() };
    let Ok(redaction) = Redaction::new(true, []) else { return true };
    redaction.apply(&mut outgoing);
    outgoing.message.body != message.body
}

/// What the script says where it has no address.
const NO_ADDRESS: &str =
    "Give the address of the handler as the argument, or as WEBHOOK_URL: http://localhost:3000/webhooks";

/// The name of the variable that a header's value is taken from.
fn variable(header: &str) -> String {
    let upper = header.to_ascii_uppercase();
    let fits = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
    format!("WEBHOOK_{}", upper.chars().map(fits).collect::<String>())
}

fn one_line(text: &str) -> String {
    hookbench_snippets::quote::comment(text)
}
