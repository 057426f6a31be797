//! The signature header's value: how it is written and how it is read back.

use crate::spec::{SchemeSpec, Several};
use crate::template::{TemplateError, Token, tokens};

const KNOWN: &str = "{sig} {ts}";

/// The format of a signature header, read: parts with one placeholder each, between separators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignatureFormat {
    separator: Option<String>,
    parts: Vec<FormatPart>,
    repeats: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FormatPart {
    before: String,
    slot: Slot,
    after: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Signature,
    Timestamp,
}

/// What is wrong with a written format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormatError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("each part between separators holds exactly one of {KNOWN}; `{0}` does not")]
    Part(String),
    #[error("`{{sig}}` must stand in it exactly once")]
    Signature,
    #[error("`{{ts}}` may stand in it only once")]
    Timestamp,
    #[error("it is the header's whole value, which cannot begin or end with a space")]
    Space,
    #[error("when the signature repeats, nothing tells it from the time: put it last, or give both a prefix")]
    Ambiguous,
}

/// What a signature header's value held.
#[derive(Debug, PartialEq, Eq, Default)]
pub(crate) struct ReadSignature<'a> {
    pub(crate) signatures: Vec<&'a str>,
    pub(crate) timestamps: Vec<&'a str>,
}

impl SignatureFormat {
    pub(crate) fn parse(spec: &SchemeSpec) -> Result<Self, FormatError> {
        let parts: Vec<FormatPart> = match &spec.separator {
            Some(separator) => {
                spec.signature_format.split(separator).map(FormatPart::parse).collect::<Result<_, _>>()?
            }
            None => vec![FormatPart::parse(&spec.signature_format)?],
        };
        let count = |slot| parts.iter().filter(|part| part.slot == slot).count();
        if count(Slot::Signature) != 1 {
            return Err(FormatError::Signature);
        }
        if count(Slot::Timestamp) > 1 {
            return Err(FormatError::Timestamp);
        }
        if spec.signature_format.trim() != spec.signature_format {
            return Err(FormatError::Space);
        }
        if spec.several == Several::Parts && is_ambiguous(&parts) {
            return Err(FormatError::Ambiguous);
        }
        Ok(Self { separator: spec.separator.clone(), parts, repeats: spec.several == Several::Parts })
    }

    /// True where `{ts}` stands in the signature header.
    pub(crate) fn has_timestamp(&self) -> bool {
        self.parts.iter().any(|part| part.slot == Slot::Timestamp)
    }

    /// True where one value may hold several signatures.
    pub(crate) fn repeats(&self) -> bool {
        self.repeats
    }

    /// The header's value for these signatures. More than one only where the part repeats.
    pub(crate) fn write(&self, signatures: &[String], timestamp: &str) -> String {
        let mut written = Vec::with_capacity(self.parts.len() + signatures.len());
        for part in &self.parts {
            match part.slot {
                Slot::Timestamp => written.push(part.write(timestamp)),
                Slot::Signature => written.extend(signatures.iter().map(|signature| part.write(signature))),
            }
        }
        written.join(self.separator.as_deref().unwrap_or_default())
    }

    /// The signatures and times in a value. Parts of other shapes (another version's signatures, say) are
    /// passed over; separators and prefixes are matched exactly, as strict receivers do.
    ///
    /// Parts that stand where the format has them are taken by their place, and all others by their shape.
    pub(crate) fn read<'a>(&self, value: &'a str) -> ReadSignature<'a> {
        let mut found = ReadSignature::default();
        let Some(separator) = &self.separator else {
            found.take(self.shaped(value));
            return found;
        };
        let placed = self.parts.iter().zip(value.split(separator.as_str()));
        let placed: Vec<_> = placed.map_while(|(part, piece)| Some((part.slot, part.read(piece)?))).collect();
        let by_place = if placed.len() == self.parts.len() { placed.len() } else { 0 };
        placed.into_iter().take(by_place).for_each(|hit| found.take(Some(hit)));
        value.split(separator.as_str()).skip(by_place).for_each(|piece| found.take(self.shaped(piece)));
        found
    }

    /// What a piece is by its shape alone; a signature, where it could be either.
    fn shaped<'a>(&self, piece: &'a str) -> Option<(Slot, &'a str)> {
        let of =
            |slot| self.parts.iter().find(|part| part.slot == slot)?.read(piece).map(|text| (slot, text));
        of(Slot::Signature).or_else(|| of(Slot::Timestamp))
    }
}

/// True where a repeated signature could be taken for the time. As the last part it cannot.
fn is_ambiguous(parts: &[FormatPart]) -> bool {
    let of = |slot| parts.iter().position(|part| part.slot == slot);
    let (Some(signature), Some(timestamp)) = (of(Slot::Signature), of(Slot::Timestamp)) else { return false };
    let (one, other) = (parts[signature].before.as_str(), parts[timestamp].before.as_str());
    signature < timestamp && (one.starts_with(other) || other.starts_with(one))
}

impl<'a> ReadSignature<'a> {
    fn take(&mut self, hit: Option<(Slot, &'a str)>) {
        match hit {
            Some((Slot::Signature, text)) => self.signatures.push(text),
            Some((Slot::Timestamp, text)) => self.timestamps.push(text),
            None => {}
        }
    }
}

impl FormatPart {
    fn parse(text: &str) -> Result<Self, FormatError> {
        let (before, name, after) = match *tokens(text)?.as_slice() {
            [Token::Placeholder(name)] => ("", name, ""),
            [Token::Literal(before), Token::Placeholder(name)] => (before, name, ""),
            [Token::Placeholder(name), Token::Literal(after)] => ("", name, after),
            [Token::Literal(before), Token::Placeholder(name), Token::Literal(after)] => {
                (before, name, after)
            }
            _ => return Err(FormatError::Part(text.to_owned())),
        };
        Ok(Self { before: before.to_owned(), slot: Slot::named(name)?, after: after.to_owned() })
    }

    fn write(&self, value: &str) -> String {
        format!("{}{value}{}", self.before, self.after)
    }

    fn read<'a>(&self, piece: &'a str) -> Option<&'a str> {
        piece.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())
    }
}

impl Slot {
    fn named(name: &str) -> Result<Self, TemplateError> {
        match name {
            "sig" => Ok(Self::Signature),
            "ts" => Ok(Self::Timestamp),
            _ => Err(TemplateError::Unknown { name: name.to_owned(), known: KNOWN }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SchemeCatalog;
    use crate::scheme::Form;

    fn format(id: &str) -> SignatureFormat {
        match SchemeCatalog::builtin().get(id).unwrap().form() {
            Form::Keyed(keyed) => keyed.format.clone(),
            Form::Coded(_) => unreachable!("{id} is of the keyed family"),
        }
    }

    #[test]
    fn several_signatures_repeat_their_own_part_only() {
        let two = ["aa".to_owned(), "bb".to_owned()];
        assert_eq!(format("stripe").write(&two, "17"), "t=17,v1=aa,v1=bb");
        assert_eq!(format("paddle").write(&two, "17"), "ts=17;h1=aa;h1=bb");
        assert_eq!(format("standardwebhooks").write(&two, "17"), "v1,aa v1,bb");
        assert_eq!(format("circleci").write(&two, ""), "v1=aa,v1=bb");
    }

    #[test]
    fn other_versions_in_the_list_are_passed_over() {
        let read = format("standardwebhooks");
        assert_eq!(read.read("v1a,xx v1,yy v2,zz v1,").signatures, ["yy", ""]);
        let read = format("stripe").read("t=17,v0=old,v1=new");
        assert_eq!((read.timestamps, read.signatures), (vec!["17"], vec!["new"]));
    }

    #[test]
    fn a_space_after_the_comma_is_not_the_contactmanager_form() {
        assert_eq!(format("contactsmanager").read("t=17, v1=aa").signatures, Vec::<&str>::new());
    }

    #[test]
    fn parts_without_prefixes_are_known_by_their_place() {
        let read = |value| {
            let scheme = crate::Scheme::from_value(serde_json::json!({
                "id": "own", "name": "Own", "signature_header": "X", "signature_format": "{ts}.{sig}",
                "separator": ".", "several": "parts", "timestamp": {"unit": "s"}, "content": "{ts}{body}",
                "algorithm": "hmac-sha256", "encoding": "hex", "secret": "raw",
            }));
            match scheme.unwrap().form() {
                Form::Keyed(keyed) => {
                    let read = keyed.format.read(value);
                    (read.timestamps, read.signatures)
                }
                Form::Coded(_) => unreachable!("it has no kind"),
            }
        };
        assert_eq!(read("17.aa"), (vec!["17"], vec!["aa"]));
        assert_eq!(read("17.aa.bb"), (vec!["17"], vec!["aa", "bb"]));
    }

    #[test]
    fn prefixes_are_matched_exactly() {
        assert_eq!(format("github").read("SHA256=aa").signatures, Vec::<&str>::new());
        assert_eq!(format("github").read("sha256=aa").signatures, ["aa"]);
    }
}
