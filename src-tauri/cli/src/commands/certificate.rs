use std::path::PathBuf;

use clap::Subcommand;
use hookbench_workbench::Secret;
use serde_json::{Map, Value, json};

use super::Context;
use crate::client::read_input;
use crate::error::CliError;
use crate::output::{self, Column, Form};
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
    match context.form {
        Form::Json => output::line(&done.to_string()),
        Form::Text => table(&done),
    }
}

const COLUMNS: [Column; 6] = [
    ("CERTIFICATE", "which"),
    ("SHOWN", "shown"),
    ("STANDING", "standing"),
    ("UNTIL", "not_after"),
    ("NAMES", "names"),
    ("SHA256", "sha256"),
];

/// Each certificate in a line, and what is to be said of them below.
fn table(seen: &Value) -> Result<(), CliError> {
    let rows = certificates(seen);
    output::rows(Form::Text, &rows, &COLUMNS, "The receiver has no certificate, and speaks no TLS.")?;
    for row in &rows {
        let which = row["which"].as_str().unwrap_or_default();
        for warning in row["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            output::line(&output::escaped(&format!("{which}: {warning}")))?;
        }
    }
    Ok(())
}

fn certificates(seen: &Value) -> Vec<Value> {
    let shown = seen["tls"].as_str().unwrap_or_default();
    let places = [("made", "/made"), ("authority", "/made/authority"), ("own", "/own")];
    let told = places.into_iter().filter_map(|(which, place)| {
        let mut row = seen.pointer(place).filter(|there| !there.is_null())?.clone();
        row["which"] = which.into();
        row["shown"] = if which == shown { "yes" } else { "no" }.into();
        row["standing"] = row["standing"].as_str().unwrap_or_default().replace('_', " ").into();
        Some(row)
    });
    told.collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_certificate_is_a_row_and_the_one_that_is_shown_says_so() {
        let one = |sha: &str| json!({"sha256": sha, "standing": "ends_soon", "warnings": []});
        let mut made = one("aa");
        made["authority"] = one("bb");
        let rows = certificates(&json!({"tls": "own", "made": made, "own": one("cc")}));
        let told: Vec<_> = rows.iter().map(|row| (&row["which"], &row["shown"], &row["sha256"])).collect();
        let wanted = [("made", "no", "aa"), ("authority", "no", "bb"), ("own", "yes", "cc")];
        let wanted = wanted.map(|(which, shown, sha)| (json!(which), json!(shown), json!(sha)));
        assert_eq!(told, wanted.iter().map(|(a, b, c)| (a, b, c)).collect::<Vec<_>>());
        assert_eq!(rows[0]["standing"], "ends soon");
        assert!(certificates(&json!({"tls": "off", "made": null, "own": null})).is_empty());
    }
}
