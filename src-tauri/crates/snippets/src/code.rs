//! Source code as it is being written, with a note of which lines are about what.

/// What lines of a receiver are about. A cause of failure is mended in the lines of its topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Where the bytes of the body are taken as they came.
    Body,
    /// Where the secret is read and becomes the key.
    Secret,
    /// Where the signature is computed, spelt and compared.
    Digest,
    /// Where the signed content is put together.
    Content,
    /// Where the time of signing is held against the clock.
    Time,
    /// Where the signed URL comes from.
    Url,
    /// Where headers are read and taken apart.
    Header,
}

/// A run of lines about one topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// What they are about.
    pub topic: Topic,
    /// The first of them, counted from 1.
    pub from_line: usize,
    /// The last of them.
    pub to_line: usize,
}

/// A source file, written from top to bottom.
#[derive(Debug, Default)]
pub(crate) struct Code {
    text: String,
    lines: usize,
    sections: Vec<Section>,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Body, Self::Secret, Self::Digest, Self::Content, Self::Time, Self::Url, Self::Header];

    /// The word that programs see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Secret => "secret",
            Self::Digest => "digest",
            Self::Content => "content",
            Self::Time => "time",
            Self::Url => "url",
            Self::Header => "header",
        }
    }
}

impl Code {
    /// Adds lines. Line breaks around them do not count, so that templates may begin on a line of their own.
    pub(crate) fn add(&mut self, lines: impl AsRef<str>) {
        for line in lines.as_ref().trim_matches('\n').lines() {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
            self.lines += 1;
        }
    }

    /// Adds lines that are about a topic. Lines that follow others of their topic belong to their run.
    pub(crate) fn about(&mut self, topic: Topic, lines: impl AsRef<str>) {
        let from_line = self.lines + 1;
        self.add(lines);
        let to_line = self.lines;
        match self.sections.iter_mut().rev().find(|section| section.topic == topic) {
            Some(run) if run.to_line + 1 == from_line => run.to_line = to_line,
            _ => self.sections.push(Section { topic, from_line, to_line }),
        }
    }

    /// Notes a further topic of lines that have been added: the last so many.
    pub(crate) fn also(&mut self, topic: Topic, lines: usize) {
        let section = Section { topic, from_line: self.lines + 1 - lines, to_line: self.lines };
        self.sections.push(section);
    }

    /// An empty line.
    pub(crate) fn gap(&mut self) {
        self.text.push('\n');
        self.lines += 1;
    }

    /// The text and its sections, in order.
    pub(crate) fn finish(mut self) -> (String, Vec<Section>) {
        self.sections.sort_by_key(|section| (section.from_line, section.to_line));
        (self.text, self.sections)
    }
}

/// A template with each `‹name›` replaced. Braces and dollars stay as they are: they are code.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('‹') {
        filled.push_str(before);
        let (name, behind) = after.split_once('›').unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        debug_assert!(value.is_some(), "nothing to put in the place of {name}");
        filled.push_str(value.unwrap_or_default());
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_follow_each_other_are_one_run() {
        let mut code = Code::default();
        code.add("\nhead\n");
        code.about(Topic::Header, "\none\ntwo\n");
        code.about(Topic::Header, "three");
        code.gap();
        code.about(Topic::Header, "four");
        code.also(Topic::Digest, 1);
        let (text, sections) = code.finish();
        assert_eq!(text, "head\none\ntwo\nthree\n\nfour\n");
        let lines: Vec<_> =
            sections.iter().map(|section| (section.topic, section.from_line, section.to_line)).collect();
        assert_eq!(lines, [(Topic::Header, 2, 4), (Topic::Header, 6, 6), (Topic::Digest, 6, 6)]);
    }

    #[test]
    fn values_are_filled_in_once_and_not_read_again() {
        assert_eq!(fill("{‹a›}${‹b›}", &[("a", "‹b›"), ("b", "2")]), "{‹b›}${2}");
    }
}
