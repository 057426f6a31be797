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
	var message struct {
		Signature struct{ Timestamp, Token, Signature string }
	}
	if json.Unmarshal(body, &message) != nil || message.Signature.Signature == "" {
		return errors.New("the body carries no signature")
	}
	timestamp, token, signature := message.Signature.Timestamp, message.Signature.Token, message.Signature.Signature
"#;

const ADYEN: &str = r#"
	var message struct {
		NotificationItems []struct {
			NotificationRequestItem struct {
				PspReference, OriginalReference, MerchantAccountCode, MerchantReference string
				Amount                                                                 struct {
					Value    json.Number
					Currency string
				}
				EventCode      string
				Success        interface{}
				AdditionalData struct{ HmacSignature string }
			}
		}
	}
	if json.Unmarshal(body, &message) != nil || len(message.NotificationItems) != 1 {
		return errors.New("the body does not hold one notification")
	}
	item := message.NotificationItems[0].NotificationRequestItem
	signature := item.AdditionalData.HmacSignature
	if signature == "" {
		return errors.New("the notification carries no signature")
	}
	// A field that is missing counts as empty.
	success := ""
	if item.Success != nil {
		success = fmt.Sprint(item.Success)
	}
	signed := strings.Join([]string{
		item.PspReference, item.OriginalReference, item.MerchantAccountCode, item.MerchantReference,
		item.Amount.Value.String(), item.Amount.Currency, item.EventCode, success,
	}, ":")
"#;

const SNS: &str = r#"
	var message map[string]interface{}
	if json.Unmarshal(body, &message) != nil {
		return errors.New("the body is not JSON")
	}
	field := func(name string) string {
		value, _ := message[name].(string)
		return value
	}
	signature := field("Signature")
	if signature == "" {
		return errors.New("the body carries no signature")
	}
	hash, known := map[string]crypto.Hash{"1": crypto.SHA1, "2": crypto.SHA256}[field("SignatureVersion")]
	if !known {
		return errors.New("the signature is of an unknown version")
	}
	names := []string{"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"}
	if field("Type") == "Notification" {
		names = []string{"Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"}
	}
	signed := ""
	for _, name := range names {
		// A message without a subject is signed without it.
		if message[name] != nil {
			signed += name + "\n" + field(name) + "\n"
		}
	}
"#;

const CONTENTFUL: &str = r#"
	names := strings.Split(strings.ToLower(headers.Get("X-Contentful-Signed-Headers")), ",")
	sort.Strings(names)
	var lines []string
	signsTime := false
	for _, name := range names {
		name = strings.TrimSpace(name)
		signsTime = signsTime || name == "x-contentful-timestamp"
		lines = append(lines, name+":"+headers.Get(name))
	}
	if !signsTime {
		return errors.New("the time is not among the signed headers")
	}
	listed := strings.Join(lines, ";")
	// As Contentful writes it: the query is escaped, and then the whole.
	parsed, err := url.Parse(address)
	if err != nil {
		return errors.New("PUBLIC_URL is not a URL")
	}
	target := parsed.EscapedPath()
	if parsed.RawQuery != "" {
		target += "?" + escaped(parsed.RawQuery, "-_.!~*'()")
	}
	target = escaped(target, "-_.!~*'();,/?:@&=+$#")
"#;

/// The helper of the above.
pub(super) const ESCAPING: &str = r#"
// escaped escapes all but letters, digits and these.
func escaped(text, plain string) string {
	plain += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	var written strings.Builder
	for _, one := range []byte(text) {
		if strings.IndexByte(plain, one) >= 0 {
			written.WriteByte(one)
		} else {
			fmt.Fprintf(&written, "%%%02X", one)
		}
	}
	return written.String()
}
"#;

const PAYPAL: &str = r#"
	if !strings.EqualFold(headers.Get("PAYPAL-AUTH-ALGO"), "SHA256withRSA") {
		return errors.New("the signature is of an unknown kind")
	}
	checksum := strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)
"#;

const HASH_IN_URL: &str = r#"
	// The body is signed by its hash, which stands in the URL.
	parsed, err := url.Parse(address)
	if err != nil {
		return errors.New("PUBLIC_URL is not a URL")
	}
	hash := sha256.Sum256(body)
	if parsed.Query().Get("bodySHA256") != hex.EncodeToString(hash[:]) {
		return errors.New("the body is not the one whose hash stands in the URL")
	}
"#;
