//! What a language has to say of its own, and the steps of verifying that are the same in all of them.

use crate::Input;
use crate::code::{Code, Topic, fill};
use crate::recipe::{Find, KeyForm, Place, Proof, Public, Recipe, Time};
use crate::words;

/// How one language writes the parts of the verifying function.
pub(crate) trait Dialect {
    /// What stands before a line of the function.
    const INDENT: &'static str;
    /// What stands before a line that is run for each secret.
    const INNER: &'static str;
    /// Begins what is done for each secret.
    const EACH_SECRET: &'static str;
    /// Ends it, and refuses for a ‹reason› where none fitted.
    const NONE_FITTED: &'static str;
    /// The line that makes `key` of a secret whose text is the key.
    const TEXT_KEY: &'static str;
    /// The line that makes it of one that is written in some form.
    const READ_KEY: &'static str;
    /// The line that takes the id from the first line of a secret.
    const ACCOUNT: &'static str;
    /// What some providers put where only code finds it.
    const FOUND: Found;

    /// A literal of this text.
    fn quoted(text: &str) -> String;

    /// A header's name as the language's server spells it.
    fn header(name: &str) -> String {
        name.to_owned()
    }

    /// That line; a language may have more than one way of it.
    fn read_key(_recipe: &Recipe<'_>) -> &'static str {
        Self::READ_KEY
    }

    /// Reads a header that has to be there. Its name and the reason are literals.
    fn value(name: &str, header: &str, reason: &str) -> String;
    /// Reads signatures of which each has a header of its own. All are literals.
    fn each_header(names: &str, reason: &str) -> String;
    /// Reads a header that may come more than once. All are literals.
    fn repeated_header(header: &str, separator: &str, reason: &str) -> String;
    /// Makes `signature` of the value of `header`, with the word that it begins with in any case as this one.
    fn behind(word: &str) -> String;
    /// Takes the value of `header` apart.
    fn split(separator: &str) -> String;
    /// Finds the time among the parts of the signature header, between these two.
    fn time_among(before: &str, after: &str, reason: &str) -> String;
    /// Puts the content together.
    fn content(recipe: &Recipe<'_>, indent: &str) -> String;
    /// What has to be at hand before that.
    fn before_content(_recipe: &Recipe<'_>, _code: &mut Code) {}
    /// Computes what is expected, and compares.
    fn compare(recipe: &Recipe<'_>, code: &mut Code);
    /// Checks with the public key.
    fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code);
    /// Holds the time of signing against the clock.
    fn judge(time: &Time<'_>, code: &mut Code);
}

/// The lines that take out of a request what only code finds.
pub(crate) struct Found {
    pub(crate) mailgun: &'static str,
    pub(crate) adyen: &'static str,
    pub(crate) sns: &'static str,
    pub(crate) contentful: &'static str,
    pub(crate) paypal: &'static str,
    pub(crate) hash_in_url: &'static str,
}

/// How a language writes each of the inputs, with what separates it from its neighbours.
pub(crate) struct Inputs {
    pub(crate) method: &'static str,
    pub(crate) url: &'static str,
    pub(crate) seconds: &'static str,
    pub(crate) millis: &'static str,
}

impl Inputs {
    /// Those that this receiver is given, one after the other.
    pub(crate) fn of(&self, recipe: &Recipe<'_>) -> String {
        let written = |input: &Input| match input {
            Input::Method => self.method,
            Input::Url => self.url,
            Input::NowSeconds => self.seconds,
            Input::NowMillis => self.millis,
        };
        recipe.inputs().iter().map(written).collect()
    }
}

/// Writes the steps of the verifying function.
pub(crate) fn steps<D: Dialect>(recipe: &Recipe<'_>, code: &mut Code) {
    find::<D>(recipe, true, code);
    signatures::<D>(recipe, code);
    time::<D>(recipe, code);
    if let Some(header) = recipe.id_header {
        value::<D>("id", header, code);
    }
    find::<D>(recipe, false, code);
    code.gap();
    D::before_content(recipe, code);
    if recipe.has_content_of_its_own() && !recipe.content_needs_secret() {
        code.about(Topic::Content, D::content(recipe, D::INDENT));
    }
    prove::<D>(recipe, code);
    if let Some(time) = recipe.judged_time() {
        code.gap();
        D::judge(time, code);
    }
}

/// Lines that take out of the request what only code finds: before the headers are read where the signature
/// is among it, else after.
fn find<D: Dialect>(recipe: &Recipe<'_>, signature: bool, code: &mut Code) {
    if let Some(find) = recipe.finds.as_ref().filter(|find| find.gives_signature() == signature) {
        let found = D::FOUND;
        let (topic, lines) = match find {
            Find::Mailgun => (Topic::Header, found.mailgun),
            Find::Adyen => (Topic::Content, found.adyen),
            Find::Sns => (Topic::Content, found.sns),
            Find::Contentful => (Topic::Content, found.contentful),
            Find::Paypal => (Topic::Content, found.paypal),
            Find::HashInUrl => (Topic::Body, found.hash_in_url),
        };
        code.about(topic, lines);
    }
}

fn value<D: Dialect>(name: &str, header: &str, code: &mut Code) {
    let reason = D::quoted(&words::missing(header));
    code.about(Topic::Header, D::value(name, &D::quoted(&D::header(header)), &reason));
}

fn signatures<D: Dialect>(recipe: &Recipe<'_>, code: &mut Code) {
    let signature = &recipe.signature;
    let Some(first) = signature.headers.first() else { return };
    let reason = D::quoted(&words::missing(first));
    let literal = |name: &&str| D::quoted(&D::header(name));
    match signature.separator {
        _ if signature.headers.len() > 1 => {
            let names: Vec<_> = signature.headers.iter().map(literal).collect();
            code.about(Topic::Header, D::each_header(&names.join(", "), &reason));
        }
        Some(separator) if signature.repeated => {
            let lines = D::repeated_header(&literal(first), separator, &reason);
            code.about(Topic::Header, lines);
        }
        Some(separator) => {
            value::<D>("header", first, code);
            code.about(Topic::Header, D::split(separator));
        }
        None => match signature.word {
            Some(word) => {
                value::<D>("header", first, code);
                code.about(Topic::Header, D::behind(word));
            }
            None => value::<D>("signature", first, code),
        },
    }
}

fn time<D: Dialect>(recipe: &Recipe<'_>, code: &mut Code) {
    match recipe.time.as_ref().map(|time| &time.place) {
        Some(Place::Header(header)) => value::<D>("timestamp", header, code),
        Some(Place::Part { before, after }) => {
            let reason = D::quoted(&words::no_time(recipe));
            code.about(Topic::Header, D::time_among(before, after, &reason));
        }
        Some(Place::Found | Place::Body(_)) | None => {}
    }
}

/// Computes or checks the signature under each of the secrets, and refuses where none fits.
fn prove<D: Dialect>(recipe: &Recipe<'_>, code: &mut Code) {
    code.add(D::EACH_SECRET);
    if recipe.key == KeyForm::IdAndCertificate {
        code.about(Topic::Secret, D::ACCOUNT);
    }
    if recipe.proof != Proof::Token {
        code.about(Topic::Secret, if recipe.reads_key() { D::read_key(recipe) } else { D::TEXT_KEY });
    }
    if recipe.content_needs_secret() {
        code.about(Topic::Content, D::content(recipe, D::INNER));
    }
    if let Proof::Public(public) = recipe.proof {
        D::check(recipe, public, code);
    } else {
        D::compare(recipe, code);
    }
    code.add(fill(D::NONE_FITTED, &[("reason", &D::quoted(words::mismatch(recipe)))]));
}
