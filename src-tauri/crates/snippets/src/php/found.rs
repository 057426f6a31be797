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

const MAILGUN: &str = r"
    // Anybody can send any body: what is no text is as good as missing.
    $signed = array_filter((array) (json_decode($body, true)['signature'] ?? []), 'is_scalar');
    if (!isset($signed['timestamp'], $signed['token'], $signed['signature'])) {
        throw new Rejected('the body carries no signature');
    }
    ['timestamp' => $timestamp, 'token' => $token, 'signature' => $signature] = array_map('strval', $signed);
";

const ADYEN: &str = r"
    $items = json_decode($body, true)['notificationItems'] ?? [];
    if (!is_array($items) || count($items) !== 1) {
        throw new Rejected('the body does not hold one notification');
    }
    $item = $items[0]['NotificationRequestItem'] ?? [];
    $signature = $item['additionalData']['hmacSignature'] ?? '';
    // Anybody can send any body: what is no text is no signature.
    if (!is_string($signature) || $signature === '') {
        throw new Rejected('the notification carries no signature');
    }
    // A field that is missing counts as empty.
    $fields = [
        $item['pspReference'] ?? '',
        $item['originalReference'] ?? '',
        $item['merchantAccountCode'] ?? '',
        $item['merchantReference'] ?? '',
        $item['amount']['value'] ?? '',
        $item['amount']['currency'] ?? '',
        $item['eventCode'] ?? '',
        $item['success'] ?? '',
    ];
    if (array_filter($fields, 'is_scalar') !== $fields) {
        throw new Rejected('a signed field is no text');
    }
    $signed = implode(':', $fields);
";

const SNS: &str = r#"
    // Anybody can send any body: what is no text is as good as missing.
    $message = array_filter((array) json_decode($body, true), 'is_string');
    if (!isset($message['Signature'], $message['Timestamp'])) {
        throw new Rejected('the body carries no signature');
    }
    ['Signature' => $signature, 'Timestamp' => $timestamp] = $message;
    $hash = ['1' => 'sha1', '2' => 'sha256'][$message['SignatureVersion'] ?? ''] ?? null;
    if ($hash === null) {
        throw new Rejected('the signature is of an unknown version');
    }
    $names = ($message['Type'] ?? '') === 'Notification'
        ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
        : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
    $signed = '';
    foreach ($names as $name) {
        // A message without a subject is signed without it.
        if (isset($message[$name])) {
            $signed .= "$name\n{$message[$name]}\n";
        }
    }
"#;

const CONTENTFUL: &str = r#"
    $names = array_map('trim', explode(',', strtolower($headers['x-contentful-signed-headers'] ?? '')));
    if (!in_array('x-contentful-timestamp', $names, true)) {
        throw new Rejected('the time is not among the signed headers');
    }
    sort($names, SORT_STRING);
    $listed = implode(';', array_map(fn ($name) => "$name:" . ($headers[$name] ?? ''), $names));
    // As Contentful writes it: the query is escaped, and then the whole.
    [$path, $query] = explode('?', preg_replace('#^[a-z]+://[^/?]*#i', '', $url), 2) + [1 => ''];
    $target = $query === '' ? $path : $path . '?' . escaped($query, "-_.!~*'()");
    $target = escaped($target, "-_.!~*'();,/?:@&=+$#");
"#;

/// The helper of the above.
pub(super) const ESCAPING: &str = r"
/** Escapes all but letters, digits and these. */
function escaped(string $text, string $plain): string
{
    $special = '#[^A-Za-z0-9' . preg_quote($plain, '#') . ']#';
    return preg_replace_callback($special, fn ($one) => sprintf('%%%02X', ord($one[0])), $text);
}
";

const PAYPAL: &str = r"
    if (strcasecmp($headers['paypal-auth-algo'] ?? '', 'SHA256withRSA') !== 0) {
        throw new Rejected('the signature is of an unknown kind');
    }
    $checksum = crc32($body);
";

const HASH_IN_URL: &str = r"
    // The body is signed by its hash, which stands in the URL.
    parse_str((string) parse_url($url, PHP_URL_QUERY), $query);
    if (($query['bodySHA256'] ?? '') !== hash('sha256', $body)) {
        throw new Rejected('the body is not the one whose hash stands in the URL');
    }
";
