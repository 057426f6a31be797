//! Secrets of every scheme: made in the provider's form, read in all forms it has, and told to nobody.

mod support;

use hookbench_signing::{Secret, SecretUse, VerificationStatus};
use support::{AT, check, random, scheme, schemes, secret, send};

const BODY: &[u8] = b"\x00\xff";

const RSA: &str = include_str!("data/rsa_1.pem");
const RSA_PKCS1: &str = include_str!("data/rsa_1.pkcs1.pem");
const RSA_PUBLIC: &str = include_str!("data/rsa_1.pub.pem");
const RSA_CERTIFICATE: &str = include_str!("data/rsa_1.crt.pem");
const P256: &str = include_str!("data/p256.pem");
const P256_SEC1: &str = include_str!("data/p256.sec1.pem");
const P256_PUBLIC: &str = include_str!("data/p256.pub.pem");
const ED25519: &str = include_str!("data/ed25519.pem");
const ED25519_PUBLIC: &str = include_str!("data/ed25519.pub.pem");

/// A private and a public spelling of one key.
fn fit(id: &str, private: &str, public: &str) {
    let scheme = scheme(id);
    let (private, public) = (Secret::from(private), Secret::from(public));
    assert_eq!(scheme.check_secret(&private), Ok(SecretUse::SignsAndVerifies), "{id}");
    assert_eq!(scheme.check_secret(&public), Ok(SecretUse::OnlyVerifies), "{id}");
    let sent = send(scheme, &[&private], BODY);
    for secret in [&private, &public] {
        assert_eq!(check(scheme, &[secret], &sent, AT).status, VerificationStatus::Valid, "{id}");
    }
}

#[test]
fn generated_secrets_fit_their_scheme_and_differ() {
    for scheme in schemes().filter(|scheme| !matches!(scheme.id(), "aws_sns" | "paypal")) {
        let (one, other) = (scheme.generate_secret(&mut random(1)), scheme.generate_secret(&mut random(2)));
        assert_eq!(scheme.check_secret(&one), Ok(SecretUse::SignsAndVerifies), "{}", scheme.id());
        assert!(one != other, "{}", scheme.id());
        assert!(one == scheme.generate_secret(&mut random(1)), "{}: the same from the same", scheme.id());
        let sent = send(scheme, &[&one], BODY);
        assert_eq!(check(scheme, &[&one], &sent, AT).status, VerificationStatus::Valid, "{}", scheme.id());
        assert!(one.expose().len() >= 20, "{}", scheme.id());
        assert!(!scheme.secret_words().is_empty());
    }
}

#[test]
fn rsa_keys_are_made_too() {
    for id in ["aws_sns", "paypal"] {
        let made = scheme(id).generate_secret(&mut random(3));
        let public = scheme(id).public_half(&made).unwrap();
        fit(id, made.expose_text().unwrap(), public.expose_text().unwrap());
    }
}

#[test]
fn generated_secrets_look_like_the_providers() {
    for (id, start, length) in [
        ("standardwebhooks", "whsec_", 38),
        ("standardwebhooks_v1a", "whsk_", 93),
        ("stripe", "whsec_", 38),
        ("pulsewave", "whsec_", 70),
        ("linear", "lin_wh_", 47),
        ("slack", "", 32),
        ("adyen", "", 64),
        ("discord", "", 128),
        ("zoom", "", 22),
    ] {
        let made = scheme(id).generate_secret(&mut random(5));
        let text = made.expose_text().unwrap();
        assert!(text.starts_with(start) && text.len() == length, "{id}: {} characters", text.len());
    }
}

#[test]
fn the_public_half_verifies_and_shared_secrets_have_none() {
    for scheme in schemes() {
        let key = secret(scheme, 1);
        let Some(public) = scheme.public_half(&key) else {
            assert!(!scheme.is_asymmetric(), "{}", scheme.id());
            continue;
        };
        fit(scheme.id(), key.expose_text().unwrap(), public.expose_text().unwrap());
        assert!(scheme.public_half(&public).is_some_and(|again| again == public), "{}", scheme.id());
        assert!(scheme.public_half(&Secret::from("nothing")).is_none());
    }
    let discord = scheme("discord").public_half(&secret(scheme("discord"), 1)).unwrap();
    assert_eq!(discord.expose().len(), 64);
    let webhooks = scheme("standardwebhooks_v1a");
    assert!(webhooks.public_half(&secret(webhooks, 1)).unwrap().expose_text().unwrap().starts_with("whpk_"));
}

#[test]
fn keys_are_read_in_every_spelling() {
    for (private, public) in [(RSA, RSA_PUBLIC), (RSA_PKCS1, RSA_CERTIFICATE)] {
        fit("aws_sns", private, public);
        fit("paypal", &format!("WH-1\n{private}"), &format!("  WH-1\r\n\r\n{public}"));
    }
    for private in [P256, P256_SEC1] {
        fit("sendgrid", private, P256_PUBLIC);
    }
    for id in ["discord", "telnyx", "standardwebhooks_v1a"] {
        fit(id, ED25519, ED25519_PUBLIC);
    }
    let windows = RSA_CERTIFICATE.replace('\n', "\r\n");
    fit("aws_sns", RSA, &format!("subject=CN\r\n{windows}\r\n"));
}

#[test]
fn a_certificate_of_another_key_does_not_verify() {
    let sent = send(scheme("aws_sns"), &[&Secret::from(include_str!("data/rsa_2.pem"))], BODY);
    let verification = check(scheme("aws_sns"), &[&Secret::from(RSA_CERTIFICATE)], &sent, AT);
    assert_eq!(verification.status, VerificationStatus::Invalid);
}

#[test]
fn keys_that_do_not_fit_are_refused_in_words_that_do_not_quote_them() {
    let weak = "0".repeat(64);
    for (id, written) in [
        ("discord", "hush"),
        ("discord", &weak),
        ("discord", P256_PUBLIC),
        ("standardwebhooks_v1a", "whsec_AAEC"),
        ("telnyx", "aHVzaA=="),
        ("sendgrid", "aHVzaA=="),
        ("sendgrid", RSA_PUBLIC),
        ("aws_sns", ED25519),
        ("aws_sns", "hush"),
        ("paypal", RSA),
        ("paypal", "WH-1"),
        ("basic", "hush"),
        ("bearer", "hush hush"),
        ("gitlab_token", "hush\n"),
        ("adyen", "hush"),
    ] {
        let error = scheme(id).check_secret(&Secret::from(written)).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"), "{id}: {error}");
        assert!(error.to_string().starts_with("the secret is not "), "{id}: {error}");
    }
}

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    for scheme in schemes() {
        let key = secret(scheme, 1);
        let sent = send(scheme, &[&key], BODY);
        let verification = check(scheme, &[&key], &sent, AT);
        let wrong = check(scheme, &[&secret(scheme, 2)], &sent, AT);
        let printed = format!("{key:?} {verification:?} {wrong:?}");
        let text = key.expose_text().unwrap();
        assert!(!printed.contains(text), "{}", scheme.id());
        for line in text.lines().filter(|line| line.len() > 20) {
            assert!(!printed.contains(line), "{}", scheme.id());
        }
    }
}
