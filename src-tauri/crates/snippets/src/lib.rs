//! Receivers that verify: for a signature scheme and a language, a whole program to copy.
//!
//! Pure: a scheme in, text out. A [`Recipe`](recipe::Recipe) says what a receiver of the scheme has to do,
//! and one module for each language writes that down, with nothing in it that this scheme does not need.
//! The tests run what is written here, and hold it against [`hookbench_signing::verify`].

mod code;
mod csharp;
mod dialect;
mod go;
mod java;
mod node;
mod php;
mod python;
pub mod quote;
mod recipe;
mod ruby;
mod rust;
mod signer;
mod words;

pub use code::{Section, Topic};
pub use signer::{CannotSign, Script, Signer, signer};

use hookbench_signing::Scheme;

use crate::recipe::Recipe;

/// A language that receivers are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// JavaScript for Node.
    Node,
    /// Python 3.
    Python,
    /// Go.
    Go,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// Java.
    Java,
    /// C#.
    CSharp,
    /// Rust.
    Rust,
}

/// What the verifying function of a receiver is given besides headers, body and secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The HTTP method.
    Method,
    /// The whole URL as the sender calls it.
    Url,
    /// The time, in whole Unix seconds.
    NowSeconds,
    /// The time, in Unix milliseconds.
    NowMillis,
}

/// A receiver, ready to be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The language.
    pub language: Language,
    /// The whole source file.
    pub code: String,
    /// Commands that install what it needs; none where the language itself is enough.
    pub dependencies: Vec<String>,
    /// Which lines are about what, in the order of their first line. Runs may overlap.
    pub sections: Vec<Section>,
    /// What its verifying function is given after headers, body and secrets, in order.
    pub inputs: Vec<Input>,
    /// What a reader should know beside the code, in sentences.
    pub notes: Vec<String>,
}

impl Language {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 8] =
        [Self::Node, Self::Python, Self::Go, Self::Ruby, Self::Php, Self::Java, Self::CSharp, Self::Rust];

    /// The word that programs see.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Python => "python",
            Self::Go => "go",
            Self::Ruby => "ruby",
            Self::Php => "php",
            Self::Java => "java",
            Self::CSharp => "csharp",
            Self::Rust => "rust",
        }
    }

    /// The language of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == name)
    }

    /// Its name for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Node => "Node.js",
            Self::Python => "Python",
            Self::Go => "Go",
            Self::Ruby => "Ruby",
            Self::Php => "PHP",
            Self::Java => "Java",
            Self::CSharp => "C#",
            Self::Rust => "Rust",
        }
    }

    /// What the file is called.
    pub const fn filename(self) -> &'static str {
        match self {
            Self::Node => "receiver.mjs",
            Self::Python => "receiver.py",
            Self::Go => "main.go",
            Self::Ruby => "receiver.rb",
            Self::Php => "receiver.php",
            Self::Java => "Receiver.java",
            Self::CSharp => "Program.cs",
            Self::Rust => "main.rs",
        }
    }
}

/// Writes the receiver of a scheme. It answers what it believes with this HTTP status, from 200 to 299: the
/// scheme does not know which of them its senders take for success.
pub fn snippet(scheme: &Scheme, language: Language, status: u16) -> Snippet {
    let recipe = Recipe { status, ..Recipe::of(scheme) };
    let (code, dependencies) = match language {
        Language::Node => (node::write(&recipe), Vec::new()),
        Language::Python => (python::write(&recipe), python::dependencies(&recipe)),
        Language::Go => (go::write(&recipe), Vec::new()),
        Language::Ruby => (ruby::write(&recipe), owned(ruby::DEPENDENCIES)),
        Language::Php => (php::write(&recipe), Vec::new()),
        Language::Java => (java::write(&recipe), java::dependencies(&recipe)),
        Language::CSharp => (csharp::write(&recipe), csharp::dependencies(&recipe)),
        Language::Rust => (rust::write(&recipe), rust::dependencies(&recipe)),
    };
    let (code, sections) = code.finish();
    Snippet { language, code, dependencies, sections, inputs: recipe.inputs(), notes: words::notes(&recipe) }
}

fn owned(commands: &[&str]) -> Vec<String> {
    commands.iter().map(|&command| command.to_owned()).collect()
}
