//! What puts bytes together, in Java.

use crate::code::{Code, Topic, fill};
use crate::words;

/// A form, as it is signed.
pub(super) fn form(code: &mut Code) {
    let template = r#"
    /** ‹why› */
    static byte[] formSorted(byte[] body) {
        // Latin-1 gives each byte a character of its own.
        var fields = new String(body, StandardCharsets.ISO_8859_1).split("&");
        var pairs = new TreeSet<String[]>(
            Comparator.<String[], String>comparing(pair -> pair[0]).thenComparing(pair -> pair[1]));
        for (String field : fields) {
            if (!field.isEmpty()) {
                String[] sides = field.split("=", 2);
                pairs.add(new String[] {decode(sides[0]), sides.length > 1 ? decode(sides[1]) : ""});
            }
        }
        var joined = new StringBuilder();
        pairs.forEach(pair -> joined.append(pair[0]).append(pair[1]));
        return joined.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.ISO_8859_1);
    }
"#;
    code.about(Topic::Content, fill(template, &[("why", words::FORM)]));
    code.gap();
}

/// Pieces, one after the other.
pub(super) fn join(code: &mut Code) {
    let template = r"
    static byte[] join(byte[]... pieces) {
        var joined = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            joined.writeBytes(piece);
        }
        return joined.toByteArray();
    }
";
    code.about(Topic::Content, template);
    code.gap();
}
