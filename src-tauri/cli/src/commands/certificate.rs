use std::path::PathBuf;

use clap::Subcommand;
use hookbench_workbench::Secret;
use serde_json::{Map, Value, json};

use super::Context;
use crate::client::read_input;
use crate::error::CliError;
use crate::output::{self, Form};
use crate::secret::SecretArg;

const PATH: &str = "/v1/capture/certificate";

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// What the certificates say that the receiver may show
    Show,
    /// Make Hookbench's own certificate, or make it anew; that happens by itself before it ends
    Renew {
        /// Make its authority anew too, which then has to be trusted again
        #[arg(long)]
        authority: bool,
    },
    /// Give a certificate of one's own; `settings --tls own` shows it
    Use {
        /// The certificate and those that lead to its authority, its own first, PEM
        certificate: PathBuf,
        /// Its private key, PEM, without a password; `-` reads standard input
        key: PathBuf,
    },
    /// Forget the certificate of one's own
    Forget,
    /// Print the certificate of Hookbench's own authority, to be trusted
    Ca,
    /// How to have that authority trusted
    Trust,
}

pub(crate) async fn run(context: &Context, verb: Option<Verb>) -> Result<(), CliError> {
    let client = &context.client;
    let done = match verb.unwrap_or(Verb::Show) {
        Verb::Show => client.get(PATH).await?,
        Verb::Renew { authority } => {
            client.post(&format!("{PATH}/renew"), &json!({"authority": authority})).await?
        }
        Verb::Use { certificate, key } => {
            let mut body = Map::new();
            let certificate = String::from_utf8_lossy(&read_input(&certificate)?).into_owned();
            body.insert("certificate_pem".to_owned(), certificate.into());
            let key = SecretArg::from(Secret::new(read_input(&key)?));
            body.insert("key_pem".to_owned(), key.into());
            client.put(PATH, &body.into()).await?
        }
        Verb::Forget => client.delete(PATH).await?,
        Verb::Ca => return output::bytes(&client.raw(&format!("{PATH}/ca.pem")).await?),
        Verb::Trust => return trust(context, &client.get(PATH).await?),
    };
    output::value(context.form, &in_short(context.form, done))
}

/// Without what would fill the screen: that has commands of its own.
fn in_short(form: Form, mut seen: Value) -> Value {
    if let (Form::Text, Some(made)) = (form, seen.get_mut("made").and_then(Value::as_object_mut)) {
        made.remove("authority_pem");
        made.remove("trust");
    }
    seen
}

fn trust(context: &Context, seen: &Value) -> Result<(), CliError> {
    let Some(systems) = seen.pointer("/made/trust").and_then(Value::as_array) else {
        let words = "Hookbench has made no certificate yet: `hookbench certificate renew` or `hookbench settings \
                     --tls made` does.";
        return Err(CliError::Unsuccessful(words.to_owned()));
    };
    if context.form == Form::Json {
        return systems.iter().try_for_each(|system| output::line(&system.to_string()));
    }
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    for system in systems {
        output::line(&text(system, "title"))?;
        for step in system["steps"].as_array().into_iter().flatten() {
            output::line(&format!("  {}", text(step, "text")))?;
            if let Some(command) = step["command"].as_str() {
                output::line(&format!("    {command}"))?;
            }
        }
    }
    Ok(())
}
