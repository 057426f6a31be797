//! The marks of a text: what stands in it, in short words that an index takes.
//!
//! Three bytes side by side are a mark, letters small: a text stands nowhere where one of its marks is missing. Bytes, not
//! letters, so that any encoding and any body will do. A mark is a number of 20 bits, and two may share one: what the index
//! gives is looked at in any case. Two bytes are looked for by the marks of all that may stand behind them. Besides there
//! are marks of what JSON can write in several ways.

/// How many marks there are of three bytes.
const MARKS: usize = 1 << 20;
/// No more of them for one request: a body of random bytes would have nearly all.
const MOST_MARKS: usize = 8192;
/// No more bytes of a body are looked at.
const MOST_BYTES: usize = 256 << 10;
/// What stands for a third byte that is no sign of ASCII, and for none.
const OTHER: u8 = 1;
/// No more marks of one text are asked for: each one more leads hardly nearer, and takes its time.
const MOST_ASKED: usize = 14;
/// A number of more digits may be read as another one.
const MOST_DIGITS: usize = 15;

/// Of a request that is not in the index to its end.
pub(super) const CUT: &str = "c";
/// Of one whose body has a `\u`: a text may be written otherwise than it is read.
pub(super) const ESCAPES: &str = "u";
/// Of one whose body has a number that may equal another one that is written otherwise: `1e3`.
pub(super) const NUMBERS: &str = "n";

/// Gathers the marks of one request after the other.
#[derive(Debug)]
pub(super) struct Marks {
    /// One bit for each.
    seen: Vec<u64>,
    /// Those that are seen.
    found: Vec<u32>,
    words: String,
    is_cut: bool,
}

impl Default for Marks {
    fn default() -> Self {
        Self { seen: vec![0; MARKS / 64], found: Vec::new(), words: String::new(), is_cut: false }
    }
}

impl Marks {
    /// Takes what stands side by side.
    pub(super) fn text(&mut self, text: &[u8]) {
        for three in text.windows(3) {
            let is_taken =
                self.three(three) && (is_sign(three[2]) || self.three(&[three[0], three[1], OTHER]));
            if !is_taken {
                return;
            }
        }
        if let [.., one, two] = text {
            self.three(&[*one, *two, OTHER]);
        }
    }

    /// Whether there was room for it.
    fn three(&mut self, three: &[u8]) -> bool {
        let mark = mark(three);
        let (word, bit) = (mark as usize / 64, 1 << (mark % 64));
        if self.seen[word] & bit != 0 {
            return true;
        }
        if self.found.len() == MOST_MARKS {
            self.is_cut = true;
            return false;
        }
        self.seen[word] |= bit;
        self.found.push(mark);
        true
    }

    /// Takes a body, with its numbers; whether there is more of it than that is told.
    pub(super) fn body(&mut self, body: &[u8], is_cut: bool) {
        let within = &body[..body.len().min(MOST_BYTES)];
        self.is_cut |= is_cut || within.len() < body.len();
        self.text(within);
        if memchr::memmem::find(within, b"\\u").is_some() {
            self.word(ESCAPES);
        }
        self.numbers(within);
    }

    /// The numbers that JSON may have there: whole ones each by itself, for they may have fewer than three digits.
    fn numbers(&mut self, body: &[u8]) {
        let mut is_odd = false;
        let (mut at, mut known) = (0, 0);
        while at < body.len() {
            let begins = matches!(body[at], b'0'..=b'9' | b'-')
                && (at == 0 || matches!(body[at - 1], b':' | b',' | b'[' | b' ' | b'\t' | b'\r' | b'\n'));
            if !begins {
                at += 1;
                continue;
            }
            let length = body[at..].iter().position(|byte| !is_of_number(*byte)).unwrap_or(body.len() - at);
            match read_number(&body[at..at + length]) {
                // Of very many the rest goes unmarked, and so whatever is asked of them is looked for here.
                Number::Whole(_) if known == MOST_MARKS => is_odd = true,
                Number::Whole(digits) => {
                    known += 1;
                    self.words.push_str(&number_mark(digits));
                    self.words.push(' ');
                }
                Number::Odd => is_odd = true,
                Number::Other => {}
            }
            at += length.max(1);
        }
        if is_odd {
            self.word(NUMBERS);
        }
    }

    fn word(&mut self, word: &str) {
        self.words.push_str(word);
        self.words.push(' ');
    }

    /// All marks of the request, as words; the next one begins with none.
    pub(super) fn take(&mut self) -> String {
        if std::mem::take(&mut self.is_cut) {
            self.word(CUT);
        }
        let mut words = std::mem::take(&mut self.words);
        words.reserve(self.found.len() * 5);
        for mark in self.found.drain(..) {
            self.seen[mark as usize / 64] = 0;
            push_word(&mut words, mark);
            words.push(' ');
        }
        words
    }
}

const fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

/// A number as JSON writes it.
enum Number<'n> {
    /// A whole one, by sign and digits, of which nothing else has the value but what has a [`NUMBERS`] mark.
    Whole(&'n [u8]),
    /// One that may equal a whole one.
    Odd,
    /// No number, or one that equals no whole one.
    Other,
}

fn read_number(text: &[u8]) -> Number<'_> {
    if text.iter().any(|byte| matches!(byte, b'e' | b'E')) {
        return Number::Odd;
    }
    let point = text.iter().position(|byte| *byte == b'.').unwrap_or(text.len());
    let (whole, fraction) = (&text[..point], text.get(point + 1..).unwrap_or_default());
    let digits = whole.strip_prefix(b"-").unwrap_or(whole);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Number::Other;
    }
    if digits.len() + fraction.len() > MOST_DIGITS || digits.iter().all(|digit| *digit == b'0') {
        return Number::Odd;
    }
    if fraction.iter().all(|digit| *digit == b'0') { Number::Whole(whole) } else { Number::Other }
}

/// The mark of three bytes.
fn mark(three: &[u8]) -> u32 {
    let whole = three.iter().fold(0_u32, |whole, byte| whole << 8 | u32::from(byte.to_ascii_lowercase()));
    whole.wrapping_mul(0x9e37_79b1) >> 12
}

/// Four letters of five bits.
fn push_word(words: &mut String, mark: u32) {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    words.extend((0..4).rev().map(|at| char::from(LETTERS[(mark >> (5 * at)) as usize % 32])));
}

/// The mark of a whole number, by sign and digits: a word that no mark of three bytes is.
fn number_mark(digits: &[u8]) -> String {
    let digits = digits.iter().map(|byte| if *byte == b'-' { 'm' } else { char::from(*byte) });
    std::iter::once('i').chain(digits).chain(['x'; 4]).collect()
}

/// The marks of a text that is looked for, as a condition of the index; `None` where it has none that say anything.
pub(super) fn of_text(text: &[u8]) -> Option<String> {
    let mut marks: Vec<u32> = text.windows(3).filter(|three| is_certain(three)).map(mark).collect();
    let mut known = std::collections::HashSet::new();
    marks.retain(|mark| known.insert(*mark));
    if marks.is_empty() {
        return None;
    }
    // Of many some, from all over the text.
    let asked = marks.len().min(MOST_ASKED);
    let chosen = (0..asked).map(|at| marks[at * marks.len() / asked]);
    let mut words = String::new();
    for mark in chosen {
        if !words.is_empty() {
            words.push(' ');
        }
        push_word(&mut words, mark);
    }
    Some(words)
}

/// The marks of which whatever has these two bytes has one: of all that may stand behind them. `None` where they say
/// nothing.
pub(super) fn of_two(two: &[u8]) -> Option<Vec<String>> {
    let [one, two] = two else { return None };
    let word = |third: u8| {
        let mut word = String::new();
        push_word(&mut word, mark(&[*one, *two, third]));
        word
    };
    let thirds = (0..=u8::MAX).filter(|third| is_sign(*third) && !third.is_ascii_uppercase());
    is_certain(&[*one, *two, b' ']).then(|| thirds.chain([OTHER]).map(word).collect())
}

const fn is_sign(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n')
}

/// What headers are cut apart by stands behind their text, in bytes below 16, and is in no index.
fn is_certain(three: &[u8]) -> bool {
    three.iter().filter(|byte| **byte < 16).count() < 2
        && three.iter().all(|byte| *byte >= 16 || matches!(byte, b'\t' | b'\n' | b'\r'))
}

/// The mark of a whole number that is looked for by its value; `None` where it is none, or has too many digits.
pub(super) fn of_number(text: &str) -> Option<String> {
    match read_number(text.as_bytes()) {
        Number::Whole(digits) if digits.len() == text.len() && !has_idle_zeros(digits) => {
            Some(number_mark(digits))
        }
        _ => None,
    }
}

/// JSON writes no number so.
fn has_idle_zeros(digits: &[u8]) -> bool {
    digits.strip_prefix(b"-").unwrap_or(digits).starts_with(b"0")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(body: &[u8]) -> std::collections::HashSet<String> {
        let mut marks = Marks::default();
        marks.body(body, false);
        marks.take().split_ascii_whitespace().map(ToOwned::to_owned).collect()
    }

    fn has_all(body: &[u8], asked: &str) -> bool {
        let words = words(body);
        words.contains(CUT) || asked.split(' ').all(|word| words.contains(word))
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_body_is_found_by_its_marks(
            body in prop::collection::vec(any::<u8>(), 0..300),
            from in 0_usize..300, length in 0_usize..80, shout in any::<bool>(),
        ) {
            let from = from.min(body.len());
            let part = &body[from..(from + length).min(body.len())];
            let part = if shout { part.to_ascii_uppercase() } else { part.to_vec() };
            if let Some(asked) = of_text(&part) {
                prop_assert!(has_all(&body, &asked));
            }
        }

        #[test]
        fn whole_numbers_are_found_however_json_writes_them(number in any::<i32>(), zeros in 0_usize..3) {
            let Some(asked) = of_number(&number.to_string()) else {
                prop_assert_eq!(number, 0);
                return Ok(());
            };
            let tail = if zeros == 0 { String::new() } else { format!(".{}", "0".repeat(zeros)) };
            for body in [
                format!("{{\"a\":{number}{tail}}}"),
                format!("[1, {number}{tail} ]"),
                format!("{number}{tail}"),
                format!("{{\"a\" :\n\t{number}{tail},\"b\":1.5}}"),
            ] {
                prop_assert!(has_all(body.as_bytes(), &asked), "{}", body);
            }
            let odd = format!("[{number}e0]");
            prop_assert!(words(odd.as_bytes()).contains(NUMBERS));
        }
    }

    proptest! {
        #[test]
        fn two_bytes_are_found_by_what_stands_behind_them(
            body in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..40),
                ".{0,20}".prop_map(String::into_bytes),
            ],
            from in 0_usize..40,
        ) {
            let from = from.min(body.len().saturating_sub(2));
            if let Some(asked) = body.get(from..from + 2).and_then(of_two) {
                let words = words(&body);
                prop_assert!(asked.iter().any(|word| words.contains(word)));
            }
        }
    }

    #[test]
    fn one_request_leaves_no_mark_to_the_next() {
        let mut marks = Marks::default();
        marks.body(b"{\"number\":12}", false);
        assert!(marks.take().contains(&number_mark(b"12")));
        assert_eq!(marks.take(), "");
        marks.text(b"abc");
        let words = marks.take();
        assert!(words.split(' ').any(|word| word == of_text(b"ABC").unwrap()), "{words}");
    }

    #[test]
    fn what_is_long_or_random_is_marked_as_cut() {
        let long = vec![b'x'; MOST_BYTES + 1];
        assert!(words(&long).contains(CUT) && !words(&long[1..]).contains(CUT));
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let random: Vec<u8> = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_be_bytes()[0]
        })
        .take(40_000)
        .collect();
        let words = words(&random);
        assert!(words.contains(CUT) && words.len() < 2 * MOST_MARKS);
    }

    #[test]
    fn what_says_nothing_is_not_asked_for() {
        for text in ["", "ab", "\u{0}\u{1}\u{2}", "\n\n\n", "a\n\u{4}"] {
            assert_eq!(of_text(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(
            of_text(&b"abcdefghijklmnopqrstuvwxyz0123456789".repeat(4)).unwrap().split(' ').count(),
            MOST_ASKED
        );
        for text in ["", "a", "007", "1.5", "1e3", "-", "0", "-0", "1234567890123456", "+1"] {
            assert_eq!(of_number(text), None, "{text}");
        }
    }
}
