//! Bodies that may have been signed, where the one received is another. Each is made when it is its turn
//! and dropped before the next.

mod causes;
mod form;
mod framing;
mod json;
mod numbers;
mod packed;
mod text;

use super::cause::Cause;
use causes::{
    base64_cause, chunks_cause, compressed_cause, empty_cause, form_cause, json_causes, python_cause,
    quoted_cause, text_cause,
};
use json::{Document, Letters, Order, Slashes, Space, Style};
use numbers::{Ending, Mixed, Numbers};
use packed::Compression;

/// Bodies larger than this are not rewritten in every way, only in the likely ones.
const FULL_REWRITING: usize = 256 << 10;
/// How many ways to write JSON are tried before anything else.
const FIRST_REWRITINGS: usize = 4;
/// Bodies larger than this are not put in every order of their keys.
const LARGEST_REORDERED: usize = 8 << 10;
/// Documents with more numbers than this have no single one of them changed.
const MOST_SINGLE_NUMBERS: usize = 24;

/// One way to make another body of the one received.
#[derive(Clone, Debug)]
pub(super) enum Way {
    Text(text::Change),
    Json(Style),
    /// A JSON string whose content is the body, or the body taken out of one.
    Quoted,
    Unquoted,
    Unpacked(Compression),
    /// Out of chunk framing that was left on.
    FromChunks,
    /// Put into it, as one chunk.
    ToChunks(framing::OneChunk),
    /// As Python shows bytes, or taken out of that.
    ToPython,
    FromPython,
    FromBase64,
    ToBase64(usize),
    Form(usize),
    FormOrder(Vec<u8>),
    /// Nothing, or what parsers make of nothing.
    Instead(&'static [u8]),
}

/// A received body and what can be made of it.
pub(super) struct Bodies<'a> {
    received: &'a [u8],
    document: Option<Document<'a>>,
    content_encoding: &'a str,
    /// The largest body that is made.
    limit: usize,
    first: Vec<Way>,
    likely: Vec<Way>,
    rare: Vec<Way>,
    orders: Vec<Way>,
}

impl<'a> Bodies<'a> {
    pub(super) fn new(received: &'a [u8], content_encoding: &'a str) -> Self {
        let limit = received.len().saturating_mul(4).clamp(1 << 20, 64 << 20);
        let document = Document::read(received);
        let mut bodies = Self {
            received,
            document,
            content_encoding,
            limit,
            first: Vec::new(),
            likely: Vec::new(),
            rare: Vec::new(),
            orders: Vec::new(),
        };
        bodies.plan();
        bodies
    }

    /// The few ways that are tried before anything else.
    pub(super) fn first(&self) -> &[Way] {
        &self.first
    }

    /// The ways that are tried next.
    pub(super) fn likely(&self) -> &[Way] {
        &self.likely
    }

    /// All others.
    pub(super) fn rare(&self) -> &[Way] {
        &self.rare
    }

    /// The same keys in every other order, and several numbers each written in a way of its own: many, and each
    /// as unlikely as the next.
    pub(super) fn orders(&self) -> &[Way] {
        &self.orders
    }

    /// True where ways were left out because of the body's size.
    pub(super) fn are_cut(&self) -> bool {
        self.received.len() > FULL_REWRITING && (self.document.is_some() || is_json_like(self.received))
    }

    fn plan(&mut self) {
        self.first.extend([text::Change::WithoutBom, text::Change::ToLf].map(Way::Text));
        let packed =
            Compression::ALL.into_iter().filter(|way| way.fits(self.received, self.content_encoding));
        self.first.extend(packed.map(Way::Unpacked));
        self.first.extend([Way::Instead(b""), Way::FromBase64]);
        self.plan_json();
        self.likely.extend([text::Change::ToCrlf, text::Change::WithBom].map(Way::Text));
        self.likely.extend([text::Change::ToLatin1, text::Change::FromLatin1].map(Way::Text));
        self.likely.extend([text::Change::ToWindows, text::Change::FromWindows].map(Way::Text));
        self.likely.extend([text::Change::FromHtml, text::Change::ToHtml].map(Way::Text));
        self.plan_form();
        self.likely.extend((0..packed::BASE64_WAYS).map(Way::ToBase64));
        self.rare.extend([Way::Unquoted, Way::Quoted, Way::FromChunks, Way::FromPython, Way::ToPython]);
        self.rare.extend(framing::OneChunk::ALL.map(Way::ToChunks));
        self.rare.extend([text::Change::Lossy, text::Change::ToHtmlQuoted].map(Way::Text));
        let wide = [
            text::Change::FromUtf16,
            text::Change::ToUtf16 { big: false, marked: false },
            text::Change::ToUtf16 { big: true, marked: false },
            text::Change::ToUtf16 { big: false, marked: true },
            text::Change::ToUtf16 { big: true, marked: true },
        ];
        self.rare.extend(wide.map(Way::Text));
        if self.received.trim_ascii().is_empty() {
            self.rare.extend([&b"{}"[..], b"null", b"[]", b"\"\""].map(Way::Instead));
        }
    }

    fn plan_form(&mut self) {
        if form::is_one(self.received) {
            let ways = if self.received.len() > FULL_REWRITING { 9 } else { form::ways() };
            self.likely.extend((0..ways).map(Way::Form));
            self.rare.extend(form::orders(self.received).into_iter().map(Way::FormOrder));
        }
    }

    fn plan_json(&mut self) {
        let Some(document) = &self.document else { return };
        let mut likely: Vec<Style> = presets().to_vec();
        let mut rare = Vec::new();
        if self.received.len() <= FULL_REWRITING {
            rare = styles(document);
        }
        // A style that would change nothing of this document is another one's twin.
        let traits = document.traits;
        let useful = |style: &Style| {
            let escapes = traits.non_ascii || traits.unicode_escapes || traits.html;
            let slashes = traits.slashes || traits.escaped_slashes;
            (style.letters == Letters::Kept || escapes)
                && (style.slashes == Slashes::Kept || slashes)
                && (style.numbers == Numbers::Kept || traits.numbers > 0)
                && (style.order == Order::Kept || traits.objects_of_several)
                && *style != Style::KEPT
        };
        likely.retain(useful);
        rare.retain(|style| useful(style) && !likely.contains(style));
        if self.received.len() <= LARGEST_REORDERED {
            let count = document.orders();
            let compact = Style { space: Space::Compact, ..Style::KEPT };
            let own = [compact, Style { space: Space::Spaced, ..Style::KEPT }].into_iter().find(|style| {
                document.write(style, self.limit).is_some_and(|(bytes, _)| bytes == self.received)
            });
            let orders = (1..count).map(|rank| Style { order: Order::Other(rank), ..own.unwrap_or(compact) });
            self.orders.extend(orders.map(Way::Json));
            let numbers: Vec<&str> = document.numbers().take(Mixed::MOST + 1).collect();
            let mixed = Mixed::all(&numbers).into_iter().flat_map(|mixed| {
                let numbers = Numbers::Mixed(mixed);
                [Space::Kept, Space::Compact, Space::Spaced].map(|space| Style {
                    space,
                    numbers,
                    ..Style::KEPT
                })
            });
            self.orders.extend(mixed.map(Way::Json));
        }
        let mut likely = likely.into_iter().map(Way::Json);
        self.first.extend(likely.by_ref().take(FIRST_REWRITINGS));
        self.likely.extend(likely);
        self.rare.extend(rare.into_iter().map(Way::Json));
    }

    /// The body made in one way; `None` where that gives nothing else than was received.
    pub(super) fn make(&self, way: &Way) -> Option<Vec<u8>> {
        let received = self.received;
        let bytes = match way {
            Way::Json(style) => self.document.as_ref()?.write(style, self.limit)?.0,
            Way::Text(change) => change.apply(received)?,
            Way::Quoted => serde_json::to_vec(std::str::from_utf8(received).ok()?).ok()?,
            Way::Unquoted => serde_json::from_slice::<String>(received).ok()?.into_bytes(),
            Way::Unpacked(compression) => compression.unpack(received, self.limit)?,
            Way::FromChunks => framing::from_chunks(received)?,
            Way::ToChunks(how) => framing::to_chunks(received, *how),
            Way::ToPython => framing::to_python(received),
            Way::FromPython => framing::from_python(received)?,
            Way::FromBase64 => packed::from_base64(received)?,
            Way::ToBase64(way) => packed::to_base64(received, *way)?,
            Way::Form(way) => form::written(received, *way)?,
            Way::FormOrder(bytes) => bytes.clone(),
            Way::Instead(bytes) => bytes.to_vec(),
        };
        (bytes != received && bytes.len() <= self.limit).then_some(bytes)
    }

    /// What a body made in this way takes for granted.
    pub(super) fn causes(&self, way: &Way) -> Vec<Cause> {
        match way {
            Way::Json(style) => self.json_causes(style).unwrap_or_default(),
            Way::Text(change) => vec![text_cause(*change, form::is_one(self.received))],
            Way::Quoted | Way::Unquoted => vec![quoted_cause()],
            Way::Unpacked(compression) => vec![compressed_cause(compression.name())],
            Way::FromChunks => vec![chunks_cause(false)],
            Way::ToChunks(_) => vec![chunks_cause(true)],
            Way::ToPython => vec![python_cause(true)],
            Way::FromPython => vec![python_cause(false)],
            Way::FromBase64 => vec![base64_cause(true)],
            Way::ToBase64(_) => vec![base64_cause(false)],
            Way::Form(_) | Way::FormOrder(_) => vec![form_cause()],
            Way::Instead(bytes) => vec![empty_cause(bytes)],
        }
    }

    fn json_causes(&self, style: &Style) -> Option<Vec<Cause>> {
        let document = self.document.as_ref()?;
        let (_, mut changed) = document.write(style, self.limit)?;
        if style.space != Space::Kept {
            // White space differs where the style's alone gives other bytes.
            let alone = Style { space: style.space, ..Style::KEPT };
            changed.space =
                document.write(&alone, self.limit).is_none_or(|(bytes, _)| bytes != self.received);
        }
        Some(json_causes(style, changed))
    }
}

fn is_json_like(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

const fn style(space: Space, letters: Letters, slashes: Slashes, numbers: Numbers, sorted: bool) -> Style {
    let order = if sorted { Order::Sorted } else { Order::Kept };
    Style { space, letters, slashes, numbers, order }
}

/// What the writers of common languages and frameworks make, the likeliest first.
fn presets() -> [Style; 24] {
    use Letters::{Ascii, Html, Kept as KeptLetters, Raw};
    use Numbers::{JavaScript, Kept as KeptNumbers, Python};
    use Slashes::{Escaped, Kept as KeptSlashes, Plain};
    use Space::{Compact, Indented, Kept, Spaced};
    let ascii = Ascii { capitals: false };
    let space = |space| style(space, KeptLetters, KeptSlashes, KeptNumbers, false);
    [
        space(Compact),
        space(Spaced),
        style(Kept, Raw, KeptSlashes, KeptNumbers, false),
        style(Kept, ascii, KeptSlashes, KeptNumbers, false),
        style(Kept, KeptLetters, Plain, KeptNumbers, false),
        style(Kept, KeptLetters, Escaped, KeptNumbers, false),
        style(Compact, KeptLetters, KeptSlashes, KeptNumbers, true),
        space(Indented("  ")),
        style(Kept, KeptLetters, KeptSlashes, JavaScript, false),
        space(Indented("    ")),
        // JavaScript, Rust and Ruby; Python's two ways; PHP's two; Go.
        style(Compact, Raw, Plain, JavaScript, false),
        style(Compact, Raw, Plain, KeptNumbers, false),
        style(Spaced, ascii, Plain, KeptNumbers, false),
        style(Compact, ascii, Plain, KeptNumbers, false),
        style(Spaced, Raw, Plain, KeptNumbers, false),
        style(Compact, ascii, Escaped, KeptNumbers, false),
        style(Compact, Raw, Escaped, KeptNumbers, false),
        style(Compact, Html, Plain, KeptNumbers, false),
        style(Compact, Html, Plain, KeptNumbers, true),
        style(Spaced, KeptLetters, KeptSlashes, KeptNumbers, true),
        style(Spaced, ascii, Plain, Python, false),
        style(Kept, KeptLetters, KeptSlashes, Python, false),
        style(Kept, ascii, Escaped, KeptNumbers, false),
        style(Kept, Raw, Plain, KeptNumbers, false),
    ]
}

/// Every combination, the simplest first.
fn styles(document: &Document<'_>) -> Vec<Style> {
    let spaces = [
        Space::Kept,
        Space::Compact,
        Space::Spaced,
        Space::Indented("  "),
        Space::Indented("    "),
        Space::Indented("\t"),
        Space::Indented(" "),
        Space::Indented("   "),
        Space::Jackson,
        Space::IndentedCrlf,
        Space::CommaSpaced,
        Space::ColonSpaced,
        Space::Indented(""),
    ];
    let letters = [
        Letters::Kept,
        Letters::Raw,
        Letters::Ascii { capitals: false },
        Letters::Ascii { capitals: true },
        Letters::Html,
        Letters::HtmlMore,
        Letters::Strict,
    ];
    let all_slashes = [Slashes::Kept, Slashes::Plain, Slashes::Escaped];
    let all_numbers = [
        Numbers::Kept,
        Numbers::JavaScript,
        Numbers::Python,
        Numbers::WithoutExponents,
        Numbers::WholeAsFloat,
        Numbers::TwoDigits,
        Numbers::Money,
    ];
    let mut styles = Vec::new();
    for sorted in [false, true] {
        for numbers in all_numbers {
            for slashes in all_slashes {
                for letters in letters {
                    for space in spaces {
                        styles.push(style(space, letters, slashes, numbers, sorted));
                    }
                }
            }
        }
    }
    let count = document.numbers().count();
    if count <= MOST_SINGLE_NUMBERS {
        for index in 0..u16::try_from(count).unwrap_or(0) {
            for with in Ending::ALL {
                for space in [Space::Kept, Space::Compact, Space::Spaced] {
                    styles.push(Style { numbers: Numbers::One { index, with }, space, ..Style::KEPT });
                }
            }
        }
    }
    let parts = |style: &Style| {
        u8::from(style.space != Space::Kept)
            + u8::from(style.letters != Letters::Kept)
            + u8::from(style.slashes != Slashes::Kept)
            + u8::from(style.numbers != Numbers::Kept)
            + u8::from(style.order != Order::Kept)
    };
    styles.retain(|style| parts(style) <= 3);
    styles.sort_by_key(parts);
    styles
}
