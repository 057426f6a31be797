//! JSON as text: taken apart without changing a byte, and written again as other writers would.
//!
//! Numbers stay the text they are, and keys that come twice stay twice: a parsed value would have lost both.

mod document;
mod letters;
mod style;
mod writer;

pub(super) use document::Document;
pub(super) use style::Changed;
pub(in crate::diagnose) use style::{Letters, Order, Slashes, Space, Style};

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, style: Style) -> Option<(String, Changed)> {
        let document = Document::read(text.as_bytes())?;
        let (bytes, changed) = document.write(&style, 1 << 16)?;
        Some((String::from_utf8(bytes).unwrap(), changed))
    }

    #[test]
    fn keeping_everything_gives_the_same_bytes() {
        for text in
            ["{}", "[]", " {\"a\" : [1 , 2.50,{}], \"ü\\u00e9\\/\\n\":null}\n", "[true,false,\"\\\"\"]"]
        {
            assert_eq!(written(text, Style::KEPT), Some((text.to_owned(), Changed::default())), "{text}");
        }
    }

    #[test]
    fn white_space_is_written_as_common_writers_do() {
        let text = "{\"a\":[1,{}],\"b\":{\"c\":\"x\"},\"d\":[]}";
        let in_style = |space| written(text, Style { space, ..Style::KEPT }).unwrap().0;
        assert_eq!(in_style(Space::Spaced), "{\"a\": [1, {}], \"b\": {\"c\": \"x\"}, \"d\": []}");
        let indented =
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {\n    \"c\": \"x\"\n  },\n  \"d\": []\n}";
        assert_eq!(in_style(Space::Indented("  ")), indented);
        let compact = written(indented, Style { space: Space::Compact, ..Style::KEPT }).unwrap().0;
        assert_eq!(compact, text);
    }

    #[test]
    fn what_was_changed_is_told() {
        let raw = Style { letters: Letters::Raw, ..Style::KEPT };
        let (text, changed) = written("{\"b\":\"\\u00fc\\ud83d\\ude00\",\"a\":1}", raw).unwrap();
        assert_eq!(text, "{\"b\":\"ü😀\",\"a\":1}");
        assert_eq!(changed, Changed { letters: true, ..Changed::default() });
        let sorted = Style { order: Order::Sorted, space: Space::Compact, ..Style::KEPT };
        let (text, changed) = written("{\"b\":{\"d\":1,\"c\":2},\"a\":1}", sorted).unwrap();
        assert_eq!(text, "{\"a\":1,\"b\":{\"c\":2,\"d\":1}}");
        assert!(changed.order);
    }

    #[test]
    fn every_order_of_sorted_keys_comes_once() {
        let document = Document::read(b"{\"a\":1,\"b\":{\"c\":1,\"d\":2},\"e\":3}").unwrap();
        let mut all: Vec<Vec<u8>> = (0..document.orders())
            .map(|rank| Style { order: Order::Other(rank), space: Space::Compact, ..Style::KEPT })
            .map(|style| document.write(&style, 1 << 10).unwrap().0)
            .collect();
        assert_eq!(all.len(), 12);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 12);
        assert_eq!(Document::read(b"{\"b\":1,\"a\":2}").unwrap().orders(), 1);
    }

    #[test]
    fn what_is_no_json_is_left_alone() {
        for text in [
            "",
            "17",
            "\"text\"",
            "{",
            "{\"a\"}",
            "{\"a\":1,}",
            "[1,,2]",
            "{a:1}",
            "[1] x",
            "[\"\\x\"]",
            "[}",
        ] {
            assert!(Document::read(text.as_bytes()).is_none(), "{text}");
        }
        let deep = "[".repeat(500) + &"]".repeat(500);
        assert!(Document::read(deep.as_bytes()).is_none());
    }
}
