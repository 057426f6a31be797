use clap::Args;
use serde_json::{Map, Value};

use super::Context;
use super::endpoints::insert;
use crate::error::CliError;
use crate::output;

/// What `clock` takes; without any of it, it says how time goes.
#[derive(Args)]
pub(crate) struct ClockArgs {
    /// Let time stand
    #[arg(long)]
    pause: bool,
    /// Let time go on
    #[arg(long, conflicts_with = "pause")]
    run: bool,
    /// How many times as fast as real time it goes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=3600))]
    speed: Option<u64>,
    /// Jump ahead: all that is due on the way happens in its order (`90s`, `15m`, `24h`, `7d`)
    #[arg(long, value_name = "SPAN", value_parser = crate::span::length_ms)]
    advance: Option<u64>,
    /// Jump to when the next thing is due
    #[arg(long, conflicts_with = "advance")]
    next: bool,
}

pub(crate) async fn run(context: &Context, args: ClockArgs) -> Result<(), CliError> {
    let mut edit = Map::new();
    let mode = if args.pause { Some("paused") } else { args.run.then_some("running") };
    insert(&mut edit, "mode", mode);
    insert(&mut edit, "speed", args.speed);
    insert(&mut edit, "advance_ms", args.advance);
    insert(&mut edit, "advance_to_next", args.next.then_some(true));
    if edit.is_empty() {
        return output::value(context.form, &context.client.get("/v1/clock").await?);
    }
    // Opened before, so that the end of a jump is not missed.
    let mut feed = crate::feed::Feed::open(&context.client).await?;
    let mut clock = context.client.post("/v1/clock", &Value::Object(edit)).await?;
    while clock.get("jumping_to").is_some_and(|to| !to.is_null()) && feed.next().await?.is_some() {
        clock = context.client.get("/v1/clock").await?;
    }
    output::value(context.form, &clock)
}
