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
        String timestamp, token, signature;
        try {
            JsonObject signed = JsonParser.parseString(new String(body, StandardCharsets.UTF_8))
                .getAsJsonObject().getAsJsonObject("signature");
            timestamp = signed.get("timestamp").getAsString();
            token = signed.get("token").getAsString();
            signature = signed.get("signature").getAsString();
        } catch (RuntimeException without) {
            throw new Rejected("the body carries no signature");
        }
"#;

const ADYEN: &str = r#"
        JsonObject item;
        String signature;
        try {
            var items = JsonParser.parseString(new String(body, StandardCharsets.UTF_8))
                .getAsJsonObject().getAsJsonArray("notificationItems");
            if (items.size() != 1) {
                throw new Rejected("the body does not hold one notification");
            }
            item = items.get(0).getAsJsonObject().getAsJsonObject("NotificationRequestItem");
            signature = item.getAsJsonObject("additionalData").get("hmacSignature").getAsString();
        } catch (RuntimeException without) {
            throw new Rejected("the body does not hold a notification with a signature");
        }
        JsonObject amount = item.get("amount") instanceof JsonObject object ? object : new JsonObject();
        String signed = String.join(":",
            field(item, "pspReference"),
            field(item, "originalReference"),
            field(item, "merchantAccountCode"),
            field(item, "merchantReference"),
            field(amount, "value"),
            field(amount, "currency"),
            field(item, "eventCode"),
            field(item, "success"));
"#;

/// The helper of the above and of the next.
pub(super) const FIELD: &str = r#"
    /** A field that is missing counts as empty. */
    static String field(JsonObject object, String name) {
        JsonElement value = object.get(name);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }
"#;

const SNS: &str = r#"
        JsonObject message;
        try {
            message = JsonParser.parseString(new String(body, StandardCharsets.UTF_8)).getAsJsonObject();
        } catch (RuntimeException without) {
            throw new Rejected("the body is not JSON");
        }
        String signature = field(message, "Signature");
        if (signature.isEmpty()) {
            throw new Rejected("the body carries no signature");
        }
        String kind = switch (field(message, "SignatureVersion")) {
            case "1" -> "SHA1withRSA";
            case "2" -> "SHA256withRSA";
            default -> throw new Rejected("the signature is of an unknown version");
        };
        List<String> names = field(message, "Type").equals("Notification")
            ? List.of("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
            : List.of("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type");
        var lines = new StringBuilder();
        for (String name : names) {
            // A message without a subject is signed without it.
            if (message.has(name) && !message.get(name).isJsonNull()) {
                lines.append(name).append('\n').append(field(message, name)).append('\n');
            }
        }
        String signed = lines.toString();
"#;

const CONTENTFUL: &str = r#"
        String list = headers.getFirst("X-Contentful-Signed-Headers");
        List<String> names = Stream.of(list == null ? new String[0] : list.toLowerCase().split(","))
            .map(String::trim).sorted().toList();
        if (!names.contains("x-contentful-timestamp")) {
            throw new Rejected("the time is not among the signed headers");
        }
        String listed = names.stream().map(name -> name + ":" + headers.getFirst(name)).collect(Collectors.joining(";"));
        // As Contentful writes it: the query is escaped, and then the whole.
        URI called = URI.create(url);
        String query = called.getRawQuery() == null ? "" : "?" + escaped(called.getRawQuery(), "-_.!~*'()");
        String target = escaped(called.getRawPath() + query, "-_.!~*'();,/?:@&=+$#");
"#;

/// The helper of the above.
pub(super) const ESCAPING: &str = r#"
    /** Escapes all but letters, digits and these. */
    static String escaped(String text, String plain) {
        var written = new StringBuilder();
        for (byte one : bytes(text)) {
            boolean letter = one >= 'a' && one <= 'z' || one >= 'A' && one <= 'Z' || one >= '0' && one <= '9';
            written.append(letter || plain.indexOf(one) >= 0 ? String.valueOf((char) one) : "%%%02X".formatted(one));
        }
        return written.toString();
    }
"#;

const PAYPAL: &str = r#"
        if (!"SHA256withRSA".equalsIgnoreCase(headers.getFirst("PAYPAL-AUTH-ALGO"))) {
            throw new Rejected("the signature is of an unknown kind");
        }
        var crc = new CRC32();
        crc.update(body);
        long checksum = crc.getValue();
"#;

const HASH_IN_URL: &str = r#"
        // The body is signed by its hash, which stands in the URL.
        String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        String query = URI.create(url).getRawQuery();
        if (query == null || !List.of(query.split("&")).contains("bodySHA256=" + hash)) {
            throw new Rejected("the body is not the one whose hash stands in the URL");
        }
"#;
