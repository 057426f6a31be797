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
    try:
        signed = json.loads(body)["signature"]
        timestamp, token, signature = str(signed["timestamp"]), signed["token"], signed["signature"]
        # Anybody can send any body: all three have to be text that can be written.
        for text in (timestamp, token, signature):
            text.encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Rejected("the body carries no signature")
"#;

const ADYEN: &str = r#"
    try:
        (item,) = json.loads(body)["notificationItems"]
        item = item["NotificationRequestItem"]
        signature = item["additionalData"]["hmacSignature"]
        amount = item.get("amount") or {}
        fields = [
            item.get("pspReference"),
            item.get("originalReference"),
            item.get("merchantAccountCode"),
            item.get("merchantReference"),
            amount.get("value"),
            amount.get("currency"),
            item.get("eventCode"),
            item.get("success"),
        ]
        # A field that is missing counts as empty.
        signed = ":".join("" if field is None else str(field) for field in fields)
        # Anybody can send any body: both have to be text that can be written.
        for text in (signature, signed):
            text.encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Rejected("the body does not hold one notification with a signature")
"#;

const SNS: &str = r#"
    try:
        message = json.loads(body)
        signature, timestamp = message["Signature"], message["Timestamp"]
        algorithm = {"1": hashes.SHA1(), "2": hashes.SHA256()}[message["SignatureVersion"]]
        if message.get("Type") == "Notification":
            names = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
        else:
            names = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
        # A message without a subject is signed without it.
        signed = "".join(f"{name}\n{message[name]}\n" for name in names if message.get(name) is not None)
        # Anybody can send any body: all three have to be text that can be written.
        for text in (signature, timestamp, signed):
            text.encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Rejected("the body carries no signature of a known version")
"#;

const CONTENTFUL: &str = r#"
    names = [name.strip().lower() for name in headers.get("X-Contentful-Signed-Headers", "").split(",")]
    if "x-contentful-timestamp" not in names:
        raise Rejected("the time is not among the signed headers")
    listed = ";".join(f"{name}:{headers.get(name, '')}" for name in sorted(names))
    # As Contentful writes it: the query is escaped, and then the whole.
    parts = urlsplit(url)
    target = parts.path + ("?" + quote(parts.query, safe="-_.!~*'()") if parts.query else "")
    target = quote(target, safe="-_.!~*'();,/?:@&=+$#")
"#;

const PAYPAL: &str = r#"
    if headers.get("PAYPAL-AUTH-ALGO", "").lower() != "sha256withrsa":
        raise Rejected("the signature is of an unknown kind")
    checksum = zlib.crc32(body)
"#;

const HASH_IN_URL: &str = r#"
    # The body is signed by its hash, which stands in the URL.
    hashes = parse_qs(urlsplit(url).query).get("bodySHA256", [""])
    if hashes[-1] != hashlib.sha256(body).hexdigest():
        raise Rejected("the body is not the one whose hash stands in the URL")
"#;
