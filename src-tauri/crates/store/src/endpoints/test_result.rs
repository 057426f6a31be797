//! What a test of an endpoint means for it, written with the test's attempt.

use hookbench_model::{Action, EndpointId, Noun};

use super::spread::Spread;
use super::status::enable;
use crate::writer::{EndpointState, Write};
use crate::{Result, TestResult};

/// Takes a test into account: by one that was delivered a draft goes live, and its paused deliveries go on;
/// one that failed says why the draft stays one. A test of another URL than the endpoint has by now means
/// nothing.
pub(crate) async fn take_test(write: &mut Write, id: EndpointId, test: &TestResult) -> Result<()> {
    match &test.failure {
        None => passed(write, id, test).await,
        Some(failure) => failed(write, id, test, failure).await,
    }
}

async fn passed(write: &mut Write, id: EndpointId, test: &TestResult) -> Result<()> {
    const PASS: &str = "UPDATE endpoints SET tested_at = ?3, draft = 0 WHERE seq = ?1 AND url = ?2";
    let state = write.state.living_endpoint(id)?;
    let pass = sqlx::query(PASS).bind(state.seq).bind(test.url.clone()).bind(test.at.unix_ms());
    if pass.execute(write.connection().await?).await?.rows_affected() == 0 {
        return Ok(());
    }
    if state.draft {
        write.state.put_endpoint(id, EndpointState { draft: false, ..state });
        enable(write, id, test.at, Spread::Usual).await?;
        return Ok(());
    }
    let status = if state.disabled { "disabled" } else { "enabled" };
    write.endpoint_edited(Action::Updated, id, Some(status));
    Ok(())
}

async fn failed(write: &mut Write, id: EndpointId, test: &TestResult, failure: &str) -> Result<()> {
    const SAY: &str = "UPDATE endpoints SET disabled_reason = ?3 WHERE seq = ?1 AND url = ?2 AND draft = 1";
    let state = write.state.living_endpoint(id)?;
    let reason = format!("It is still a draft: its test failed. {}.", failure.trim_end_matches('.'));
    let say = sqlx::query(SAY).bind(state.seq).bind(test.url.clone()).bind(reason);
    if say.execute(write.connection().await?).await?.rows_affected() > 0 {
        write.changed(Noun::Endpoint, Action::Updated, id, None, Some("disabled"));
    }
    Ok(())
}
