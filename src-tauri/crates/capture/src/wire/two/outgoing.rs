/// The kind of the frame that says why a connection ends.
const GO_AWAY: u8 = 7;
/// As much of such a frame as tells why: the last stream and the error.
const TOLD: usize = 8;
const FRAME_HEAD: usize = 9;

/// Follows the frames that go out, to know why the library gives a connection up: it tells its peer and nobody else.
#[derive(Debug, Default)]
pub(in crate::wire) struct Outgoing {
    head: Vec<u8>,
    left: usize,
    said: Vec<u8>,
}

impl Outgoing {
    /// Follows what is written next; gives the error that it ends the connection with, where it does.
    pub(in crate::wire) fn follow(&mut self, mut bytes: &[u8]) -> Option<u32> {
        let mut error = None;
        while !bytes.is_empty() {
            if self.left == 0 {
                let here = bytes.len().min(FRAME_HEAD - self.head.len());
                self.head.extend_from_slice(&bytes[..here]);
                bytes = &bytes[here..];
                if let [a, b, c, _, _, _, _, _, _] = self.head[..] {
                    self.left = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
                    self.said.clear();
                    if self.left == 0 {
                        self.head.clear();
                    }
                }
                continue;
            }
            let here = bytes.len().min(self.left);
            let is_told = self.head.get(3) == Some(&GO_AWAY);
            if is_told {
                let wanted = here.min(TOLD - self.said.len());
                self.said.extend_from_slice(&bytes[..wanted]);
            }
            bytes = &bytes[here..];
            self.left -= here;
            if self.left == 0 {
                self.head.clear();
                if let [_, _, _, _, a, b, c, d] = self.said[..] {
                    error = Some(u32::from_be_bytes([a, b, c, d])).filter(|error| *error > 0).or(error);
                }
            }
        }
        error
    }
}

/// An error of HTTP/2 by its name, RFC 9113 section 7.
pub(in crate::wire) fn name_of(error: u32) -> &'static str {
    const NAMES: [&str; 14] = [
        "NO_ERROR",
        "PROTOCOL_ERROR",
        "INTERNAL_ERROR",
        "FLOW_CONTROL_ERROR",
        "SETTINGS_TIMEOUT",
        "STREAM_CLOSED",
        "FRAME_SIZE_ERROR",
        "REFUSED_STREAM",
        "CANCEL",
        "COMPRESSION_ERROR",
        "CONNECT_ERROR",
        "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY",
        "HTTP_1_1_REQUIRED",
    ];
    usize::try_from(error).ok().and_then(|error| NAMES.get(error).copied()).unwrap_or("an unknown error")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_connection_ends_is_told_however_it_is_written() {
        let frames = [
            &[0, 0, 0, 4, 1, 0, 0, 0, 0][..],
            &[0, 0, 3, 0, 1, 0, 0, 0, 1, 7, 7, 7],
            &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
            &[0, 0, 10, 7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9, b'n', b'o'],
        ]
        .concat();
        assert_eq!(Outgoing::default().follow(&frames), Some(9));
        let mut outgoing = Outgoing::default();
        let seen: Vec<u32> = frames.iter().filter_map(|byte| outgoing.follow(&[*byte])).collect();
        assert_eq!(seen, [9]);
        assert_eq!(Outgoing::default().follow(&frames[..frames.len() - 19]), None);
        assert_eq!((name_of(9), name_of(99)), ("COMPRESSION_ERROR", "an unknown error"));
    }
}
