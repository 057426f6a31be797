/// What a word of a filter can be about: what stands before its colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The HTTP method.
    Method,
    /// The path below the slug.
    Path,
    /// The query.
    Query,
    /// Path and query.
    Url,
    /// The status that was answered.
    Status,
    /// The event's type.
    Type,
    /// The provider's id of the event, or the request's own.
    Id,
    /// The inbox, by its slug.
    Inbox,
    /// Verdicts and marks.
    Is,
    /// A header.
    Header,
    /// Text in the body.
    Body,
    /// A field of a body that is JSON as a whole.
    Json,
    /// The size of the body.
    Size,
    /// The content type.
    Content,
    /// Who sent it.
    From,
    /// A tag.
    Tag,
    /// The note.
    Note,
    /// The colour.
    Colour,
    /// The version of HTTP.
    Version,
    /// Received at or after.
    Since,
    /// Received before.
    Until,
}

impl Field {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 21] = [
        Self::Method,
        Self::Path,
        Self::Query,
        Self::Url,
        Self::Status,
        Self::Type,
        Self::Id,
        Self::Inbox,
        Self::Is,
        Self::Header,
        Self::Body,
        Self::Json,
        Self::Size,
        Self::Content,
        Self::From,
        Self::Tag,
        Self::Note,
        Self::Colour,
        Self::Version,
        Self::Since,
        Self::Until,
    ];

    /// Its name, without the colon.
    pub const fn name(self) -> &'static str {
        self.told().0
    }

    /// What it is about, in a line.
    pub const fn help(self) -> &'static str {
        self.told().1
    }

    /// The field with a value, as somebody may write it.
    pub const fn example(self) -> &'static str {
        self.told().2
    }

    const fn told(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Method => ("method", "The HTTP method, or several with commas", "method:POST"),
            Self::Path => ("path", "The whole path below the inbox; * stands for anything", "path:/orders/*"),
            Self::Query => ("query", "Text in the query of the URL", "query:page=2"),
            Self::Url => ("url", "Text in the path and query together", "url:/orders?page"),
            Self::Status => {
                ("status", "The status that was answered: 500, 5xx, 200..299, >=400", "status:5xx")
            }
            Self::Type => ("type", "The event's type; * stands for anything", "type:message.*"),
            Self::Id => ("id", "The provider's id of the event, or the request's own", "id:evt_1a2b"),
            Self::Inbox => ("inbox", "The inbox, by the word in its URL", "inbox:orders"),
            Self::Is => {
                ("is", "A verdict or a mark: valid, invalid, unsigned, pinned, ours, …", "is:invalid")
            }
            Self::Header => ("header", "A header: its name, =value or ~part", "header:x-id=42"),
            Self::Body => ("body", "Text in the body", "body:\"order 4711\""),
            Self::Json => ("json", "A field of a JSON body: path, =value, >5, ~part", "json:data.to=ada"),
            Self::Size => ("size", "The size of the body: >10k, <=1m", "size:>10k"),
            Self::Content => ("content", "Text in the content type", "content:json"),
            Self::From => {
                ("from", "The address or network that it came from, or text in it", "from:127.0.0.1")
            }
            Self::Tag => ("tag", "One of its tags, whole", "tag:checked"),
            Self::Note => ("note", "Text in its note", "note:ask"),
            Self::Colour => ("colour", "The colour that it is marked with", "colour:red"),
            Self::Version => ("version", "The version of HTTP: 1.0, 1.1, 2", "version:2"),
            Self::Since => ("since", "Received at or after: an age or a time in UTC", "since:1h"),
            Self::Until => ("until", "Received before: an age or a time in UTC", "until:2026-11-01"),
        }
    }

    /// The field of a name, in whatever case, or of a usual other word for it.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = match name.as_str() {
            "color" => "colour",
            "content-type" | "content_type" => "content",
            "event" | "event_type" => "type",
            "headers" => "header",
            "tags" => "tag",
            "ip" => "from",
            "http" => return None,
            other => other,
        };
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// The field whose name is nearest to what was written; `None` where none is near.
    pub fn nearest(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let near = |field: &Self| {
            let (distance, length) = (distance(&name, field.name()), field.name().len());
            let begins = name.len() > 1 && field.name().starts_with(&name);
            (begins || distance <= if length > 4 { 2 } else { 1 }).then_some((distance, *field))
        };
        Self::ALL.iter().filter_map(near).min_by_key(|(distance, _)| *distance).map(|(_, field)| field)
    }
}

/// How many letters have to be put in, taken out, changed, or swapped with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().take(32).collect(), to.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=to.len()).collect()];
    for row in 1..=from.len() {
        let mut current = vec![row];
        for column in 1..=to.len() {
            let change = usize::from(from[row - 1] != to[column - 1]);
            let mut least = (rows[row - 1][column] + 1)
                .min(current[column - 1] + 1)
                .min(rows[row - 1][column - 1] + change);
            if row > 1 && column > 1 && from[row - 1] == to[column - 2] && from[row - 2] == to[column - 1] {
                least = least.min(rows[row - 2][column - 2] + 1);
            }
            current.push(least);
        }
        rows.push(current);
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_misspelt_is_near_the_right_one_and_nonsense_is_near_none() {
        for (written, meant) in [
            ("metod", Field::Method),
            ("mehtod", Field::Method),
            ("stauts", Field::Status),
            ("heder", Field::Header),
            ("tyep", Field::Type),
            ("sinec", Field::Since),
            ("inb", Field::Inbox),
        ] {
            assert_eq!(Field::nearest(written), Some(meant), "{written}");
        }
        for written in ["http", "x", "wholly-other", ""] {
            assert_eq!(Field::nearest(written), None, "{written}");
        }
    }

    #[test]
    fn every_field_is_found_by_its_name_and_its_example_is_one_of_it() {
        for field in Field::ALL {
            assert_eq!(Field::named(&field.name().to_uppercase()), Some(field));
            assert!(field.example().starts_with(&format!("{}:", field.name())));
        }
    }
}
