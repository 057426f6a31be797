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

/// The helpers of those that read JSON.
pub(super) const JSON: &str = r#"
static JsonObject Parsed(byte[] body)
{
    try
    {
        if (JsonNode.Parse(body) is JsonObject document) return document;
    }
    catch (JsonException)
    {
        // Said below.
    }
    throw new Rejected("the body is not a JSON object");
}

// What stands at this place of a document, as text; nothing where it is not there.
static string TextAt(JsonNode document, params string[] names)
{
    var node = document;
    foreach (var name in names)
    {
        var inner = (node as JsonObject)?[name];
        if (inner == null) return "";
        node = inner;
    }
    return node.ToString();
}
"#;

const MAILGUN: &str = r#"
    var signed = Parsed(body);
    var timestamp = TextAt(signed, "signature", "timestamp");
    var token = TextAt(signed, "signature", "token");
    var signature = TextAt(signed, "signature", "signature");
    if (timestamp == "" || token == "" || signature == "") throw new Rejected("the body carries no signature");
"#;

const ADYEN: &str = r#"
    var items = Parsed(body)["notificationItems"] as JsonArray;
    if (items == null || items.Count != 1) throw new Rejected("the body does not hold one notification");
    var item = (items[0] as JsonObject)?["NotificationRequestItem"] ?? new JsonObject();
    var signature = TextAt(item, "additionalData", "hmacSignature");
    if (signature == "") throw new Rejected("the notification carries no signature");
    // A field that is missing counts as empty.
    var signed = string.Join(":",
        TextAt(item, "pspReference"),
        TextAt(item, "originalReference"),
        TextAt(item, "merchantAccountCode"),
        TextAt(item, "merchantReference"),
        TextAt(item, "amount", "value"),
        TextAt(item, "amount", "currency"),
        TextAt(item, "eventCode"),
        TextAt(item, "success"));
"#;

const SNS: &str = r#"
    var message = Parsed(body);
    var signature = TextAt(message, "Signature");
    var timestamp = TextAt(message, "Timestamp");
    if (signature == "") throw new Rejected("the body carries no signature");
    HashAlgorithmName hash;
    var version = TextAt(message, "SignatureVersion");
    if (version == "1") hash = HashAlgorithmName.SHA1;
    else if (version == "2") hash = HashAlgorithmName.SHA256;
    else throw new Rejected("the signature is of an unknown version");
    var names = TextAt(message, "Type") == "Notification"
        ? new[] { "Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type" }
        : new[] { "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type" };
    // A message without a subject is signed without it.
    var there = names.Where(name => message[name] != null);
    var signed = string.Concat(there.Select(name => $"{name}\n{TextAt(message, name)}\n"));
"#;

const CONTENTFUL: &str = r#"
    var listing = headers["X-Contentful-Signed-Headers"].ToString().ToLowerInvariant();
    var names = listing.Split(',').Select(name => name.Trim()).ToArray();
    if (!names.Contains("x-contentful-timestamp")) throw new Rejected("the time is not among the signed headers");
    Array.Sort(names, StringComparer.Ordinal);
    var listed = string.Join(";", names.Select(name => $"{name}:{headers[name]}"));
    // As Contentful writes it: the query is escaped, and then the whole.
    var host = url.IndexOf("://", StringComparison.Ordinal) + 3;
    var path = url.Substring(url.IndexOf('/', host)).Split('?', 2);
    var query = path.Length > 1 && path[1] != "" ? "?" + Escaped(path[1], "-_.!~*'()") : "";
    var target = Escaped(path[0] + query, "-_.!~*'();,/?:@&=+$#");
"#;

/// The helper of the above.
pub(super) const ESCAPING: &str = r#"
// Escapes all but letters, digits and these.
static string Escaped(string text, string plain)
{
    var written = Encoding.UTF8.GetBytes(text).Select(one =>
        one < 128 && (char.IsLetterOrDigit((char)one) || plain.Contains((char)one)) ? $"{(char)one}" : $"%{one:X2}");
    return string.Concat(written);
}
"#;

const PAYPAL: &str = r#"
    if (!headers["PAYPAL-AUTH-ALGO"].ToString().Equals("SHA256withRSA", StringComparison.OrdinalIgnoreCase))
        throw new Rejected("the signature is of an unknown kind");
    var checksum = System.IO.Hashing.Crc32.HashToUInt32(body);
"#;

const HASH_IN_URL: &str = r#"
    // The body is signed by its hash, which stands in the URL.
    var hash = Convert.ToHexString(SHA256.HashData(body)).ToLowerInvariant();
    if (!new Uri(url).Query.TrimStart('?').Split('&').Contains($"bodySHA256={hash}"))
        throw new Rejected("the body is not the one whose hash stands in the URL");
"#;
