//! The words of a command as requests.

use bytes::Bytes;
use hookbench_model::HeaderPairs;

use super::data::{Part, multipart, text, urlencoded};
use super::options::{Argument, Given, arguments};
use crate::headers::unless_there;
use crate::target::{Target, writable};
use crate::{Fault, Message};

/// The most URLs of one command.
const MOST_URLS: usize = 100;
/// The longest text that goes into the query, in bytes: no longer one is taken.
const LONGEST_QUERY: usize = 1 << 20;

/// What a command says of its requests.
#[derive(Clone, Debug, Default)]
struct Said {
    urls: Vec<String>,
    method: Option<String>,
    headers: Vec<String>,
    data: Option<String>,
    parts: Vec<Part>,
    query: Vec<String>,
    is_json: bool,
    is_get: bool,
    is_head: bool,
    is_old: bool,
    user: Option<String>,
    bearer: Option<String>,
    cookies: Vec<String>,
    user_agent: Option<String>,
    referer: Option<String>,
    range: Option<String>,
    request_target: Option<String>,
    compressed: bool,
}

/// The requests of one command, and what is to be known about them.
pub(super) fn messages(words: Vec<String>) -> Result<(Vec<Message>, Vec<String>), Fault> {
    let mut words = words.into_iter().skip_while(|word| word == "$");
    match words.next() {
        Some(program) if is_curl(&program) => {}
        Some(other) => return Err(Fault::NotCurl(other.chars().take(40).collect())),
        None => return Err(Fault::NoUrl),
    }
    let (mut said, mut messages, mut notes) = (Said::default(), Vec::new(), Vec::new());
    for argument in arguments(words.collect())? {
        match argument {
            Argument::Url(url) => said.urls.push(url),
            Argument::Option(Given { name: "next", .. }) => {
                messages.extend(std::mem::take(&mut said).messages()?);
            }
            Argument::Option(given) => said.take(given, &mut notes)?,
        }
    }
    messages.extend(said.messages()?);
    Ok((messages, notes))
}

fn is_curl(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
    name.eq_ignore_ascii_case("curl") || name.eq_ignore_ascii_case("curl.exe")
}

impl Said {
    fn take(&mut self, Given { name, value }: Given, notes: &mut Vec<String>) -> Result<(), Fault> {
        match name {
            "request" => self.method = Some(value),
            "header" => match value.strip_prefix('@') {
                Some(file) => return Err(Fault::File(file.to_owned())),
                None => self.headers.push(value),
            },
            // Line ends are taken out of files only, so text goes as it is.
            "data" | "data-ascii" | "data-binary" => self.add_data(&text(value)?, "&"),
            "data-raw" => self.add_data(&value, "&"),
            "data-urlencode" => self.add_data(&urlencoded(&value)?, "&"),
            "json" => {
                self.add_data(&text(value)?, "");
                self.is_json = true;
            }
            "form" => self.parts.push(Part::of_form(&value)?),
            "form-string" => self.parts.push(Part::of_string(&value)?),
            "user" => self.user = Some(value),
            "oauth2-bearer" => self.bearer = Some(value),
            "cookie" if value.contains('=') || value.is_empty() => self.cookies.push(value),
            "cookie" | "upload-file" | "config" => return Err(Fault::File(value)),
            "user-agent" => self.user_agent = Some(value),
            "referer" => self.referer = Some(value),
            "range" => self.range = Some(value),
            "request-target" => self.request_target = Some(value),
            "url" => self.urls.push(value),
            "url-query" => self.query.push(match value.strip_prefix('+') {
                Some(as_it_is) => as_it_is.to_owned(),
                None => urlencoded(&value)?,
            }),
            "get" => self.is_get = true,
            "head" => self.is_head = true,
            "compressed" => self.compressed = true,
            "http1.0" => self.is_old = true,
            "digest" => notes.push(
                "A command signs in by Digest, which needs an answer first: that is left out.".to_owned(),
            ),
            "aws-sigv4" => notes
                .push("A command signs by AWS’s scheme as it is sent: the signature is left out.".to_owned()),
            _ => {}
        }
        Ok(())
    }

    fn add_data(&mut self, more: &str, between: &str) {
        match &mut self.data {
            Some(data) => {
                data.push_str(between);
                data.push_str(more);
            }
            data => *data = Some(more.to_owned()),
        }
    }

    /// A request for each URL; they share their body.
    fn messages(self) -> Result<Vec<Message>, Fault> {
        if self.urls.is_empty() {
            return Err(Fault::NoUrl);
        }
        if self.urls.len() > MOST_URLS {
            return Err(Fault::TooManyUrls(MOST_URLS));
        }
        let data = self.data.as_deref().filter(|_| !self.is_get);
        let sent = if self.parts.is_empty() {
            data.map(|data| (None, Bytes::copy_from_slice(data.as_bytes())))
        } else {
            let (content_type, body) = multipart(&self.parts);
            Some((Some(content_type), Bytes::from(body)))
        };
        self.urls.iter().map(|url| self.message(url, sent.as_ref())).collect()
    }

    /// The request for one of them; `sent` is its body, with its content type where that is a form's.
    fn message(&self, url: &str, sent: Option<&(Option<String>, Bytes)>) -> Result<Message, Fault> {
        // curl guesses the protocol; by the names that it knows this is HTTP.
        let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let userinfo =
            url.split_once("://").and_then(|(_, rest)| rest.split(['/', '?']).next()).unwrap_or_default();
        let userinfo = userinfo.rsplit_once('@').map(|(user, _)| user.to_owned());
        let mut target = Target::read(&writable(&url))?;
        if target.path.is_empty() {
            target.path.push('/');
        }
        let in_query = self.data.as_deref().filter(|_| self.is_get);
        for more in self.query.iter().map(String::as_str).chain(in_query) {
            if more.len() > LONGEST_QUERY {
                return Err(Fault::Url);
            }
            target.add_query(&writable(more));
        }
        if let Some(other) = &self.request_target {
            let Target { path, query, .. } = Target::read(other)?;
            (target.path, target.query) = (path, query);
        }
        let usual = if self.is_head {
            "HEAD"
        } else if sent.is_some() {
            "POST"
        } else {
            "GET"
        };
        let mut headers = HeaderPairs::new();
        headers.push("Host", target.authority().unwrap_or_default());
        self.own_headers(&mut headers, userinfo.as_deref());
        let given = given_headers(&self.headers)?;
        for (name, _) in &given {
            headers.remove(name);
        }
        headers.extend(given.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?))));
        if let Some((of_form, body)) = sent {
            let of_data = if self.is_json { "application/json" } else { "application/x-www-form-urlencoded" };
            unless_said(&mut headers, &given, "Content-Type", of_form.as_deref().unwrap_or(of_data));
            if self.is_json && of_form.is_none() {
                unless_said(&mut headers, &given, "Accept", "application/json");
            }
            unless_said(&mut headers, &given, "Content-Length", &body.len().to_string());
        }
        Ok(Message {
            method: self.method.clone().unwrap_or_else(|| usual.to_owned()),
            addressed: target.origin,
            path: target.path,
            query: target.query,
            http_version: Some(if self.is_old { "HTTP/1.0" } else { "HTTP/1.1" }.to_owned()),
            headers,
            body: sent.map(|(_, body)| body.clone()).unwrap_or_default(),
            ..Message::default()
        })
    }

    /// What options other than `--header` say in headers.
    fn own_headers(&self, headers: &mut HeaderPairs, userinfo: Option<&str>) {
        if let Some(user) = self.user.as_deref().or(userinfo) {
            let user = if user.contains(':') { user.to_owned() } else { format!("{user}:") };
            headers.push("Authorization", format!("Basic {}", data_encoding::BASE64.encode(user.as_bytes())));
        }
        if let Some(token) = &self.bearer {
            headers.push("Authorization", format!("Bearer {token}"));
        }
        if let Some(agent) = self.user_agent.as_ref().filter(|agent| !agent.is_empty()) {
            headers.push("User-Agent", agent.clone());
        }
        if let Some(referer) = &self.referer {
            headers.push("Referer", referer.trim_end_matches(";auto").to_owned());
        }
        if let Some(range) = &self.range {
            headers.push("Range", format!("bytes={range}"));
        }
        if !self.cookies.is_empty() {
            headers.push("Cookie", self.cookies.join("; "));
        }
        if self.compressed {
            headers.push("Accept-Encoding", "deflate, gzip, br, zstd");
        }
    }
}

/// A header that the command neither gives nor takes away.
fn unless_said(headers: &mut HeaderPairs, given: &[(String, Option<String>)], name: &str, value: &str) {
    if !given.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
        unless_there(headers, name, value);
    }
}

/// Names and values; no value takes away a header that curl would send: `Name:`. `Name;` is one without a value.
fn given_headers(lines: &[String]) -> Result<Vec<(String, Option<String>)>, Fault> {
    lines
        .iter()
        .map(|line| match line.split_once(':') {
            Some((name, value)) if value.trim().is_empty() => Ok((name.trim().to_owned(), None)),
            Some((name, value)) => Ok((name.trim().to_owned(), Some(value.trim().to_owned()))),
            None => match line.trim_end().strip_suffix(';') {
                Some(name) => Ok((name.to_owned(), Some(String::new()))),
                None => Err(Fault::HeaderName),
            },
        })
        .collect()
}
