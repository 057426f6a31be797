//! Schemes that code stands behind: signatures in bodies, hashes in URLs, certificates.

use super::body_for;
use crate::bench::{AT, Bench, Case, Edit, URL, secret};
use crate::bodies::{self, NESTED};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use hmac::{Hmac, KeyInit, Mac};
use hookbench_signing::CauseCode::{self, *};
use hookbench_signing::Secret;
use rsa::pkcs8::DecodePrivateKey;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

pub(super) fn cases() -> Vec<Case> {
    [spelt(), mailgun(), adyen(), twilio_json(), contentful(), aws_sns(), paypal(), shared_by_all()]
        .into_iter()
        .flatten()
        .collect()
}

fn mac<M: Mac + KeyInit>(key: &[u8], content: &str) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("any length");
    mac.update(content.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn text(secret: &Secret) -> &str {
    secret.expose_text().expect("text")
}

/// What a text in hexadecimal or base64 spells: every hexadecimal text could be base64 too.
fn bytes_of(value: &str) -> Vec<u8> {
    let value = value.as_bytes();
    HEXLOWER.decode(value).or_else(|_| BASE64.decode(value)).expect("hexadecimal or base64")
}

/// Signatures in a header, spelt otherwise.
fn spelt() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in ["paypal", "twilio_json", "contentful", "sendgrid", "discord", "linear"] {
        let bench = Bench::new(id, &body_for(id));
        let header = bench.scheme.signature_headers().next().expect("one").to_owned();
        let hex = matches!(id, "contentful" | "discord" | "linear");
        let mut add = |name: &str, change: fn(&str) -> String, code: CauseCode| {
            cases.push(bench.clone().edit(Edit::Set(header.clone(), change)).case(name, &[code]));
        };
        if hex {
            add("capitals", str::to_uppercase, DigestCase);
            add("base64", |value| BASE64.encode(&bytes_of(value)), DigestEncoding);
        } else {
            add("hexadecimal", |value| HEXLOWER.encode(&bytes_of(value)), DigestEncoding);
        }
        add("URL-safe", |value| BASE64URL_NOPAD.encode(&bytes_of(value)), DigestEncoding);
    }
    cases
}

fn mailgun() -> Vec<Case> {
    let bench = Bench::new("mailgun", &body_for("mailgun"));
    let key = text(&bench.key).as_bytes().to_vec();
    let (time, token) = ((AT / 1000).to_string(), "5f0c9e0d3b7a4c1e8d2f6a9b4c7d1e3f5a8b2c6d9e0f1a3b5c");
    let body = |signature: &str| {
        format!(
            r#"{{"signature":{{"timestamp":"{time}","token":"{token}","signature":"{signature}"}},"event-data":{{"event":"opened"}}}}"#
        )
    };
    let own = format!("{time}{token}");
    let sha256 = |content: &str| HEXLOWER.encode(&mac::<Hmac<Sha256>>(&key, content));
    let mut cases = Vec::new();
    let mut add = |name: &str, signature: &str, codes: &[CauseCode]| {
        let mut bench = bench.clone();
        bench.body = Some(body(signature).into_bytes());
        if codes.contains(&TimeStale) {
            bench.at = AT + 90 * 86_400_000;
        }
        cases.push(bench.case(name, codes));
    };
    add("reversed", &sha256(&format!("{token}{time}")), &[ContentOrder]);
    for between in [".", ":", "|", "\n"] {
        add(between, &sha256(&format!("{time}{between}{token}")), &[ContentSeparator]);
    }
    add("time alone", &sha256(&time), &[ContentId]);
    add("token alone", &sha256(token), &[ContentTimestamp]);
    add("SHA-1", &HEXLOWER.encode(&mac::<Hmac<Sha1>>(&key, &own)), &[DigestAlgorithm]);
    add("SHA-512", &HEXLOWER.encode(&mac::<Hmac<Sha512>>(&key, &own)), &[DigestAlgorithm]);
    add("base64", &BASE64.encode(&mac::<Hmac<Sha256>>(&key, &own)), &[DigestEncoding]);
    add("capitals", &sha256(&own).to_uppercase(), &[DigestCase]);
    add("cut", &sha256(&own)[..40], &[DigestTruncated]);
    let plain = HEXLOWER.encode(&Sha256::digest(format!("{}{own}", text(&bench.key)).as_bytes()));
    add("plain hash", &plain, &[DigestPlainHash]);
    let both = BASE64.encode(&mac::<Hmac<Sha256>>(&key, &format!("{token}{time}")));
    add("reversed in base64", &both, &[ContentOrder, DigestEncoding]);
    if bench.scheme.tolerance().past_s.is_some() {
        add("reversed and stale", &sha256(&format!("{token}{time}")), &[ContentOrder, TimeStale]);
    }
    add("nonsense", &sha256("something else"), &[Unexplained]);
    let mut moved = bench.clone();
    moved.secrets = vec![secret(&bench.scheme, 52)];
    moved.others = vec![("Orders".into(), bench.key.clone(), false)];
    moved.body = Some(body(&sha256(&format!("{token}{time}"))).into_bytes());
    cases.push(moved.case("reversed under another's secret", &[ContentOrder, SecretOtherEndpoint]));
    cases
}

fn adyen() -> Vec<Case> {
    let bench = Bench::new("adyen", &body_for("adyen"));
    let hex = text(&bench.key).to_owned();
    let key = bytes_of(&hex.to_lowercase());
    let fields = [
        "7914073381342284",
        "",
        "TestMerchant",
        "TestPayment-1407325143704",
        "1130",
        "EUR",
        "AUTHORISATION",
        "true",
    ];
    let own = fields.join(":");
    let item = |signature: &str| {
        format!(
            r#"{{"NotificationRequestItem":{{"pspReference":"7914073381342284","originalReference":"","merchantAccountCode":"TestMerchant","merchantReference":"TestPayment-1407325143704","amount":{{"value":1130,"currency":"EUR"}},"eventCode":"AUTHORISATION","success":"true","additionalData":{{"hmacSignature":"{signature}"}}}}}}"#
        )
    };
    let mut cases = Vec::new();
    let mut add = |name: &str, signatures: &[&[u8]], spelt: fn(&[u8]) -> String, code: CauseCode| {
        let items: Vec<String> = signatures.iter().map(|signature| item(&spelt(signature))).collect();
        let mut bench = bench.clone();
        let body = format!(r#"{{"live":"false","notificationItems":[{}]}}"#, items.join(","));
        bench.body = Some(body.into_bytes());
        cases.push(bench.case(name, &[code]));
    };
    let right = mac::<Hmac<Sha256>>(&key, &own);
    let base64 = |bytes: &[u8]| BASE64.encode(bytes);
    add("hexadecimal", &[&right], |bytes| HEXLOWER.encode(bytes), DigestEncoding);
    add("hexadecimal in capitals", &[&right], |bytes| HEXUPPER.encode(bytes), DigestEncoding);
    add("hexadecimal, two items", &[&right, &right], |bytes| HEXLOWER.encode(bytes), DigestEncoding);
    add("one item of two", &[&right, &[7; 32]], base64, Unexplained);
    let piped = mac::<Hmac<Sha256>>(&key, &fields.join("|"));
    add("|", &[&piped], base64, ContentSeparator);
    add("two faults in two items", &[&piped, &mac::<Hmac<Sha1>>(&key, &own)], base64, Unexplained);
    add("SHA-1", &[&mac::<Hmac<Sha1>>(&key, &own)], base64, DigestAlgorithm);
    add("SHA-512", &[&mac::<Hmac<Sha512>>(&key, &own)], base64, DigestAlgorithm);
    add("key undecoded", &[&mac::<Hmac<Sha256>>(hex.as_bytes(), &own)], base64, SecretEncoding);
    let reversed: Vec<&str> = fields.iter().rev().copied().collect();
    add("reversed", &[&mac::<Hmac<Sha256>>(&key, &reversed.join(":"))], base64, ContentOrder);
    cases
}

fn twilio_json() -> Vec<Case> {
    let bench = Bench::new("twilio_json", NESTED);
    let hash = HEXLOWER.encode(&Sha256::digest(NESTED));
    let bare = "https://hooks.example/in/orders";
    let mut cases = Vec::new();
    let mut add = |signed: &str, seen: &str, codes: &[CauseCode]| {
        let mut bench = bench.clone();
        signed.clone_into(&mut bench.signed_url);
        bench.seen_url = Some(seen.to_owned());
        cases.push(bench.case(format!("{signed} seen as {seen}"), codes));
    };
    add(bare, bare, &[UrlQuery]);
    add(URL, URL, &[UrlQuery]);
    add(bare, "http://hooks.example/in/orders", &[UrlQuery, UrlScheme]);
    add(bare, "https://hooks.example:8443/in/orders", &[UrlQuery, UrlPort]);
    add(bare, "https://10.0.0.7/in/orders", &[UrlQuery, UrlHost]);
    add(bare, "https://hooks.example/in/orders/", &[UrlQuery, UrlTrailingSlash]);
    add(bare, &format!("http://hooks.example/in/orders?bodySHA256={hash}"), &[UrlScheme]);
    add(bare, &format!("https://hooks.example:443/in/orders?bodySHA256={hash}"), &[UrlPort]);
    add("https://elsewhere.example/x", bare, &[Unexplained]);
    let url = format!("{bare}?bodySHA256={hash}");
    let key = text(&bench.key).as_bytes().to_vec();
    for (name, digest, code) in [
        ("SHA-256", mac::<Hmac<Sha256>>(&key, &url), DigestAlgorithm),
        ("SHA-512", mac::<Hmac<Sha512>>(&key, &url), DigestAlgorithm),
    ] {
        let mut bench = bench.clone();
        bench.signed_url = bare.into();
        bench.url = bare.into();
        let header = "X-Twilio-Signature".to_owned();
        let bench = bench.edit(Edit::Remove(header.clone())).edit(Edit::Add(header, BASE64.encode(&digest)));
        cases.push(bench.case(name, &[code]));
    }
    let hexadecimal = |value: &str| HEXLOWER.encode(&bytes_of(value));
    let mut both = bench.clone().edit(Edit::Set("X-Twilio-Signature".into(), hexadecimal));
    both.seen_url = Some(format!("http://hooks.example/in/orders?shop=7&lang=en&bodySHA256={hash}"));
    cases.push(both.case("http and hexadecimal", &[DigestEncoding, UrlScheme]));
    // The signature of the URL is right however it is spelt, and the body is another one.
    let mut another = bench.edit(Edit::Set("X-Twilio-Signature".into(), hexadecimal));
    another.body = Some(b"{\"another\":1}".to_vec());
    cases.push(another.case("another body, in hexadecimal", &[Unexplained]));
    cases
}

fn contentful() -> Vec<Case> {
    let bench = Bench::new("contentful", NESTED);
    let key = text(&bench.key).as_bytes().to_vec();
    let body = String::from_utf8(NESTED.to_vec()).expect("text");
    let path = "/in/orders";
    let headers = format!(
        "x-contentful-signed-headers:x-contentful-signed-headers,x-contentful-timestamp;x-contentful-timestamp:{AT}"
    );
    let mut cases = Vec::new();
    let mut add = |name: &str, content: &str, code: CauseCode| {
        let mut bench = bench.clone();
        bench.signed_url = format!("https://hooks.example{path}");
        bench.url.clone_from(&bench.signed_url);
        let header = "X-Contentful-Signature".to_owned();
        let signature = HEXLOWER.encode(&mac::<Hmac<Sha256>>(&key, content));
        let bench = bench.edit(Edit::Remove(header.clone())).edit(Edit::Add(header, signature));
        cases.push(bench.case(name, &[code]));
    };
    add("body alone", &body, ContentBodyOnly);
    add("without breaks", &format!("POST{path}{headers}{body}"), ContentSeparator);
    add("method in small letters", &format!("post\n{path}\n{headers}\n{body}"), ContentSeparator);
    add("headers first", &format!("{headers}\nPOST\n{path}\n{body}"), ContentOrder);
    add("body first", &format!("{body}\nPOST\n{path}\n{headers}"), ContentOrder);
    add("nonsense", "nonsense", Unexplained);
    let mut small = Bench::new("smsportal", NESTED);
    small = small.signing(|spec| spec.content = spec.content.replace("{method}", "post")).expect("sound");
    cases.push(small.case("method in small letters", &[ContentSeparator]));
    let mut spaced = bench.edit(Edit::Set("X-Contentful-Signature".into(), str::to_uppercase));
    spaced.body = Some(serde_json::to_vec_pretty(&json()).expect("JSON"));
    cases.push(spaced.case("rewritten, in capitals", &[BodyReserialized, DigestCase]));
    cases
}

fn json() -> serde_json::Value {
    serde_json::from_slice(NESTED).expect("JSON")
}

/// A signature by the private key of a scheme.
fn signed(key: &str, sha1: bool, content: &str) -> String {
    let key = RsaPrivateKey::from_pkcs8_pem(key).expect("a key");
    let made = if sha1 {
        key.sign(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(content.as_bytes()))
    } else {
        key.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(content.as_bytes()))
    };
    BASE64.encode(&made.expect("long enough"))
}

fn aws_sns() -> Vec<Case> {
    let bench = Bench::new("aws_sns", &body_for("aws_sns"));
    let fields = [
        ("Message", "Hello world!"),
        ("MessageId", "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324"),
        ("Subject", "My First Message"),
        ("Timestamp", "2023-11-14T22:13:20.000Z"),
        ("TopicArn", "arn:aws:sns:us-west-2:123456789012:MyTopic"),
        ("Type", "Notification"),
    ];
    let joined = |fields: &[(&str, &str)]| -> String {
        fields.iter().flat_map(|(name, value)| [*name, "\n", *value, "\n"]).collect()
    };
    let own = joined(&fields);
    let mut cases = Vec::new();
    let mut add = |name: &str, signature: &str, codes: &[CauseCode]| {
        let mut body: serde_json::Value = serde_json::from_slice(&body_for("aws_sns")).expect("JSON");
        body["Signature"] = signature.into();
        let mut bench = bench.clone();
        bench.body = Some(serde_json::to_vec(&body).expect("JSON"));
        cases.push(bench.case(name, codes));
    };
    let key = text(&bench.key);
    let right = signed(key, false, &own);
    add("hexadecimal", &HEXLOWER.encode(&bytes_of(&right)), &[DigestEncoding]);
    add("URL-safe", &BASE64URL_NOPAD.encode(&bytes_of(&right)), &[DigestEncoding]);
    add("SHA-1", &signed(key, true, &own), &[DigestAlgorithm]);
    add("no break at the end", &signed(key, false, own.trim_end()), &[ContentSeparator]);
    add(
        "in the order of the body",
        &signed(key, false, &joined(&fields.iter().rev().copied().collect::<Vec<_>>())),
        &[ContentOrder],
    );
    let timeless: Vec<_> = fields.into_iter().filter(|(name, _)| *name != "Timestamp").collect();
    add("without its time", &signed(key, false, &joined(&timeless)), &[ContentTimestamp]);
    let both = HEXLOWER.encode(&bytes_of(&signed(key, true, &own)));
    add("SHA-1 in hexadecimal", &both, &[DigestAlgorithm, DigestEncoding]);
    add("nonsense", &signed(key, false, "nonsense"), &[Unexplained]);
    let version = |body: &[u8]| {
        let text = String::from_utf8(body.to_vec()).expect("text");
        text.replace(r#""SignatureVersion":"2""#, r#""SignatureVersion":"1""#).into_bytes()
    };
    cases.push(bench.clone().edit(Edit::Body(version)).case("says version 1", &[DigestAlgorithm]));
    cases
}

fn paypal() -> Vec<Case> {
    let bench = Bench::new("paypal", NESTED);
    let (webhook, key) = text(&bench.key).split_once('\n').expect("two halves");
    let (id, time, sum) = ("msg_2b7f9c", "2023-11-14T22:13:20Z", crc32fast::hash(NESTED));
    let own = format!("{id}|{time}|{webhook}|{sum}");
    let header = "PAYPAL-TRANSMISSION-SIG".to_owned();
    let mut cases = Vec::new();
    let mut add = |name: &str, sha1: bool, content: &str, code: CauseCode| {
        let bench = bench.clone().edit(Edit::Remove(header.clone()));
        let bench = bench.edit(Edit::Add(header.clone(), signed(key, sha1, content)));
        cases.push(bench.case(name, &[code]));
    };
    add("SHA-1", true, &own, DigestAlgorithm);
    add("other order", false, &format!("{time}|{id}|{webhook}|{sum}"), ContentOrder);
    add("sum first", false, &format!("{sum}|{id}|{time}|{webhook}"), ContentOrder);
    add("no separators", false, &own.replace('|', ""), ContentSeparator);
    add("dots", false, &own.replace('|', "."), ContentSeparator);
    add("without webhook id", false, &format!("{id}|{time}|{sum}"), ContentId);
    add("without id", false, &format!("{time}|{webhook}|{sum}"), ContentId);
    add("without time", false, &format!("{id}|{webhook}|{sum}"), ContentTimestamp);
    add("nonsense", false, "nonsense", Unexplained);
    for change in bodies::changes().into_iter().filter(|change| change.content_encoding.is_none()).step_by(4)
    {
        let mut bench = Bench::new("paypal", &change.signed);
        bench.body = Some(change.arrives.clone());
        cases.push(bench.case(change.name, &change.codes));
    }
    let mut webhook = bench.clone();
    let (_, public) = text(&bench.secrets[0]).split_once('\n').expect("two halves");
    webhook.secrets = vec![Secret::from(format!("ANOTHERWEBHOOK123\n{public}").as_str())];
    webhook.others = vec![("Refunds".into(), bench.secrets[0].clone(), false)];
    cases.push(webhook.case("another webhook's id", &[SecretOtherEndpoint]));
    cases
}

/// What can happen to every one of them.
fn shared_by_all() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in ["paypal", "aws_sns", "adyen", "twilio_json", "mailgun", "linear", "contentful"] {
        let bench = Bench::new(id, &body_for(id));
        for rotated in [false, true] {
            let mut other = bench.clone();
            let key = secret(&bench.scheme, 53);
            other.secrets = vec![bench.scheme.public_half(&key).unwrap_or(key)];
            other.others = vec![("Orders".into(), bench.secrets[0].clone(), rotated)];
            let code = if rotated { SecretRotated } else { SecretOtherEndpoint };
            cases.push(other.case("another's", &[code]));
        }
        let headers: Vec<String> = bench.scheme.signature_headers().map(str::to_owned).collect();
        let further = [bench.scheme.timestamp_header(), bench.scheme.id_header()];
        for header in headers.into_iter().chain(further.into_iter().flatten().map(str::to_owned)) {
            let under = header.replace('-', "_");
            cases.push(
                bench
                    .clone()
                    .edit(Edit::Rename(header.clone(), under))
                    .case(format!("{header} renamed"), &[HeaderRenamed]),
            );
            cases.push(
                bench
                    .clone()
                    .edit(Edit::Remove(header.clone()))
                    .case(format!("{header} removed"), &[HeaderMissing]),
            );
        }
    }
    cases
}
