use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use hookbench_workbench::Secret;
use serde_json::Value;

/// A secret as it is given on the command line or in the environment: wiped when dropped, absent from `Debug`.
///
/// The process's arguments and environment keep it as long as the process lives, and the body of the call that takes
/// it has it as plain text until that is sent: neither can be wiped.
#[derive(Clone)]
pub(crate) struct SecretArg(Secret);

impl SecretArg {
    /// What somebody makes of its text.
    pub(crate) fn told<T>(&self, made: impl FnOnce(&str) -> T) -> T {
        made(self.0.expose_text().unwrap_or_default())
    }
}

impl From<Secret> for SecretArg {
    fn from(secret: Secret) -> Self {
        Self(secret)
    }
}

impl FromStr for SecretArg {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(Secret::from(text)))
    }
}

/// For the body of a call, and for nothing else.
impl From<SecretArg> for Value {
    fn from(secret: SecretArg) -> Self {
        secret.0.expose_text().unwrap_or_default().into()
    }
}

impl fmt::Debug for SecretArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_into_a_call_and_is_not_printed() {
        let Ok(secret) = "s3cr3t".parse::<SecretArg>();
        assert_eq!(format!("{secret:?}"), "…");
        assert_eq!(Value::from(secret), "s3cr3t");
    }
}
