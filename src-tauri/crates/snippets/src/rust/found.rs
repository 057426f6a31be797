//! What some providers put where only code finds it.

use crate::dialect::Found;

/// All of it.
pub(super) const FOUND: Found = Found {
    mailgun: MAILGUN,
    adyen: ADYEN,
    sns: SNS,
    contentful: CONTENTFUL,
    paypal: PAYPAL,
    hash_in_url: HASH_IN_URL,
};

const MAILGUN: &str = r#"
    let message: serde_json::Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON")?;
    let field = |name| message["signature"][name].as_str().ok_or("the body carries no signature");
    let (timestamp, token, signature) = (field("timestamp")?, field("token")?, field("signature")?);
"#;

const ADYEN: &str = r#"
    let message: serde_json::Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON")?;
    let [item] = message["notificationItems"].as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err("the body does not hold one notification");
    };
    let item = &item["NotificationRequestItem"];
    let signature = item["additionalData"]["hmacSignature"].as_str();
    let signature = signature.ok_or("the notification carries no signature")?;
    // A field that is missing counts as empty.
    let field = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let signed = [
        field(&item["pspReference"]),
        field(&item["originalReference"]),
        field(&item["merchantAccountCode"]),
        field(&item["merchantReference"]),
        field(&item["amount"]["value"]),
        field(&item["amount"]["currency"]),
        field(&item["eventCode"]),
        field(&item["success"]),
    ]
    .join(":");
"#;

const SNS: &str = r#"
    let message: serde_json::Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON")?;
    let field = |name: &str| message[name].as_str();
    let signature = field("Signature").ok_or("the body carries no signature")?;
    let newer = match field("SignatureVersion") {
        Some("1") => false,
        Some("2") => true,
        _ => return Err("the signature is of an unknown version"),
    };
    let names: &[&str] = match field("Type") {
        Some("Notification") => &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
        _ => &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
    };
    // A message without a subject is signed without it.
    let there = names.iter().filter_map(|name| Some(format!("{name}\n{}\n", field(name)?)));
    let signed: String = there.collect();
"#;

const CONTENTFUL: &str = r#"
    let names = text(headers, "X-Contentful-Signed-Headers").ok_or("the list of signed headers is missing")?;
    let mut names: Vec<String> = names.split(',').map(|name| name.trim().to_lowercase()).collect();
    names.sort();
    if !names.iter().any(|name| name == "x-contentful-timestamp") {
        return Err("the time is not among the signed headers");
    }
    let line = |name: &String| format!("{name}:{}", text(headers, name).unwrap_or_default());
    let listed = names.iter().map(line).collect::<Vec<_>>().join(";");
    // As Contentful writes it: the query is escaped, and then the whole.
    let uri: Uri = url.parse().map_err(|_| "PUBLIC_URL is not a URL")?;
    let target = match uri.query() {
        Some(query) => format!("{}?{}", uri.path(), escaped(query, "-_.!~*'()")),
        None => uri.path().to_owned(),
    };
    let target = escaped(&target, "-_.!~*'();,/?:@&=+$#");
"#;

/// The helper of the above.
pub(super) const ESCAPING: &str = r"
/// Escapes all but letters, digits and these.
fn escaped(text: &str, plain: &str) -> String {
    let escape = |character: char| {
        if character.is_ascii_alphanumeric() || plain.contains(character) {
            character.to_string()
        } else {
            percent_encoding::utf8_percent_encode(&character.to_string(), percent_encoding::NON_ALPHANUMERIC).to_string()
        }
    };
    text.chars().map(escape).collect()
}
";

const PAYPAL: &str = r#"
    if !text(headers, "PAYPAL-AUTH-ALGO").is_some_and(|kind| kind.eq_ignore_ascii_case("SHA256withRSA")) {
        return Err("the signature is of an unknown kind");
    }
    let checksum = crc32fast::hash(body);
"#;

const HASH_IN_URL: &str = r#"
    // The body is signed by its hash, which stands in the URL.
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let hash = query.split('&').find_map(|pair| pair.strip_prefix("bodySHA256="));
    if hash != Some(HEXLOWER.encode(&Sha256::digest(body)).as_str()) {
        return Err("the body is not the one whose hash stands in the URL");
    }
"#;
