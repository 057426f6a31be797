//! What a reader of JSON says is wrong, in words that need no knowledge of the reader.

/// The same as a sentence for people.
pub(crate) fn of(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.contains("did not match any variant") {
        return "a part of it is neither text nor base64".to_owned();
    }
    let Some((found, wanted)) = text.split_once(", expected ") else { return text };
    let found = found.trim_start_matches("invalid type: ").trim_start_matches("invalid value: ");
    let (wanted, place) = wanted.rfind(" at line ").map_or((wanted, ""), |at| wanted.split_at(at));
    format!("{} stands where {} belongs{place}", named(found), named(wanted))
}

fn named(thing: &str) -> &str {
    match thing {
        "sequence" | "a sequence" => "a list",
        "map" | "a map" => "an object",
        "i64" | "u64" | "u32" | "u16" | "u8" | "f64" => "a number",
        "a boolean" => "true or false",
        _ if thing.starts_with("struct ") => "an object",
        _ => thing,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Entry {
        number: u16,
        list: Option<Vec<Self>>,
    }

    #[test]
    fn no_words_of_the_reader_are_said() {
        let said = |text: &str| super::of(&serde_json::from_str::<Entry>(text).unwrap_err());
        assert_eq!(said("null"), "null stands where an object belongs at line 1 column 4");
        assert_eq!(said("{\"number\": []}"), "a list stands where a number belongs at line 1 column 11");
        assert!(said("{\"number\": 70000}").starts_with("integer `70000` stands where a number belongs"));
        assert!(said("{\"number\": 1, \"list\": {}}").starts_with("an object stands where a list belongs"));
        assert!(said("{}").starts_with("missing field `number`"));
    }
}
