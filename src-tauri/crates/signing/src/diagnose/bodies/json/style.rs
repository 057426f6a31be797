//! Ways to write a document again.

/// How a document is written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) struct Style {
    pub(in crate::diagnose::bodies) space: Space,
    pub(in crate::diagnose::bodies) letters: Letters,
    pub(in crate::diagnose::bodies) slashes: Slashes,
    pub(in crate::diagnose::bodies) numbers: super::super::numbers::Numbers,
    pub(in crate::diagnose::bodies) order: Order,
}

/// White space between tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) enum Space {
    /// As it is.
    Kept,
    Compact,
    /// `, ` and `: `, on one line.
    Spaced,
    /// A line for each part, with this before each level and `: ` after keys.
    Indented(&'static str),
    /// As Jackson's default pretty printer: ` : ` after keys, arrays on one line.
    Jackson,
    /// Indented by two, with CRLF.
    IndentedCrlf,
    /// `:` without and `,` with a space after it.
    CommaSpaced,
    /// `: ` and `,` alone.
    ColonSpaced,
}

/// Characters in strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) enum Letters {
    Kept,
    /// Nothing escaped that need not be.
    Raw,
    /// Everything beyond ASCII escaped.
    Ascii {
        capitals: bool,
    },
    /// `<`, `>`, `&` and line separators escaped, the rest raw.
    Html,
    /// `<`, `>`, `&`, `=` and `'` escaped, the rest raw.
    HtmlMore,
    /// Everything beyond ASCII and `"&'+<>` and the backtick escaped, in capitals.
    Strict,
}

/// Slashes in strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) enum Slashes {
    Kept,
    Escaped,
    Plain,
}

/// Keys in objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diagnose) enum Order {
    Kept,
    Sorted,
    /// One of all the orders there are, by its number below [`Document::orders`].
    Other(u32),
}

/// What writing again changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::diagnose::bodies) struct Changed {
    pub(in crate::diagnose::bodies) space: bool,
    pub(in crate::diagnose::bodies) letters: bool,
    /// Nothing but the case of hexadecimal digits in escapes: `\u00EB` for `\u00eb`.
    pub(in crate::diagnose::bodies) escape_case: bool,
    pub(in crate::diagnose::bodies) slashes: bool,
    pub(in crate::diagnose::bodies) numbers: bool,
    pub(in crate::diagnose::bodies) order: bool,
}

impl Style {
    pub(in crate::diagnose::bodies) const KEPT: Self = Self {
        space: Space::Kept,
        letters: Letters::Kept,
        slashes: Slashes::Kept,
        numbers: super::super::numbers::Numbers::Kept,
        order: Order::Kept,
    };
}
