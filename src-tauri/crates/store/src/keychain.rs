//! The system's keychain: Keychain Services, the Credential Manager, the Secret Service.
//!
//! Its libraries block, and a keychain that is locked asks a person. So each call runs on a thread of its
//! own and is waited for only so long.

use std::sync::mpsc;
use std::time::Duration;

use zeroize::Zeroizing;

/// What entries are filed under.
const SERVICE: &str = "Hookbench";
/// How long a person has to unlock it for a workspace whose key is there.
const TO_UNLOCK: Duration = Duration::from_mins(2);
/// How long it may take to say whether it is there at all.
const TO_ANSWER: Duration = Duration::from_secs(20);

/// Why the keychain did not help.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeychainError {
    /// There is none, or it is locked.
    #[error("the system has no keychain, or it is locked")]
    Unreachable {
        /// What the system said.
        #[source]
        source: keyring::Error,
    },
    /// It did not answer in time.
    #[error("the system's keychain did not answer")]
    Silent,
}

/// The bytes kept under that name; `None` where there are none.
pub(crate) fn read(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
    let name = name.to_owned();
    within(TO_UNLOCK, move || match entry(&name)?.get_secret() {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(keyring::Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    })
}

/// Keeps bytes under that name, and sees to it that they come back.
pub(crate) fn keep(name: &str, bytes: &[u8]) -> Result<(), KeychainError> {
    let name = name.to_owned();
    let bytes = Zeroizing::new(bytes.to_vec());
    within(TO_ANSWER, move || {
        let entry = entry(&name)?;
        entry.set_secret(&bytes)?;
        let back = Zeroizing::new(entry.get_secret()?);
        if *back == *bytes { Ok(()) } else { Err(keyring::Error::NoEntry) }
    })
}

fn entry(name: &str) -> Result<keyring::Entry, keyring::Error> {
    keyring::Entry::new(SERVICE, name)
}

fn within<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> Result<T, keyring::Error> + Send + 'static,
) -> Result<T, KeychainError> {
    let (tell, told) = mpsc::sync_channel(1);
    let thread = std::thread::Builder::new().name("keychain".to_owned()).spawn(move || {
        // Nobody listens any more when the answer is late.
        let _ = tell.send(work());
    });
    if thread.is_err() {
        return Err(KeychainError::Silent);
    }
    match told.recv_timeout(patience) {
        Ok(result) => result.map_err(|source| KeychainError::Unreachable { source }),
        Err(_) => Err(KeychainError::Silent),
    }
}
