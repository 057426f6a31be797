use data_encoding::{BASE64URL_NOPAD, Encoding};
use rand::rngs::StdRng;
use rand::{RngCore as _, SeedableRng as _};

/// A generator seeded by the system.
pub(crate) fn generator() -> StdRng {
    StdRng::from_os_rng()
}

/// A name that nobody guesses: 256 bits.
pub fn token() -> String {
    text::<32>(&BASE64URL_NOPAD)
}

/// A short name that does not repeat: 40 bits.
pub(crate) fn short() -> String {
    text::<5>(&data_encoding::BASE32_NOPAD).to_lowercase()
}

fn text<const BYTES: usize>(spelling: &Encoding) -> String {
    let mut bytes = [0; BYTES];
    generator().fill_bytes(&mut bytes);
    spelling.encode(&bytes)
}
