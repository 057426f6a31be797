//! The desktop's dialog for files, answered by the test in a person's place.

#![allow(clippy::needless_pass_by_value, reason = "an interface is given what it is asked for")]

use std::collections::HashMap;
use std::path::PathBuf;

use zbus::message::Header;
use zbus::object_server::ResponseDispatchNotifier;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

const PATH: &str = "/org/freedesktop/portal/desktop";

/// Saves what the window wants saved, while it is kept: in its folder, called as the window suggests.
pub(crate) struct SaveDialog {
    folder: PathBuf,
    _connection: zbus::Connection,
}

impl SaveDialog {
    pub(crate) async fn answer(address: &str, folder: PathBuf) -> Self {
        std::fs::create_dir_all(&folder).unwrap();
        let connection = zbus::connection::Builder::address(address)
            .unwrap()
            .name("org.freedesktop.portal.Desktop")
            .unwrap()
            .serve_at(PATH, Chooser { folder: folder.clone() })
            .unwrap()
            .serve_at(PATH, Proxies("direct://"))
            .unwrap()
            .build()
            .await
            .unwrap();
        Self { folder, _connection: connection }
    }

    /// The bytes of what was saved under this name, which is waited for.
    pub(crate) async fn saved(&self, name: &str) -> Vec<u8> {
        let path = self.folder.join(name);
        let there = async {
            // An empty file is one that is being written.
            while std::fs::metadata(&path).map_or(0, |file| file.len()) == 0 {
                tokio::time::sleep(super::GLANCE).await;
            }
        };
        let waited = tokio::time::timeout(super::PATIENCE, there).await;
        assert!(waited.is_ok(), "{} was not saved", path.display());
        std::fs::read(path).unwrap()
    }
}

struct Chooser {
    folder: PathBuf,
}

#[zbus::interface(name = "org.freedesktop.portal.FileChooser")]
impl Chooser {
    fn save_file(
        &self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &zbus::Connection,
        parent: String,
        title: String,
        options: HashMap<String, OwnedValue>,
    ) -> ResponseDispatchNotifier<OwnedObjectPath> {
        drop((parent, title));
        let option = |name: &str| <&str>::try_from(&options[name]).unwrap().to_owned();
        let sender = header.sender().unwrap();
        let asked = sender.as_str().trim_start_matches(':').replace('.', "_");
        let request = format!("{PATH}/request/{asked}/{}", option("handle_token"));
        let chosen = format!("file://{}", self.folder.join(option("current_name")).display());
        let answer = (0_u32, HashMap::from([("uris", Value::from(vec![chosen]))]));
        let named = OwnedObjectPath::try_from(request.as_str()).unwrap();
        let (named, told) = ResponseDispatchNotifier::new(named);
        let (answering, sender) = (connection.clone(), sender.to_owned());
        let told = async move {
            // A person answers after the dialog is there.
            told.await;
            let (of, response) = ("org.freedesktop.portal.Request", "Response");
            answering.emit_signal(Some(sender), request, of, response, &answer).await.unwrap();
        };
        connection.executor().spawn(told, "answer").detach();
        named
    }
}

/// Whoever asks the desktop for files asks it for proxies as well; this is what it is told.
struct Proxies(&'static str);

#[zbus::interface(name = "org.freedesktop.portal.ProxyResolver")]
impl Proxies {
    fn lookup(&self, uri: String) -> Vec<String> {
        drop(uri);
        vec![self.0.to_owned()]
    }
}
