//! What was captured, on the command line: filters with names, words that are wrong, rules, shapes.

use serde_json::{Value, json};

use crate::support::{PATIENCE, Server, folder, hookbench, text};

async fn ran(data: &std::path::Path, arguments: &[&str]) -> (Option<i32>, Vec<Value>, String) {
    let output = hookbench(data).arg("--json").args(arguments).output().await.expect("it runs");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    let values = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    (output.status.code(), values, String::from_utf8(output.stderr).expect("UTF-8"))
}

async fn run(data: &std::path::Path, arguments: &[&str]) -> Vec<Value> {
    let (code, values, said) = ran(data, arguments).await;
    assert_eq!(code, Some(0), "{arguments:?}: {said}");
    values
}

#[tokio::test]
async fn a_filter_with_a_name_is_kept_used_and_deleted() {
    let data = folder();
    let file = data.path().join("two.sh");
    let commands = "curl -X POST http://a.example/x -d a=1\n\ncurl http://a.example/y\n";
    std::fs::write(&file, commands).expect("a file");
    let done = run(data.path(), &["import", file.to_str().expect("UTF-8")]).await;
    let inbox = text(&done[0], "inbox_id").to_owned();
    assert!(run(data.path(), &["filters"]).await.is_empty());
    let saved = run(data.path(), &["filters", "save", "Posts", "method:POST", "--inbox", &inbox]).await;
    assert_eq!((text(&saved[0], "filter"), text(&saved[0], "inbox_id")), ("method:POST", inbox.as_str()));
    let of = |rows: Vec<Value>| rows.iter().map(|row| text(row, "path").to_owned()).collect::<Vec<_>>();
    assert_eq!(of(run(data.path(), &["requests", "list", "--saved", "Posts"]).await), ["/x"]);
    assert_eq!(of(run(data.path(), &["export", "--saved", text(&saved[0], "id")]).await), ["/x"]);
    run(data.path(), &["filters", "save", "Posts", "method:GET"]).await;
    assert_eq!(of(run(data.path(), &["requests", "list", "--saved", "Posts"]).await), ["/y"]);
    let listed = run(data.path(), &["filters", "list"]).await;
    assert_eq!((listed.len(), text(&listed[0], "filter")), (1, "method:GET"));

    let (code, _, said) = ran(data.path(), &["requests", "list", "--saved", "Gets"]).await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("no filter is called Gets: there are Posts"), "{said}");
    let (code, _, said) = ran(data.path(), &["requests", "list", "--saved", "Posts", "--filter", "x"]).await;
    assert_eq!(code, Some(2), "{said}");
    run(data.path(), &["filters", "delete", "Posts"]).await;
    assert!(run(data.path(), &["filters"]).await.is_empty());
    let (code, ..) = ran(data.path(), &["filters", "delete", "Posts"]).await;
    assert_eq!(code, Some(2));
}

#[tokio::test]
async fn what_is_wrong_in_a_filter_is_pointed_at() {
    let data = folder();
    let wrong = "type:a statsu:500 method:GET";
    for arguments in [
        &["requests", "list", "--filter", wrong][..],
        &["export", "--filter", wrong],
        &["filters", "save", "Wrong", wrong],
    ] {
        let (code, _, said) = ran(data.path(), arguments).await;
        assert_eq!(code, Some(2), "{said}");
        let lines: Vec<&str> = said.lines().collect();
        let at = lines.iter().position(|line| *line == format!("  {wrong}"));
        let at = at.unwrap_or_else(|| panic!("{arguments:?}: {said}"));
        let marks = lines[at + 1];
        assert!(
            marks.starts_with("         ^^^^^^") && marks.trim_start().chars().all(|one| one == '^'),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_file_that_breaks_is_told_and_one_from_a_pipe_is_read() {
    let data = folder();
    let file = data.path().join("cut.har");
    let entry = "{\"request\": {\"method\": \"GET\", \"url\": \"http://a.example/1\", \"headers\": []}}";
    std::fs::write(&file, format!("{{\"log\": {{\"entries\": [{entry}, {{\"req")).expect("a file");
    let (code, done, said) = ran(data.path(), &["import", file.to_str().expect("UTF-8")]).await;
    assert_eq!((code, &done[0]["count"], &done[0]["broken"]), (Some(1), &json!(1), &json!(true)), "{said}");
    assert!(said.contains("The 1 requests before that are imported."), "{said}");

    let line = "{\"method\": \"POST\", \"url\": \"http://a.example/2\"}\n".repeat(3000);
    let mut command = hookbench(data.path());
    command.args(["--json", "import", "-", "--inbox-name", "Piped"]);
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    let feed = tokio::spawn(async move {
        tokio::io::AsyncWriteExt::write_all(&mut input, line.as_bytes()).await.expect("it reads");
    });
    let output =
        tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("in time").expect("it ends");
    feed.await.expect("all was written");
    let done: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&done["count"], &done["broken"]), (&json!(3000), &json!(false)), "{done}");
}

#[tokio::test]
async fn rules_are_listed_set_tried_out_and_begun_again() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = server.inbox("Ruled", None, None).await;
    let id = text(&inbox, "id");
    assert!(run(data.path(), &["inboxes", "rules", "list", id]).await.is_empty());
    let file = data.path().join("rules.json");
    let rules = json!([{"name": "Busy", "when": {"methods": ["POST"]}, "then": {"statuses": [503]}}]);
    std::fs::write(&file, rules.to_string()).expect("a file");
    let file = file.to_str().expect("UTF-8");
    let set = run(data.path(), &["inboxes", "rules", "set", id, file]).await;
    assert_eq!(set[0]["rules"][0]["name"], "Busy", "{set:?}");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = client.post(text(&inbox, "url")).body("{}").send().await.expect("an answer");
    assert_eq!(answer.status(), 503);
    let listed = run(data.path(), &["inboxes", "rules", "list", id]).await;
    assert_eq!((&listed[0]["matched"], &listed[0]["answered"]), (&json!(1), &json!(1)), "{listed:?}");
    let tried = run(data.path(), &["inboxes", "rules", "preview", id]).await;
    assert!(tried[0].to_string().contains("503"), "{tried:?}");
    let rule = text(&listed[0], "id").to_owned();
    run(data.path(), &["inboxes", "rules", "reset", id, "--rule", &rule]).await;
    assert_eq!(run(data.path(), &["inboxes", "rules", "list", id]).await[0]["matched"], 0);
    std::fs::write(file, "[{").expect("a file");
    let (code, _, said) = ran(data.path(), &["inboxes", "rules", "set", id, file]).await;
    assert!(code == Some(2) && said.contains("holds no JSON"), "{said}");
    std::fs::write(file, "[{\"name\": 5}]").expect("a file");
    let (code, _, said) = ran(data.path(), &["inboxes", "rules", "set", id, file]).await;
    assert!(code == Some(2) && said.contains("rules"), "{said}");
}

#[tokio::test]
async fn shapes_are_listed_shown_and_forgotten() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = server.inbox("Shaped", None, None).await;
    assert!(run(data.path(), &["shapes"]).await.is_empty());
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let send = |body: &'static str| {
        let sent = client.post(text(&inbox, "url")).header("content-type", "application/json").body(body);
        async move { assert_eq!(sent.send().await.expect("an answer").status(), 200) }
    };
    for _ in 0..6 {
        send("{\"id\": 1, \"to\": \"ada\"}").await;
    }
    send("{\"id\": \"one\", \"to\": \"ada\", \"extra\": true}").await;
    // Learning comes behind capturing.
    let learnt = async {
        loop {
            let shapes = run(data.path(), &["shapes", "list"]).await;
            if shapes.first().is_some_and(|shape| shape["bodies"] == 7) {
                return shapes;
            }
        }
    };
    let shapes = tokio::time::timeout(PATIENCE, learnt).await.expect("it learns in time");
    let id = text(&shapes[0], "id").to_owned();
    assert!(run(data.path(), &["shapes", "show", &id]).await[0].to_string().contains("extra"));
    let schema = run(data.path(), &["shapes", "schema", &id]).await;
    assert!(schema[0]["properties"]["to"].is_object(), "{schema:?}");
    let drifts = run(data.path(), &["shapes", "drifts", "--shape", &id]).await;
    assert!(drifts.iter().any(|drift| text(drift, "path").contains("extra")), "{drifts:?}");
    run(data.path(), &["shapes", "forget", &id]).await;
    assert!(run(data.path(), &["shapes", "list"]).await.iter().all(|shape| shape["id"] != json!(id)));
    let (code, ..) = ran(data.path(), &["shapes", "show", &id]).await;
    assert_eq!(code, Some(1));
}

/// What a command prints for people.
async fn printed(data: &std::path::Path, arguments: &[&str]) -> String {
    let output = hookbench(data).args(arguments).output().await.expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[tokio::test]
async fn retries_and_certificates_are_tables_for_people() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = server.inbox("Front", None, None).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    for _ in 0..2 {
        client.post(text(&inbox, "url")).body("again").send().await.expect("an answer");
    }
    let page = server.rows("/v1/requests").await;
    let table = printed(data.path(), &["requests", "retries", text(&page[0], "id")]).await;
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("NUMBER") && lines[0].contains("AFTER"), "{table}");
    assert!(lines[1].starts_with("1 ") && lines[1].contains(text(&page[1], "id")), "{table}");
    assert!(lines[2].starts_with("2 ") && lines[2].contains("200"), "{table}");
    assert_eq!(
        lines[3],
        "2 arrivals, of equal method, target, body and address. The inbox has no provider, so nothing is planned."
    );
    let whole = run(data.path(), &["requests", "retries", text(&page[0], "id")]).await;
    assert_eq!(whole[0]["total"], 2);

    assert!(printed(data.path(), &["certificate"]).await.contains("no certificate"));
    let made = printed(data.path(), &["certificate", "renew"]).await;
    let rows: Vec<&str> = made.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(rows[..3], ["CERTIFICATE", "made", "authority"], "{made}");
    assert!(!made.contains('{') && made.contains("localhost"), "{made}");
    let whole = run(data.path(), &["certificate"]).await;
    assert!(whole[0]["made"]["authority_pem"].is_string());
}
