use super::{Sending, quote};
use crate::text;

/// A command of a POSIX shell. A body that is not plain text, or too long for a command line, goes through a pipe as base64.
pub(super) fn write(sending: &Sending<'_>) -> String {
    let url = sending.url();
    let mut words = vec![format!("curl {}", quote::shell(&url))];
    let has_body = !sending.body.is_empty();
    let usual = if has_body { "POST" } else { "GET" };
    if sending.method == "HEAD" && !has_body {
        words.push("--head".to_owned());
    } else if sending.method != usual {
        words.push(format!("-X {}", quote::shell(sending.method)));
    }
    if url.contains(['[', ']', '{', '}']) {
        words.push("--globoff".to_owned());
    }
    if sending.has_dots() {
        words.push("--path-as-is".to_owned());
    }
    for (name, value) in &sending.headers {
        words.push(match value.as_str().filter(|text| text::is_plain(text)) {
            // With nothing behind the colon curl would leave the header out.
            Some("") => format!("-H {}", quote::shell(&format!("{name};"))),
            Some(text) => format!("-H {}", quote::shell(&format!("{name}: {text}"))),
            None => {
                let base64 = data_encoding::BASE64.encode(value.as_bytes());
                format!("-H \"$(printf '%s: ' {}; echo {base64} | base64 -d)\"", quote::shell(name))
            }
        });
    }
    for name in ["User-Agent", "Accept", "Content-Type", "Expect"] {
        // What curl would add by itself: the last two with a body, the last with a large one.
        let adds = match name {
            "Content-Type" => has_body,
            "Expect" => sending.body.len() > 1000,
            _ => true,
        };
        if adds && !sending.has(name) {
            words.push(format!("-H '{name}:'"));
        }
    }
    if !has_body {
        return words.join(" \\\n  ") + "\n";
    }
    if let Some(text) =
        sending.text().filter(|text| text::is_plain(text) && text.len() <= quote::LONGEST_WORD)
    {
        words.push(format!("--data-raw {}", quote::shell(text)));
        return words.join(" \\\n  ") + "\n";
    }
    words.push("--data-binary @-".to_owned());
    let base64 = quote::base64_lines(sending.body).join("\n");
    format!("base64 -d <<'END' | {}\n{base64}\nEND\n", words.join(" \\\n  "))
}
