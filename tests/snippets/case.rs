//! The requests, each with its verdict.

use data_encoding::BASE64;
use hookbench_signing::{Kind, Message, Received, Scheme, Secret, VerificationStatus, sign, verify};
use hookbench_snippets::Input;
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};

/// When the requests are signed: a time in the past, in Unix milliseconds.
const SIGNED_AT: i64 = 1_700_000_000_000;
/// The URL that is called.
const URL: &str = "https://hooks.example.com/in/orders?shop=7&x=%20y";
/// The header values that carry an id.
const ID: &str = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";

const MAILGUN: &[u8] =
    br#"{"signature":{"timestamp":"","token":"","signature":""},"event-data":{"event":"opened"}}"#;
const ADYEN: &[u8] = br#"{"live":"false","notificationItems":[{"NotificationRequestItem":{
"additionalData":{"hmacSignature":""},"amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION",
"merchantAccountCode":"TestMerchant","merchantReference":"Order:7 \\ z","originalReference":null,
"pspReference":"7914073381342284","success":"true"}}]}"#;
const SNS: &[u8] = "{\"Type\":\"Notification\",\"MessageId\":\"22b80b92\",\"TopicArn\":\"arn:aws:sns:us-west-2:123456789012:MyTopic\",\
\"Message\":\"Grüße\\n\\\"du\\\"\",\"Timestamp\":\"2023-11-14T22:13:20.000Z\",\"SignatureVersion\":\"2\",\"Signature\":\"\"}".as_bytes();

/// Names and values in order.
type Headers = Vec<(String, String)>;

/// One request put to a receiver.
#[derive(Clone, Debug)]
pub struct Case {
    /// The scheme it is signed by.
    pub scheme: String,
    /// What is special about it.
    pub what: String,
    /// The HTTP method.
    pub method: String,
    /// The URL as the sender calls it.
    pub url: String,
    /// Headers in order.
    pub headers: Headers,
    /// The exact body.
    pub body: Vec<u8>,
    /// What the receiver holds.
    pub secrets: Vec<String>,
    /// The receiver's clock, in Unix milliseconds.
    pub now_ms: i64,
}

impl Case {
    /// The case for a driver: the arguments in the order of the receiver's inputs.
    pub fn to_json(&self, inputs: &[Input]) -> Value {
        let arguments: Vec<Value> = inputs
            .iter()
            .map(|input| match input {
                Input::Method => json!(self.method),
                Input::Url => json!(self.url),
                Input::NowSeconds => json!(self.now_ms.div_euclid(1000)),
                Input::NowMillis => json!(self.now_ms),
            })
            .collect();
        json!({
            "scheme": self.scheme, "what": self.what, "headers": self.headers,
            "body": BASE64.encode(&self.body), "secrets": self.secrets, "arguments": arguments,
        })
    }

    /// Our own verdict, which the receiver has to share.
    pub fn is_good(&self, scheme: &Scheme) -> bool {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let received = Received { method: &self.method, url: &self.url, headers: &headers, body: &self.body };
        let secrets: Vec<Secret> = self.secrets.iter().map(|text| Secret::from(text.as_str())).collect();
        let secrets: Vec<&Secret> = secrets.iter().collect();
        verify(scheme, &secrets, &received, self.now_ms).status == VerificationStatus::Valid
    }
}

/// All that the receivers of a scheme are asked.
pub fn cases(scheme: &Scheme) -> Vec<Case> {
    let sender = Sender::new(scheme, SIGNED_AT);
    let mut cases = Vec::new();
    let signed = sender.request("as signed", sender.body());
    cases.extend(sender.clocks(&signed));
    cases.extend(tampered(&signed));
    cases.extend(headers(scheme, &signed));
    cases.extend(hostile(&signed));
    cases.extend(sender.keys(&signed));
    cases.extend(sender.bodies());
    cases.push(signed);
    cases
}

/// A request with an ordinary body, signed at this time (Unix milliseconds).
pub fn request(scheme: &Scheme, at: i64) -> Case {
    let sender = Sender::new(scheme, at);
    sender.request("as signed", sender.body())
}

/// One who signs, with two keys.
struct Sender<'a> {
    scheme: &'a Scheme,
    keys: [Secret; 2],
    /// When it signs, in Unix milliseconds.
    at: i64,
}

impl<'a> Sender<'a> {
    fn new(scheme: &'a Scheme, at: i64) -> Self {
        let key = |seed: u64| {
            let mut next = seed;
            scheme.generate_secret(&mut |bytes| {
                for byte in bytes {
                    next =
                        next.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    *byte = next.to_be_bytes()[0];
                }
            })
        };
        Self { scheme, keys: [key(1), key(2)], at }
    }

    /// What the receiver holds for a key of the sender's.
    fn held(&self, key: &Secret) -> String {
        let text = key.expose_text().expect("keys are written as text");
        match self.scheme.code().map(|spec| spec.kind) {
            Some(Kind::AwsSns) => return certificate(text),
            Some(Kind::Paypal) => {
                let (id, key) = text.split_once('\n').expect("the id stands on the first line");
                return format!("{id}\n{}", certificate(key));
            }
            _ => {}
        }
        let public = self.scheme.public_half(key);
        public.as_ref().unwrap_or(key).expose_text().expect("keys are written as text").to_owned()
    }

    /// The public key alone, where the receiver otherwise holds a certificate.
    fn held_bare(&self, key: &Secret) -> Option<String> {
        let certified =
            self.scheme.code().is_some_and(|spec| matches!(spec.kind, Kind::AwsSns | Kind::Paypal));
        let public = certified.then(|| self.scheme.public_half(key)).flatten()?;
        Some(public.expose_text().expect("keys are written as text").to_owned())
    }

    fn body(&self) -> &'static [u8] {
        let form = self.scheme.keyed().is_some_and(|spec| spec.content.contains("{form_sorted}"));
        match self.scheme.code().map(|spec| spec.kind) {
            Some(Kind::Mailgun) => MAILGUN,
            Some(Kind::Adyen) => ADYEN,
            Some(Kind::AwsSns) => SNS,
            _ if form => b"b=2&a=1+x&a=%2B&a=%2B&c=%ff&d=x%3Dy=z&e&=&A=0",
            _ if self.scheme.id() == "own_body_time" => br#"{"data":{"sent_at":"1700000000"}}"#,
            _ if self.scheme.id() == "linear" => br#"{"action":"create","webhookTimestamp":1700000000000}"#,
            _ => "{\"name\": \"Zoë\",\t\"n\": 1.0}\n".as_bytes(),
        }
    }

    fn request(&self, what: &str, body: &[u8]) -> Case {
        self.signed(what, body, &[&self.keys[0]]).expect("an ordinary body can be signed")
    }

    /// A request signed with these keys; none where the scheme cannot sign such a body.
    fn signed(&self, what: &str, body: &[u8], keys: &[&Secret]) -> Option<Case> {
        let message = Message { method: "POST", url: URL, headers: &[], body, timestamp: self.at, id: ID };
        let signed = sign(self.scheme, keys, &message).ok()?;
        Some(Case {
            scheme: self.scheme.id().to_owned(),
            what: what.to_owned(),
            method: "POST".to_owned(),
            url: signed.url.unwrap_or_else(|| URL.to_owned()),
            headers: signed.headers,
            body: signed.body.unwrap_or_else(|| body.to_vec()),
            secrets: vec![self.held(&self.keys[0])],
            now_ms: self.at,
        })
    }

    /// The same request at other times: around every limit that any scheme has.
    fn clocks(&self, signed: &Case) -> Vec<Case> {
        let seconds = [1, 5, 6, 180, 181, 300, 301, 600, 601, 900, 901, 7200, 7201, 100_000];
        let both = seconds.into_iter().flat_map(|seconds| [seconds, -seconds]);
        both.map(|later_s| Case {
            what: format!("checked {later_s} s later"),
            now_ms: self.at + later_s * 1000,
            ..signed.clone()
        })
        .chain([Case { what: "checked 999 ms later".to_owned(), now_ms: self.at + 999, ..signed.clone() }])
        .collect()
    }

    fn keys(&self, signed: &Case) -> Vec<Case> {
        let [new, old] = &self.keys;
        let held = |keys: &[&Secret]| keys.iter().map(|key| self.held(key)).collect::<Vec<_>>();
        let mut cases = vec![
            Case { what: "another secret".to_owned(), secrets: held(&[old]), ..signed.clone() },
            Case {
                what: "the old secret, still held".to_owned(),
                secrets: held(&[old, new]),
                ..signed.clone()
            },
        ];
        for (what, keys, secrets) in [
            ("both secrets signed, the first held", [new, old], held(&[new])),
            ("both secrets signed, the second held", [new, old], held(&[old])),
            ("both secrets signed, both held", [new, old], held(&[new, old])),
        ] {
            let request = self.signed(what, self.body(), &keys);
            cases.extend(request.map(|request| Case { secrets, ..request }));
        }
        if let (Some(right), Some(wrong)) = (self.held_bare(new), self.held_bare(old)) {
            let bare =
                |what: &str, secret| Case { what: what.to_owned(), secrets: vec![secret], ..signed.clone() };
            cases.extend([bare("the public key alone", right), bare("another public key alone", wrong)]);
        }
        // Whoever joins headers does so with a comma and a space.
        if self.scheme.keyed().is_some_and(|spec| spec.separator.as_deref() == Some(", ")) {
            let joined: Vec<Case> = cases.iter().filter_map(joined).collect();
            cases.extend(joined);
        }
        cases
    }

    fn bodies(&self) -> Vec<Case> {
        let every: Vec<u8> = (0..=255).filter(|byte| *byte != b'%').collect();
        [
            ("every byte", every.as_slice()),
            ("an empty body", b""),
            ("line endings", b"\r\n{}\r\n"),
            ("a byte order mark", b"\xef\xbb\xbf{}"),
        ]
        .into_iter()
        .filter_map(|(what, body)| self.signed(what, body, &[&self.keys[0]]))
        .collect()
    }
}

fn tampered(signed: &Case) -> Vec<Case> {
    let mut longer = signed.body.clone();
    longer.push(b'\n');
    let mut other = signed.body.clone();
    other[0] ^= 0x20;
    vec![
        Case { what: "a newline added".to_owned(), body: longer, ..signed.clone() },
        Case { what: "another body".to_owned(), body: other, ..signed.clone() },
        Case { what: "no body".to_owned(), body: Vec::new(), ..signed.clone() },
        Case { what: "another method".to_owned(), method: "PUT".to_owned(), ..signed.clone() },
        Case {
            what: "another path".to_owned(),
            url: signed.url.replace("/orders", "/order"),
            ..signed.clone()
        },
        Case {
            what: "another query".to_owned(),
            url: signed.url.replace("shop=7", "shop=8"),
            ..signed.clone()
        },
        Case {
            what: "another host".to_owned(),
            url: signed.url.replace("hooks.", "hook."),
            ..signed.clone()
        },
    ]
}

/// Each header gone, empty, and with another value.
fn headers(scheme: &Scheme, signed: &Case) -> Vec<Case> {
    let mut cases = Vec::new();
    for at in 0..signed.headers.len() {
        let name = signed.headers[at].0.clone();
        let mut with = |what: &str, change: &dyn Fn(&mut Headers)| {
            let mut headers = signed.headers.clone();
            change(&mut headers);
            cases.push(Case { what: format!("{name} {what}"), headers, ..signed.clone() });
        };
        with("gone", &|headers| drop(headers.remove(at)));
        with("empty", &|headers| headers[at].1.clear());
        with("cut short", &|headers| {
            headers[at].1.pop();
        });
        with("longer", &|headers| headers[at].1.push('0'));
        with("in upper case", &|headers| headers[at].1.make_ascii_uppercase());
        if let Some((word, credentials)) = spoken(scheme, &signed.headers[at].1) {
            let word = word.to_owned();
            with("with its word in small letters", &|headers| {
                headers[at].1 = format!("{} {credentials}", word.to_lowercase());
            });
            with("with its word in capitals, and two spaces", &|headers| {
                headers[at].1 = format!("{}  {credentials}", word.to_uppercase());
            });
            with("with another word", &|headers| headers[at].1 = format!("{word}s {credentials}"));
            with("with a word alone", &|headers| headers[at].1.clone_from(&word));
        }
        with("nonsense", &|headers| headers[at].1 = String::from("t=,v1=;{}\u{e9}"));
        with("under a name in other case", &|headers| headers[at].0 = name.to_uppercase());
    }
    cases
}

/// The word that says what kind of credentials follow, and those, where a scheme writes such a word.
fn spoken<'v>(scheme: &Scheme, value: &'v str) -> Option<(&'v str, &'v str)> {
    let speaks = scheme.code().is_some_and(|spec| matches!(spec.kind, Kind::Basic | Kind::Bearer));
    speaks.then(|| value.split_once(' ')).flatten()
}

/// Bodies that anybody can send without a secret: none may break a receiver.
fn hostile(signed: &Case) -> Vec<Case> {
    let values =
        ["5", "true", "null", "[]", "[1,2]", r#"{"toString":1}"#, r#""\ud800""#, r#""\u00e9""#, "\"\""];
    let around = [
        // Mailgun's fields, Adyen's and those of AWS SNS, one by one.
        r#"{"signature":‹›}"#,
        r#"{"signature":{"timestamp":"1","token":"t","signature":‹›}}"#,
        r#"{"signature":{"timestamp":"1","token":‹›,"signature":"aa"}}"#,
        r#"{"signature":{"timestamp":‹›,"token":"t","signature":"aa"}}"#,
        r#"{"notificationItems":‹›}"#,
        r#"{"notificationItems":[‹›]}"#,
        r#"{"notificationItems":[{"NotificationRequestItem":‹›}]}"#,
        r#"{"notificationItems":[{"NotificationRequestItem":{"additionalData":‹›}}]}"#,
        r#"{"notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":‹›}}}]}"#,
        r#"{"notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"aa"},"amount":‹›}}]}"#,
        r#"{"notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"aa"},"success":‹›}}]}"#,
        r#"{"Signature":‹›,"SignatureVersion":"1","Timestamp":"2023-11-14T22:13:20.000Z","Type":"Notification"}"#,
        r#"{"Signature":"aaaa","SignatureVersion":‹›,"Timestamp":"2023-11-14T22:13:20.000Z"}"#,
        r#"{"Signature":"aaaa","SignatureVersion":"constructor","Timestamp":‹›}"#,
        r#"{"Signature":"aaaa","SignatureVersion":"1","Timestamp":‹›,"Type":"Notification"}"#,
        r#"{"Signature":"aaaa","SignatureVersion":"2","Timestamp":"2023-11-14T22:13:20.000Z","Message":‹›,"Type":‹›}"#,
        "‹›",
    ];
    let one_by_one = around.iter().flat_map(|around| values.map(|value| around.replace("‹›", value)));
    let deep = "[".repeat(100_000);
    let odd = [b"\xff".to_vec(), b"1".to_vec(), b"\"x\"".to_vec(), deep.into_bytes()];
    let bodies = one_by_one.map(String::into_bytes).chain(odd);
    let what =
        |body: &[u8]| format!("a hostile body: {}", String::from_utf8_lossy(&body[..body.len().min(120)]));
    bodies.map(|body| Case { what: what(&body), body, ..signed.clone() }).collect()
}

/// A certificate of the key, as a provider would publish it.
fn certificate(private: &str) -> String {
    let key = KeyPair::from_pem(private).expect("an RSA key");
    let name = vec!["hooks.example.com".to_owned()];
    let certificate = CertificateParams::new(name).and_then(|wanted| wanted.self_signed(&key));
    certificate.expect("a certificate").pem()
}

/// The same request with a header that came twice joined into one, as proxies do.
fn joined(case: &Case) -> Option<Case> {
    let (name, first) = case.headers.first()?;
    let twice = case.headers.iter().filter(|(other, _)| other == name).count() > 1;
    let values = || case.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str());
    let whole = if twice { values().collect::<Vec<_>>().join(", ") } else { first.clone() };
    let rest = case.headers.iter().filter(|(other, _)| other != name).cloned();
    let headers = std::iter::once((name.clone(), whole)).chain(rest).collect();
    twice.then(|| Case { what: format!("{}, joined", case.what), headers, ..case.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn our_own_verdicts_are_what_they_should_be() {
        for scheme in catalogue() {
            for case in cases(scheme) {
                let wanted = match case.what.as_str() {
                    "as signed"
                    | "the old secret, still held"
                    | "both secrets signed, both held"
                    | "every byte"
                    | "the public key alone" => true,
                    "another secret" | "another public key alone" => false,
                    "another body" | "a newline added" | "no body" if signs(scheme, "{body}") => false,
                    "another host" | "another path" | "another query" if signs(scheme, "{url}") => false,
                    "another method" if signs(scheme, "{method}") => false,
                    "checked 100000 s later" if limits(scheme).0 => false,
                    "checked -100000 s later" if limits(scheme).1 => false,
                    _ => continue,
                };
                assert_eq!(case.is_good(scheme), wanted, "{}: {}", scheme.id(), case.what);
            }
        }
    }

    fn signs(scheme: &Scheme, piece: &str) -> bool {
        scheme.keyed().is_some_and(|spec| spec.content.contains(piece))
    }

    fn limits(scheme: &Scheme) -> (bool, bool) {
        let tolerance = scheme.keyed().map(|spec| spec.tolerance).unwrap_or_default();
        (tolerance.past_s.is_some(), tolerance.future_s.is_some())
    }
}
