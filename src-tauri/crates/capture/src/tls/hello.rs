//! What a sender offers at the beginning of TLS, read off its first message (RFC 8446 section 4.1.2) only to say it
//! where the handshake fails: the library tells no versions, and nothing of a hello that it refuses.

/// The record of a handshake, which is the first byte of TLS.
pub(super) const HANDSHAKE: u8 = 22;

const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;
/// The longest name that is repeated, in characters.
const LONGEST: usize = 100;

/// What a hello offers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Offer {
    versions: Vec<u16>,
    name: Option<String>,
    alpn: Vec<String>,
}

/// Reads the beginning of a connection; `None` where it is no hello, or not whole.
pub(super) fn read(bytes: &[u8]) -> Option<Offer> {
    let mut record = Reader(bytes);
    (record.byte()? == HANDSHAKE).then_some(())?;
    record.take(2)?;
    let mut message = Reader(record.sized16()?);
    (message.byte()? == CLIENT_HELLO).then_some(())?;
    let length = usize::from(message.byte()?) << 16 | usize::from(message.number()?);
    let mut hello = Reader(message.take(length)?);
    let legacy = hello.number()?;
    hello.take(32)?;
    hello.sized8()?;
    hello.sized16()?;
    hello.sized8()?;
    let mut offer = Offer::default();
    // Before TLS 1.2 there may be no extensions at all.
    let mut extensions = Reader(hello.sized16().unwrap_or_default());
    while let (Some(kind), Some(content)) = (extensions.number(), extensions.sized16()) {
        let mut content = Reader(content);
        match kind {
            SERVER_NAME => offer.name = server_name(&mut content),
            ALPN => offer.alpn = protocols(&mut content),
            SUPPORTED_VERSIONS => offer.versions = versions(&mut content),
            _ => {}
        }
    }
    if offer.versions.is_empty() {
        offer.versions = vec![legacy];
    }
    Some(offer)
}

fn server_name(content: &mut Reader<'_>) -> Option<String> {
    let mut list = Reader(content.sized16()?);
    (list.byte()? == 0).then_some(())?;
    list.sized16().map(text)
}

fn protocols(content: &mut Reader<'_>) -> Vec<String> {
    let mut list = Reader(content.sized16().unwrap_or_default());
    std::iter::from_fn(|| list.sized8()).map(text).take(8).collect()
}

fn versions(content: &mut Reader<'_>) -> Vec<u16> {
    let mut list = Reader(content.sized8().unwrap_or_default());
    // Some that are none are thrown in, so that servers get used to them (RFC 8701).
    std::iter::from_fn(|| list.number()).filter(|version| version >> 8 == 3).take(8).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

impl Offer {
    /// As the end of a sentence: `TLS 1.0, for the name x, with h2`.
    pub(super) fn in_words(&self) -> String {
        let versions: Vec<_> = self.versions.iter().map(|version| version_in_words(*version)).collect();
        let mut words = versions.join(" and ");
        if let Some(name) = &self.name {
            words.extend([", asked for `", name, "`"]);
        }
        if !self.alpn.is_empty() {
            words.extend([", and would speak ", &self.alpn.join(" or ")]);
        }
        words
    }
}

fn version_in_words(version: u16) -> String {
    match version {
        0x0300 => "SSL 3.0".to_owned(),
        0x0301 => "TLS 1.0".to_owned(),
        0x0302 => "TLS 1.1".to_owned(),
        0x0303 => "TLS 1.2".to_owned(),
        0x0304 => "TLS 1.3".to_owned(),
        other => format!("version {other:#06x}"),
    }
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn number(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    fn sized8(&mut self) -> Option<&'b [u8]> {
        let length = self.byte()?;
        self.take(usize::from(length))
    }

    fn sized16(&mut self) -> Option<&'b [u8]> {
        let length = self.number()?;
        self.take(usize::from(length))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A hello of an old library: TLS 1.0, without extensions.
    fn old() -> Vec<u8> {
        let mut hello = vec![3, 1];
        hello.extend([7; 32]);
        hello.extend([0, 0, 2, 0, 47, 1, 0]);
        let mut message = vec![CLIENT_HELLO, 0, 0, u8::try_from(hello.len()).unwrap()];
        message.extend(&hello);
        let mut record = vec![HANDSHAKE, 3, 1, 0, u8::try_from(message.len()).unwrap()];
        record.extend(&message);
        record
    }

    #[test]
    fn an_old_hello_says_its_version() {
        assert_eq!(read(&old()).unwrap().in_words(), "TLS 1.0");
        let whole = old();
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]), None, "{end} bytes");
        }
    }

    #[test]
    fn what_a_library_of_today_offers_is_read() {
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let name = "hooks.example".try_into().unwrap();
        let mut client = rustls::ClientConnection::new(std::sync::Arc::new(config), name).unwrap();
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        let words = read(&bytes).unwrap().in_words();
        assert!(words.contains("TLS 1.3") && words.contains("TLS 1.2"), "{words}");
        assert!(words.ends_with("asked for `hooks.example`, and would speak h2 or http/1.1"), "{words}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_not(bytes in prop::collection::vec(any::<u8>(), 0..300), flip in 0..60_usize) {
            let _ = read(&bytes);
            let mut near = old();
            let at = flip % near.len();
            near[at] ^= bytes.first().copied().unwrap_or(1);
            let _ = read(&near);
        }
    }
}
