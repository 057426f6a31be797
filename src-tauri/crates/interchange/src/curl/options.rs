//! Which options curl has, and what they take.

use crate::Fault;

/// An option that says something about the request, by its long name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) name: &'static str,
    /// Empty for one that takes none.
    pub(super) value: String,
}

/// What stands in a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    Option(Given),
    Url(String),
}

/// Short, long, whether it takes a value.
type Known = (char, &'static str, bool);

/// Those that say something about the request.
const TELLING: [Known; 28] = [
    ('X', "request", true),
    ('H', "header", true),
    ('d', "data", true),
    ('\0', "data-raw", true),
    ('\0', "data-ascii", true),
    ('\0', "data-binary", true),
    ('\0', "data-urlencode", true),
    ('F', "form", true),
    ('\0', "form-string", true),
    ('\0', "json", true),
    ('u', "user", true),
    ('b', "cookie", true),
    ('A', "user-agent", true),
    ('e', "referer", true),
    ('\0', "url", true),
    ('\0', "url-query", true),
    ('\0', "oauth2-bearer", true),
    ('r', "range", true),
    ('T', "upload-file", true),
    ('K', "config", true),
    ('G', "get", false),
    ('I', "head", false),
    ('\0', "compressed", false),
    (':', "next", false),
    ('0', "http1.0", false),
    ('\0', "digest", false),
    ('\0', "aws-sigv4", true),
    ('\0', "request-target", true),
];

/// Those that say how it is sent or what is done with the answer.
const PASSED_OVER: [Known; 132] = [
    ('k', "insecure", false),
    ('s', "silent", false),
    ('S', "show-error", false),
    ('v', "verbose", false),
    ('i', "include", false),
    ('\0', "show-headers", false),
    ('L', "location", false),
    ('\0', "location-trusted", false),
    ('f', "fail", false),
    ('\0', "fail-with-body", false),
    ('g', "globoff", false),
    ('N', "no-buffer", false),
    ('O', "remote-name", false),
    ('J', "remote-header-name", false),
    ('#', "progress-bar", false),
    ('\0', "no-progress-meter", false),
    ('4', "ipv4", false),
    ('6', "ipv6", false),
    ('\0', "http1.1", false),
    ('\0', "http2", false),
    ('\0', "http2-prior-knowledge", false),
    ('\0', "http3", false),
    ('\0', "path-as-is", false),
    ('\0', "basic", false),
    ('\0', "tcp-nodelay", false),
    ('\0', "no-keepalive", false),
    ('\0', "ssl-reqd", false),
    ('1', "tlsv1", false),
    ('\0', "tlsv1.2", false),
    ('\0', "tlsv1.3", false),
    ('q', "disable", false),
    ('n', "netrc", false),
    ('j', "junk-session-cookies", false),
    ('\0', "raw", false),
    ('\0', "post301", false),
    ('\0', "post302", false),
    ('\0', "post303", false),
    ('p', "proxytunnel", false),
    ('Z', "parallel", false),
    ('\0', "create-dirs", false),
    ('\0', "retry-all-errors", false),
    ('\0', "retry-connrefused", false),
    ('\0', "styled-output", false),
    ('o', "output", true),
    ('w', "write-out", true),
    ('m', "max-time", true),
    ('x', "proxy", true),
    ('U', "proxy-user", true),
    ('c', "cookie-jar", true),
    ('D', "dump-header", true),
    ('E', "cert", true),
    ('\0', "key", true),
    ('\0', "cacert", true),
    ('\0', "capath", true),
    ('\0', "connect-timeout", true),
    ('\0', "connect-to", true),
    ('\0', "resolve", true),
    ('\0', "retry", true),
    ('\0', "retry-delay", true),
    ('\0', "retry-max-time", true),
    ('\0', "max-redirs", true),
    ('\0', "interface", true),
    ('\0', "limit-rate", true),
    ('\0', "unix-socket", true),
    ('\0', "trace-ascii", true),
    ('\0', "stderr", true),
    ('y', "speed-time", true),
    ('Y', "speed-limit", true),
    ('z', "time-cond", true),
    ('C', "continue-at", true),
    ('\0', "ntlm", false),
    ('\0', "negotiate", false),
    ('\0', "anyauth", false),
    ('\0', "ssl-no-revoke", false),
    ('\0', "ssl-revoke-best-effort", false),
    ('\0', "ca-native", false),
    ('\0', "cert-status", false),
    ('\0', "tlsv1.0", false),
    ('\0', "tlsv1.1", false),
    ('\0', "http0.9", false),
    ('\0', "http3-only", false),
    ('\0', "ignore-content-length", false),
    ('\0', "tcp-fastopen", false),
    ('\0', "fail-early", false),
    ('\0', "parallel-immediate", false),
    ('\0', "proxy-insecure", false),
    ('\0', "proxy-basic", false),
    ('\0', "netrc-optional", false),
    ('\0', "form-escape", false),
    ('\0', "trace-time", false),
    ('\0', "no-sessionid", false),
    ('\0', "sessionid", false),
    ('\0', "alpn", false),
    ('\0', "buffer", false),
    ('\0', "keepalive", false),
    ('\0', "progress-meter", false),
    ('\0', "remove-on-error", false),
    ('\0', "clobber", false),
    ('\0', "skip-existing", false),
    ('\0', "trace", true),
    ('\0', "proto", true),
    ('\0', "proto-default", true),
    ('\0', "proto-redir", true),
    ('\0', "noproxy", true),
    ('\0', "proxy-header", true),
    ('\0', "preproxy", true),
    ('\0', "socks5", true),
    ('\0', "socks5-hostname", true),
    ('\0', "socks4", true),
    ('\0', "ciphers", true),
    ('\0', "tls13-ciphers", true),
    ('\0', "tls-max", true),
    ('\0', "curves", true),
    ('\0', "cert-type", true),
    ('\0', "key-type", true),
    ('\0', "pass", true),
    ('\0', "pinnedpubkey", true),
    ('\0', "crlfile", true),
    ('\0', "keepalive-time", true),
    ('\0', "expect100-timeout", true),
    ('\0', "max-filesize", true),
    ('\0', "dns-servers", true),
    ('\0', "doh-url", true),
    ('\0', "local-port", true),
    ('\0', "output-dir", true),
    ('\0', "netrc-file", true),
    ('\0', "rate", true),
    ('\0', "parallel-max", true),
    ('\0', "happy-eyeballs-timeout-ms", true),
    ('\0', "hsts", true),
    ('\0', "alt-svc", true),
    ('\0', "abstract-unix-socket", true),
];

fn find(fits: impl Fn(&Known) -> bool) -> Option<(Known, bool)> {
    let telling = TELLING.iter().find(|known| fits(known)).map(|known| (*known, true));
    telling.or_else(|| PASSED_OVER.iter().find(|known| fits(known)).map(|known| (*known, false)))
}

/// What the words after `curl` say.
pub(super) fn arguments(words: Vec<String>) -> Result<Vec<Argument>, Fault> {
    let mut arguments = Vec::new();
    let mut words = words.into_iter();
    let mut only_urls = false;
    while let Some(word) = words.next() {
        if only_urls || !word.starts_with('-') || word == "-" {
            arguments.push(Argument::Url(word));
        } else if word == "--" {
            only_urls = true;
        } else if let Some(long) = word.strip_prefix("--") {
            long_option(long, &mut words, &mut arguments)?;
        } else {
            short_options(&word, &mut words, &mut arguments)?;
        }
    }
    Ok(arguments)
}

fn long_option(
    long: &str,
    words: &mut impl Iterator<Item = String>,
    arguments: &mut Vec<Argument>,
) -> Result<(), Fault> {
    let (name, joined) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
    let name = if name == "http1" { "http1.1" } else { name };
    let Some(((_, name, takes), tells)) = find(|(_, known, _)| *known == name) else {
        // `--no-…` takes back a switch that is off anyway.
        let is_off =
            name.strip_prefix("no-").is_some_and(|name| find(|(_, known, _)| *known == name).is_some());
        return if is_off { Ok(()) } else { Err(Fault::Option(format!("--{name}"))) };
    };
    let value = match (takes, joined) {
        (false, _) => String::new(),
        (true, Some(value)) => value.to_owned(),
        (true, None) => words.next().ok_or_else(|| Fault::OptionValue(format!("--{name}")))?,
    };
    if tells {
        arguments.push(Argument::Option(Given { name, value }));
    }
    Ok(())
}

/// Several may stand in one word; the value of one that takes it is the rest of the word, or the next word.
fn short_options(
    word: &str,
    words: &mut impl Iterator<Item = String>,
    arguments: &mut Vec<Argument>,
) -> Result<(), Fault> {
    for (at, letter) in word[1..].char_indices() {
        let known = find(|(short, _, _)| *short == letter && letter != '\0');
        let Some(((_, name, takes), tells)) = known else { return Err(Fault::Option(format!("-{letter}"))) };
        if !takes {
            if tells {
                arguments.push(Argument::Option(Given { name, value: String::new() }));
            }
            continue;
        }
        let rest = &word[1 + at + letter.len_utf8()..];
        let value = if rest.is_empty() {
            words.next().ok_or_else(|| Fault::OptionValue(format!("-{letter}")))?
        } else {
            rest.to_owned()
        };
        if tells {
            arguments.push(Argument::Option(Given { name, value }));
        }
        return Ok(());
    }
    Ok(())
}
