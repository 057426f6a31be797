//! Go: the standard library alone.

mod found;
mod keys;

use std::collections::BTreeSet;

use hookbench_signing::{Encoding, TimestampUnit};

use crate::code::{Code, Topic, fill};
use crate::dialect::{Dialect, Found, Inputs, steps};
use crate::quote::{Beyond, double_quoted};
use crate::recipe::{Find, Hash, KeyForm, Piece, Place, Proof, Public, Recipe, Run, Time};
use crate::words;

pub(crate) fn write(recipe: &Recipe<'_>) -> Code {
    let mut code = Code::default();
    head(recipe, &mut code);
    verify(recipe, &mut code);
    if recipe.has(Piece::Form) {
        form(&mut code);
    }
    if recipe.has(Piece::Path) {
        path(&mut code);
    }
    if recipe.reads_key() {
        code.about(Topic::Secret, keys::key_of(recipe));
        code.gap();
    }
    if recipe.finds == Some(Find::Contentful) {
        code.about(Topic::Content, found::ESCAPING);
        code.gap();
    }
    server(recipe, &mut code);
    code
}

fn head(recipe: &Recipe<'_>, code: &mut Code) {
    let template = r"
// ‹headline›
// Nothing to install: WEBHOOK_SECRET=… go run main.go
package main

import (
";
    code.add(fill(template, &[("headline", &words::headline(recipe))]));
    if recipe.proof == Proof::Public(Public::RsaOverSaidHash) {
        // What a certificate may name is only there once it is linked.
        code.add("\t_ \"crypto/sha1\"\n\t_ \"crypto/sha256\"");
    }
    for package in packages(recipe) {
        code.add(format!("\t\"{package}\""));
    }
    code.add(")");
    code.gap();
}

fn packages(recipe: &Recipe<'_>) -> BTreeSet<&'static str> {
    let mut packages = BTreeSet::from(["errors", "io", "log", "net/http", "os"]);
    let of_hash = |hash| match hash {
        Hash::Sha1 => "crypto/sha1",
        Hash::Sha256 => "crypto/sha256",
        Hash::Sha384 | Hash::Sha512 => "crypto/sha512",
    };
    match recipe.proof {
        Proof::Hmac(hash) | Proof::Plain(hash) => packages.extend(["crypto/hmac", of_hash(hash)]),
        Proof::Token | Proof::TokenInBase64 => packages.extend(["crypto/hmac"]),
        Proof::Public(Public::Ed25519) => packages.extend(["crypto/ed25519"]),
        Proof::Public(Public::Ecdsa) => {
            packages.extend(["crypto/ecdsa", "crypto/elliptic", "crypto/sha256", "crypto/x509"]);
        }
        Proof::Public(Public::Rsa) => {
            packages.extend(["crypto", "crypto/rsa", "crypto/sha256", "crypto/x509", "encoding/pem"]);
        }
        Proof::Public(Public::RsaOverSaidHash) => {
            packages.extend(["crypto", "crypto/rsa", "crypto/x509", "encoding/pem"]);
        }
    }
    packages.extend(
        (recipe.proof != Proof::Token)
            .then(|| if recipe.encoding == Encoding::Hex { "encoding/hex" } else { "encoding/base64" }),
    );
    match recipe.key {
        KeyForm::Base64 { prefix: "" } => packages.extend(["encoding/base64"]),
        KeyForm::Base64 { .. } | KeyForm::Base64Url => packages.extend(["encoding/base64", "strings"]),
        KeyForm::Hex => packages.extend(["encoding/hex"]),
        KeyForm::Pem => packages.extend(["crypto/x509", "encoding/pem"]),
        KeyForm::IdAndCertificate => packages.extend(["strings"]),
        KeyForm::Text | KeyForm::Certificate => {}
    }
    if recipe.runs().len() > 1 {
        packages.insert("bytes");
    }
    let (before, after) = recipe.signature.around;
    let dressed = matches!(recipe.proof, Proof::Public(_)) && !(before.is_empty() && after.is_empty());
    if recipe.signature.separator.is_some() || recipe.signature.word.is_some() || dressed {
        packages.insert("strings");
    }
    if recipe.has(Piece::Form) {
        packages.extend(["net/url", "sort", "strings"]);
    }
    if recipe.has(Piece::Path) {
        packages.insert("net/url");
    }
    match recipe.finds {
        Some(Find::Mailgun | Find::Sns) => packages.extend(["encoding/json"]),
        Some(Find::Adyen) => packages.extend(["encoding/json", "fmt", "strings"]),
        Some(Find::Contentful) => packages.extend(["fmt", "net/url", "sort", "strings"]),
        Some(Find::Paypal) => packages.extend(["hash/crc32", "strconv", "strings"]),
        Some(Find::HashInUrl) => packages.extend(["crypto/sha256", "encoding/hex", "net/url"]),
        None => {}
    }
    if let Some(time) = recipe.judged_time() {
        packages.insert("time");
        packages.extend((time.unit != TimestampUnit::Iso).then_some("strconv"));
        packages.extend(matches!(time.place, Place::Body(_)).then_some("encoding/json"));
    }
    packages
}

/// What the verifying function is declared with.
const PARAMETERS: Inputs = Inputs {
    method: ", method string",
    url: ", address string",
    seconds: ", now int64",
    millis: ", now int64",
};

fn verify(recipe: &Recipe<'_>, code: &mut Code) {
    let opening = r"
// verify says why, unless one of the secrets signed this request.‹now›
func verify(headers http.Header, body []byte, secrets []string‹inputs›) error {
";
    code.add(fill(opening, &[("now", &words::now(recipe)), ("inputs", &PARAMETERS.of(recipe))]));
    steps::<Go>(recipe, code);
    code.add("\treturn nil\n}");
    code.gap();
}

struct Go;

impl Dialect for Go {
    const INDENT: &'static str = "\t";
    const INNER: &'static str = "\t\t";
    const EACH_SECRET: &'static str = "\tmatched := false\n\tfor _, secret := range secrets {";
    const NONE_FITTED: &'static str = "\t}\n\tif !matched {\n\t\treturn errors.New(‹reason›)\n\t}";
    const TEXT_KEY: &'static str = "\t\tkey := []byte(secret)";
    const READ_KEY: &'static str =
        "\t\tkey, err := keyOf(secret)\n\t\tif err != nil {\n\t\t\treturn err\n\t\t}";
    const ACCOUNT: &'static str = "\t\taccount := strings.TrimSpace(strings.SplitN(secret, \"\\n\", 2)[0])";
    const FOUND: Found = found::FOUND;

    fn quoted(text: &str) -> String {
        double_quoted(text, Beyond::Wide)
    }

    fn value(name: &str, header: &str, reason: &str) -> String {
        let template = r#"
	‹name› := headers.Get(‹header›)
	if ‹name› == "" {
		return errors.New(‹reason›)
	}
"#;
        fill(template, &[("name", name), ("header", header), ("reason", reason)])
    }

    fn each_header(names: &str, reason: &str) -> String {
        let template = r#"
	// Each key has a header of its own.
	var signatures []string
	for _, name := range []string{‹names›} {
		if signature := headers.Get(name); signature != "" {
			signatures = append(signatures, signature)
		}
	}
	if len(signatures) == 0 {
		return errors.New(‹reason›)
	}
"#;
        fill(template, &[("names", names), ("reason", reason)])
    }

    fn repeated_header(header: &str, separator: &str, reason: &str) -> String {
        let template = r"
	// The header comes once for each key, or with several values in it.
	var signatures []string
	for _, value := range headers.Values(‹header›) {
		signatures = append(signatures, strings.Split(value, ‹separator›)...)
	}
	if len(signatures) == 0 {
		return errors.New(‹reason›)
	}
";
        fill(template, &[("header", header), ("separator", &quoted(separator)), ("reason", reason)])
    }

    fn behind(word: &str) -> String {
        let template = r#"
	// ‹why›
	signature := header
	if word, credentials, _ := strings.Cut(header, " "); strings.EqualFold(word, "‹word›") {
		signature = "‹word› " + strings.TrimSpace(credentials)
	}
"#;
        fill(template, &[("word", word), ("why", words::ANY_CASE)])
    }

    fn split(separator: &str) -> String {
        format!("\tsignatures := strings.Split(header, {})", quoted(separator))
    }

    fn time_among(before: &str, after: &str, reason: &str) -> String {
        let template = r#"
	timestamp := ""
	for _, part := range signatures {
		if ‹test› {
			timestamp = ‹trimmed›
			break
		}
	}
	if timestamp == "" {
		return errors.New(‹reason›)
	}
"#;
        let mut test = format!("strings.HasPrefix(part, {})", quoted(before));
        let mut trimmed = format!("strings.TrimPrefix(part, {})", quoted(before));
        if !after.is_empty() {
            test = format!("{test} && strings.HasSuffix(part, {})", quoted(after));
            trimmed = format!("strings.TrimSuffix({trimmed}, {})", quoted(after));
        }
        fill(template, &[("test", &test), ("trimmed", &trimmed), ("reason", reason)])
    }

    fn content(recipe: &Recipe<'_>, indent: &str) -> String {
        content(recipe, indent)
    }

    fn compare(recipe: &Recipe<'_>, code: &mut Code) {
        keys::compare(recipe, code);
    }

    fn check(recipe: &Recipe<'_>, public: Public, code: &mut Code) {
        keys::check(recipe, public, code);
    }

    fn judge(time: &Time<'_>, code: &mut Code) {
        judge(time, code);
    }
}

fn content(recipe: &Recipe<'_>, indent: &str) -> String {
    let runs: Vec<String> = recipe
        .runs()
        .iter()
        .map(|run| match run {
            Run::Text(pieces) => format!("[]byte({})", text(pieces)),
            Run::Bytes(Piece::Form) => "formSorted(body)".to_owned(),
            Run::Bytes(Piece::Secret) => "key".to_owned(),
            Run::Bytes(_) => "body".to_owned(),
        })
        .collect();
    match runs.as_slice() {
        [one] => format!("{indent}content := {one}"),
        several => format!("{indent}content := bytes.Join([][]byte{{{}}}, nil)", several.join(", ")),
    }
}

fn text(pieces: &[Piece<'_>]) -> String {
    let pieces: Vec<String> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => quoted(text),
            Piece::Id => "id".to_owned(),
            Piece::Timestamp => "timestamp".to_owned(),
            Piece::Method => "method".to_owned(),
            Piece::Path => "path(address)".to_owned(),
            Piece::Account => "account".to_owned(),
            Piece::Found(name) => (*name).to_owned(),
            _ => "address".to_owned(),
        })
        .collect();
    pieces.join(" + ")
}

fn judge(time: &Time<'_>, code: &mut Code) {
    if let Place::Body(names) = &time.place {
        let kind = if time.unit == TimestampUnit::Iso { "string" } else { "json.Number" };
        let (mut opened, mut closed) = (String::new(), String::new());
        for name in names.iter().rev().skip(1).rev() {
            opened.push_str("In struct {\n\t\t");
            closed = format!("\n\t\t}} `json:{}`{closed}", quoted(name));
        }
        let last = names.last().copied().unwrap_or_default();
        let path = "In.".repeat(names.len() - 1);
        let template = r#"
	// The time stands in the body. One without it is held to none.
	var message struct {
		‹opened›Timestamp ‹kind› `json:‹last›`‹closed›
	}
	if json.Unmarshal(body, &message) != nil || message.‹path›Timestamp == "" {
		return nil
	}
	timestamp := string(message.‹path›Timestamp)
"#;
        let last = quoted(last);
        let values = [
            ("opened", opened.as_str()),
            ("kind", kind),
            ("last", &last),
            ("closed", &closed),
            ("path", &path),
        ];
        code.about(Topic::Time, fill(template, &values));
    }
    let (read, signed_at) = match time.unit {
        TimestampUnit::Iso => ("time.Parse(time.RFC3339Nano, timestamp)", "signedAt.UnixMilli()"),
        TimestampUnit::S | TimestampUnit::Ms => ("strconv.ParseInt(timestamp, 10, 64)", "signedAt"),
    };
    let template = r#"
	signedAt, err := ‹read›
	if err != nil {
		return errors.New("the time of signing cannot be read")
	}
	age := now - ‹signed_at›
"#;
    code.about(Topic::Time, fill(template, &[("read", read), ("signed_at", signed_at)]));
    for (limit, reason) in time.rules("age") {
        code.about(Topic::Time, format!("\tif {limit} {{\n\t\treturn errors.New({})\n\t}}", quoted(reason)));
    }
}

fn form(code: &mut Code) {
    let template = r#"
// ‹why›
func formSorted(body []byte) []byte {
	var pairs [][2]string
	seen := map[[2]string]bool{}
	for _, field := range strings.Split(string(body), "&") {
		if field == "" {
			continue
		}
		sides := append(strings.SplitN(field, "=", 2), "")
		pair := [2]string{decoded(sides[0]), decoded(sides[1])}
		if !seen[pair] {
			seen[pair] = true
			pairs = append(pairs, pair)
		}
	}
	sort.Slice(pairs, func(i, j int) bool {
		a, b := pairs[i], pairs[j]
		return a[0] < b[0] || a[0] == b[0] && a[1] < b[1]
	})
	var joined strings.Builder
	for _, pair := range pairs {
		joined.WriteString(pair[0] + pair[1])
	}
	return []byte(joined.String())
}

func decoded(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}
"#;
    code.about(Topic::Content, fill(template, &[("why", words::FORM)]));
    code.gap();
}

fn path(code: &mut Code) {
    let template = r#"
func path(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return parsed.EscapedPath()
}
"#;
    code.about(Topic::Url, template);
    code.gap();
}

/// What it is called with.
const ARGUMENTS: Inputs = Inputs {
    method: ", request.Method",
    url: ", address",
    seconds: ", time.Now().Unix()",
    millis: ", time.Now().UnixMilli()",
};

fn server(recipe: &Recipe<'_>, code: &mut Code) {
    code.add("func main() {");
    let secrets = r#"
	// ‹rotation›
	var secrets []string
	for _, name := range []string{"WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS"} {
		if secret := os.Getenv(name); secret != "" {
			secrets = append(secrets, secret)
		}
	}
	if len(secrets) == 0 {
		log.Fatal("WEBHOOK_SECRET is not set")
	}
"#;
    code.about(Topic::Secret, fill(secrets, &[("rotation", words::ROTATION)]));
    if recipe.reads_key() {
        let check = r"
	// ‹why›
	for _, secret := range secrets {
		if _, err := keyOf(secret); err != nil {
			log.Fatal(err)
		}
	}
";
        code.about(Topic::Secret, fill(check, &[("why", words::AT_THE_START)]));
    }
    if recipe.needs_url() {
        let url = r#"
	// ‹why›
	// ‹what›
	publicURL := os.Getenv("PUBLIC_URL")
	if publicURL == "" {
		publicURL = "http://localhost:3000"
	}
"#;
        code.about(Topic::Url, fill(url, &[("why", words::PUBLIC_URL), ("what", words::PUBLIC_URL_2)]));
    }
    code.gap();
    code.add("\treceive := func(answer http.ResponseWriter, request *http.Request) {");
    let body = r#"
		// ‹raw›
		body, err := io.ReadAll(request.Body)
		if err != nil {
			http.Error(answer, "the body did not arrive whole", http.StatusBadRequest)
			return
		}
"#;
    code.about(Topic::Body, fill(body, &[("raw", words::RAW)]));
    if recipe.needs_url() {
        code.about(Topic::Url, "\t\taddress := publicURL + request.RequestURI");
    }
    let rest = r#"
		if err := verify(request.Header, body, secrets‹inputs›); err != nil {
			http.Error(answer, err.Error(), http.StatusUnauthorized)
			return
		}
		// ‹after›
		answer.WriteHeader(‹status›)
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "3000"
	}
	log.Fatal(http.ListenAndServe("localhost:"+port, http.HandlerFunc(receive)))
}
"#;
    code.add(fill(
        rest,
        &[("inputs", &ARGUMENTS.of(recipe)), ("after", words::AFTER), ("status", &recipe.status.to_string())],
    ));
}

fn quoted(text: &str) -> String {
    Go::quoted(text)
}
