//! The receiver over real sockets, with a real store.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod access;
mod answers;
mod exact;
mod gone;
mod handshakes;
mod limits;
mod malformed;
mod reach;
mod record;
mod relay;
mod rules;
mod support;
mod tls;
mod two;
mod veil;
mod verification;
