use serde_json::Value;

use super::Context;
use crate::client::segment;
use crate::error::CliError;
use crate::output;

pub(crate) async fn run(context: &Context, id: Option<String>) -> Result<(), CliError> {
    let Some(id) = id else {
        let list = context.client.get("/v1/providers").await?;
        let rows = list.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
        let columns = [("ID", "id"), ("NAME", "name"), ("SCHEME", "scheme"), ("TIMEOUT MS", "timeout_ms")];
        return output::rows(context.form, &rows, &columns, "No providers.");
    };
    let provider = context.client.get(&format!("/v1/providers/{}", segment(&id))).await?;
    output::value(context.form, &provider)
}
