//! What some providers put where only code finds it.

use crate::code::Topic;
use crate::recipe::Find;

/// The lines that find it, and what they are about.
pub(super) fn of(find: &Find) -> (Topic, &'static str) {
    match find {
        Find::Mailgun => (Topic::Header, MAILGUN),
        Find::Adyen => (Topic::Content, ADYEN),
        Find::Sns => (Topic::Content, SNS),
        Find::Contentful => (Topic::Content, CONTENTFUL),
        Find::Paypal => (Topic::Content, PAYPAL),
        Find::HashInUrl => (Topic::Body, HASH_IN_URL),
    }
}

const MAILGUN: &str = r#"
    JsonNode? signed;
    try
    {
        signed = JsonNode.Parse(body)?["signature"];
    }
    catch (Exception without) when (without is JsonException or InvalidOperationException)
    {
        throw new Rejected("the body is not JSON");
    }
    var timestamp = signed?["timestamp"]?.ToString();
    var token = signed?["token"]?.ToString();
    var signature = signed?["signature"]?.ToString();
    if (timestamp is null || token is null || signature is null) throw new Rejected("the body carries no signature");
"#;

const ADYEN: &str = r#"
    JsonArray? items;
    try
    {
        items = JsonNode.Parse(body)?["notificationItems"]?.AsArray();
    }
    catch (Exception without) when (without is JsonException or InvalidOperationException)
    {
        throw new Rejected("the body is not JSON");
    }
    if (items?.Count != 1) throw new Rejected("the body does not hold one notification");
    var item = items[0]?["NotificationRequestItem"];
    var signature = item?["additionalData"]?["hmacSignature"]?.ToString();
    if (signature is null) throw new Rejected("the notification carries no signature");
    JsonNode?[] fields =
    [
        item?["pspReference"],
        item?["originalReference"],
        item?["merchantAccountCode"],
        item?["merchantReference"],
        item?["amount"]?["value"],
        item?["amount"]?["currency"],
        item?["eventCode"],
        item?["success"],
    ];
    // A field that is missing counts as empty.
    var signed = string.Join(":", fields.Select(field => field?.ToString()));
"#;

const SNS: &str = r#"
    JsonNode? message;
    try
    {
        message = JsonNode.Parse(body);
    }
    catch (JsonException)
    {
        throw new Rejected("the body is not JSON");
    }
    var signature = message?["Signature"]?.ToString();
    var timestamp = message?["Timestamp"]?.ToString();
    if (signature is null) throw new Rejected("the body carries no signature");
    var hash = message?["SignatureVersion"]?.ToString() switch
    {
        "1" => HashAlgorithmName.SHA1,
        "2" => HashAlgorithmName.SHA256,
        _ => throw new Rejected("the signature is of an unknown version"),
    };
    string[] names = message?["Type"]?.ToString() == "Notification"
        ? ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
        : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
    // A message without a subject is signed without it.
    var there = names.Where(name => message?[name] is not null);
    var signed = string.Concat(there.Select(name => $"{name}\n{message?[name]}\n"));
"#;

const CONTENTFUL: &str = r#"
    string[] names = [.. headers["X-Contentful-Signed-Headers"].ToString().ToLowerInvariant().Split(',').Select(name => name.Trim())];
    if (!names.Contains("x-contentful-timestamp")) throw new Rejected("the time is not among the signed headers");
    Array.Sort(names, StringComparer.Ordinal);
    var listed = string.Join(";", names.Select(name => $"{name}:{headers[name]}"));
    // As Contentful writes it: the query is escaped, and then the whole.
    var path = url[url.IndexOf('/', url.IndexOf("://", StringComparison.Ordinal) + 3)..].Split('?', 2);
    var query = path.Length > 1 && path[1] != "" ? "?" + Escaped(path[1], "-_.!~*'()") : "";
    var target = Escaped(path[0] + query, "-_.!~*'();,/?:@&=+$#");
"#;

/// The helper of the above.
pub(super) const ESCAPING: &str = r#"
// Escapes all but letters, digits and these.
static string Escaped(string text, string plain) => string.Concat(
    Encoding.UTF8.GetBytes(text).Select(one =>
        char.IsAsciiLetterOrDigit((char)one) || plain.Contains((char)one) ? $"{(char)one}" : $"%{one:X2}"));
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
