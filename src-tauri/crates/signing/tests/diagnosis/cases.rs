//! What can go wrong, as cases.

use crate::bench::{AT, Bench, Case, Edit, URL, scheme, secret};
use crate::bodies::{self, Changed, FORM, NESTED, SPACED};
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use hookbench_signing::CauseCode::{self, *};
use hookbench_signing::{Algorithm, Encoding, Secret, SecretForm, TimestampUnit};
use sha2::{Digest, Sha256};

/// Schemes of every make: what is signed, how it is written, what kind of secret.
pub(crate) const KEYED: [&str; 18] = [
    "standardwebhooks",
    "stripe",
    "contactsmanager",
    "slack",
    "box",
    "hubspot_v3",
    "hubspot_v2",
    "cloudinary",
    "square",
    "github",
    "shopify",
    "smsportal",
    "mollie",
    "docusign",
    "adyen_payload",
    "pulsewave",
    "paddle",
    "intercom",
];
const ASYMMETRIC: [&str; 3] = ["discord", "telnyx", "sendgrid"];

/// Every change to the body, under schemes of every make.
pub(crate) fn body_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let schemes = [
        "github",
        "standardwebhooks",
        "stripe",
        "shopify",
        "box",
        "square",
        "hubspot_v2",
        "discord",
        "sendgrid",
        "contentful",
    ];
    for (at, change) in bodies::changes().into_iter().enumerate() {
        // Each change under some of the schemes, each scheme with some of the changes.
        for turn in 0..5 {
            cases.push(body_case(schemes[(at + turn * 2) % schemes.len()], &change));
        }
    }
    cases
}

fn body_case(id: &str, change: &Changed) -> Case {
    let mut bench = Bench::new(id, &change.signed);
    bench.body = Some(change.arrives.clone());
    if let Some(said) = change.content_encoding {
        bench = bench.edit(Edit::Add("Content-Encoding".into(), said.into()));
    }
    bench.case(change.name, &change.codes)
}

pub(crate) fn secret_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in KEYED.into_iter().chain(["mailgun", "gitlab_token", "bearer", "contentful"]) {
        let body = body_for(id);
        let bench = Bench::new(id, &body);
        let text = bench.key.expose_text().expect("text").to_owned();
        for (name, spelt) in [
            ("space before", format!(" {text}")),
            ("newline after", format!("{text}\n")),
            ("CRLF after", format!("{text}\r\n")),
            ("quotes", format!("\"{text}\"")),
            ("single quotes and newline", format!("'{text}'\n")),
        ] {
            let mut bench = bench.clone();
            bench.secrets = vec![Secret::from(spelt.as_str())];
            cases.push(bench.case(name, &[SecretWhitespace]));
        }
        let other = secret(&bench.scheme, 99);
        for rotated in [false, true] {
            let mut bench = bench.clone();
            bench.secrets = vec![other.clone()];
            bench.others = (20..40)
                .map(|seed| (format!("endpoint {seed}"), secret(&bench.scheme, seed), false))
                .collect();
            bench.others.push(("Orders".into(), Bench::new(id, &body).secrets[0].clone(), rotated));
            let code = if rotated { SecretRotated } else { SecretOtherEndpoint };
            cases.push(bench.case("another's secret", &[code]));
        }
    }
    cases.extend(asymmetric_secrets());
    cases.extend(sender_secrets());
    cases
}

fn asymmetric_secrets() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in ASYMMETRIC {
        let bench = Bench::new(id, NESTED);
        let mut other = bench.clone();
        let wrong = secret(&bench.scheme, 50);
        other.secrets = bench.scheme.public_half(&wrong).into_iter().collect();
        other.others = vec![("Orders".into(), bench.secrets[0].clone(), false)];
        cases.push(other.case("another's key", &[SecretOtherEndpoint]));
    }
    let mut bench = Bench::new("discord", NESTED);
    let text = bench.secrets[0].expose_text().expect("text").to_owned();
    let bytes = HEXLOWER.decode(text.as_bytes()).expect("hexadecimal");
    bench.secrets = vec![Secret::from(BASE64.encode(&bytes).as_str())];
    cases.push(bench.case("key in base64", &[SecretEncoding]));
    cases
}

/// The sender makes another key of the same secret.
fn sender_secrets() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |id: &str, known: &str, used: &[u8], name: &str, code: CauseCode| {
        let mut bench = Bench::new(id, NESTED);
        let raw = bench.clone().signing(|spec| spec.secret = SecretForm::Raw);
        let Some(mut bench_raw) = raw else { return };
        bench_raw.key = Secret::new(used.to_vec());
        bench_raw.secrets = vec![Secret::from(known)];
        bench.key = bench_raw.key.clone();
        cases.push(bench_raw.case(name, &[code]));
    };
    let bytes: Vec<u8> = (40..72).collect();
    let (hex, base64) = (HEXLOWER.encode(&bytes), BASE64.encode(&bytes));
    let whsec = format!("whsec_{base64}");
    for id in ["standardwebhooks", "svix", "sent"] {
        add(id, &whsec, whsec.as_bytes(), "undecoded", SecretEncoding);
        add(id, &whsec, base64.as_bytes(), "undecoded, without prefix", SecretEncoding);
        add(id, &whsec, hex.as_bytes(), "as hexadecimal text", SecretEncoding);
    }
    for id in ["pulsewave", "github", "stripe", "square", "hubspot_v2"] {
        add(id, &whsec, &bytes, "decoded", SecretEncoding);
        add(id, &whsec, base64.as_bytes(), "without prefix", SecretPrefix);
        add(id, &base64, whsec.as_bytes(), "with prefix", SecretPrefix);
        add(id, &hex, &bytes, "hexadecimal decoded", SecretEncoding);
        add(id, &base64, &bytes, "base64 decoded", SecretEncoding);
        add(id, "sk_live_4f3c2b1a99", b"4f3c2b1a99", "without prefix", SecretPrefix);
        let url_safe = BASE64URL_NOPAD.encode(&[0xfb, 0xff, 0xfe, 1, 2, 3, 4, 5, 6, 7, 8]);
        add(
            id,
            &url_safe,
            &[0xfb, 0xff, 0xfe, 1, 2, 3, 4, 5, 6, 7, 8],
            "URL-safe base64 decoded",
            SecretEncoding,
        );
        add(id, &hex, format!("{hex}\n").as_bytes(), "with a newline in the key", SecretWhitespace);
    }
    add("adyen_payload", &hex, hex.as_bytes(), "undecoded", SecretEncoding);
    cases
}

pub(crate) fn digest_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in KEYED {
        let bench = Bench::new(id, &body_for(id));
        let spec = bench.spec();
        let header = spec.signature_header.clone();
        let other = if spec.encoding == Encoding::Hex { Encoding::Base64 } else { Encoding::Hex };
        let respelt = bench.clone().signing(|spec| spec.encoding = other).expect("sound");
        cases.push(respelt.case("other encoding", &[DigestEncoding]));
        let respelt = bench.clone().signing(|spec| spec.encoding = Encoding::Base64Url).expect("sound");
        cases.push(respelt.case("URL-safe", &[DigestEncoding]));
        if spec.encoding == Encoding::Hex {
            let upper = |value: &str| {
                let at = value.rfind('=').map_or(0, |at| at + 1);
                format!("{}{}", &value[..at], value[at..].to_uppercase())
            };
            cases.push(bench.clone().edit(Edit::Set(header.clone(), upper)).case("capitals", &[DigestCase]));
        }
        for algorithm in
            [Algorithm::HmacSha1, Algorithm::HmacSha512, Algorithm::HmacSha384, Algorithm::HmacSha256]
        {
            if spec.algorithm.is_keyed() && algorithm != spec.algorithm {
                let other = bench.clone().signing(|spec| spec.algorithm = algorithm).expect("sound");
                // The same header and form with the other hash is another provider's scheme.
                cases.push(other.case(format!("{algorithm:?}"), &[DigestAlgorithm]).or(&[WrongScheme]));
            }
        }
        if spec.algorithm.is_keyed() {
            for content in [format!("{{secret}}{}", spec.content), format!("{}{{secret}}", spec.content)] {
                let plain = bench.clone().signing(|spec| {
                    spec.algorithm = Algorithm::Sha256;
                    spec.content = content;
                });
                cases.push(plain.expect("sound").case("plain hash", &[DigestPlainHash]));
            }
        }
        let cut = |value: &str| value[..value.len() - 16].to_owned();
        if spec.several == hookbench_signing::Several::One || id == "docusign" {
            cases.push(bench.clone().edit(Edit::Set(header.clone(), cut)).case("cut", &[DigestTruncated]));
        }
        if spec.signature_format.starts_with("sha") || spec.signature_format.starts_with('v') {
            let prefix = spec.signature_format.replace("{sig}", "");
            let bare = Edit::Replace(header.clone(), prefix.clone(), String::new());
            cases.push(bench.clone().edit(bare).case("prefix missing", &[DigestPrefix]));
            let twice = Edit::Replace(header.clone(), prefix.clone(), format!("{prefix}{prefix}"));
            cases.push(bench.clone().edit(twice).case("prefix twice", &[DigestPrefix]));
        } else if spec.signature_format == "{sig}" {
            let prefixed = |value: &str| format!("sha256={value}");
            cases.push(
                bench.clone().edit(Edit::Set(header.clone(), prefixed)).case("prefix added", &[DigestPrefix]),
            );
        }
    }
    let spaced = Edit::Replace("X-Webhook-Signature".into(), ",".into(), ", ".into());
    cases.push(Bench::new("contactsmanager", NESTED).edit(spaced).case("space in form", &[DigestPrefix]));
    cases.push(plain_body_hash());
    for id in ["discord", "sendgrid"] {
        let respelt = Bench::new(id, NESTED).signing(|spec| {
            spec.encoding = if spec.encoding == Encoding::Hex { Encoding::Base64 } else { Encoding::Hex };
        });
        cases.push(respelt.expect("sound").case("other encoding", &[DigestEncoding]));
    }
    cases
}

/// A plain hash of the body, which no scheme can be made to sign.
fn plain_body_hash() -> Case {
    let hash = format!("sha256={}", HEXLOWER.encode(&Sha256::digest(NESTED)));
    let bench = Bench::new("github", NESTED);
    let header = bench.spec().signature_header;
    bench
        .edit(Edit::Remove(header.clone()))
        .edit(Edit::Add(header, hash))
        .case("hash of the body", &[DigestPlainHash])
}

pub(crate) fn content_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |id: &str, content: &str, code: CauseCode| {
        let body = body_for(id);
        let bench = Bench::new(id, &body).signing(|spec| content.clone_into(&mut spec.content));
        cases.push(bench.expect("sound").case(content, &[code]));
    };
    for id in ["standardwebhooks", "svix", "sent"] {
        add(id, "{id}.{body}", ContentTimestamp);
        add(id, "{ts}.{body}", ContentId);
        add(id, "{body}", ContentBodyOnly);
        add(id, "{id}:{ts}:{body}", ContentSeparator);
        add(id, "{id}{ts}{body}", ContentSeparator);
        add(id, "{ts}.{id}.{body}", ContentOrder);
        add(id, "{body}.{ts}.{id}", ContentOrder);
    }
    for id in ["stripe", "contactsmanager", "calendly", "mux"] {
        add(id, "{body}", ContentBodyOnly);
        add(id, "{ts}:{body}", ContentSeparator);
        add(id, "{ts}{body}", ContentSeparator);
        add(id, "{ts}\n{body}", ContentSeparator);
        add(id, "{body}.{ts}", ContentOrder);
    }
    for id in ["slack", "zoom"] {
        add(id, "{body}", ContentBodyOnly);
        add(id, "v0:{body}", ContentTimestamp);
        add(id, "{ts}:{body}", ContentSeparator);
        add(id, "v0.{ts}.{body}", ContentSeparator);
        add(id, "v0:{body}:{ts}", ContentOrder);
    }
    add("box", "{ts}{body}", ContentOrder);
    add("box", "{body}", ContentBodyOnly);
    add("box", "{body}.{ts}", ContentSeparator);
    add("hubspot_v3", "{body}", ContentBodyOnly);
    add("hubspot_v3", "{method}{url}{body}", ContentTimestamp);
    add("hubspot_v3", "{ts}{method}{url}{body}", ContentOrder);
    add("smsportal", "v1:{ts}|{url}|{method}|{body}", ContentOrder);
    add("smsportal", "v1:{ts}.{method}.{url}.{body}", ContentSeparator);
    add("smsportal", "{body}", ContentBodyOnly);
    add("square", "{body}", ContentBodyOnly);
    add("square", "{body}{url}", ContentOrder);
    add("cloudinary", "{body}{secret}", ContentBodyOnly);
    add("cloudinary", "{ts}{body}{secret}", ContentOrder);
    add("discord", "{body}", ContentBodyOnly);
    add("discord", "{ts}.{body}", ContentSeparator);
    add("telnyx", "{ts}.{body}", ContentSeparator);
    add("sendgrid", "{body}{ts}", ContentOrder);
    // Schemes that sign the body alone, and a sender that signs more.
    for id in ["github", "shopify", "pulsewave"] {
        let timed = |content: &'static str| {
            let bench = Bench::new(id, NESTED).signing(|spec| {
                spec.timestamp = Some(hookbench_signing::TimestampSpec {
                    header: Some("X-Timestamp".into()),
                    ..scheme("slack").keyed().expect("keyed").timestamp.clone().expect("a time")
                });
                content.clone_into(&mut spec.content);
            });
            bench.expect("sound").case(content, &[ContentTimestamp])
        };
        cases.push(timed("{ts}.{body}"));
        cases.push(timed("{body}{ts}"));
        let named = Bench::new(id, NESTED).signing(|spec| {
            spec.id_header = Some("X-Request-Id".into());
            "{id}.{body}".clone_into(&mut spec.content);
        });
        cases.push(named.expect("sound").case("{id}.{body}", &[ContentId]));
    }
    cases
}

pub(crate) fn time_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in [
        "standardwebhooks",
        "stripe",
        "slack",
        "box",
        "hubspot_v3",
        "contactsmanager",
        "smsportal",
        "paddle",
        "cloudinary",
        "workos",
        "aws_sns",
        "contentful",
        "mailgun",
    ] {
        let bench = Bench::new(id, &body_for(id));
        let limits = bench.scheme.tolerance();
        for late in [7_201_000, 86_400_000, 30 * 86_400_000] {
            let mut bench = bench.clone();
            bench.at = AT + late;
            if limits.past_s.is_some_and(|limit| late > i64::from(limit) * 1000) {
                cases.push(bench.case(format!("{late} ms late"), &[TimeStale]));
            }
        }
        for early in [7_201_000, 86_400_000] {
            let mut bench = bench.clone();
            bench.at = AT - early;
            if limits.future_s.is_some_and(|limit| early > i64::from(limit) * 1000) {
                cases.push(bench.case(format!("{early} ms early"), &[TimeFuture]));
            }
        }
    }
    for id in
        ["standardwebhooks", "slack", "hubspot_v3", "smsportal", "cloudinary", "contactsmanager", "workos"]
    {
        let bench = Bench::new(id, &body_for(id));
        let place = bench.spec().timestamp.expect("a time");
        let other = if place.unit == TimestampUnit::S { TimestampUnit::Ms } else { TimestampUnit::S };
        let changed = bench.clone().signing(|spec| {
            spec.timestamp = Some(hookbench_signing::TimestampSpec { unit: other, ..place.clone() });
        });
        cases.push(changed.clone().expect("sound").case("other unit", &[TimeUnit]));
        // Signed in one unit, sent in the other.
        let (signed, sent) = match other {
            TimestampUnit::Ms => ((AT).to_string(), (AT / 1000).to_string()),
            _ => ((AT / 1000).to_string(), AT.to_string()),
        };
        let header = place.header.unwrap_or(bench.spec().signature_header);
        let mut mixed = changed.expect("sound");
        mixed = mixed.edit(Edit::Replace(header, signed, sent));
        cases.push(mixed.case("signed in the other unit", &[TimeUnit]));
    }
    cases
}

pub(crate) fn url_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in ["square", "hubspot_v3", "hubspot_v2", "smsportal", "twilio", "mandrill"] {
        let bench = Bench::new(id, &body_for(id));
        let mut add = |signed: &str, seen: &str, edits: &[(&str, &str)], codes: &[CauseCode]| {
            let mut bench = bench.clone();
            signed.clone_into(&mut bench.signed_url);
            seen.clone_into(&mut bench.url);
            for (name, value) in edits {
                bench = bench.edit(Edit::Add((*name).into(), (*value).into()));
            }
            cases.push(bench.case(format!("{signed} seen as {seen}"), codes));
        };
        add(URL, &URL.replace("https", "http"), &[], &[UrlScheme]);
        add(&URL.replace("https", "http"), URL, &[("X-Forwarded-Proto", "http")], &[UrlScheme]);
        add(URL, "https://hooks.example:8443/in/orders?shop=7&lang=en", &[], &[UrlPort]);
        add("https://hooks.example:443/in/orders?shop=7&lang=en", URL, &[], &[UrlPort]);
        add(
            "https://hooks.example:9000/in",
            "https://hooks.example/in",
            &[("X-Forwarded-Port", "9000")],
            &[UrlPort],
        );
        add("https://hooks.example/in", "https://hooks.example/in/", &[], &[UrlTrailingSlash]);
        add("https://hooks.example/in/?a=1", "https://hooks.example/in?a=1", &[], &[UrlTrailingSlash]);
        add(URL, &URL.replace("hooks.example", "10.0.0.7"), &[], &[UrlHost]);
        if bench.scheme.id() == "smsportal" {
            add("/in/orders?shop=7&lang=en", URL, &[], &[UrlHost]);
            add("/in/orders", "https://hooks.example/in/orders", &[], &[UrlHost]);
        }
        add(
            "https://pub.example/in",
            "https://inner.local/in",
            &[("X-Forwarded-Host", "pub.example")],
            &[UrlHost],
        );
        add(
            "https://pub.example/in",
            "https://inner.local/in",
            &[("Forwarded", "for=1.2.3.4;host=pub.example;proto=https")],
            &[UrlHost],
        );
        add(
            URL,
            "https://hooks.example/in/orders",
            &[("X-Original-URI", "/in/orders?shop=7&lang=en")],
            &[UrlQuery],
        );
        add("https://hooks.example/in/orders", URL, &[], &[UrlQuery]);
        add("https://hooks.example/in?b=2&a=1&c=3", "https://hooks.example/in?a=1&b=2&c=3", &[], &[UrlQuery]);
        add("https://hooks.example/a%20b/in", "https://hooks.example/a b/in", &[], &[UrlEncoding]);
        add("https://hooks.example/in?q=a+b", "https://hooks.example/in?q=a%20b", &[], &[UrlEncoding]);
        add("https://hooks.example/in?q=%3A", "https://hooks.example/in?q=%3a", &[], &[UrlEncoding]);
        add("https://hooks.example/in?u=a:b", "https://hooks.example/in?u=a%3Ab", &[], &[UrlEncoding]);
        add(
            "https://hooks.example/api/in",
            "https://hooks.example/in",
            &[("X-Forwarded-Prefix", "/api")],
            &[UrlPrefix],
        );
        add("https://hooks.example/in/x", "https://hooks.example/proxy/in/x", &[], &[UrlPrefix]);
        add(
            "https://pub.example/in",
            "http://inner.local/in",
            &[("X-Forwarded-Host", "pub.example"), ("X-Forwarded-Proto", "https")],
            &[UrlHost, UrlScheme],
        );
        add("https://hooks.example/in", "http://hooks.example:8080/in", &[], &[UrlPort, UrlScheme]);
    }
    cases
}

pub(crate) fn header_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in KEYED.into_iter().chain(ASYMMETRIC).chain(["gitlab_token", "bearer", "contentful"]) {
        let bench = Bench::new(id, &body_for(id));
        let own: Vec<String> = bench.scheme.signature_headers().map(str::to_owned).collect();
        let header = own[0].clone();
        cases.push(
            bench.clone().edit(Edit::Remove(header.clone())).case("signature removed", &[HeaderMissing]),
        );
        let time = bench.scheme.timestamp_header().map(str::to_owned);
        for name in time.into_iter().chain(bench.scheme.id_header().map(str::to_owned)) {
            cases.push(
                bench
                    .clone()
                    .edit(Edit::Remove(name.clone()))
                    .case(format!("{name} removed"), &[HeaderMissing]),
            );
            let under = name.replace('-', "_");
            cases.push(
                bench
                    .clone()
                    .edit(Edit::Rename(name, under))
                    .case("time or id with underscores", &[HeaderRenamed]),
            );
        }
        for to in [
            header.replace('-', "_"),
            format!("HTTP_{}", header.replace('-', "_")),
            format!("X-Original-{header}"),
            "X-Moved-Here".to_owned(),
        ] {
            if to != header {
                let name = format!("renamed {to}");
                cases.push(bench.clone().edit(Edit::Rename(header.clone(), to)).case(name, &[HeaderRenamed]));
            }
        }
        let garbage = format!("{:064x}", 7);
        let moved = bench.clone().edit(Edit::Rename(header.clone(), "X-Second".into()));
        cases
            .push(moved.edit(Edit::Add(header.clone(), garbage)).case("another one read", &[HeaderWrongOne]));
    }
    for id in ["github", "shopify", "slack", "box", "gitlab_token"] {
        let bench = Bench::new(id, NESTED);
        let header = bench.scheme.signature_headers().next().expect("one").to_owned();
        let joined = |value: &str| {
            let wrong: String =
                value.chars().map(|letter| if letter == 'a' { 'b' } else { letter }).collect();
            format!("{wrong}, {value}")
        };
        cases.push(bench.clone().edit(Edit::Set(header.clone(), joined)).case("joined", &[HeaderJoined]));
        let wrong = bench.clone().edit(Edit::AddFirst(header.clone(), format!("sha256={:064x}", 5)));
        if bench.scheme.keyed().is_some_and(|spec| spec.several == hookbench_signing::Several::One) {
            cases.push(wrong.case("twice", &[HeaderWrongOne]));
        }
    }
    // The older header beside the newer one.
    let old = Bench::new("github", NESTED);
    let mut reads_old = old.clone();
    reads_old.scheme = scheme("atlassian").clone();
    reads_old.edits.push(Edit::Add("X-Hub-Signature".into(), format!("sha1={:040x}", 3)));
    cases.push(reads_old.case("sha1 header read", &[HeaderWrongOne]));
    // The older header alone, or beside a newer one that holds nothing right.
    let older = "X-Hub-Signature".to_owned();
    let sha1 = Bench::new("github", NESTED).signing(|spec| {
        spec.algorithm = Algorithm::HmacSha1;
        spec.signature_header.clone_from(&older);
        spec.signature_format = "sha1={sig}".into();
    });
    let sha1 = sha1.expect("sound");
    cases.push(sha1.clone().case("sha1 header alone", &[HeaderWrongOne]));
    for newer in ["", "sha256=", &format!("sha256={:064x}", 9)] {
        let both = sha1.clone().edit(Edit::Add("X-Hub-Signature-256".into(), newer.into()));
        cases.push(both.case("sha1 header right, the newer one not", &[HeaderWrongOne]));
    }
    // The newer one's own value under the older name was moved by hand.
    let moved = Bench::new("github", NESTED).edit(Edit::Rename("X-Hub-Signature-256".into(), older));
    cases.push(moved.case("sha256 under the older name", &[HeaderRenamed]));
    cases
}

pub(crate) fn scheme_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let pairs = [
        ("github", "stripe"),
        ("github", "shopify"),
        ("stripe", "github"),
        ("stripe", "paddle"),
        ("slack", "zoom"),
        ("contactsmanager", "politicalcomms"),
        ("politicalcomms", "contactsmanager"),
        ("hubspot_v2", "hubspot_v1"),
        ("standardwebhooks", "svix"),
        ("svix", "standardwebhooks"),
        ("sent", "standardwebhooks"),
        ("pulsewave", "razorpay"),
        ("square", "shopify"),
        ("shopify", "woocommerce"),
        ("github", "gitlab_token"),
        ("discord", "telnyx"),
        ("mollie", "line"),
        ("github", "contentful"),
        ("github", "bearer"),
    ];
    for (checked, signed) in pairs {
        // The same secret: the signature itself is the proof.
        let mut bench = Bench::new(signed, NESTED);
        bench.scheme = scheme(checked).clone();
        cases.push(bench.clone().case(format!("signed as {signed}"), &[WrongScheme]));
        let (one, other) = (scheme(checked), scheme(signed));
        let same_header = one.signature_headers().next() == other.signature_headers().next();
        let mut bench = bench;
        bench.secrets = vec![secret(one, 60)];
        // Another secret: only the headers can tell.
        // Credentials prove no scheme, only that the signature is missing.
        let named = match signed {
            "bearer" => HeaderMissing,
            _ if same_header => Unexplained,
            _ => WrongScheme,
        };
        cases.push(bench.case(format!("signed as {signed} by another secret"), &[named]));
    }
    for signed in ["mailgun", "adyen", "aws_sns"] {
        let mut bench = Bench::new(signed, &body_for(signed));
        bench.scheme = scheme("github").clone();
        cases.push(bench.case(format!("signed as {signed}"), &[WrongScheme]));
    }
    cases
}

/// Two things at once, of different topics.
pub(crate) fn pair_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let schemes =
        ["github", "standardwebhooks", "stripe", "shopify", "slack", "box", "smsportal", "hubspot_v3"];
    let changes: Vec<Changed> =
        bodies::changes().into_iter().filter(|change| change.content_encoding.is_none()).collect();
    for (at, change) in changes.iter().enumerate() {
        let id = schemes[at % schemes.len()];
        let mut bench = Bench::new(id, &change.signed);
        bench.body = Some(change.arrives.clone());
        let codes = |more: CauseCode| [&change.codes[..], &[more]].concat();
        let mut whitespace = bench.clone();
        let text = format!("{}\n", bench.key.expose_text().expect("text"));
        whitespace.secrets = vec![Secret::from(text.as_str())];
        cases.push(whitespace.case(format!("{} + whitespace", change.name), &codes(SecretWhitespace)));
        let mut stale = bench.clone();
        if stale.scheme.tolerance().past_s.is_some() {
            stale.at = AT + 30 * 86_400_000;
            cases.push(stale.case(format!("{} + stale", change.name), &codes(TimeStale)));
        }
        let header = bench.spec().signature_header;
        let renamed = bench.clone().edit(Edit::Rename(header.clone(), header.replace('-', "_")));
        cases.push(renamed.case(format!("{} + renamed", change.name), &codes(HeaderRenamed)));
        let respelt = bench.clone().signing(|spec| {
            spec.encoding = if spec.encoding == Encoding::Hex { Encoding::Base64 } else { Encoding::Hex };
        });
        cases.push(
            respelt.expect("sound").case(format!("{} + encoding", change.name), &codes(DigestEncoding)),
        );
        let mut other = bench.clone();
        other.secrets = vec![secret(&bench.scheme, 77)];
        other.others = vec![("Orders".into(), bench.key.clone(), false)];
        cases.push(other.case(format!("{} + another's secret", change.name), &codes(SecretOtherEndpoint)));
        if bench.spec().timestamp.is_some() {
            let content = if bench.spec().content.contains("{ts}.") { "{ts}:{body}" } else { "{body}" };
            let code = if content == "{body}" { ContentBodyOnly } else { ContentSeparator };
            if id != "standardwebhooks" {
                let changed = bench.clone().signing(|spec| content.clone_into(&mut spec.content));
                cases.push(changed.expect("sound").case(format!("{} + content", change.name), &codes(code)));
            }
        }
    }
    for id in ["square", "hubspot_v3", "smsportal"] {
        for change in
            changes.iter().filter(|change| matches!(change.codes[0], BodyNewlineAdded | BodyReserialized))
        {
            let mut bench = Bench::new(id, &change.signed);
            bench.body = Some(change.arrives.clone());
            bench.url = URL.replace("https", "http");
            let codes = [&change.codes[..], &[UrlScheme]].concat();
            cases.push(bench.case(format!("{} + http", change.name), &codes));
        }
    }
    cases
}

/// Tampering that leaves nothing to prove.
pub(crate) fn hopeless_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in KEYED.into_iter().chain(ASYMMETRIC).chain([
        "mailgun",
        "adyen",
        "aws_sns",
        "paypal",
        "twilio_json",
        "contentful",
        "gitlab_token",
        "telegram",
        "bearer",
        "linear",
    ]) {
        let body = body_for(id);
        let bench = Bench::new(id, &body);
        let mut flipped = bench.clone();
        if bench.scheme.is_asymmetric()
            || !matches!(id, "gitlab_token" | "telegram" | "bearer" | "mailgun" | "adyen" | "aws_sns")
        {
            let mut other = body.clone();
            let at = body.len() / 2;
            other[at] = if other[at] == b'x' { b'y' } else { b'x' };
            flipped.body = Some(other);
            cases.push(flipped.case("body changed", &[Unexplained]));
            let mut cut = bench.clone();
            cut.body = Some(body[..body.len() - 3].to_vec());
            cases.push(cut.case("body cut", &[Unexplained]));
        }
        let mut stranger = bench.clone();
        let key = secret(&bench.scheme, 123);
        stranger.secrets = vec![bench.scheme.public_half(&key).unwrap_or(key)];
        stranger.others = (30..36)
            .map(|seed| {
                let key = secret(&bench.scheme, seed);
                (format!("endpoint {seed}"), bench.scheme.public_half(&key).unwrap_or(key), seed % 2 == 0)
            })
            .collect();
        cases.push(stranger.case("a stranger's secret", &[Unexplained]));
        if let Some(header) = bench.scheme.signature_headers().next() {
            let garbled = |value: &str| {
                let (head, tail) = value.split_at(value.len() - 9);
                let swap = |letter: char| match letter {
                    'a'..='e' | 'A'..='E' | '0'..='8' => char::from(u8::try_from(letter).expect("ASCII") + 1),
                    other => other,
                };
                // The beginning too, or it would be a signature with something behind it.
                let head: String = head
                    .chars()
                    .enumerate()
                    .map(|(at, letter)| if at % 7 == 6 { swap(letter) } else { letter })
                    .collect();
                format!("{head}{}", tail.chars().map(swap).collect::<String>())
            };
            let bench = bench.clone().edit(Edit::Set(header.to_owned(), garbled));
            cases.push(bench.case("signature garbled", &[Unexplained]));
        }
    }
    cases
}

/// A body that the scheme can sign.
pub(crate) fn body_for(id: &str) -> Vec<u8> {
    match id {
        "twilio" | "mandrill" => FORM.to_vec(),
        "adyen" => br#"{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"7914073381342284","originalReference":"","merchantAccountCode":"TestMerchant","merchantReference":"TestPayment-1407325143704","amount":{"value":1130,"currency":"EUR"},"eventCode":"AUTHORISATION","success":"true","additionalData":{}}}]}"#.to_vec(),
        "aws_sns" => br#"{"Type":"Notification","MessageId":"22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324","TopicArn":"arn:aws:sns:us-west-2:123456789012:MyTopic","Subject":"My First Message","Message":"Hello world!","Timestamp":"2023-11-14T22:13:20.000Z","SignatureVersion":"2"}"#.to_vec(),
        "mailgun" => br#"{"signature":{},"event-data":{"event":"delivered","id":"x"}}"#.to_vec(),
        "linear" => format!(r#"{{"action":"create","type":"Issue","webhookTimestamp":{AT}}}"#).into_bytes(),
        "box" | "slack" => SPACED.to_vec(),
        _ => NESTED.to_vec(),
    }
}
