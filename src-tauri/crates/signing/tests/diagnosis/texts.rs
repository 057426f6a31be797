//! What is said beside the code: sentences that are true of the very request.

use crate::bench::{Bench, Edit};
use crate::bodies::NESTED;
use hookbench_signing::CauseCode::{self, *};
use hookbench_signing::{Received, Report, Secret, verify};

fn codes(report: &Report) -> Vec<CauseCode> {
    report.causes.iter().map(|cause| cause.code).collect()
}

/// A Stripe request whose time is written as `text`, and signed so.
fn with_time(text: &str) -> Bench {
    let bench = Bench::new("stripe", NESTED);
    let key = bench.key.expose_text().expect("text").to_owned();
    let signature = hmac_hex(key.as_bytes(), &[text.as_bytes(), b".", NESTED].concat());
    bench
        .edit(Edit::Remove("Stripe-Signature".into()))
        .edit(Edit::Add("Stripe-Signature".into(), format!("t={text},v1={signature}")))
}

fn hmac_hex(key: &[u8], content: &[u8]) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).expect("any length");
    mac.update(content);
    data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
}

#[test]
fn an_unreadable_time_under_a_right_signature_is_quoted_and_nothing_is_searched() {
    for (text, says) in [
        ("abc", "`abc` is no time that can be read"),
        ("2023-11-14T22:13:20Z", "`2023-11-14T22:13:20Z` is written as a date"),
        ("1700000000.5", "`1700000000.5` is written with a fraction"),
        ("99999999999999999999", "`99999999999999999999` is no time"),
        ("", "an empty value is no time"),
    ] {
        let bench = with_time(text);
        let report = bench.report().expect("signed");
        assert_eq!(codes(&report), [TimeUnit], "{text}: {report:?}");
        assert_eq!(report.tried, 0, "{text}");
        let said = &report.causes[0].explanation;
        assert!(said.contains(says) && said.contains("whole Unix seconds"), "{said}");
    }
}

/// A GitHub request that carries `value` for its signature.
fn with_signature(value: &str) -> Bench {
    let header = "X-Hub-Signature-256";
    Bench::new("github", NESTED)
        .edit(Edit::Remove(header.into()))
        .edit(Edit::Add(header.into(), value.into()))
}

#[test]
fn what_cannot_be_a_signature_is_told_by_its_form() {
    let hex = hmac_hex(b"another", NESTED);
    let short = format!("sha256={}", &hex[..8]);
    let long = format!("sha256={}", "aa".repeat(2_000));
    let letters = format!("sha256={}", "z".repeat(64));
    for (value, says) in [
        ("sha256=zzzz", "it has 4 characters where 64 belong"),
        ("sha256=a", "it has 1 character where 64 belong"),
        (short.as_str(), "it has 8 characters where 64 belong"),
        (long.as_str(), "it has 4000 characters where 64 belong"),
        (letters.as_str(), "there are characters in it that are no lower-case hexadecimal"),
    ] {
        let report = with_signature(value).report().expect("signed");
        assert_eq!(codes(&report), [Unexplained], "{value}");
        let cause = &report.causes[0];
        assert!(cause.explanation.contains("cannot be an HMAC-SHA256"), "{value}: {cause:?}");
        assert!(cause.explanation.contains(says), "{value}: {cause:?}");
        assert!(!cause.explanation.contains("No signature could be computed"), "{cause:?}");
        assert!(cause.fix.contains("64 characters") && !cause.fix.contains("byte by byte"), "{cause:?}");
    }
    let whole = with_signature(&format!("sha256={hex}")).report().expect("signed");
    assert!(!whole.causes[0].explanation.contains("cannot be"), "{whole:?}");
    assert!(whole.causes[0].fix.contains("byte by byte"), "{whole:?}");
}

#[test]
fn a_secret_sent_for_a_signature_is_called_so_and_not_shown() {
    let secrets = ["hush-hush".to_owned(), "5e".repeat(32)];
    let ways =
        ["sha256=", ""].into_iter().flat_map(|before| secrets.iter().map(move |secret| (before, secret)));
    for (before, secret) in ways {
        let secret = secret.clone();
        let mut bench = with_signature(&format!("{before}{secret}"));
        bench.secrets = vec![secret.as_str().into()];
        let cause = bench.report().expect("signed").causes.remove(0);
        assert!(cause.explanation.contains("is the secret itself"), "{cause:?}");
        assert!(cause.fix.contains("replace this secret"), "{cause:?}");
        assert!(!format!("{cause:?}").contains(&secret), "{cause:?}");
    }
}

#[test]
fn a_body_that_was_sent_and_is_not_here_is_empty_and_one_of_another_length_is_another() {
    for id in ["github", "stripe", "square", "contentful", "discord"] {
        let mut bench =
            Bench::new(id, NESTED).edit(Edit::Add("Content-Length".into(), NESTED.len().to_string()));
        bench.body = Some(Vec::new());
        let report = bench.report().expect("signed");
        assert_eq!(codes(&report), [BodyEmpty], "{id}: {report:?}");
        assert!(report.causes[0].explanation.contains("read the body before"), "{report:?}");
        assert!(report.causes[0].fix.contains("raw bytes"), "{report:?}");
        bench.body = Some(b"{\"other\":true}".to_vec());
        let report = bench.report().expect("signed");
        assert_eq!(codes(&report), [Unexplained], "{id}: {report:?}");
        assert!(report.causes[0].explanation.contains("the body has 14"), "{report:?}");
        assert!(report.causes[0].fix.contains("raw bytes"), "{report:?}");
    }
    // Where the body is not signed, it is not what is wrong.
    let mut token =
        Bench::new("gitlab_token", NESTED).edit(Edit::Add("Content-Length".into(), NESTED.len().to_string()));
    token.secrets = vec!["another".into()];
    token.body = Some(Vec::new());
    assert_eq!(codes(&token.report().expect("signed")), [Unexplained]);
}

#[test]
fn a_time_that_no_limit_refuses_is_not_called_right_where_it_is_far_off() {
    let bench = Bench::new("stripe", NESTED);
    let key = bench.key.expose_text().expect("text").to_owned();
    let message = |time: &str| {
        let signature = hmac_hex(key.as_bytes(), &[time.as_bytes(), b".", NESTED].concat());
        let value = format!("t={time},v1={signature}");
        let headers = [("Stripe-Signature", value.as_bytes())];
        let received = Received { method: "POST", url: "", headers: &headers, body: NESTED };
        let secrets: [&Secret; 1] = [&bench.key];
        let verdict = verify(&bench.scheme, &secrets, &received, bench.at);
        assert_eq!(verdict.reason, None, "{verdict:?}");
        verdict.message
    };
    assert_eq!(message("1700000000"), "The signature and the time are right.");
    for (time, says) in [
        ("9223372036854775807", "beyond every calendar"),
        ("1700000000000", "in the year 55840 (read as milliseconds it would be near)"),
        ("1700001000", "It was signed 997 s after it was checked"),
        ("4000000000", "in the year 2096,"),
    ] {
        let said = message(time);
        assert!(said.contains(says) && said.contains("Stripe sets no limit there"), "{time}: {said}");
        assert!(!said.contains("the time are right"), "{time}: {said}");
    }
}

#[test]
fn amounts_of_money_and_a_path_alone_are_found() {
    let mut money = Bench::new("github", br#"{"a":12.50,"b":3.00}"#);
    money.body = Some(br#"{"a":12.5,"b":3}"#.to_vec());
    assert_eq!(codes(&money.report().expect("signed")), [BodyNumberRewritten]);
    for (signed, seen) in
        [("/hooks", "https://a.example/hooks"), ("/hooks?a=1", "https://a.example/hooks?a=1")]
    {
        let mut path = Bench::new("smsportal", NESTED);
        signed.clone_into(&mut path.signed_url);
        seen.clone_into(&mut path.url);
        let report = path.report().expect("signed");
        assert_eq!(codes(&report), [UrlHost], "{report:?}");
        assert!(report.causes[0].explanation.contains(&format!("The path alone was signed, {signed},")));
    }
}

#[test]
fn a_wrong_token_is_not_explained_as_a_signature() {
    for id in ["gitlab_token", "bearer"] {
        let mut bench = Bench::new(id, NESTED);
        bench.secrets = vec!["another-token".into()];
        let cause = bench.report().expect("signed").causes.remove(0);
        assert_eq!(cause.code, Unexplained);
        assert!(cause.explanation.contains("The token that came is another"), "{cause:?}");
        let sent = bench.key.hint().expect("long enough");
        let ends = format!("it ends in {sent}, and what is known here in …oken");
        assert!(cause.explanation.contains(&ends), "{cause:?}");
        assert!(
            !cause.explanation.contains("computed") && !cause.fix.contains("signed content"),
            "{cause:?}"
        );
    }
}

#[test]
fn blanks_at_the_end_are_found_whatever_they_are() {
    let header = "X-Hub-Signature-256";
    for (ending, says) in
        [(" ", "white space"), ("\t\n", "white space"), ("\0", "white space"), ("\n", "a newline")]
    {
        let received = [NESTED, ending.as_bytes()].concat();
        let key = Bench::new("github", NESTED).key.expose_text().expect("text").to_owned();
        let bench = Bench::new("github", &received)
            .edit(Edit::Remove(header.into()))
            .edit(Edit::Add(header.into(), format!("sha256={}", hmac_hex(key.as_bytes(), NESTED))));
        let report = bench.report().expect("signed");
        assert_eq!(codes(&report), [BodyNewlineAdded], "{ending:?}: {report:?}");
        let said = &report.causes[0].explanation;
        assert!(said.contains(&format!("ends with {says}")), "{said}");
    }
}

#[test]
fn sentences_say_what_really_differs() {
    let said = |bench: Bench, code: CauseCode| {
        let cause = bench.report().expect("signed").causes.remove(0);
        assert_eq!(cause.code, code, "{cause:?}");
        cause.explanation
    };
    let arrives = |signed: &[u8], seen: &[u8]| {
        let mut bench = Bench::new("github", signed);
        bench.body = Some(seen.to_vec());
        bench
    };
    let (capitals, small) = (&br#"{"a":"\u00EB"}"#[..], &br#"{"a":"\u00eb"}"#[..]);
    assert!(said(arrives(capitals, small), BodyUnicodeEscaped).contains("capitals (\\u00EB)"));
    assert!(said(arrives(small, capitals), BodyUnicodeEscaped).contains("small letters (\\u00eb)"));
    let html = arrives(br#"{"a":"b & c"}"#, br#"{"a":"b &amp; c"}"#);
    assert!(said(html, BodyUnicodeEscaped).contains("escaped for HTML (&amp;)"));
    let mut twilio = Bench::new("twilio_json", NESTED);
    twilio.seen_url = Some(twilio.url.clone());
    assert!(said(twilio, UrlQuery).contains("bodySHA256="));
    let method = Bench::new("smsportal", NESTED)
        .signing(|spec| spec.content = spec.content.replace("{method}", "post"))
        .expect("sound");
    assert!(said(method, ContentSeparator).contains("method was signed in small letters"));
    let mut bearer = Bench::new("bearer", NESTED);
    let token = bearer.key.expose_text().expect("text").to_owned();
    bearer = bearer.edit(Edit::Remove("Authorization".into())).edit(Edit::Add("Authorization".into(), token));
    assert!(said(bearer, DigestPrefix).contains("without a word in front"));
    let another = Bench::new("bearer", NESTED)
        .edit(Edit::Remove("Authorization".into()))
        .edit(Edit::Add("Authorization".into(), "Basic dTpw".into()));
    assert!(said(another, WrongScheme).contains("carries Basic credentials, and Bearer ones are expected"));
    let mut mailgun = Bench::new("mailgun", b"{}");
    mailgun.body = Some(Vec::new());
    let text = said(mailgun, Unexplained);
    assert!(text.contains("the body is not JSON") && !text.contains("computed"), "{text}");
}

#[test]
fn where_nothing_is_signed_no_signatures_are_counted_and_what_is_right_is_said() {
    let basic = |credentials: &str| {
        let mut bench = Bench::new("basic", NESTED);
        bench.key = "hooks:a-long-password-1234".into();
        bench.secrets = vec![bench.key.clone()];
        let value = format!("Basic {}", data_encoding::BASE64.encode(credentials.as_bytes()));
        let header = "Authorization".to_owned();
        let mut report =
            bench.edit(Edit::Remove(header.clone())).edit(Edit::Add(header, value)).report().expect("signed");
        assert_eq!(codes(&report), [Unexplained], "{credentials}");
        report.causes.remove(0).explanation
    };
    assert!(basic("other:a-long-password-1234").starts_with("The password that came is the one known here"));
    assert!(basic("hooks:another-password").starts_with("The user name that came is the one known here"));
    assert!(basic("other:another-password").starts_with("The token that came is another"));

    let bearer = Bench::new("bearer", NESTED);
    let header = "Authorization".to_owned();
    let malformed = bearer.edit(Edit::Remove(header.clone())).edit(Edit::Add(header, "Bearerother".into()));
    let report = malformed.report().expect("signed");
    assert!(!report.causes[0].explanation.contains("computed"), "{report:?}");
}

#[test]
fn a_signature_that_is_not_in_the_body_is_missing_there() {
    let mut bench = Bench::new("mailgun", &crate::cases::body_for("mailgun"));
    for body in ["{\"event-data\":{}}", "[]", "{}"] {
        bench.body = Some(body.as_bytes().to_vec());
        let report = bench.report().expect("signed");
        assert_eq!(codes(&report), [Unexplained], "{body}: {report:?}");
        assert!(report.causes[0].explanation.contains("signature"), "{report:?}");
        assert!(!report.causes[0].explanation.contains("computed"), "{report:?}");
    }
}

#[test]
fn a_token_is_called_a_token_and_two_things_are_right() {
    let bearer = Bench::new("bearer", NESTED);
    let report = bearer.edit(Edit::AddFirst("Authorization".into(), "Bearer another".into())).report();
    let report = report.expect("signed");
    assert_eq!(codes(&report), [HeaderWrongOne], "{report:?}");
    let said = &report.causes[0].explanation;
    assert!(said.contains("only the second holds the right token"), "{said}");

    let basic = Bench::new("basic", NESTED);
    let secret: Secret = "hooks:a-long-password-1234".into();
    let headers = [("Authorization", &b"Basic aG9va3M6YS1sb25nLXBhc3N3b3JkLTEyMzQ="[..])];
    let received = Received { method: "POST", url: "", headers: &headers, body: NESTED };
    let verdict = verify(&basic.scheme, &[&secret], &received, basic.at);
    assert_eq!(verdict.reason, None, "{verdict:?}");
    assert!(verdict.message.starts_with("The user name and password are right. They say"), "{verdict:?}");
}
