//! Help, completions, and what wrong usage gives.

use crate::support::{folder, hookbench};

async fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let data = folder();
    let output = hookbench(data.path()).args(arguments).output().await.expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn every_command_of_the_contract_is_there_and_explains_itself() {
    let commands = [
        "serve",
        "send",
        "listen",
        "endpoints",
        "events",
        "deliveries",
        "retry",
        "clock",
        "faults",
        "requests",
        "import",
        "export",
        "filters",
        "sign",
        "verify",
        "providers",
        "schedule",
        "completions",
    ];
    let (_, help, _) = run(&["--help"]).await;
    for command in commands {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is not in the help:\n{help}");
        let (code, words, _) = run(&[command, "--help"]).await;
        assert_eq!(code, Some(0), "{command}");
        assert!(words.contains("Usage: hookbench"), "{words}");
    }
}

#[tokio::test]
async fn wrong_usage_exits_with_2_and_says_what_is_wrong() {
    for (arguments, word) in [
        (&["fly"][..], "fly"),
        (&["send"], "EVENT_TYPE"),
        (&["retry"], "give either"),
        (&["retry", "dlv_x", "--status", "failed"], "give either"),
        (&["send", "message.sent", "--event-data", "{"], "not JSON"),
        (&["send", "message.sent", "--event-data", "{}", "--payload", "x"], "cannot be used with"),
        (&["deliveries", "list", "--since", "yesterday"], "RFC 3339"),
        (&["deliveries", "list", "--limit", "0"], "0"),
        (&["deliveries", "list", "--status", "lost"], "status"),
        (&["deliveries", "list", "--ended-because", "lost"], "exhausted"),
        (&["settings", "--metrics", "perhaps"], "metrics"),
        // Naming nobody is not letting everybody in, nor is `all` one among others.
        (&["settings", "--allow", ""], "--allow takes"),
        (&["settings", "--allow", " , "], "--allow takes"),
        (&["settings", "--allow", "all,10.0.0.0/8"], "`all` alone"),
        (&["serve", "--log-format", "xml"], "json"),
        (&["serve", "--host", "user@hooks.lan"], "--host"),
        (&["endpoints", "create", "ftp://example.com"], "url"),
        (&["endpoints", "create", "not a url"], "url"),
        (&["requests", "send", "req_x"], "--url"),
        (&["requests", "mark", "req_x"], "--note"),
        (&["requests", "mark", "req_x", "--colour", "beige"], "purple"),
        (&["endpoints", "create", "http://127.0.0.1:9", "--jitter", "0.1"], "--retry-delays"),
        (&["endpoints", "create", "http://127.0.0.1:9", "--disable", "sometimes"], "failing:24h"),
        (&["endpoints", "create", "http://127.0.0.1:9", "--breaker", "0,1s,1s"], "breaker.failures"),
        (&["schedule", "--retry-delays", "soon"], "soon"),
        (&["faults", "create", "--fault", "explode"], "half_headers"),
        (&["faults", "create", "--fail-first", "2"], "--fault"),
        (&["sign", "--scheme", "none-such", "--secret", "s", "--body", "/dev/null"], "scheme"),
        (
            &["verify", "--scheme", "github", "--secret", "s", "--body", "/dev/null", "-H", "no colon"],
            "header",
        ),
    ] {
        let (code, out, words) = run(arguments).await;
        assert_eq!(code, Some(2), "{arguments:?}: {out}{words}");
        assert!(words.contains(word), "{arguments:?}: {words}");
        assert!(out.is_empty(), "{arguments:?}: {out}");
    }
}

#[tokio::test]
async fn what_is_not_there_exits_with_1() {
    for arguments in [
        &["deliveries", "show", "dlv_00000000000000000000000000"][..],
        &["endpoints", "delete", "ep_00000000000000000000000000"],
        &["providers", "show", "none-such"],
    ] {
        let (code, _, words) = run(arguments).await;
        assert_eq!(code, Some(1), "{arguments:?}: {words}");
        assert!(!words.trim().is_empty() && !words.contains("panicked"), "{words}");
    }
}

#[tokio::test]
async fn completions_are_written_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, script, words) = run(&["completions", shell]).await;
        assert_eq!(code, Some(0), "{words}");
        assert!(script.contains("hookbench") && script.contains("rotate-secret"), "{shell}");
    }
}
