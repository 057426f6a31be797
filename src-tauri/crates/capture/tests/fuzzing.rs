//! The entries of the fuzz targets, run over their seeds and some thousand mutations of them on any
//! compiler: what fuzzing hunts for days, each build looks for in seconds.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use hookbench_capture::fuzz::{ENTRIES, Entry};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Mutations tried for each entry.
const CASES: u32 = 3_000;

/// Texts that mean something to one reader or another.
const WORDS: [&[u8]; 20] = [
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\r",
    b" ",
    b":",
    b",",
    b";",
    b"\"",
    b"{",
    b"}",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: 0\r\n",
    b"Host: h\r\n",
    b"chunked",
    b"ffffffffffffffff",
    b"0\r\n\r\n",
    b"<script>",
    b"\xff\xfe",
    b"\0",
];

#[derive(Clone, Debug)]
enum Mutation {
    Flip(Index, u8),
    Insert(Index, usize),
    Remove(Index, usize),
    Repeat(Index, usize),
    Cut(Index),
    Splice(Index, Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        (any::<Index>(), 0..8u8).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        (any::<Index>(), 0..WORDS.len()).prop_map(|(at, word)| Mutation::Insert(at, word)),
        (any::<Index>(), 1..20usize).prop_map(|(at, count)| Mutation::Remove(at, count)),
        (any::<Index>(), 1..40usize).prop_map(|(at, count)| Mutation::Repeat(at, count)),
        any::<Index>().prop_map(Mutation::Cut),
        (any::<Index>(), any::<Index>()).prop_map(|(at, other)| Mutation::Splice(at, other)),
    ]
}

impl Mutation {
    fn apply(&self, data: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let place = |at: &Index| at.index(data.len() + 1);
        match self {
            Self::Flip(at, bit) if !data.is_empty() => {
                let at = at.index(data.len());
                data[at] ^= 1 << bit;
            }
            Self::Flip(..) => {}
            Self::Insert(at, word) => {
                let at = place(at);
                data.splice(at..at, WORDS[*word].iter().copied());
            }
            Self::Remove(at, count) => {
                let at = place(at);
                data.drain(at..(at + count).min(data.len()));
            }
            Self::Repeat(at, count) => {
                let at = place(at);
                let run = data[at..(at + count).min(data.len())].to_vec();
                data.splice(at..at, run);
            }
            Self::Cut(at) => data.truncate(place(at)),
            Self::Splice(at, other) => {
                let at = place(at);
                let other = &seeds[other.index(seeds.len())];
                data.splice(at.., other[at.min(other.len())..].iter().copied());
            }
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(folder().join("seeds").join(name)).unwrap();
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn run(name: &str) {
    let (_, entry): (_, Entry) = ENTRIES.into_iter().find(|(known, _)| *known == name).unwrap();
    let seeds = seeds(name);
    for seed in &seeds {
        entry(seed);
    }
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let inputs = (any::<Index>(), prop::collection::vec(mutation(), 1..8));
    TestRunner::new(config)
        .run(&inputs, |(seed, mutations)| {
            let mut data = seeds[seed.index(seeds.len())].clone();
            for mutation in &mutations {
                mutation.apply(&mut data, &seeds);
            }
            entry(&data);
            Ok(())
        })
        .unwrap();
}

/// A test for each entry, so that they run side by side and fail by name.
macro_rules! entries {
    ($($name:ident),*) => {
        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )*

        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

entries!(head, chunks, handshake);

#[test]
fn every_entry_has_a_target_and_a_test() {
    let known: BTreeSet<String> = ENTRIES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let tested: BTreeSet<String> = TESTED.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(known, tested);
    let files = std::fs::read_dir(folder().join("fuzz_targets")).unwrap();
    let targets: BTreeSet<String> =
        files.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(known, targets);
    let manifest = std::fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    assert!(known.iter().all(|name| manifest.contains(&format!("name = \"{name}\""))));
}
