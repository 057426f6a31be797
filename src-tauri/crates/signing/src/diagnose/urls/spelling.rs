//! Paths and queries spelt otherwise.

use percent_encoding::NON_ALPHANUMERIC;

/// Queries with more parameters than this are not put in every order.
const MOST_REORDERED: usize = 4;

/// Every order of a few, sorted and reversed for many.
pub(super) fn orders<'q>(pairs: &[&'q str]) -> Vec<Vec<&'q str>> {
    if pairs.len() <= MOST_REORDERED {
        let mut found: Vec<Vec<&str>> = vec![Vec::new()];
        for pair in pairs {
            let longer = |order: &Vec<&'q str>, at: usize| {
                let mut order = order.clone();
                order.insert(at, pair);
                order
            };
            found = found
                .iter()
                .flat_map(|order| (0..=order.len()).map(|at| longer(order, at)).collect::<Vec<_>>())
                .collect();
        }
        return found;
    }
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable();
    vec![sorted, pairs.iter().rev().copied().collect()]
}

/// The text percent-encoded otherwise: decoded, encoded, hexadecimal in the other case, `+` for `%20`.
pub(super) fn respelt(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |spelt: String| {
        if spelt != text && !found.contains(&spelt) {
            found.push(spelt);
        }
    };
    if let Ok(decoded) = percent_encoding::percent_decode_str(text).decode_utf8() {
        add(decoded.replace('+', " "));
        add(decoded.into_owned());
    }
    add(cased(text, char::to_ascii_uppercase));
    add(cased(text, char::to_ascii_lowercase));
    add(text.replace("%20", "+"));
    add(text.replace('+', "%20"));
    let mut encoded = String::new();
    let mut encoded_more = String::new();
    for letter in text.chars() {
        let mut bytes = [0; 4];
        let spelt = percent_encoding::utf8_percent_encode(letter.encode_utf8(&mut bytes), NON_ALPHANUMERIC);
        if letter.is_ascii_graphic() && !"\"<>`{}|\\^".contains(letter) {
            encoded.push(letter);
            if "!'()*~".contains(letter) {
                encoded_more.extend(spelt);
            } else {
                encoded_more.push(letter);
            }
        } else {
            encoded.extend(spelt.clone());
            encoded_more.extend(spelt);
        }
    }
    add(encoded);
    add(encoded_more);
    // Characters that some encode and some do not.
    for (code, letter) in [
        ("%21", "!"),
        ("%27", "'"),
        ("%28", "("),
        ("%29", ")"),
        ("%2A", "*"),
        ("%7E", "~"),
        ("%3A", ":"),
        ("%2C", ","),
        ("%40", "@"),
        ("%2F", "/"),
        ("%2f", "/"),
        ("%3a", ":"),
    ] {
        add(text.replace(code, letter));
        add(text.replace(letter, code));
    }
    found
}

/// The letters of percent-escapes in another case.
fn cased(text: &str, case: fn(&char) -> char) -> String {
    let mut left = 0;
    let letter = |letter: char| {
        left = if letter == '%' {
            2
        } else if left > 0 {
            left - 1
        } else {
            return letter;
        };
        case(&letter)
    };
    text.chars().map(letter).collect()
}
