//! A captured request as a test of a handler: signed afresh where its scheme and the script's language allow it.

use hookbench_delivery::build::scheme_of_inbox;
use hookbench_interchange::{Checks, Message, Script, Signing, save_as_test};
use hookbench_model::{CapturedRequest, Inbox};
use hookbench_signing::VerificationStatus;
use hookbench_snippets::signer;

use crate::Workbench;
use crate::afresh::not_fresh;
use crate::error::{Faults, Result};

/// The longest text that an answer may be expected to hold, in bytes.
const LONGEST_EXPECTED: usize = 10_000;

/// What is wanted of a test.
#[derive(Clone, Debug, Default)]
pub struct TestDraft {
    /// `fresh` signs when it runs, `exact` sends the signature that came. Without it, afresh where the request was
    /// signed and the script can.
    pub resign: Option<String>,
    /// The status that is expected. Without it, what was answered when the request came; without that, any 2xx.
    pub expect_status: Option<u16>,
    /// What the answer has to hold.
    pub expect_body: Option<String>,
}

/// The script that a name stands for.
pub(crate) fn script(name: &str) -> Option<Script> {
    match name {
        "test" => Some(Script::Python),
        "test-node" => Some(Script::Node),
        "test-sh" => Some(Script::Shell),
        _ => None,
    }
}

impl TestDraft {
    pub(crate) fn check(&self, faults: &mut Faults) {
        let known = self.resign.as_deref().is_none_or(|word| matches!(word, "fresh" | "exact"));
        faults.unless(known, "resign", || "is none of fresh, exact".to_owned());
        let is_status = self.expect_status.is_none_or(|status| (100..600).contains(&status));
        faults.unless(is_status, "expect_status", || "is no status: 100 to 599".to_owned());
        let fits = self.expect_body.as_ref().is_none_or(|text| text.len() <= LONGEST_EXPECTED);
        faults.unless(fits, "expect_body", || format!("may be at most {LONGEST_EXPECTED} bytes long"));
    }

    pub(crate) fn checks(self, target: Option<String>, answered: Option<u16>) -> Checks {
        Checks { target, status: self.expect_status.or(answered), body_holds: self.expect_body }
    }
}

impl Workbench {
    /// The test of a captured request, whose `message` is what is sent: to that target unless the script is given
    /// another.
    pub(crate) fn test_of(
        &self,
        request: &CapturedRequest,
        inbox: &Inbox,
        message: &Message,
        script: Script,
        target: Option<String>,
        draft: TestDraft,
    ) -> Result<String> {
        let resign = draft.resign.clone();
        let checks = draft.checks(target, request.status_seen());
        let write = |signing| save_as_test(message, &checks, script, signing);
        let was_signed = request.verification.status != VerificationStatus::Unsigned;
        let demanded = resign.as_deref() == Some("fresh");
        if !demanded && (resign.is_some() || !was_signed) {
            return Ok(write(Signing::AsItCame));
        }
        let scheme = match scheme_of_inbox(inbox, self.library()) {
            Ok(scheme) => scheme,
            Err(error) if demanded => return Err(not_fresh(&error)),
            Err(_) => return Ok(write(Signing::AsItCame)),
        };
        let id = scheme.id_header().and_then(|name| message.headers.get_str(name));
        match signer(&scheme, script, &message.body, id) {
            Ok(signer) => Ok(write(Signing::Fresh(&signer))),
            Err(error) if demanded => Err(not_fresh(&error)),
            Err(error) => Ok(write(Signing::Cannot(&error.to_string()))),
        }
    }
}
