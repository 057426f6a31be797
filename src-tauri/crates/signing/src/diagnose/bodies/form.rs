//! Form bodies as text: the same fields, written as other encoders would.

/// Larger forms are left alone.
const LARGEST: usize = 4 << 20;
/// Forms with more fields than this are not put in every order.
const MOST_REORDERED: usize = 4;

/// Characters besides letters and digits that an encoder leaves as they are, how it writes a space, and the
/// case of its hexadecimal.
#[derive(Clone, Copy, Debug)]
struct Encoder {
    kept: &'static str,
    space: &'static str,
    capitals: bool,
}

/// Browsers, Python, JavaScript's `encodeURIComponent`, RFC 3986, PHP, and encoders that leave brackets.
const ENCODERS: [Encoder; 10] = [
    Encoder { kept: "*-._", space: "+", capitals: true },
    Encoder { kept: "-._~", space: "+", capitals: true },
    Encoder { kept: "-._~", space: "%20", capitals: true },
    Encoder { kept: "-._!~*'()", space: "%20", capitals: true },
    Encoder { kept: "-._!~*'()", space: "+", capitals: true },
    Encoder { kept: "-._", space: "+", capitals: true },
    Encoder { kept: "-._~[]", space: "+", capitals: true },
    Encoder { kept: "-._~/", space: "%20", capitals: true },
    Encoder { kept: "*-._", space: "+", capitals: false },
    Encoder { kept: "-._~", space: "%20", capitals: false },
];

/// True for what looks like a form: pairs between `&`, and no white space or braces.
pub(super) fn is_one(body: &[u8]) -> bool {
    let fits = |&byte: &u8| byte.is_ascii_graphic() && !b"{}\"<>".contains(&byte);
    (3..=LARGEST).contains(&body.len()) && body.contains(&b'=') && body.iter().all(fits)
}

/// How many ways there are to write a form.
pub(super) fn ways() -> usize {
    3 + ENCODERS.len() * 2
}

/// The form in one of the ways, by its number below [`ways`].
pub(super) fn written(body: &[u8], way: usize) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let other = match way {
        0 => text.replace('+', "%20"),
        1 => text.replace("%20", "+"),
        2 => recased(text),
        _ => {
            let encoder = ENCODERS.get((way - 3) / 2)?;
            let mut pairs: Vec<(Vec<u8>, Option<Vec<u8>>)> = text.split('&').map(pair).collect();
            if (way - 3) % 2 == 1 {
                pairs.sort();
            }
            let pairs: Vec<String> = pairs.iter().map(|pair| encoder.pair(pair)).collect();
            pairs.join("&")
        }
    };
    Some(other.into_bytes())
}

/// The fields in every other order, where they are few.
pub(super) fn orders(body: &[u8]) -> Vec<Vec<u8>> {
    let pairs: Vec<&[u8]> = body.split(|&byte| byte == b'&').collect();
    if !(2..=MOST_REORDERED).contains(&pairs.len()) || body.len() > 4096 {
        return Vec::new();
    }
    let mut found: Vec<Vec<&[u8]>> = vec![Vec::new()];
    for pair in pairs {
        let mut longer = Vec::new();
        for order in found {
            for at in 0..=order.len() {
                let mut order = order.clone();
                order.insert(at, pair);
                longer.push(order);
            }
        }
        found = longer;
    }
    found.into_iter().map(|order| order.join(&b'&')).collect()
}

impl Encoder {
    fn pair(&self, (name, value): &(Vec<u8>, Option<Vec<u8>>)) -> String {
        match value {
            Some(value) => format!("{}={}", self.encode(name), self.encode(value)),
            None => self.encode(name),
        }
    }

    fn encode(&self, bytes: &[u8]) -> String {
        let mut out = String::with_capacity(bytes.len() + bytes.len() / 4);
        for &byte in bytes {
            let letter = char::from(byte);
            if letter.is_ascii_alphanumeric() || (byte < 0x80 && self.kept.contains(letter)) {
                out.push(letter);
            } else if byte == b' ' {
                out.push_str(self.space);
            } else {
                let digits = if self.capitals { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
                out.push('%');
                out.push(char::from(digits[usize::from(byte >> 4)]));
                out.push(char::from(digits[usize::from(byte & 15)]));
            }
        }
        out
    }
}

fn pair(text: &str) -> (Vec<u8>, Option<Vec<u8>>) {
    match text.split_once('=') {
        Some((name, value)) => (decoded(name), Some(decoded(value))),
        None => (decoded(text), None),
    }
}

fn decoded(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(&text.replace('+', " ")).collect()
}

/// The hexadecimal of percent-escapes in the other case.
fn recased(text: &str) -> String {
    let mut left = 0;
    let capitals =
        text.split('%').skip(1).any(|rest| rest.bytes().take(2).any(|byte| byte.is_ascii_uppercase()));
    let letter = |letter: char| {
        if letter == '%' {
            left = 2;
            return letter;
        }
        if left == 0 {
            return letter;
        }
        left -= 1;
        if capitals { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() }
    };
    text.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_written_in_the_ways_of_other_encoders() {
        let all = |body: &[u8]| -> Vec<String> {
            (0..ways()).map(|way| String::from_utf8(written(body, way).unwrap()).unwrap()).collect()
        };
        let body = b"b=x+y&a=%7E%2a%c3%a9";
        assert!(is_one(body));
        let all = all(body);
        for wanted in
            ["b=x%20y&a=%7E%2a%c3%a9", "b=x+y&a=%7E%2A%C3%A9", "b=x+y&a=~%2A%C3%A9", "a=~%2A%C3%A9&b=x%20y"]
        {
            assert!(all.iter().any(|have| have == wanted), "{wanted} in {all:?}");
        }
        assert_eq!(orders(b"a=1&b=2&c=3").len(), 6);
        assert!(!is_one(b"{\"a\":1}"));
    }
}
