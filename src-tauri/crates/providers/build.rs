//! Compiles the crate again when a profile is added or changed: they are embedded, and Cargo does not look
//! into folders by itself.

fn main() {
    println!("cargo::rerun-if-changed=profiles");
}
