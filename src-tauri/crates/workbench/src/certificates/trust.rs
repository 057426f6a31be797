//! How an authority comes to be trusted, as data.

/// How an authority comes to be trusted by one system or program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustSteps {
    /// For what, as a stable code.
    pub id: &'static str,
    /// The same for people.
    pub title: &'static str,
    /// The steps, in order.
    pub steps: Vec<TrustStep>,
}

/// One of the steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustStep {
    /// What to do, as a sentence.
    pub text: String,
    /// The command that does it; `None` where none does.
    pub command: Option<String>,
}

/// The file that the steps speak of.
const FILE: &str = "hookbench-ca.pem";

/// The steps for each of them; `origin` is where a sender reaches the receiver.
pub(super) fn steps(origin: &str) -> Vec<TrustSteps> {
    let save = || {
        step(
            &format!("Save the authority's certificate as `{FILE}`."),
            Some(&format!("hookbench certificate ca > {FILE}")),
        )
    };
    let system = |id, title, trust: &str, undo: &str| TrustSteps {
        id,
        title,
        steps: vec![
            save(),
            step(
                "Have the system trust it; programs that are running have to be started again.",
                Some(trust),
            ),
            step("To take that back later:", Some(undo)),
        ],
    };
    let program = |id, title, text: &str, command: &str| TrustSteps {
        id,
        title,
        steps: vec![save(), step(text, Some(command))],
    };
    vec![
        system(
            "debian",
            "Debian, Ubuntu",
            "sudo cp hookbench-ca.pem /usr/local/share/ca-certificates/hookbench-ca.crt && sudo update-ca-certificates",
            "sudo rm /usr/local/share/ca-certificates/hookbench-ca.crt && sudo update-ca-certificates --fresh",
        ),
        system(
            "fedora",
            "Fedora, RHEL",
            "sudo cp hookbench-ca.pem /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust",
            "sudo rm /etc/pki/ca-trust/source/anchors/hookbench-ca.pem && sudo update-ca-trust",
        ),
        system(
            "macos",
            "macOS",
            "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain hookbench-ca.pem",
            "sudo security remove-trusted-cert -d hookbench-ca.pem",
        ),
        system(
            "windows",
            "Windows",
            "certutil -user -addstore Root hookbench-ca.pem",
            "certutil -user -delstore Root \"Hookbench authority\"",
        ),
        TrustSteps {
            id: "firefox",
            title: "Firefox",
            steps: vec![
                save(),
                step("Open Settings, Privacy & Security, Certificates, View Certificates.", None),
                step("Under Authorities choose Import, then the file, and tick websites.", None),
            ],
        },
        program(
            "curl",
            "curl",
            "Name the file with each call.",
            &format!("curl --cacert {FILE} {origin}/my-inbox -d hello"),
        ),
        program(
            "node",
            "Node.js",
            "Name the file in the environment of the sender.",
            &format!("NODE_EXTRA_CA_CERTS={FILE} node sender.js"),
        ),
        program(
            "python",
            "Python",
            "Name the file in the environment of the sender; `requests` reads the first, the standard library the other.",
            &format!("REQUESTS_CA_BUNDLE={FILE} SSL_CERT_FILE={FILE} python sender.py"),
        ),
    ]
}

fn step(text: &str, command: Option<&str>) -> TrustStep {
    TrustStep { text: text.to_owned(), command: command.map(ToOwned::to_owned) }
}
