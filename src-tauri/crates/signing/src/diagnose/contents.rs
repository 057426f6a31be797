//! What may have been signed instead: the scheme's content with a part left out, put in, joined or ordered
//! otherwise. Values are filled in; only body and key stay open.

use super::cause::{Cause, CauseCode};
use super::claims::Claim;
use super::times;
use super::urls::UrlWay;
use crate::content::path_of;
use crate::spec::SchemeSpec;
use crate::template::{Token, tokens};
use crate::verify::Received;

/// Separators that senders put between the parts of what they sign.
pub(super) const SEPARATORS: [&str; 14] =
    [".", "", ":", "|", "\n", "-", ",", "_", " ", ";", "&", "+", "/", "\r\n"];

/// A part of a content with its value filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Bytes(Vec<u8>),
    Body,
    FormSorted,
    Key,
}

/// One thing that may have been signed.
#[derive(Clone, Debug)]
pub(super) struct ContentWay {
    pub(super) pieces: Vec<Piece>,
    pub(super) causes: Vec<Cause>,
    /// How unlikely it is: small numbers are tried first.
    pub(super) odds: u32,
}

/// A field of a content template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Id,
    Timestamp,
    Method,
    Url,
    Path,
    Body,
    FormSorted,
    Secret,
}

/// A part of a content template, read.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Field(Field),
}

/// The ways, the scheme's own first where its fields are all there.
pub(super) fn ways(
    spec: &SchemeSpec,
    claim: &Claim<'_>,
    received: &Received<'_>,
    urls: &[UrlWay],
) -> Vec<ContentWay> {
    let maker = Maker { spec, claim, received, template: read(&spec.content), ways: Vec::new() };
    maker.all(urls)
}

struct Maker<'x, 'a> {
    spec: &'x SchemeSpec,
    claim: &'x Claim<'a>,
    received: &'x Received<'a>,
    template: Vec<Part>,
    ways: Vec<ContentWay>,
}

impl<'a> Maker<'_, 'a> {
    fn all(mut self, urls: &[UrlWay]) -> Vec<ContentWay> {
        let own = self.template.clone();
        self.add(&own, &[], 0);
        self.body_only();
        self.times();
        self.left_out();
        self.separators();
        self.orders();
        self.method_in_small_letters();
        self.put_in();
        if self.has(Field::Url) || self.has(Field::Path) {
            for way in urls {
                let filled = self.fill(&own, &Values { url: Some(&way.url), ..Values::default() });
                self.push(filled, way.causes.clone(), 40 * u32::try_from(way.causes.len()).unwrap_or(9));
            }
        }
        self.ways
    }

    fn has(&self, field: Field) -> bool {
        self.template.contains(&Part::Field(field))
    }

    fn fields(&self) -> Vec<Field> {
        let field = |part: &Part| match part {
            Part::Field(field) => Some(*field),
            Part::Literal(_) => None,
        };
        self.template.iter().filter_map(field).collect()
    }

    fn add(&mut self, template: &[Part], causes: &[Cause], odds: u32) {
        let filled = self.fill(template, &Values::default());
        self.push(filled, causes.to_vec(), odds);
    }

    fn push(&mut self, pieces: Option<Vec<Piece>>, causes: Vec<Cause>, odds: u32) {
        let Some(pieces) = pieces else { return };
        let known = self.ways.iter().any(|way| way.pieces == pieces);
        if !known && pieces.iter().any(|piece| !matches!(piece, Piece::Bytes(_))) {
            self.ways.push(ContentWay { pieces, causes, odds });
        }
    }

    /// The template with its values; `None` where the request lacks one.
    fn fill(&self, template: &[Part], values: &Values<'_>) -> Option<Vec<Piece>> {
        let url = values.url.unwrap_or(self.received.url);
        let mut pieces: Vec<Piece> = Vec::new();
        for part in template {
            let bytes = match part {
                Part::Literal(text) => text.as_bytes().to_vec(),
                Part::Field(Field::Id) => values.id.or(self.claim.id)?.to_vec(),
                Part::Field(Field::Timestamp) => {
                    values.timestamp.or(self.claim.timestamp.as_deref())?.to_vec()
                }
                Part::Field(Field::Method) => match values.method {
                    Some(method) => method.as_bytes().to_vec(),
                    None => self.received.method.to_ascii_uppercase().into_bytes(),
                },
                Part::Field(Field::Url | Field::Path) if url.is_empty() => return None,
                Part::Field(Field::Url) => url.as_bytes().to_vec(),
                Part::Field(Field::Path) => path_of(url),
                Part::Field(open) => {
                    pieces.push(match open {
                        Field::FormSorted => Piece::FormSorted,
                        Field::Secret => Piece::Key,
                        _ => Piece::Body,
                    });
                    continue;
                }
            };
            match pieces.last_mut() {
                Some(Piece::Bytes(run)) => run.extend(bytes),
                _ => pieces.push(Piece::Bytes(bytes)),
            }
        }
        pieces.retain(|piece| !matches!(piece, Piece::Bytes(bytes) if bytes.is_empty()));
        Some(pieces)
    }

    fn body_only(&mut self) {
        let wanted = &self.spec.content;
        let cause = Cause::new(
            CauseCode::ContentBodyOnly,
            format!("The body alone was signed, and the scheme signs {wanted}."),
            format!("Let the sender sign {wanted} instead of the body alone."),
        );
        let beside = |part: &Part| matches!(part, Part::Field(Field::Secret));
        let body = |part: &Part| matches!(part, Part::Field(Field::Body | Field::FormSorted));
        let kept: Vec<Part> =
            self.template.iter().filter(|part| body(part) || beside(part)).cloned().collect();
        self.add(&kept, std::slice::from_ref(&cause), 10);
        self.add(&[Part::Field(Field::Body)], &[cause], 11);
    }

    /// Another spelling of the time: milliseconds for seconds and so on, or another header's time.
    fn times(&mut self) {
        if !self.has(Field::Timestamp) {
            return;
        }
        let template = self.template.clone();
        let own = self.claim.timestamp.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
        for (text, said) in own.map(times::spellings).unwrap_or_default() {
            let cause = Cause::new(
                CauseCode::TimeUnit,
                format!("The time was signed {said}, and sent as {}.", own.unwrap_or_default()),
                "Let the sender sign the time exactly as it writes it into the header.",
            );
            let values = Values { timestamp: Some(text.as_bytes()), ..Values::default() };
            let filled = self.fill(&template, &values);
            self.push(filled, vec![cause], 20);
        }
        for (name, value) in self.time_like() {
            let cause = Cause::new(
                CauseCode::ContentTimestamp,
                format!(
                    "The time that was signed is the one in the {name} header, not the one the scheme sends."
                ),
                "Let the sender sign the same time that it sends.",
            );
            let values = Values { timestamp: Some(value), ..Values::default() };
            let filled = self.fill(&template, &values);
            self.push(filled, vec![cause], 45);
        }
    }

    /// One field left out, with the separator that stood beside it.
    fn left_out(&mut self) {
        let template = self.template.clone();
        for (field, code, word) in
            [(Field::Timestamp, CauseCode::ContentTimestamp, "time"), (Field::Id, CauseCode::ContentId, "id")]
        {
            let Some(at) = template.iter().position(|part| *part == Part::Field(field)) else { continue };
            let cause = Cause::new(
                code,
                format!(
                    "The {word} was left out of what was signed, and the scheme signs {}.",
                    self.spec.content
                ),
                format!("Let the sender put the {word} in: {}.", self.spec.content),
            );
            for gone in [at..at + 2, at.saturating_sub(1)..at + 1, at..at + 1] {
                let literals = template.get(gone.clone()).unwrap_or_default().iter();
                let fields = literals.filter(|part| matches!(part, Part::Field(_))).count();
                if gone.len() > 2 || gone.end > template.len() || fields != 1 {
                    continue;
                }
                let rest: Vec<Part> = [&template[..gone.start], &template[gone.end..]].concat();
                self.add(&rest, std::slice::from_ref(&cause), 15);
            }
        }
    }

    fn separators(&mut self) {
        let fields = self.fields();
        let cause = |between: &str| {
            Cause::new(
                CauseCode::ContentSeparator,
                format!(
                    "The parts were signed with {between} between them, and the scheme signs {}.",
                    self.spec.content
                ),
                format!("Let the sender join the parts exactly as {} does.", self.spec.content),
            )
        };
        let mut found = Vec::new();
        if fields.len() > 1 {
            for separator in SEPARATORS {
                found.push((joined(&fields, separator), cause(&said(separator)), 22));
            }
            // A scheme's fixed beginning may stay where only what follows is joined otherwise.
            if let Some(Part::Literal(first)) = self.template.first() {
                for separator in SEPARATORS {
                    let word = first.trim_end_matches(|letter: char| !letter.is_alphanumeric());
                    let rejoined = [Part::Literal(format!("{word}{separator}"))];
                    let rejoined = [&rejoined, &joined(&fields, separator)[..]].concat();
                    found.push((rejoined, cause(&said(separator)), 23));
                    let start = [Part::Literal(first.clone())];
                    found.push((
                        [&start, &joined(&fields, separator)[..]].concat(),
                        cause(&said(separator)),
                        23,
                    ));
                }
            }
        }
        if let Some(Part::Literal(_)) = self.template.first() {
            found.push((
                self.template[1..].to_vec(),
                cause("the fixed beginning missing and only the rest"),
                21,
            ));
        }
        for (template, cause, odds) in found {
            self.add(&template, &[cause], odds);
        }
    }

    fn orders(&mut self) {
        let fields = self.fields();
        if !(2..=5).contains(&fields.len()) {
            return;
        }
        let cause = Cause::new(
            CauseCode::ContentOrder,
            format!("The parts were signed in another order than {}.", self.spec.content),
            format!("Let the sender put the parts together in the order {}.", self.spec.content),
        );
        for order in permutations(fields.len()) {
            let mut next = order.iter().map(|&at| Part::Field(fields[at]));
            let swapped = self.template.iter().map(|part| match part {
                Part::Field(_) => next.next().unwrap_or_else(|| part.clone()),
                Part::Literal(_) => part.clone(),
            });
            let swapped: Vec<Part> = swapped.collect();
            self.add(&swapped, std::slice::from_ref(&cause), 24);
        }
    }

    fn method_in_small_letters(&mut self) {
        if self.has(Field::Method) {
            let lower = self.received.method.to_ascii_lowercase();
            let values = Values { method: Some(&lower), ..Values::default() };
            let filled = self.fill(&self.template, &values);
            self.push(filled, vec![method_cause(&self.spec.content)], 23);
        }
    }

    /// A time or an id that the scheme does not sign.
    fn put_in(&mut self) {
        let template = self.template.clone();
        let mut extra: Vec<(&'a str, &'a [u8], CauseCode, &str)> = Vec::new();
        if !self.has(Field::Timestamp) {
            let times = self.time_like().into_iter();
            extra.extend(times.map(|(name, value)| (name, value, CauseCode::ContentTimestamp, "time")));
        }
        if !self.has(Field::Id) {
            let ids = self.id_like().into_iter();
            extra.extend(ids.map(|(name, value)| (name, value, CauseCode::ContentId, "id")));
        }
        for (name, value, code, word) in extra {
            let cause = Cause::new(
                code,
                format!(
                    "The {word} in the {name} header was signed too, and the scheme signs {} alone.",
                    self.spec.content
                ),
                format!(
                    "Let the sender sign {} alone, or choose a scheme that signs the {word}.",
                    self.spec.content
                ),
            );
            let Some(own) = self.fill(&template, &Values::default()) else { return };
            for separator in [".", ":", "", "|", "\n"] {
                let before = Piece::Bytes([value, separator.as_bytes()].concat());
                let after = Piece::Bytes([separator.as_bytes(), value].concat());
                let first = [vec![before], own.clone()].concat();
                let last = [own.clone(), vec![after]].concat();
                self.push(Some(first), vec![cause.clone()], 30);
                self.push(Some(last), vec![cause.clone()], 31);
            }
        }
    }

    /// Headers, other than the scheme's own, whose value can be a time.
    fn time_like(&self) -> Vec<(&'a str, &'a [u8])> {
        let own = self.spec.timestamp.as_ref().and_then(|timestamp| timestamp.header.as_deref());
        let headers = self.received.headers.iter().map(|&(name, value)| (name, value.trim_ascii()));
        let like = headers.filter(|(name, value)| {
            !own.is_some_and(|own| own.eq_ignore_ascii_case(name))
                && std::str::from_utf8(value).is_ok_and(times::is_like)
        });
        like.take(4).collect()
    }

    /// Headers whose name says that they hold an id.
    fn id_like(&self) -> Vec<(&'a str, &'a [u8])> {
        let own = self.spec.id_header.as_deref();
        let headers = self.received.headers.iter().map(|&(name, value)| (name, value.trim_ascii()));
        let like = headers.filter(|(name, value)| {
            let name = name.to_ascii_lowercase();
            let named = name.ends_with("-id") || name.ends_with("_id") || name.ends_with("-delivery");
            named
                && (1..200).contains(&value.len())
                && !own.is_some_and(|own| own.eq_ignore_ascii_case(&name))
        });
        like.take(4).collect()
    }
}

/// Values that replace the request's own.
#[derive(Clone, Copy, Default)]
struct Values<'v> {
    id: Option<&'v [u8]>,
    timestamp: Option<&'v [u8]>,
    url: Option<&'v str>,
    method: Option<&'v str>,
}

/// The method was signed as some frameworks give it.
pub(super) fn method_cause(wanted: &str) -> Cause {
    Cause::new(
        CauseCode::ContentSeparator,
        format!("The method was signed in small letters, and the scheme signs {wanted} with it in capitals."),
        "Write the method in capitals (POST) where the parts are put together, as it stands in the request.",
    )
}

fn read(template: &str) -> Vec<Part> {
    let part = |token: Token<'_>| match token {
        Token::Literal(text) => Some(Part::Literal(text.to_owned())),
        Token::Placeholder("id") => Some(Part::Field(Field::Id)),
        Token::Placeholder("ts") => Some(Part::Field(Field::Timestamp)),
        Token::Placeholder("method") => Some(Part::Field(Field::Method)),
        Token::Placeholder("url") => Some(Part::Field(Field::Url)),
        Token::Placeholder("path") => Some(Part::Field(Field::Path)),
        Token::Placeholder("body") => Some(Part::Field(Field::Body)),
        Token::Placeholder("form_sorted") => Some(Part::Field(Field::FormSorted)),
        Token::Placeholder("secret") => Some(Part::Field(Field::Secret)),
        Token::Placeholder(_) => None,
    };
    let parts: Option<Vec<Part>> = tokens(template).unwrap_or_default().into_iter().map(part).collect();
    parts.unwrap_or_default()
}

fn joined(fields: &[Field], separator: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            parts.push(Part::Literal(separator.to_owned()));
        }
        parts.push(Part::Field(*field));
    }
    parts
}

pub(super) fn said(separator: &str) -> String {
    match separator {
        "" => "nothing".to_owned(),
        "\n" => "a line feed".to_owned(),
        "\r\n" => "CRLF".to_owned(),
        " " => "a space".to_owned(),
        other => format!("`{other}`"),
    }
}

/// Every order of `count` things, the given one among them.
pub(super) fn permutations(count: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for next in 0..count {
        orders = orders
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                (0..=order.len()).map(move |at| {
                    let mut longer = order.clone();
                    longer.insert(at, next);
                    longer
                })
            })
            .collect();
    }
    orders
}
