//! Tokens, and user names with passwords: nothing is signed, and still much can be proven.

use crate::bench::{Bench, Case, Edit, secret};
use crate::bodies::NESTED;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use hookbench_signing::CauseCode::{self, *};
use hookbench_signing::Secret;

const HEADER: &str = "Authorization";
const USER: &str = "hooks";
/// Its base64 differs from its URL-safe base64.
const PASSWORD: &str = "p~?s>>w?rd~1";

/// A request whose `Authorization` header is written so.
fn written(id: &str, known: &str, value: &str) -> Bench {
    let mut bench = Bench::new(id, NESTED);
    bench.key = Secret::from(known);
    bench.secrets = vec![Secret::from(known)];
    bench.edit(Edit::Remove(HEADER.into())).edit(Edit::Add(HEADER.into(), value.into()))
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = bearer();
    cases.extend(basic());
    for id in ["gitlab_token", "telegram", "okta", "bearer", "basic"] {
        let bench = Bench::new(id, NESTED);
        let header = bench.scheme.signature_headers().next().expect("one").to_owned();
        let text = bench.key.expose_text().expect("text").to_owned();
        let mut newline = bench.clone();
        newline.secrets = vec![Secret::from(format!("{text}\n").as_str())];
        if id != "basic" {
            cases.push(newline.case("newline", &[SecretWhitespace]));
        }
        let mut other = bench.clone();
        other.secrets = vec![secret(&bench.scheme, 51)];
        other.others = vec![("Orders".into(), bench.key.clone(), false)];
        cases.push(other.clone().case("another's", &[SecretOtherEndpoint]));
        let renamed = other.edit(Edit::Rename(header.clone(), "X-Moved".into()));
        cases.push(renamed.case("another's, and moved", &[SecretOtherEndpoint, HeaderRenamed]));
        cases.push(
            bench
                .clone()
                .edit(Edit::Rename(header.clone(), "X-Moved".into()))
                .case("moved", &[HeaderRenamed]),
        );
        cases.push(bench.clone().edit(Edit::Remove(header.clone())).case("missing", &[HeaderMissing]));
        if !matches!(id, "bearer" | "basic") {
            for before in ["Bearer ", "token=", "Token "] {
                let prefixed = Edit::Replace(header.clone(), text.clone(), format!("{before}{text}"));
                cases.push(bench.clone().edit(prefixed).case(before, &[DigestPrefix]));
            }
        }
    }
    cases
}

fn bearer() -> Vec<Case> {
    let token = "tok_9c41f7ab20de5581";
    let inside = |text: String| format!("Basic {}", BASE64.encode(text.as_bytes()));
    let case = |value: &str, code: CauseCode| written("bearer", token, value).case(value, &[code]);
    let twice = |one: &str, other: &str| {
        let bench = written("bearer", token, one).edit(Edit::Add(HEADER.into(), other.into()));
        bench.case(format!("{one} and {other}"), &[HeaderWrongOne])
    };
    let elsewhere = |value: &str, code: CauseCode| {
        let bench = written("bearer", token, "").edit(Edit::Remove(HEADER.into()));
        bench.edit(Edit::Add("X-Api-Key".into(), value.into())).case(format!("{value} in X-Api-Key"), &[code])
    };
    let beside = written("bearer", token, "Bearer another").edit(Edit::Add("X-Api-Key".into(), token.into()));
    vec![
        case(token, DigestPrefix),
        case(&format!("Token {token}"), DigestPrefix),
        case(&format!("token={token}"), DigestPrefix),
        case(&format!("Bearer: {token}"), DigestPrefix),
        case(&format!("Bearer Bearer {token}"), DigestPrefix),
        case(&format!("Bearer {}", BASE64.encode(token.as_bytes())), DigestEncoding),
        case(&inside(format!("user:{token}")), WrongScheme),
        case(&inside(format!("{token}:")), WrongScheme),
        case(&inside("user:another".into()), WrongScheme),
        case(&format!("Bearer{token}"), DigestPrefix),
        twice("Bearer another", &format!("Bearer {token}")),
        twice(&format!("Bearer {token}"), "Bearer another"),
        elsewhere(token, HeaderRenamed),
        elsewhere("another", HeaderMissing),
        beside.case("the token in another header", &[HeaderWrongOne]),
        case("Bearer another", Unexplained),
        case("Bearerother", Unexplained),
        case("another", Unexplained),
        case("Token another", Unexplained),
    ]
}

fn basic() -> Vec<Case> {
    let known = format!("{USER}:{PASSWORD}");
    let base64 = BASE64.encode(known.as_bytes());
    let safe = BASE64URL_NOPAD.encode(known.as_bytes());
    assert_ne!(base64.trim_end_matches('='), safe);
    let swapped = BASE64.encode(format!("{PASSWORD}:{USER}").as_bytes());
    let case = |value: &str, codes: &[CauseCode]| written("basic", &known, value).case(value, codes);
    vec![
        case(&base64, &[DigestPrefix]),
        case(&format!("Token {base64}"), &[DigestPrefix]),
        case(&format!("Bearer {base64}"), &[WrongScheme]),
        case(&format!("Basic {known}"), &[DigestEncoding]),
        case(&format!("Basic {safe}"), &[DigestEncoding]),
        case(&format!("Basic {swapped}"), &[ContentOrder]),
        case(&swapped, &[ContentOrder, DigestPrefix]),
        case(&format!("Bearer {PASSWORD}"), &[WrongScheme]),
        case("Bearer another", &[WrongScheme]),
        case(&format!("Basic {}", BASE64.encode(b"hooks:another")), &[Unexplained]),
        case("Basic ???", &[Unexplained]),
    ]
}
