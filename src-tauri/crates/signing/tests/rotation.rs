//! Several secrets at once, in each form that schemes have for it, both ways.

mod support;

use hookbench_signing::{Reason, Secret, SecretUse, SignError, VerificationStatus};
use support::{AT, Sent, URL, check, has_several, scheme, schemes, secret, send, signed};

const BODY: &[u8] = b"{\"a\":1}\n\xff\x00";

fn is_valid(id: &str, secrets: &[&Secret], sent: &Sent) -> bool {
    check(scheme(id), secrets, sent, AT).status == VerificationStatus::Valid
}

#[test]
fn while_secrets_rotate_either_verifies_where_the_scheme_has_a_form_for_it() {
    for scheme in schemes() {
        let (new, old) = (secret(scheme, 1), secret(scheme, 2));
        let sent = send(scheme, &[&new, &old], BODY);
        assert!(is_valid(scheme.id(), &[&new], &sent), "{}", scheme.id());
        assert_eq!(is_valid(scheme.id(), &[&old], &sent), has_several(scheme), "{}", scheme.id());
        // Receivers that hold both take what either signed.
        for one in [&new, &old] {
            let sent = send(scheme, &[one], BODY);
            assert!(is_valid(scheme.id(), &[&new, &old], &sent), "{}", scheme.id());
        }
    }
}

#[test]
fn every_form_of_several_signatures_is_written_as_its_provider_writes_it() {
    for (id, header, expected) in [
        ("standardwebhooks", "webhook-signature", "v1,A v1,B"),
        ("standardwebhooks_v1a", "webhook-signature", "v1a,A v1a,B"),
        ("stripe", "Stripe-Signature", "t=1700000000,v1=A,v1=B"),
        ("paddle", "Paddle-Signature", "ts=1700000000;h1=A;h1=B"),
        ("circleci", "circleci-signature", "v1=A,v1=B"),
    ] {
        let scheme = scheme(id);
        let (new, old) = (secret(scheme, 1), secret(scheme, 2));
        let sent = send(scheme, &[&new, &old], BODY);
        let verification = check(scheme, &[&new], &sent, AT);
        let [first, second] = verification.received.as_slice() else { panic!("{id}: two signatures") };
        let written = sent.header(header).unwrap().replace(first, "A").replace(second, "B");
        assert_eq!(written, expected, "{id}");
    }
}

#[test]
fn headers_repeat_or_are_numbered_where_a_provider_has_it_so() {
    let names = |id: &str| -> Vec<String> {
        let (new, old) = (secret(scheme(id), 1), secret(scheme(id), 2));
        let sent = send(scheme(id), &[&new, &old], BODY);
        let own: Vec<&str> = scheme(id).signature_headers().collect();
        sent.headers.into_iter().map(|(name, _)| name).filter(|name| own.contains(&name.as_str())).collect()
    };
    assert_eq!(names("mollie"), ["X-Mollie-Signature", "X-Mollie-Signature"]);
    assert_eq!(names("docusign"), ["X-DocuSign-Signature-1", "X-DocuSign-Signature-2"]);
    assert_eq!(names("box"), ["box-signature-primary", "box-signature-secondary"]);
    assert_eq!(names("github"), ["X-Hub-Signature-256"]);
}

#[test]
fn no_more_headers_are_numbered_than_the_provider_has() {
    let docusign = scheme("docusign");
    let secrets: Vec<Secret> = (0..7).map(|seed| secret(docusign, seed)).collect();
    let secrets: Vec<&Secret> = secrets.iter().collect();
    let sent = send(docusign, &secrets, BODY);
    assert_eq!(check(docusign, &secrets[4..5], &sent, AT).received.len(), 5);
    assert!(is_valid("docusign", &secrets[4..5], &sent));
    assert!(!is_valid("docusign", &secrets[5..6], &sent));
}

#[test]
fn lists_may_be_spread_over_several_headers() {
    for id in ["mollie", "standardwebhooks", "standardwebhooks_v1a", "circleci"] {
        let scheme = scheme(id);
        let (new, old) = (secret(scheme, 1), secret(scheme, 2));
        let mut sent = send(scheme, &[&new], BODY);
        let name = scheme.signature_headers().next().unwrap();
        let other = send(scheme, &[&old], BODY);
        sent.headers.push((name.to_owned(), other.header(name).unwrap().as_bytes().to_vec()));
        for secret in [&new, &old] {
            assert!(is_valid(id, &[secret], &sent), "{id}");
        }
    }
}

#[test]
fn values_that_were_joined_on_the_way_are_taken_apart() {
    let mollie = scheme("mollie");
    let (new, old) = (secret(mollie, 1), secret(mollie, 2));
    let value = |secret| send(mollie, &[secret], BODY).header("X-Mollie-Signature").unwrap().to_owned();
    let joined = format!("{}, {}", value(&new), value(&old));
    let sent = send(mollie, &[&new], BODY).with("X-Mollie-Signature", joined.as_bytes());
    assert!(is_valid("mollie", &[&old], &sent));
}

#[test]
fn of_a_mixed_list_each_scheme_takes_its_own() {
    let (shared, paired) = (scheme("standardwebhooks"), scheme("standardwebhooks_v1a"));
    let (key, private) = (secret(shared, 1), secret(paired, 1));
    let one = send(shared, &[&key], BODY);
    let other = send(paired, &[&private], BODY);
    let mixed = |first: &Sent, second: &Sent| {
        let values = [first, second].map(|sent| sent.header("webhook-signature").unwrap());
        first.clone().with("webhook-signature", values.join(" ").as_bytes())
    };
    for sent in [mixed(&one, &other), mixed(&other, &one)] {
        let verification = check(shared, &[&key], &sent, AT);
        assert_eq!((verification.status, verification.received.len()), (VerificationStatus::Valid, 1));
        let public = paired.public_half(&private).unwrap();
        let verification = check(paired, &[&public], &sent, AT);
        assert_eq!((verification.status, verification.received.len()), (VerificationStatus::Valid, 1));
    }
    let verification = check(shared, &[&key], &other, AT);
    assert_eq!(verification.reason, Some(Reason::HeaderMalformed));
}

#[test]
fn of_several_public_keys_any_may_fit() {
    let mut seen = 0;
    for scheme in schemes().filter(|scheme| scheme.is_asymmetric()) {
        seen += 1;
        let (new, old) = (secret(scheme, 1), secret(scheme, 2));
        let publics = [&new, &old].map(|secret| scheme.public_half(secret).unwrap());
        let sent = send(scheme, &[&old], BODY);
        let verification = check(scheme, &[&publics[0], &publics[1]], &sent, AT);
        assert_eq!(verification.secret, Some(1), "{}: {verification:?}", scheme.id());
        assert_eq!(verification.expected, None, "{}: a public key cannot say what was expected", scheme.id());
        assert_eq!(scheme.check_secret(&publics[0]), Ok(SecretUse::OnlyVerifies), "{}", scheme.id());
        let refused = signed(scheme, &[&publics[0]], URL, &support::body(scheme, BODY), AT).unwrap_err();
        assert!(matches!(refused, SignError::NotPrivate { .. }), "{refused:?}");
        assert!(refused.to_string().contains("public"), "{refused}");
    }
    assert_eq!(seen, 6);
}
