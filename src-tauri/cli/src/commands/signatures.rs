use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};

use super::Context;
use super::endpoints::insert;
use super::schemes::read_form;
use crate::client::read_input;
use crate::error::CliError;
use crate::output;
use crate::secret::SecretArg;

/// What is signed.
#[derive(Args)]
struct Message {
    /// The scheme: standardwebhooks, stripe, github, … or a file with one of your own, written `@FILE`
    #[arg(long)]
    scheme: String,
    /// The secret, in the provider's form
    #[arg(long, env = "HOOKBENCH_SECRET", hide_env_values = true)]
    secret: SecretArg,
    /// A file with the exact bytes of the body; `-` for standard input
    #[arg(long, value_name = "FILE", default_value = "-")]
    body: PathBuf,
    /// The HTTP method
    #[arg(long, default_value = "POST")]
    method: String,
    /// The URL, for schemes that sign it
    #[arg(long, default_value = "")]
    url: String,
    /// A header of the request, `Name: value`; may be given again
    #[arg(long = "header", short = 'H', value_name = "HEADER")]
    headers: Vec<String>,
}

#[derive(Args)]
pub(crate) struct SignArgs {
    #[command(flatten)]
    message: Message,
    /// The time of signing, Unix seconds; now where not given
    #[arg(long)]
    timestamp: Option<i64>,
    /// The message id, for schemes that sign one
    #[arg(long)]
    id: Option<String>,
}

#[derive(Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    message: Message,
    /// The time of receipt, Unix seconds; now where not given
    #[arg(long)]
    at: Option<i64>,
}

pub(crate) async fn sign(context: &Context, args: SignArgs) -> Result<(), CliError> {
    let mut body = message(args.message)?;
    insert(&mut body, "timestamp", args.timestamp);
    insert(&mut body, "id", args.id);
    let signed = context.client.post("/v1/signatures/sign", &Value::Object(body)).await?;
    if context.form == output::Form::Json {
        return output::value(context.form, &signed);
    }
    for pair in signed.get("headers").and_then(Value::as_array).into_iter().flatten() {
        let part = |index| pair.get(index).and_then(Value::as_str).unwrap_or_default();
        output::line(&format!("{}: {}", part(0), part(1)))?;
    }
    Ok(())
}

pub(crate) async fn verify(context: &Context, args: VerifyArgs) -> Result<(), CliError> {
    let mut body = message(args.message)?;
    insert(&mut body, "at", args.at);
    let verdict = context.client.post("/v1/signatures/verify", &Value::Object(body)).await?;
    judged(context, &verdict)
}

/// Prints a verdict; an error where it is not that the signature is valid.
pub(crate) fn judged(context: &Context, verdict: &Value) -> Result<(), CliError> {
    if context.form == output::Form::Json {
        output::value(context.form, verdict)?;
    } else {
        told(verdict)?;
    }
    match verdict.get("status").and_then(Value::as_str).unwrap_or_default() {
        "valid" => Ok(()),
        status => Err(CliError::Unsuccessful(format!("the signature is {status}"))),
    }
}

/// Says a verdict, and what is proven to have caused it.
fn told(verdict: &Value) -> Result<(), CliError> {
    let part =
        |of: &Value, key: &str| of.get(key).and_then(Value::as_str).map(output::escaped).unwrap_or_default();
    output::line(&format!("{}: {}", part(verdict, "status"), part(verdict, "message")))?;
    if let Some(then) = verdict.get("at_receipt").filter(|then| !then.is_null()) {
        output::line(&format!("on arrival {}: {}", part(then, "status"), part(then, "message")))?;
    }
    for cause in verdict.get("causes").and_then(Value::as_array).into_iter().flatten() {
        output::line("")?;
        output::line(&part(cause, "code"))?;
        output::line(&format!("  {}", part(cause, "explanation")))?;
        output::line(&format!("  {}", part(cause, "fix")))?;
    }
    Ok(())
}

fn message(message: Message) -> Result<Map<String, Value>, CliError> {
    let headers = message.headers.iter().map(|line| header(line)).collect::<Result<Vec<_>, _>>()?;
    let mut body = Map::new();
    let scheme = match message.scheme.strip_prefix('@') {
        Some(file) => read_form(Path::new(file))?,
        None => message.scheme.into(),
    };
    body.insert("scheme".to_owned(), scheme);
    body.insert("secret".to_owned(), message.secret.into());
    body.insert("method".to_owned(), message.method.into());
    body.insert("url".to_owned(), message.url.into());
    body.insert("headers".to_owned(), headers.into());
    body.insert("body_base64".to_owned(), data_encoding::BASE64.encode(&read_input(&message.body)?).into());
    Ok(body)
}

pub(super) fn header(line: &str) -> Result<Value, CliError> {
    let (name, value) = line.split_once(':').ok_or_else(|| {
        CliError::Usage("what was given for --header is not a header: write `Name: value`".to_owned())
    })?;
    Ok(json!([name.trim(), value.trim()]))
}
