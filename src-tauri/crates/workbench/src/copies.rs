//! What was captured, and what was sent, as the code that sends it again.

use hookbench_interchange::{Message, Script, Signing, Tool, copy_as, save_as_test};
use hookbench_model::{DeliveryId, RequestId};

use crate::Workbench;
use crate::error::{Faults, Result, WorkbenchError};
use crate::exports::message;
use crate::saved_tests::{TestDraft, script};

/// The largest body that stands in code to be copied, in bytes: 1 MiB.
pub const MAX_COPIED: u64 = 1 << 20;

/// How one captured request is copied.
#[derive(Clone, Debug, Default)]
pub struct CopyDraft {
    /// Sent to this URL, with the path and the query after it; to the inbox unless given, what was imported to where it
    /// went. A test asks this handler, with the query after it, where it is given no other.
    pub url: Option<String>,
    /// With the secrets that are hidden otherwise; that is logged.
    pub revealing: bool,
    /// What is wanted where it is saved as a test.
    pub test: TestDraft,
}

/// What a request is copied as.
#[derive(Clone, Copy)]
enum Copied {
    As(Tool),
    Test(Script),
}

impl Copied {
    fn named(name: &str) -> Result<Self> {
        let copied = script(name).map(Self::Test).or_else(|| Tool::from_name(name).map(Self::As));
        copied.ok_or_else(|| WorkbenchError::not_found("tool", "of this name to copy a request for"))
    }
}

impl Workbench {
    /// The code that sends a captured request again, in the words of a tool.
    pub async fn copy_request(&self, id: RequestId, tool: &str, draft: CopyDraft) -> Result<String> {
        let copied = Copied::named(tool)?;
        let request = self.request(id).await?;
        fits(request.body_size)?;
        let mut faults = Faults::default();
        let url = draft.url.as_deref().and_then(|text| crate::checks::url(&mut faults, "url", text));
        draft.test.check(&mut faults);
        faults.finish()?;
        let target = url.map(String::from);
        let url = target.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        let imported = self.store().requests().imported(&[id]).await?.remove(&id);
        let inbox = self.inbox(request.inbox_id).await?;
        // A test takes what is secret from the environment.
        let reveals = draft.revealing && matches!(copied, Copied::As(_));
        let shown = self.request_with_wire(id, reveals).await?.0;
        let (body, _) = self.request_body(id).await?;
        let mut message = message(shown.request, body);
        let elsewhere =
            message.addressed.take().filter(|addressed| imported.is_some() && !addressed.is_empty());
        message.addressed = Some(url.or(elsewhere).unwrap_or(inbox.url));
        match copied {
            Copied::As(tool) => Ok(copy_as(tool, &message)),
            Copied::Test(script) => {
                self.test_of(&request, &inbox.inbox, &message, script, target, draft.test)
            }
        }
    }

    /// The code that sends again what an attempt sent, in the words of a tool. What was left out of the record because
    /// it is a secret is left out of the code too.
    pub async fn copy_attempt(&self, delivery: DeliveryId, number: u32, tool: &str) -> Result<String> {
        let copied = Copied::named(tool)?;
        let attempt = self.attempt(delivery, number).await?;
        let (body, _) = self.attempt_request_body(delivery, number).await?;
        let Some(request) = attempt.request else {
            return Err(WorkbenchError::not_found(
                "request",
                format_args!("of attempt {number} of {delivery}"),
            ));
        };
        fits(request.body_size)?;
        let (addressed, query) = match request.url.split_once('?') {
            Some((addressed, query)) => (addressed.to_owned(), Some(query.to_owned())),
            None => (request.url, None),
        };
        let message = Message {
            at: Some(attempt.started_at),
            method: request.method,
            addressed: Some(addressed),
            query,
            headers: request.headers,
            body,
            ..Message::default()
        };
        Ok(match copied {
            Copied::As(tool) => copy_as(tool, &message),
            Copied::Test(script) => {
                let checks =
                    TestDraft::default().checks(None, attempt.response.map(|response| response.status));
                save_as_test(&message, &checks, script, Signing::AsItCame)
            }
        })
    }
}

fn fits(body_size: u64) -> Result<()> {
    if body_size <= MAX_COPIED {
        return Ok(());
    }
    let limit = usize::try_from(MAX_COPIED).unwrap_or(usize::MAX);
    Err(WorkbenchError::TooLarge { what: "A body that is to stand in code", limit })
}
