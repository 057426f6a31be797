//! What is said of a body that is not the one signed.

use super::super::cause::{Cause, CauseCode};
use super::json::{Changed, Letters, Order, Slashes, Space, Style};
use super::text::Change;

pub(super) fn json_causes(style: &Style, changed: Changed) -> Vec<Cause> {
    const FIX: &str =
        "Verify over the bytes as they arrived, before anything parses the JSON and writes it again.";
    let mut causes = Vec::new();
    if changed.space {
        causes.push(Cause::new(
            CauseCode::BodyReserialized,
            format!(
                "The JSON was parsed and written again on its way: {} was signed.",
                space_said(style.space)
            ),
            FIX,
        ));
    }
    if changed.order {
        causes.push(Cause::new(
            CauseCode::BodyKeysSorted,
            if style.order == Order::Sorted {
                "What was signed is the same JSON with its keys sorted, and the body has them in another order."
            } else {
                "Something sorted the keys of the JSON: the same keys were signed in another order."
            },
            FIX,
        ));
    }
    if changed.letters || changed.escape_case {
        let explanation = if changed.letters {
            format!(
                "The same JSON was signed with {}, and the body has it otherwise.",
                letters_said(style.letters)
            )
        } else {
            format!(
                "The same JSON was signed with {} in its \\u escapes, and the body has the others.",
                escapes_said(style.letters)
            )
        };
        causes.push(Cause::new(CauseCode::BodyUnicodeEscaped, explanation, FIX));
    }
    if changed.slashes {
        let said =
            if style.slashes == Slashes::Plain { "plain slashes (/)" } else { "escaped slashes (\\/)" };
        causes.push(Cause::new(
            CauseCode::BodySlashEscaped,
            format!("The same JSON was signed with {said}, and the body has the others."),
            FIX,
        ));
    }
    if changed.numbers {
        causes.push(Cause::new(
            CauseCode::BodyNumberRewritten,
            "The same JSON was signed with numbers written otherwise (as 1.0 is 1, or 1e2 is 100).",
            FIX,
        ));
    }
    causes
}

fn space_said(space: Space) -> &'static str {
    match space {
        Space::Kept => "the same white space",
        Space::Compact => "compact JSON, without white space,",
        Space::Spaced => "JSON with a space after each comma and colon",
        Space::Indented("\t") => "JSON indented by tabs",
        Space::Indented(_) | Space::IndentedCrlf | Space::Jackson => "indented JSON",
        Space::CommaSpaced => "JSON with a space after each comma",
        Space::ColonSpaced => "JSON with a space after each colon",
    }
}

fn letters_said(letters: Letters) -> &'static str {
    match letters {
        Letters::Kept | Letters::Raw => "its characters as they are, not as \\u escapes",
        Letters::Ascii { .. } => "everything beyond ASCII as \\u escapes",
        Letters::Html | Letters::HtmlMore | Letters::Strict => "characters such as < and & as \\u escapes",
    }
}

/// Hexadecimal digits in escapes, as a style writes them.
fn escapes_said(letters: Letters) -> &'static str {
    match letters {
        Letters::Ascii { capitals: true } | Letters::Strict => "capitals (\\u00EB)",
        _ => "small letters (\\u00eb)",
    }
}

pub(super) fn text_cause(change: Change, form: bool) -> Cause {
    match change {
        Change::FromHtml | Change::ToHtml | Change::ToHtmlQuoted if form => form_cause(),
        Change::FromHtml => Cause::new(
            CauseCode::BodyUnicodeEscaped,
            "The sender signed characters such as & as they are, and the body has them escaped for HTML (&amp;).",
            "Verify over the bytes as they arrived, and find out which template or form escapes them for HTML.",
        ),
        Change::ToHtml | Change::ToHtmlQuoted => Cause::new(
            CauseCode::BodyUnicodeEscaped,
            "The sender signed characters such as & escaped for HTML (&amp;), and the body has them as they are.",
            "Let the sender sign the bytes that it sends: a template escapes them for HTML before signing.",
        ),
        Change::WithoutBom => Cause::new(
            CauseCode::BodyBom,
            "The body begins with a byte order mark (EF BB BF) that the sender did not sign.",
            "Verify over the bytes as they were sent, and find out who puts the mark before them.",
        ),
        Change::WithBom => Cause::new(
            CauseCode::BodyBom,
            "The sender signed a byte order mark (EF BB BF) before the body, and it is not there.",
            "Verify over the bytes as they arrived, before they are read as text: that drops the mark.",
        ),
        Change::ToLf | Change::ToCrlf => {
            let (signed, seen) = if change == Change::ToLf { ("LF", "CRLF") } else { ("CRLF", "LF") };
            Cause::new(
                CauseCode::BodyLineEndings,
                format!("The sender signed line breaks as {signed}, and the body has {seen}."),
                "Verify over the bytes as they arrived, before anything reads them as lines of text.",
            )
        }
        Change::ToLatin1 | Change::ToWindows => Cause::new(
            CauseCode::BodyLatin1,
            "The sender signed the text in one byte a character (Latin-1), and the body has it in UTF-8.",
            "Verify over the bytes as they arrived, without reading them as text in any encoding.",
        ),
        Change::FromLatin1 | Change::FromWindows => Cause::new(
            CauseCode::BodyLatin1,
            "The sender signed the text in UTF-8, and the body's bytes were taken for Latin-1 on one side.",
            "Verify over the bytes as they arrived, without reading them as text in any encoding.",
        ),
        Change::ToUtf16 { .. } => Cause::new(
            CauseCode::BodyLatin1,
            "The sender signed the text in UTF-16, two bytes a character, and the body has it in UTF-8.",
            "Let the sender sign the bytes that it sends: .NET's Encoding.Unicode is UTF-16, Encoding.UTF8 is meant.",
        ),
        Change::FromUtf16 => Cause::new(
            CauseCode::BodyLatin1,
            "The body came in UTF-16, two bytes a character, and the sender signed the text in UTF-8.",
            "Let the sender send the bytes that it signs, and write text as UTF-8 alone.",
        ),
        Change::Lossy => Cause::new(
            CauseCode::BodyLatin1,
            "The bytes that are no UTF-8 were replaced before signing, as reading them as text does.",
            "Sign and verify over bytes, without reading them as text on either side.",
        ),
    }
}

pub(super) fn quoted_cause() -> Cause {
    Cause::new(
        CauseCode::BodyReserialized,
        "The body stands once inside a JSON string and once not: it was put through a JSON writer once more.",
        "Verify over the bytes as they arrived, and write JSON once only.",
    )
}

pub(super) fn chunks_cause(signed: bool) -> Cause {
    let (explanation, fix) = if signed {
        (
            "The sender signed the body in the framing of HTTP's chunks: its length before it, and the last, empty chunk.",
            "Let the sender sign the body before it is put into chunks: they belong to the connection, not to the body.",
        )
    } else {
        (
            "The framing of HTTP's chunks was left on the body: their lengths stand between its parts, and were not \
             signed.",
            "Let the HTTP library read the body, or take the chunks apart before verifying.",
        )
    };
    Cause::new(CauseCode::BodyReserialized, explanation, fix)
}

pub(super) fn python_cause(signed: bool) -> Cause {
    let (explanation, fix) = if signed {
        (
            "The sender signed the body as Python shows bytes, b'…', and sent the bytes themselves.",
            "Let the sender sign the bytes: str() of bytes is not the text in them, .decode() is.",
        )
    } else {
        (
            "The body came as Python shows bytes, b'…', and the sender signed the bytes themselves.",
            "Let the sender send the bytes that it signs: str() of bytes is not the text in them, .decode() is.",
        )
    };
    Cause::new(CauseCode::BodyReserialized, explanation, fix)
}

pub(super) fn compressed_cause(name: &str) -> Cause {
    Cause::new(
        CauseCode::BodyCompressed,
        format!("The body is compressed ({name}), and the sender signed its content before compressing it."),
        format!("Undo the compression ({name}) before verifying."),
    )
}

pub(super) fn base64_cause(seen: bool) -> Cause {
    let (explanation, fix) = if seen {
        (
            "The body is base64, and the sender signed what it decodes to.",
            "Decode the base64 before verifying.",
        )
    } else {
        (
            "The sender signed the base64 of the body.",
            "Verify over the bytes that the sender signed: encode the body in base64 first.",
        )
    };
    Cause::new(CauseCode::BodyBase64, explanation, fix)
}

pub(super) fn form_cause() -> Cause {
    Cause::new(
        CauseCode::BodyFormReencoded,
        "The form was parsed and written again on its way: the same fields were signed in another spelling or order.",
        "Verify over the bytes as they arrived, before anything parses the form.",
    )
}

pub(super) fn empty_cause(signed: &[u8]) -> Cause {
    let explanation = match signed {
        [] => "An empty body was signed, and there is one here.".to_owned(),
        _ => format!("The body is empty, and {} was signed in its place.", String::from_utf8_lossy(signed)),
    };
    Cause::new(
        CauseCode::BodyEmpty,
        explanation,
        "Sign and verify over the body's bytes as they are sent: a stream that was read before gives nothing.",
    )
}
