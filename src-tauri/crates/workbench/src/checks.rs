//! Checks that several nouns share. Each notes what is wrong and names the field.

use bytes::Bytes;
use data_encoding::BASE64;
use hookbench_delivery::build::is_of_the_connection;
use hookbench_model::{HeaderPairs, ProviderId, VEIL, is_credential_name, is_veiled};
use hookbench_providers::{Library, Profile};
use hookbench_signing::{Scheme, Secret, SecretUse};
use std::sync::Arc;
use url::Url;

use crate::error::Faults;

/// The longest name of anything, in characters.
const LONGEST_NAME: usize = 200;
/// The longest URL, in bytes.
const LONGEST_URL: usize = 2048;
/// The most headers that may be set.
const MOST_HEADERS: usize = 100;
/// The longest value of a header, in bytes.
const LONGEST_HEADER: usize = 8192;
/// The longest text that is searched for, in characters.
const LONGEST_TEXT: usize = 512;
/// The longest secret, in bytes: a chain of certificates fits.
const LONGEST_SECRET: usize = 16 << 10;

/// A text that is searched for, if any: a long one would only cost time.
pub(crate) fn searched(faults: &mut Faults, field: &str, text: Option<&str>) {
    faults.unless(text.is_none_or(|text| text.chars().count() <= LONGEST_TEXT), field, || {
        format!("may be at most {LONGEST_TEXT} characters long")
    });
}

/// What stands in paths of the API where the id of a provider or a scheme does: one of that id could not be reached.
const WORDS_OF_PATHS: [&str; 2] = ["preview", "snippet"];

/// What is wrong with such an id, if anything.
pub(crate) fn word_of_a_path(id: &str) -> Option<String> {
    WORDS_OF_PATHS.contains(&id).then(|| format!("cannot be `{id}`, which is a word of the API"))
}

pub(crate) fn name(faults: &mut Faults, field: &str, text: &str) -> String {
    let text = text.trim();
    faults.unless(!text.is_empty(), field, || "must not be empty".to_owned());
    faults.unless(text.chars().count() <= LONGEST_NAME, field, || {
        format!("may be at most {LONGEST_NAME} characters long")
    });
    faults
        .unless(!text.chars().any(char::is_control), field, || "must not hold control characters".to_owned());
    text.to_owned()
}

/// A token that is compared with what a sender brings.
pub(crate) fn token(faults: &mut Faults, field: &str, given: &Secret) -> Secret {
    Secret::from(name(faults, field, given.expose_text().unwrap_or_default()).as_str())
}

/// An http or https URL with a host, without credentials and fragment.
pub(crate) fn url(faults: &mut Faults, field: &str, text: &str) -> Option<Url> {
    if text.len() > LONGEST_URL {
        faults.add(field, format!("may be at most {LONGEST_URL} bytes long"));
        return None;
    }
    let Ok(url) = Url::parse(text.trim()) else {
        faults.add(field, "is not a URL: give one such as http://127.0.0.1:3000/webhooks");
        return None;
    };
    faults.unless(matches!(url.scheme(), "http" | "https"), field, || {
        format!("must begin with http:// or https://, not {}:", url.scheme())
    });
    faults.unless(url.has_host(), field, || "names no host".to_owned());
    faults.unless(url.username().is_empty() && url.password().is_none(), field, || {
        "must not hold a user name or password: set an Authorization header".to_owned()
    });
    faults.unless(url.fragment().is_none(), field, || {
        "must not have a fragment (`#…`): it is never sent".to_owned()
    });
    Some(url)
}

pub(crate) fn profile(
    faults: &mut Faults,
    field: &str,
    text: &str,
    library: &Library,
) -> Option<Arc<Profile>> {
    let found = text.parse::<ProviderId>().ok().and_then(|id| library.profile(&id));
    if found.is_none() {
        let known: Vec<_> = library.profiles().iter().map(|profile| profile.id().to_string()).collect();
        let shown: String = text.chars().take(80).collect();
        faults.add(field, format!("`{shown}` is no provider: {} are", known.join(", ")));
    }
    found
}

/// Headers that a person sets, beside those that Hookbench makes.
pub(crate) fn headers(faults: &mut Faults, field: &str, headers: &HeaderPairs) {
    faults
        .unless(headers.len() <= MOST_HEADERS, field, || format!("may hold at most {MOST_HEADERS} headers"));
    for (at, (name, value)) in headers.iter().enumerate() {
        let place = format!("{field}[{at}]");
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            faults.add(&place, "its name is no header name: letters, digits and `-` make one");
        } else if is_of_the_connection(name) {
            faults.add(&place, format!("{name} is made by Hookbench for every message and cannot be set"));
        }
        if value.as_bytes().len() > LONGEST_HEADER {
            faults.add(&place, format!("its value may be at most {LONGEST_HEADER} bytes long"));
        } else if http::HeaderValue::from_bytes(value.as_bytes()).is_err() {
            faults.add(&place, "its value must not hold line breaks or other control characters");
        }
    }
}

/// Credentials that are given, and not what is shown in their place.
pub(crate) fn nothing_veiled(faults: &mut Faults, field: &str, headers: &HeaderPairs) {
    for (name, _) in headers.iter().filter(|(name, value)| is_credential_name(name) && is_veiled(value)) {
        faults.add(field, format!("`{name}` has no value here that `{VEIL}` could stand for: give it"));
    }
}

/// A scheme by its id.
pub(crate) fn scheme(faults: &mut Faults, field: &str, id: &str, library: &Library) -> Option<Arc<Scheme>> {
    let found = library.scheme(id);
    if found.is_none() {
        let shown: String = id.chars().take(80).collect();
        faults.add(field, format!("there is no scheme `{shown}`: GET /v1/schemes lists them"));
    }
    found
}

/// A secret in the form that the scheme wants, to verify by.
pub(crate) fn secret(faults: &mut Faults, field: &str, given: &Secret, scheme: &Scheme) -> Secret {
    let Some(text) = given.expose_text() else {
        faults.add(field, "is not text");
        return given.clone();
    };
    // Keys are pasted from files, which end with a line.
    let text = if scheme.is_asymmetric() { text.trim() } else { text };
    let secret = Secret::from(text);
    if text.is_empty() {
        faults.add(field, "must not be empty");
    } else if text.trim() == VEIL {
        faults.add(field, format!("has no value here that `{VEIL}` could stand for: give it"));
    } else if text.len() > LONGEST_SECRET {
        faults.add(field, format!("may be at most {LONGEST_SECRET} bytes long"));
    } else if text.trim() != text {
        faults.add(field, "begins or ends with white space");
    } else if let Err(error) = scheme.check_secret(&secret) {
        faults.add(field, format!("does not fit {}: {error}", scheme.name()));
    }
    secret
}

/// A secret in the form that the scheme wants, to sign with: a public key is none.
pub(crate) fn signing_secret(faults: &mut Faults, field: &str, given: &Secret, scheme: &Scheme) -> Secret {
    let secret = secret(faults, field, given, scheme);
    let only_verifies = matches!(scheme.check_secret(&secret), Ok(SecretUse::OnlyVerifies));
    faults.unless(!only_verifies, field, || {
        format!("is a public key, which only verifies: {} signs with the private one", scheme.name())
    });
    secret
}

/// Bytes from padded standard base64.
pub(crate) fn base64(faults: &mut Faults, field: &str, text: &str) -> Option<Bytes> {
    let bytes = BASE64.decode(text.as_bytes()).ok();
    faults.unless(bytes.is_some(), field, || "is not padded standard base64".to_owned());
    bytes.map(Into::into)
}

pub(crate) fn content_type(faults: &mut Faults, field: &str, text: &str) {
    let fits = !text.is_empty() && text.len() <= LONGEST_NAME && http::HeaderValue::from_str(text).is_ok();
    faults.unless(fits, field, || "is no content type: give one such as application/json".to_owned());
}
