//! Names that say that what stands beside them is a credential or a signature.

use hookbench_model::is_credential_name;

/// No longer text is taken for the name of what stands beside it, in bytes.
const LONGEST_NAME: usize = 200;

/// Whether a name says that its value is a credential or a signature.
pub(crate) fn is_secret_name(name: &str) -> bool {
    const WHOLE: [&str; 9] = [
        "bearer",
        "jwt",
        "otp",
        "totp",
        "passphrase",
        "samlresponse",
        "sessionid",
        "jsessionid",
        "aspnetsessionid",
    ];
    const INSIDE: [&str; 8] = [
        "signature",
        "hmac",
        "privatekey",
        "signingkey",
        "encryptionkey",
        "masterkey",
        "sharedkey",
        "webhookkey",
    ];
    const ENDS: [&str; 3] = ["sig", "pwd", "sessid"];
    const WORDS: [&str; 5] = ["pass", "pwd", "passcode", "csrf", "xsrf"];
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    is_credential_name(name)
        || INSIDE.iter().any(|part| plain.contains(part))
        || ENDS.iter().any(|end| plain.ends_with(end))
        || WHOLE.contains(&&*plain)
        || words(name).split(' ').any(|word| WORDS.contains(&word))
}

/// The words of a name in small letters, with spaces between: those of `dbPass` too.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut was_small = false;
    for character in name.chars() {
        if was_small && character.is_ascii_uppercase() {
            words.push(' ');
        }
        was_small = character.is_ascii_lowercase() || character.is_ascii_digit();
        words.push(if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { ' ' });
    }
    words
}

/// The same of a header's name. Some providers name the header of their signature after themselves, and who makes a
/// scheme of their own likes to call it a MAC.
pub(crate) fn is_secret_header(name: &str) -> bool {
    const SIGNATURES: [&str; 3] = ["plaid-verification", "x-trello-webhook", "x-authorization-digest"];
    is_secret_name(name)
        || SIGNATURES.iter().any(|signature| name.eq_ignore_ascii_case(signature))
        || name.split(['-', '_']).any(|word| word.eq_ignore_ascii_case("mac"))
}

/// Whether a text that stands where a name may stand is such a name: `{"name": "password", "value": …}`.
pub(crate) fn is_secret_text(text: &str) -> bool {
    text.len() <= LONGEST_NAME && is_secret_header(text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_known_however_their_headers_are_called() {
        let signatures = [
            "X-Shopify-Hmac-Sha256",
            "X-Trello-Webhook",
            "X-Mine-Mac",
            "Paypal-Transmission-Sig",
            "Plaid-Verification",
        ];
        for name in signatures {
            assert!(is_secret_header(name), "{name}");
        }
        for name in ["X-Machine", "Config", "Content-Type", "webhook-id", "X-Slack-Request-Timestamp"] {
            assert!(!is_secret_header(name), "{name}");
        }
    }

    #[test]
    fn credentials_are_known_however_they_are_called() {
        for name in [
            "privateKey",
            "private_key",
            "jwt",
            "otp",
            "session_id",
            "Bearer",
            "user[password]",
            "smtp_pass",
            "dbPass",
            "userPwd",
            "PHPSESSID",
            "jsessionid",
            "_csrf",
            "X-XSRF",
            "signingKey",
            "SAMLResponse",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in
            ["compass", "bypass", "passenger", "session", "signed", "monkey", "tokyo", "accountId", ""]
        {
            assert!(!is_secret_name(name), "{name}");
        }
        assert!(is_secret_text(" password\n") && !is_secret_text(&"password ".repeat(30)));
    }
}
