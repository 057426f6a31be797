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
  begin
    timestamp, token, signature = JSON.parse(body).fetch("signature").values_at("timestamp", "token", "signature")
  rescue JSON::ParserError, KeyError, NoMethodError, TypeError
    raise Rejected, "the body carries no signature"
  end
  # Anybody can send any body: what is no text is no signature.
  timestamp = timestamp.to_s
  texts = [timestamp, token, signature].all? { |text| text.is_a?(String) && !text.empty? }
  raise Rejected, "the body carries no signature" unless texts
"#;

const ADYEN: &str = r#"
  begin
    items = JSON.parse(body).fetch("notificationItems")
    raise Rejected, "the body does not hold one notification" unless items.size == 1
    item = items.first.fetch("NotificationRequestItem")
    signature = item.fetch("additionalData").fetch("hmacSignature")
  rescue JSON::ParserError, KeyError, NoMethodError, TypeError
    raise Rejected, "the body does not hold a notification with a signature"
  end
  # Anybody can send any body: what is no text is no signature.
  raise Rejected, "the notification carries no signature" unless signature.is_a?(String)
  amount = item["amount"].is_a?(Hash) ? item["amount"] : {}
  # A field that is missing counts as empty.
  signed = [
    item["pspReference"],
    item["originalReference"],
    item["merchantAccountCode"],
    item["merchantReference"],
    amount["value"],
    amount["currency"],
    item["eventCode"],
    item["success"],
  ].join(":")
"#;

const SNS: &str = r##"
  begin
    message = JSON.parse(body)
    signature, timestamp = message.fetch("Signature"), message.fetch("Timestamp")
    hash = { "1" => "sha1", "2" => "sha256" }.fetch(message["SignatureVersion"])
  rescue JSON::ParserError, KeyError, NoMethodError, TypeError
    raise Rejected, "the body carries no signature of a known version"
  end
  # Anybody can send any body: what is no text is no signature.
  texts = [signature, timestamp].all? { |text| text.is_a?(String) }
  raise Rejected, "the body carries no signature" unless texts
  names =
    if message["Type"] == "Notification"
      %w[Message MessageId Subject Timestamp TopicArn Type]
    else
      %w[Message MessageId SubscribeURL Timestamp Token TopicArn Type]
    end
  # A message without a subject is signed without it.
  signed = names.select { |name| message[name] }.map { |name| "#{name}\n#{message[name]}\n" }.join
"##;

const CONTENTFUL: &str = r##"
  names = headers["x-contentful-signed-headers"].to_s.downcase.split(",").map(&:strip).sort
  raise Rejected, "the time is not among the signed headers" unless names.include?("x-contentful-timestamp")
  listed = names.map { |name| "#{name}:#{headers[name]}" }.join(";")
  # As Contentful writes it: the query is escaped, and then the whole.
  path, query = url.sub(%r{\A[a-z]+://[^/?]*}i, "").split("?")
  target = query ? "#{path}?#{escaped(query, "-_.!~*'()")}" : path
  target = escaped(target, "-_.!~*'();,/?:@&=+$#")
"##;

/// The helper of the above.
pub(super) const ESCAPING: &str = r#"
# Escapes all but letters, digits and these.
def escaped(text, plain)
  text.gsub(/[^A-Za-z0-9#{Regexp.escape(plain)}]/) { |one| one.bytes.map { |byte| format("%%%02X", byte) }.join }
end
"#;

const PAYPAL: &str = r#"
  known = headers["paypal-auth-algo"].to_s.casecmp?("SHA256withRSA")
  raise Rejected, "the signature is of an unknown kind" unless known
  checksum = Zlib.crc32(body)
"#;

const HASH_IN_URL: &str = r#"
  # The body is signed by its hash, which stands in the URL.
  query = URI.decode_www_form(URI(url).query.to_s).to_h
  unless query["bodySHA256"] == OpenSSL::Digest.hexdigest("sha256", body)
    raise Rejected, "the body is not the one whose hash stands in the URL"
  end
"#;
