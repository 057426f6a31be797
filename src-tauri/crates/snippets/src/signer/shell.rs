//! The function in the shell of POSIX, with openssl. What openssl is told on its command line everybody on the machine
//! can see, so the key never stands there: the HMAC is put together of its two hashes.

use hookbench_signing::{Encoding, SecretForm, TimestampUnit};

use super::{Keyed, NewId, Plan, Word};
use crate::recipe::{Hash, Piece, Proof};

pub(super) fn write(plan: &Plan<'_>) -> String {
    let mut lines = vec![
        format!("# {}", plan.headline()),
        "signed() {".to_owned(),
        "  if [ -z \"${WEBHOOK_SECRET:-}\" ]; then".to_owned(),
        format!("    fail {}", quoted(&format!("WEBHOOK_SECRET is not set. {}", plan.secret()))),
        "  fi".to_owned(),
    ];
    match plan {
        Plan::Token { header, word, .. } => {
            let value = match word {
                Word::None => "\"$WEBHOOK_SECRET\"",
                Word::Bearer => "\"Bearer $WEBHOOK_SECRET\"",
                Word::Basic => "\"Basic $(printf %s \"$WEBHOOK_SECRET\" | openssl base64 -A)\"",
            };
            lines.push(format!("  printf '%s: %s\\n' {} {value} >>\"$headers\"\n}}", quoted(header)));
            lines.join("\n") + "\n"
        }
        Plan::Keyed(keyed) => {
            keyed.in_shell(plan, &mut lines);
            format!("{BYTES}\n{}\n", lines.join("\n"))
        }
    }
}

const BYTES: &str = r#"# Bytes as hexadecimal, and back.
hex() { od -An -v -tx1 | tr -d ' \n'; }
unhex() {
  unread=$1
  while [ -n "$unread" ]; do
    rest=${unread#??}
    printf "\\$(printf %03o "0x${unread%"$rest"}")"
    unread=$rest
  done
}
"#;

/// The key, each byte xored with the second argument, filled up to a block.
const PADDED: &str = r#"  padded() {
    unread=$key
    left=‹block›
    while [ "$left" -gt 0 ]; do
      byte=00
      if [ -n "$unread" ]; then
        rest=${unread#??}
        byte=${unread%"$rest"}
        unread=$rest
      fi
      printf "\\$(printf %03o "$((0x$byte ^ $1))")"
      left=$((left - 1))
    done
  }
  if [ ${#key} -gt ‹digits› ]; then key=$(unhex "$key" | openssl dgst -‹hash› -binary | hex); fi
  { padded 54; cat "$folder/content"; } | openssl dgst -‹hash› -binary >"$folder/inner"
  { padded 92; cat "$folder/inner"; } | openssl dgst -‹hash› -binary >"$folder/signature""#;

impl Keyed<'_> {
    fn in_shell(&self, plan: &Plan<'_>, lines: &mut Vec<String>) {
        let key = match self.spec.secret {
            SecretForm::WhsecB64 => {
                "printf '%s\\n' \"${WEBHOOK_SECRET#whsec_}\" | openssl base64 -d -A | hex"
            }
            SecretForm::Base64 => "printf '%s\\n' \"$WEBHOOK_SECRET\" | openssl base64 -d -A | hex",
            SecretForm::Base64Url => {
                "printf '%s===' \"$WEBHOOK_SECRET\" | tr -d '=' | awk '{ while (length($0) % 4) $0 = $0 \"=\"; print }' | tr '_-' '/+' | openssl base64 -d -A | hex"
            }
            SecretForm::Hex => "printf %s \"$WEBHOOK_SECRET\" | tr 'A-F' 'a-f'",
            SecretForm::Raw | SecretForm::WhskB64 | SecretForm::Pem => "printf %s \"$WEBHOOK_SECRET\" | hex",
        };
        lines.push(format!("  key=$({key})"));
        let wrong = quoted(&format!("WEBHOOK_SECRET cannot be read. {}", plan.secret()));
        lines.push(format!("  case $key in '' | *[!0-9a-f]*) fail {wrong} ;; esac"));
        if self.has_time() {
            let now = match self.unit() {
                TimestampUnit::S => "date +%s",
                TimestampUnit::Ms => "date +%s000",
                TimestampUnit::Iso => "date -u +%Y-%m-%dT%H:%M:%SZ",
            };
            lines.push(format!("  timestamp=$({now})"));
        }
        if self.has_id() {
            lines.push(match &self.id {
                NewId::Uuid => "  id=$(od -An -v -N16 -tx1 /dev/urandom | tr -d ' \\n' | sed 's/^\\(.\\{8\\}\\)\\(.\\{4\\}\\).\\(.\\{3\\}\\).\\(.\\{3\\}\\)/\\1-\\2-4\\3-8\\4-/')".to_owned(),
                NewId::Behind(prefix) => {
                    format!("  id={}$(od -An -v -N12 -tx1 /dev/urandom | tr -d ' \\n')", quoted(prefix))
                }
            });
        }
        if let Some((before, after)) = &self.around_time {
            lines.push("  # The time of signing stands in the body.".to_owned());
            lines.push(format!(
                "  {{\n{}    printf %s \"$timestamp\"\n{}  }} >\"$body\"",
                decoded(before),
                decoded(after)
            ));
        }
        if self.has(Piece::Path) {
            lines.push("  path=${url#*://}\n  path=/${path#*/}\n  path=${path%%\\?*}".to_owned());
        }
        let pieces: String = self.content.iter().map(|piece| self.piece(piece)).collect();
        lines.push(format!("  {{\n{pieces}  }} >\"$folder/content\""));
        lines.push(match self.proof {
            Proof::Hmac(hash) => {
                let block = if matches!(hash, Hash::Sha1 | Hash::Sha256) { 64 } else { 128 };
                PADDED
                    .replace("‹block›", &block.to_string())
                    .replace("‹digits›", &(2 * block).to_string())
                    .replace("‹hash›", hash.name())
            }
            Proof::Plain(hash) => plain(hash),
            // Those that sign with a private key were refused before.
            _ => plain(Hash::Sha256),
        });
        let spelt = match self.encoding() {
            Encoding::Hex => "hex <\"$folder/signature\"",
            Encoding::Base64 => "openssl base64 -A <\"$folder/signature\"",
            Encoding::Base64Url => "openssl base64 -A <\"$folder/signature\" | tr '+/' '-_' | tr -d '='",
        };
        lines.push(format!("  signature=$({spelt})"));
        lines.push("  if [ -z \"$signature\" ]; then fail 'openssl gave no signature.'; fi".to_owned());
        let mut header = |name: &str, value: &str| {
            lines.push(format!("  printf '%s: %s\\n' {} {value} >>\"$headers\"", quoted(name)));
        };
        if let Some(name) = &self.spec.id_header {
            header(name, "\"$id\"");
        }
        if let Some(name) = self.spec.timestamp.as_ref().and_then(|time| time.header.as_ref()) {
            header(name, "\"$timestamp\"");
        }
        let value = super::value(self.value(), quoted, "", "\"$timestamp\"", "\"$signature\"");
        header(&self.spec.signature_header, &value);
        for (name, value) in &self.spec.extra_headers {
            header(name, &quoted(value));
        }
        lines.push("}".to_owned());
    }

    /// A line that writes a piece of the content.
    fn piece(&self, piece: &Piece<'_>) -> String {
        let line = match piece {
            Piece::Text(text) => format!("printf %s {}", quoted(text)),
            Piece::Id => "printf %s \"$id\"".to_owned(),
            Piece::Timestamp => "printf %s \"$timestamp\"".to_owned(),
            Piece::Method => "printf %s \"$method\" | tr 'a-z' 'A-Z'".to_owned(),
            Piece::Url => "printf %s \"$url\"".to_owned(),
            Piece::Path => "printf %s \"$path\"".to_owned(),
            Piece::Form => {
                return format!(
                    "    # The form's fields, decoded, sorted and run together: of this body, so another one needs others.\n{}",
                    decoded(&self.form)
                );
            }
            Piece::Secret => "unhex \"$key\"".to_owned(),
            _ => "cat \"$body\"".to_owned(),
        };
        format!("    {line}\n")
    }
}

fn plain(hash: Hash) -> String {
    format!("  openssl dgst -{} -binary <\"$folder/content\" >\"$folder/signature\"", hash.name())
}

/// Lines that write these bytes.
fn decoded(bytes: &[u8]) -> String {
    let text = super::base64(bytes);
    let lines: Vec<&str> =
        text.as_bytes().chunks(76).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("    openssl base64 -d <<'END'\n{}\nEND\n", lines.join("\n"))
}

/// One word, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
