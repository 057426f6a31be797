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
  let signed;
  try {
    signed = JSON.parse(body)?.signature;
  } catch {
    throw new Rejected("the body is not JSON");
  }
  const { timestamp, token, signature } = signed ?? {};
  // Anybody can send any body: what is no text is no signature.
  const timed = Number.isFinite(timestamp) || (typeof timestamp === "string" && timestamp);
  const texts = [token, signature].every((text) => typeof text === "string" && text);
  if (!timed || !texts) throw new Rejected("the body carries no signature");
"#;

const ADYEN: &str = r#"
  let items;
  try {
    items = JSON.parse(body)?.notificationItems;
  } catch {
    throw new Rejected("the body is not JSON");
  }
  if (!Array.isArray(items) || items.length !== 1) throw new Rejected("the body does not hold one notification");
  const item = items[0]?.NotificationRequestItem ?? {};
  const signature = item.additionalData?.hmacSignature;
  // Anybody can send any body: what is no text is no signature.
  if (typeof signature !== "string" || !signature) throw new Rejected("the notification carries no signature");
  const fields = [
    item.pspReference,
    item.originalReference,
    item.merchantAccountCode,
    item.merchantReference,
    item.amount?.value,
    item.amount?.currency,
    item.eventCode,
    item.success,
  ];
  if (fields.some((field) => field && typeof field === "object")) throw new Rejected("a signed field is no text");
  // A field that is missing counts as empty.
  const signed = fields.map((field) => field ?? "").join(":");
"#;

const SNS: &str = r#"
  let message;
  try {
    message = JSON.parse(body);
  } catch {
    throw new Rejected("the body is not JSON");
  }
  // Anybody can send any body: what is no text is as good as missing.
  const field = (name) => (typeof message?.[name] === "string" ? message[name] : undefined);
  const [type, signature, timestamp] = ["Type", "Signature", "Timestamp"].map(field);
  if (!signature) throw new Rejected("the body carries no signature");
  const hash = new Map([["1", "sha1"], ["2", "sha256"]]).get(field("SignatureVersion"));
  if (!hash) throw new Rejected("the signature is of an unknown version");
  const names =
    type === "Notification"
      ? ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
      : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
  // A message without a subject is signed without it.
  const there = names.filter((name) => field(name) !== undefined);
  const signed = there.map((name) => `${name}\n${field(name)}\n`).join("");
"#;

const CONTENTFUL: &str = r#"
  const names = (headers["x-contentful-signed-headers"] ?? "").split(",").map((name) => name.trim().toLowerCase());
  if (!names.includes("x-contentful-timestamp")) throw new Rejected("the time is not among the signed headers");
  const listed = names.sort().map((name) => `${name}:${headers[name]}`).join(";");
  // As Contentful writes it: the query is escaped, and then the whole.
  const [path, query] = url.replace(/^[a-z]+:\/\/[^/?]*/i, "").split("?");
  const target = encodeURI(query ? `${path}?${encodeURIComponent(query)}` : path);
"#;

const PAYPAL: &str = r#"
  if (headers["paypal-auth-algo"]?.toLowerCase() !== "sha256withrsa") throw new Rejected("the signature is of an unknown kind");
  const checksum = crc32(body);
"#;

const HASH_IN_URL: &str = r#"
  // The body is signed by its hash, which stands in the URL.
  const hash = createHash("sha256").update(body).digest("hex");
  if (new URL(url).searchParams.getAll("bodySHA256").at(-1) !== hash) {
    throw new Rejected("the body is not the one whose hash stands in the URL");
  }
"#;
