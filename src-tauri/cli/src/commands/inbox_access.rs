use clap::Args;
use serde_json::{Map, Value, json};

use super::endpoints::insert;
use crate::error::CliError;
use crate::secret::SecretArg;

/// Who may send to an inbox.
#[derive(Args)]
pub(super) struct Access {
    /// A name and a password that senders have to show
    #[arg(long, value_name = "USER:PASSWORD", conflicts_with = "token")]
    basic: Option<SecretArg>,
    /// A token that senders have to show
    #[arg(long = "access-token", value_name = "TOKEN")]
    token: Option<SecretArg>,
    /// The header that it stands in, alone or after `Bearer`; `Authorization` where neither this nor the next is given
    #[arg(long, value_name = "NAME", requires = "token")]
    token_header: Option<String>,
    /// The parameter of the query that it is
    #[arg(long, value_name = "NAME", requires = "token", conflicts_with = "token_header")]
    token_query: Option<String>,
    /// The addresses and networks that may send, with commas between: 10.1.2.3,192.168.0.0/16; `all` for everybody
    #[arg(long, value_name = "LIST")]
    allow: Option<String>,
}

impl Access {
    /// Puts into a call what was given.
    pub(super) fn put(self, body: &mut Map<String, Value>) -> Result<(), CliError> {
        if let Some(basic) = self.basic {
            let split = basic.told(|text| {
                let parts = text.split_once(':');
                parts.map(|(name, password)| json!({"type": "basic", "username": name, "password": password}))
            });
            let words = "--basic takes a name and a password with a colon between: ann:correct-horse";
            body.insert("access".to_owned(), split.ok_or_else(|| CliError::Usage(words.to_owned()))?);
        }
        if let Some(token) = self.token {
            let mut access = Map::from_iter([("type".to_owned(), "token".into())]);
            let header =
                self.token_header.or_else(|| self.token_query.is_none().then(|| "Authorization".to_owned()));
            insert(&mut access, "header", header);
            insert(&mut access, "query", self.token_query);
            insert(&mut access, "token", Some(token));
            body.insert("access".to_owned(), access.into());
        }
        insert(body, "allow", self.allow.as_deref().map(addresses).transpose()?);
        Ok(())
    }
}

/// What stands between commas. `all` is nothing that is named, so it stands alone; naming nothing says nothing.
pub(super) fn addresses(text: &str) -> Result<Vec<String>, CliError> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    let items: Vec<String> = items.map(str::to_owned).collect();
    match items.as_slice() {
        [] => Err(CliError::Usage("--allow takes addresses and networks, or `all` for everybody".to_owned())),
        [all] if all == "all" => Ok(Vec::new()),
        several if several.iter().any(|item| item == "all") => Err(CliError::Usage(
            "--allow takes `all` alone: whoever lets everybody in names nobody besides".to_owned(),
        )),
        _ => Ok(items),
    }
}
