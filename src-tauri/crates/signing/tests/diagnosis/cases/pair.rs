//! Two things at once, of different topics.

use crate::bench::{AT, Bench, Case, Edit, URL, secret};
use crate::bodies::{self, Changed};
use hookbench_signing::CauseCode::{self, *};
use hookbench_signing::{Encoding, Secret};

/// Two things at once, of different topics.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let schemes =
        ["github", "standardwebhooks", "stripe", "shopify", "slack", "box", "smsportal", "hubspot_v3"];
    let changes: Vec<Changed> =
        bodies::changes().into_iter().filter(|change| change.content_encoding.is_none()).collect();
    for (at, change) in changes.iter().enumerate() {
        let id = schemes[at % schemes.len()];
        let mut bench = Bench::new(id, &change.signed);
        bench.body = Some(change.arrives.clone());
        let codes = |more: CauseCode| [&change.codes[..], &[more]].concat();
        let mut whitespace = bench.clone();
        let text = format!("{}\n", bench.key.expose_text().expect("text"));
        whitespace.secrets = vec![Secret::from(text.as_str())];
        cases.push(whitespace.case(format!("{} + whitespace", change.name), &codes(SecretWhitespace)));
        let mut stale = bench.clone();
        if stale.scheme.tolerance().past_s.is_some() {
            stale.at = AT + 30 * 86_400_000;
            cases.push(stale.case(format!("{} + stale", change.name), &codes(TimeStale)));
        }
        let header = bench.spec().signature_header;
        let renamed = bench.clone().edit(Edit::Rename(header.clone(), header.replace('-', "_")));
        cases.push(renamed.case(format!("{} + renamed", change.name), &codes(HeaderRenamed)));
        let respelt = bench.clone().signing(|spec| {
            spec.encoding = if spec.encoding == Encoding::Hex { Encoding::Base64 } else { Encoding::Hex };
        });
        cases.push(
            respelt.expect("sound").case(format!("{} + encoding", change.name), &codes(DigestEncoding)),
        );
        let mut other = bench.clone();
        other.secrets = vec![secret(&bench.scheme, 77)];
        other.others = vec![("Orders".into(), bench.key.clone(), false)];
        cases.push(other.case(format!("{} + another's secret", change.name), &codes(SecretOtherEndpoint)));
        if bench.spec().timestamp.is_some() {
            let content = if bench.spec().content.contains("{ts}.") { "{ts}:{body}" } else { "{body}" };
            let code = if content == "{body}" { ContentBodyOnly } else { ContentSeparator };
            if id != "standardwebhooks" {
                let changed = bench.clone().signing(|spec| content.clone_into(&mut spec.content));
                cases.push(changed.expect("sound").case(format!("{} + content", change.name), &codes(code)));
            }
        }
    }
    for id in ["square", "hubspot_v3", "smsportal"] {
        for change in
            changes.iter().filter(|change| matches!(change.codes[0], BodyNewlineAdded | BodyReserialized))
        {
            let mut bench = Bench::new(id, &change.signed);
            bench.body = Some(change.arrives.clone());
            bench.url = URL.replace("https", "http");
            let codes = [&change.codes[..], &[UrlScheme]].concat();
            cases.push(bench.case(format!("{} + http", change.name), &codes));
        }
    }
    cases
}
