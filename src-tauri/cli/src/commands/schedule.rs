//! The plan, drawn: when a delivery would be attempted.

use clap::Args;
use serde_json::{Map, Value};

use super::Context;
use super::endpoints::{insert, path};
use super::policy::PlanArgs;
use crate::client::segment;
use crate::error::CliError;
use crate::output::{self, Column, Form};
use crate::span::{When, parse};

const COLUMNS: [Column; 5] = [
    ("ATTEMPT", "number"),
    ("AT", "at"),
    ("AFTER (MS)", "after_ms"),
    ("EARLIEST", "earliest"),
    ("LATEST", "latest"),
];

#[derive(Args)]
pub(crate) struct ScheduleArgs {
    /// The provider profile whose plan it is; Standard Webhooks where not given
    #[arg(long, conflicts_with = "endpoint")]
    provider: Option<String>,
    /// The endpoint whose plan it is
    #[arg(long, value_name = "ID")]
    endpoint: Option<String>,
    /// When the first attempt is made: RFC 3339, or so long ago; now where not given
    #[arg(long, value_name = "TIME", value_parser = parse)]
    from: Option<When>,
    #[command(flatten)]
    plan: PlanArgs,
}

pub(crate) async fn run(context: &Context, args: ScheduleArgs) -> Result<(), CliError> {
    let client = &context.client;
    let (mut body, mut now) = (Map::new(), None);
    if let Some(id) = &args.endpoint {
        let endpoint = client.get(&path(id)).await?;
        let policy = &endpoint["policy"];
        for (name, value) in [("timeout_ms", &policy["timeout_ms"]), ("ttl_ms", &policy["ttl_ms"])] {
            insert(&mut body, name, Some(value.clone()).filter(|value| !value.is_null()));
        }
        body.insert("provider".to_owned(), endpoint["provider"].clone());
        body.insert("retry".to_owned(), policy["retry"].clone());
        now = Some(policy["retry"].clone());
    } else {
        let provider = args.provider.unwrap_or_else(|| "generic".to_owned());
        if args.plan.needs_waits() {
            let profile = client.get(&format!("/v1/providers/{}", segment(&provider))).await?;
            now = Some(profile["retry"].clone());
        }
        body.insert("provider".to_owned(), provider.into());
    }
    args.plan.put(&mut body, now.as_ref())?;
    insert(&mut body, "from", args.from.map(|from| from.to_rfc3339(context.now)));
    let drawn = client.post("/v1/schedules", &Value::Object(body)).await?;
    if context.form == Form::Json {
        return output::value(context.form, &drawn);
    }
    let attempts = drawn["attempts"].as_array().cloned().unwrap_or_default();
    output::rows(context.form, &attempts, &COLUMNS, "There is no attempt.")?;
    output::line(drawn["sentence"].as_str().unwrap_or_default())
}
