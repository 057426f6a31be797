//! How a sender tried again, for people.

use serde_json::Value;

use super::Context;
use crate::error::CliError;
use crate::output::{self, Column, Form};

const COLUMNS: [Column; 7] = [
    ("NUMBER", "number"),
    ("RECEIVED", "received_at"),
    ("AFTER", "after"),
    ("PLANNED", "planned"),
    ("PACE", "pace"),
    ("ANSWERED", "response.status"),
    ("ID", "request_id"),
];

/// Prints the arrivals of a request, and how they compare with what the provider says.
pub(super) fn print(context: &Context, seen: &Value) -> Result<(), CliError> {
    if context.form == Form::Json {
        return output::line(&seen.to_string());
    }
    let arrivals = seen["arrivals"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: Vec<Value> = arrivals.iter().map(row).collect();
    output::rows(context.form, &rows, &COLUMNS, "It has not come.")?;
    output::line(&output::escaped(&summary(seen, arrivals.len())))
}

fn row(arrival: &Value) -> Value {
    let mut row = arrival.clone();
    let span = |name: &str| arrival[name].as_u64().map_or(Value::Null, |ms| span(ms).into());
    let planned = match (span("planned_earliest_ms"), span("planned_latest_ms")) {
        (Value::String(least), Value::String(most)) if least != most => format!("{least} to {most}").into(),
        _ => span("planned_ms"),
    };
    row["after"] = span("after_ms");
    row["planned"] = planned;
    row["pace"] = arrival["pace"].as_str().map_or(Value::Null, |pace| pace.replace('_', " ").into());
    row
}

fn summary(seen: &Value, shown: usize) -> String {
    let told = match seen["by"].as_str() {
        Some("delivery") => "attempts of one delivery of Hookbench's own",
        Some("event") => "about the same event",
        _ => "of equal method, target, body and address",
    };
    let total = seen["total"].as_u64().unwrap_or_default();
    let count = if total == 1 { "1 arrival".to_owned() } else { format!("{total} arrivals") };
    let part = if u64::try_from(shown).is_ok_and(|shown| total > shown) {
        format!(", the nearest {shown} shown")
    } else {
        String::new()
    };
    let plan = match seen["provider_name"].as_str() {
        Some(name) if !seen["schedule"].is_null() => format!("PLANNED is when {name} tries again."),
        Some(name) => format!("What {name} plans is not known."),
        None => "The inbox has no provider, so nothing is planned.".to_owned(),
    };
    format!("{count}{part}, {told}. {plan}")
}

/// A span in its two largest units: `1.5 s`, `5 m`, `2 h 30 m`.
fn span(ms: u64) -> String {
    if ms < 1000 {
        return format!("{ms} ms");
    }
    let seconds = ms / 1000;
    if seconds < 60 {
        let tenths = ms / 100 % 10;
        return if tenths == 0 { format!("{seconds} s") } else { format!("{seconds}.{tenths} s") };
    }
    let units = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let largest = units.iter().position(|(size, _)| seconds >= *size).unwrap_or(units.len() - 1);
    let mut rest = seconds;
    let mut words = Vec::new();
    for (size, name) in units.iter().skip(largest).take(2) {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            words.push(format!("{count} {name}"));
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_span_is_told_in_its_largest_units() {
        let spans = [0, 999, 1000, 1540, 60_000, 90_000, 9_000_000, 86_400_000, 90_061_000];
        let words: Vec<String> = spans.into_iter().map(span).collect();
        assert_eq!(
            words,
            ["0 ms", "999 ms", "1 s", "1.5 s", "1 m", "1 m 30 s", "2 h 30 m", "1 d", "1 d 1 h"]
        );
    }

    #[test]
    fn an_arrival_is_told_beside_the_plan() {
        let arrival = json!({
            "number": 2, "after_ms": 61_000, "planned_ms": 60_000, "planned_earliest_ms": 50_000,
            "planned_latest_ms": 70_000, "pace": "as_planned",
        });
        let told = row(&arrival);
        assert_eq!(
            (&told["after"], &told["planned"], &told["pace"]),
            (&json!("1 m 1 s"), &json!("50 s to 1 m 10 s"), &json!("as planned"))
        );
        let exactly = json!({"planned_ms": 5000, "planned_earliest_ms": 5000, "planned_latest_ms": 5000});
        assert_eq!(row(&exactly)["planned"], "5 s");
        assert_eq!(row(&json!({}))["planned"], Value::Null);
    }
}
