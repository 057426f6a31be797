//! What a sender is to show to an inbox, and from which addresses it may come.

use hookbench_model::{AllowList, InboxAccess, TokenPlace, VEIL};
use hookbench_signing::Secret;

use crate::error::Faults;

/// What somebody says of what a sender has to show. A secret that is left out is the one that is there.
#[derive(Clone)]
pub enum AccessDraft {
    /// A name and a password.
    Basic {
        /// The name.
        username: String,
        /// The password.
        password: Option<Secret>,
    },
    /// A token in a header or in a parameter of the query.
    Token {
        /// The header.
        header: Option<String>,
        /// The parameter.
        query: Option<String>,
        /// The token.
        token: Option<Secret>,
    },
}

/// Headers that a token cannot stand in: they belong to the connection, or mean something else.
const NO_TOKEN_IN: [&str; 8] =
    ["host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect"];
/// The longest password or token, in bytes.
const LONGEST_SECRET: usize = 4096;

/// Takes over what is said of it, and notes what is wrong.
#[expect(clippy::option_option, reason = "a field left out and a field given as null are two things")]
pub(crate) fn apply(
    edit: Option<Option<AccessDraft>>,
    access: &mut Option<InboxAccess>,
    faults: &mut Faults,
) {
    match edit {
        None => {}
        Some(None) => *access = None,
        Some(Some(draft)) => {
            let mut own = Faults::default();
            let made = made(draft, access.as_ref(), &mut own);
            if own.is_empty() {
                *access = made;
            }
            faults.join(own);
        }
    }
}

fn made(draft: AccessDraft, there: Option<&InboxAccess>, faults: &mut Faults) -> Option<InboxAccess> {
    match draft {
        AccessDraft::Basic { username, password } => {
            let fits = !username.contains(':') && !username.chars().any(char::is_control);
            faults.unless(fits, "access.username", || {
                "must hold neither a colon, which ends it on the wire, nor control characters".to_owned()
            });
            faults.unless(!username.is_empty(), "access.username", || "must not be empty".to_owned());
            short(faults, "access.username", &username);
            let kept = there.filter(|there| matches!(there, InboxAccess::Basic { .. }));
            let password = secret(faults, "access.password", password, kept)?;
            Some(InboxAccess::Basic { username, password })
        }
        AccessDraft::Token { header, query, token } => {
            let place = place(faults, header, query);
            let kept = there.filter(|there| matches!(there, InboxAccess::Token { .. }));
            let token = secret(faults, "access.token", token, kept)?;
            let sendable = match &place {
                Some(TokenPlace::Header(_)) => {
                    http::HeaderValue::from_bytes(token.expose()).is_ok()
                        && token.expose().trim_ascii() == token.expose()
                }
                _ => true,
            };
            faults.unless(sendable, "access.token", || {
                "cannot stand in a header: it holds line breaks, or begins or ends with a space".to_owned()
            });
            Some(InboxAccess::Token { place: place?, token })
        }
    }
}

fn place(faults: &mut Faults, header: Option<String>, query: Option<String>) -> Option<TokenPlace> {
    match (header, query) {
        (Some(name), None) => {
            short(faults, "access.header", &name);
            let fits = http::HeaderName::from_bytes(name.as_bytes()).is_ok();
            faults.unless(fits, "access.header", || {
                "is no header name: letters, digits and `-` make one".to_owned()
            });
            let usual = !NO_TOKEN_IN.iter().any(|other| other.eq_ignore_ascii_case(&name));
            faults.unless(usual, "access.header", || format!("cannot be {name}, which means something else"));
            Some(TokenPlace::Header(name))
        }
        (None, Some(name)) => {
            short(faults, "access.query", &name);
            faults.unless(!name.is_empty(), "access.query", || "must not be empty".to_owned());
            Some(TokenPlace::Query(name))
        }
        (Some(_), Some(_)) => {
            faults.add("access.query", "cannot be given beside `header`: a token stands in one place");
            None
        }
        (None, None) => {
            faults.add(
                "access.header",
                "is missing: say in which `header` the token stands, or in which `query`",
            );
            None
        }
    }
}

fn short(faults: &mut Faults, field: &str, text: &str) {
    faults.unless(text.chars().count() <= InboxAccess::LONGEST_NAME, field, || {
        format!("may be at most {} characters long", InboxAccess::LONGEST_NAME)
    });
}

/// The secret that is given, or the one that is there.
fn secret(
    faults: &mut Faults,
    field: &str,
    given: Option<Secret>,
    there: Option<&InboxAccess>,
) -> Option<Secret> {
    let is_veil = |secret: &Secret| *secret == Secret::from(VEIL);
    let given = given.filter(|secret| !is_veil(secret)).or_else(|| there.map(|there| there.secret().clone()));
    let Some(secret) = given else {
        faults.add(field, "is missing");
        return None;
    };
    faults.unless(!secret.is_empty(), field, || "must not be empty".to_owned());
    faults.unless(secret.expose().len() <= LONGEST_SECRET, field, || {
        format!("may be at most {LONGEST_SECRET} bytes long")
    });
    Some(secret)
}

/// Notes where there are too many rules.
pub(crate) fn check_list(list: &AllowList, faults: &mut Faults) {
    faults.unless(list.0.len() <= AllowList::MOST_RULES, "allow", || {
        format!("may hold at most {} addresses and networks", AllowList::MOST_RULES)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: Option<&str>, query: Option<&str>, token: Option<&str>) -> AccessDraft {
        AccessDraft::Token {
            header: header.map(ToOwned::to_owned),
            query: query.map(ToOwned::to_owned),
            token: token.map(Secret::from),
        }
    }

    fn basic(username: &str, password: Option<&str>) -> AccessDraft {
        AccessDraft::Basic { username: username.to_owned(), password: password.map(Secret::from) }
    }

    #[test]
    fn what_cannot_be_shown_is_refused_and_leaves_what_is_there() {
        let there = Some(InboxAccess::Basic { username: "ann".to_owned(), password: Secret::from("old") });
        for (draft, field) in [
            (basic("a:b", Some("x")), "access.username"),
            (basic("", Some("x")), "access.username"),
            (basic("ann", Some("")), "access.password"),
            (token(None, None, Some("x")), "access.header"),
            (token(Some("X"), Some("x"), Some("x")), "access.query"),
            (token(Some("no good"), None, Some("x")), "access.header"),
            (token(Some("Host"), None, Some("x")), "access.header"),
            (token(Some("X-Token"), None, Some("a\nb")), "access.token"),
            // The password of another kind is no token.
            (token(Some("X-Token"), None, None), "access.token"),
        ] {
            let (mut access, mut faults) = (there.clone(), Faults::default());
            apply(Some(Some(draft)), &mut access, &mut faults);
            let refused = faults.finish().unwrap_err().to_string();
            assert!(refused.contains(field), "{field}: {refused}");
            assert_eq!(access, there);
        }
    }

    #[test]
    fn a_secret_that_is_left_out_or_veiled_stays() {
        for password in [None, Some(VEIL)] {
            let mut access =
                Some(InboxAccess::Basic { username: "ann".to_owned(), password: Secret::from("old") });
            let mut faults = Faults::default();
            apply(Some(Some(basic("bob", password))), &mut access, &mut faults);
            faults.finish().unwrap();
            let wanted = InboxAccess::Basic { username: "bob".to_owned(), password: Secret::from("old") };
            assert_eq!(access, Some(wanted));
        }
        let (mut access, mut faults) = (None, Faults::default());
        apply(Some(Some(basic("ann", None))), &mut access, &mut faults);
        assert!(faults.finish().unwrap_err().to_string().contains("access.password"));
    }
}
