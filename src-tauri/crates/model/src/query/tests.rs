//! What filters mean, and what is told of those that mean nothing.

use hookbench_signing::VerificationStatus;
use proptest::prelude::*;

use super::*;
use crate::{Colour, HeaderPairs, HeaderValue, RequestId};

const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

fn tree(text: &str) -> Node {
    Query::read(text, NOW).unwrap_or_else(|faults| panic!("{text}: {faults}")).root().clone()
}

fn term(text: &str) -> Term {
    match tree(text) {
        Node::Term(term) => term,
        other => panic!("{text}: {other:?}"),
    }
}

/// What is wrong, and the word that it is told of.
fn fault(text: &str) -> (String, String) {
    let QueryFaults(faults) = Query::read(text, NOW).expect_err(text);
    let fault = &faults[0];
    let word = text.chars().skip(fault.at.start).take(fault.at.end - fault.at.start).collect();
    (fault.to_string(), word)
}

#[test]
fn what_stands_side_by_side_holds_together_and_or_binds_less() {
    let (a, b, c) = (tree("a"), tree("b"), tree("c"));
    assert_eq!(tree(""), Node::All(Vec::new()));
    assert_eq!(tree("a b"), Node::All(vec![a.clone(), b.clone()]));
    assert_eq!(tree("a AND b"), tree("a b"));
    assert_eq!(tree("a b or c"), Node::Any(vec![tree("a b"), c.clone()]));
    assert_eq!(tree("a (b or c)"), Node::All(vec![a.clone(), Node::Any(vec![b, c])]));
    assert_eq!(tree("-a"), Node::Not(Box::new(a.clone())));
    assert_eq!(tree("not a"), tree("-a"));
    assert_eq!(tree("-(a)"), tree("-a"));
    assert_eq!(tree("\"or\""), Node::Term(Term::Anywhere("or".to_owned())));
    assert_eq!(tree("a-b"), Node::Term(Term::Anywhere("a-b".to_owned())));
}

#[test]
fn words_are_read_by_their_fields() {
    let text = |field, test| Term::Text(field, test);
    let is = |text: &str| TextTest::Is(Glob::text(text));
    let holds = |text: &str| TextTest::Holds(text.to_owned());
    let network = |text: &str| Term::Network(text.parse().unwrap());
    for (word, wanted) in [
        ("order", Term::Anywhere("order".to_owned())),
        ("\"order 4711\"", Term::Anywhere("order 4711".to_owned())),
        ("\"a\\\"b\\\\\"", Term::Anywhere("a\"b\\".to_owned())),
        ("{\"a\":1}", Term::Anywhere("{\"a\":1}".to_owned())),
        ("12:30", Term::Anywhere("12:30".to_owned())),
        ("valid", Term::Verdict(VerificationStatus::Valid)),
        ("no-secret", Term::Verdict(VerificationStatus::NoSecret)),
        ("\"valid\"", Term::Anywhere("valid".to_owned())),
        ("is:valid", Term::Verdict(VerificationStatus::Valid)),
        ("is:Pinned", Term::Mark(Mark::Pinned)),
        ("method:post", text(TextField::Method, is("POST"))),
        ("method:\"post\"", text(TextField::Method, is("post"))),
        ("method:\"G@T\"", text(TextField::Method, is("G@T"))),
        ("path:/a", text(TextField::Path, is("/a"))),
        ("path:~a", text(TextField::Path, holds("a"))),
        ("path:\"/a*\"", text(TextField::Path, is("/a*"))),
        ("query:page=2", text(TextField::Query, holds("page=2"))),
        ("content:JSON", text(TextField::Content, holds("json"))),
        ("body:\"order 4711\"", text(TextField::Body, holds("order 4711"))),
        ("note:\"\"", text(TextField::Note, holds(""))),
        ("version:2", text(TextField::Version, is("HTTP/2.0"))),
        ("status:404", Term::Status(NumberRange { low: 404, high: 404 })),
        ("status:5xx", Term::Status(NumberRange { low: 500, high: 599 })),
        ("status:>=400", Term::Status(NumberRange { low: 400, high: 999 })),
        ("status:999", Term::Status(NumberRange { low: 999, high: 999 })),
        ("status:200..299", Term::Status(NumberRange { low: 200, high: 299 })),
        ("status:600..700", Term::Status(NumberRange { low: 600, high: 700 })),
        ("status:<300", Term::Status(NumberRange { low: 1, high: 299 })),
        ("from:127.0.0.1", network("127.0.0.1")),
        ("from:10.1.2.3/8", network("10.0.0.0/8")),
        ("from:::1", network("::1")),
        ("from:[fd00::1]", network("fd00::1")),
        ("from:fd00::/8", network("fd00::/8")),
        ("from:192.168.", text(TextField::From, holds("192.168."))),
        ("from:.1:50123", text(TextField::From, holds(".1:50123"))),
        ("from:127.0.0.1:50123", text(TextField::From, holds("127.0.0.1:50123"))),
        ("from:50123", text(TextField::From, holds("50123"))),
        ("from:proxy-a", text(TextField::From, holds("proxy-a"))),
        ("from:~127.0.0.1", text(TextField::From, holds("127.0.0.1"))),
        ("from:\"999.1.1.1\"", text(TextField::From, holds("999.1.1.1"))),
        ("size:>10k", Term::Size(NumberRange { low: 10_241, high: u64::MAX })),
        ("size:1k..2k", Term::Size(NumberRange { low: 1024, high: 2048 })),
        ("colour:Red", Term::Colour(Some(Colour::Red))),
        ("color:*", Term::Colour(None)),
        ("header:X-Id", Term::Header("x-id".to_owned(), None)),
        ("header:x-id=a=b", Term::Header("x-id".to_owned(), Some(is("a=b")))),
        ("header:x-id=\"=b\"", Term::Header("x-id".to_owned(), Some(is("=b")))),
        ("header:x-id~\"a b\"", Term::Header("x-id".to_owned(), Some(holds("a b")))),
        ("since:1h", Term::Since(NOW.plus_ms(-3_600_000))),
        ("UNTIL:2026-11-01", Term::Until(Timestamp::parse_rfc3339("2026-11-01T00:00:00Z").unwrap())),
    ] {
        assert_eq!(term(word), wanted, "{word}");
    }
    let Term::Text(TextField::Type, TextTest::Is(glob)) = term("type:message.*") else { panic!("no type") };
    assert_eq!(glob.as_prefix(), Some("message."));
    assert_eq!(tree("method:GET,put"), tree("method:GET or method:PUT"));
    assert_eq!(tree("tag:\"a,b\",c,c"), tree("tag:\"a,b\" or tag:c"));
    assert_eq!(tree("from:10.0.0.0/8,::1"), tree("from:10.0.0.0/8 or from:::1"));
}

#[test]
fn faults_name_the_word_and_what_could_stand_there() {
    for (text, word, said) in [
        ("a metod:POST", "metod", "`metod` is no field here; did you mean `method:`?"),
        ("http://localhost", "http", "text with a colon in it goes in quotes"),
        ("status:", "status:", "such as `status:5xx`"),
        ("a status:5yx b", "5yx", "a status such as 500"),
        ("status:9xx", "9xx", "a class from 1xx to 5xx"),
        ("a status:500,6xx", "6xx", "`6xx` does not fit `status:`"),
        ("\u{1f600} gr\u{f6}\u{df}e:1", "gr\u{f6}\u{df}e", "`gr\u{f6}\u{df}e` is no field here"),
        ("a \u{fc} from:999.1.1.1", "999.1.1.1", "a network such as 10.0.0.0/8"),
        ("from:10.0.0.0/8,10.0.0.0/33", "10.0.0.0/33", "does not fit `from:`"),
        ("from:orders/8", "orders/8", "does not fit `from:`"),
        ("from:1..2", "1..2", "does not fit `from:`"),
        ("from:1.2.3.4.5", "1.2.3.4.5", "does not fit `from:`"),
        ("from:127.0.0.1:99999", "127.0.0.1:99999", "does not fit `from:`"),
        ("from:10.,", "", "does not fit `from:`"),
        ("status:>x", ">x", "`>x` does not fit `status:`"),
        ("status:200-299", "200-299", "a range such as 200..299"),
        ("status:200,500..400", "500..400", "a range such as 200..299"),
        ("method:GET,G@T", "G@T", "methods such as POST or P*"),
        ("method:GET,,PUT", "", "something between its commas"),
        ("size:big", "big", "a size such as >10k"),
        ("is:read", "read", "valid, invalid"),
        ("colour:beige", "beige", "red, orange"),
        ("since:yesterday", "yesterday", "an age such as 15m"),
        ("version:3", "3", "1.0, 1.1 or 2"),
        ("header:\"a b\"=1", "\"a b\"", "a header's name"),
        ("json:a>x", "x", "a number after > and <"),
        ("json:a==5", "a==5", "one of =, ~, >, >=, < and <= behind the path"),
        ("json:a!=5", "a!=5", "`-json:n=5`"),
        ("json:a=>5", "a=>5", "goes in quotes"),
        ("json:a=<5", "a=<5", "goes in quotes"),
        ("json:a=~5", "a=~5", "goes in quotes"),
        ("json:a~=5", "a~=5", "goes in quotes"),
        ("json:a<=>5", "=>5", "a number after > and <"),
        ("header:x==5", "x==5", "= or ~ behind the name"),
        ("header:x!=5", "x!=5", "`-header:x-id=42`"),
        ("json:a..b", "a..b", "a path such as data.to"),
        ("a \"bc", "\"bc", "the quotation mark is not closed"),
        ("body:\"bc", "\"bc", "the quotation mark is not closed"),
        ("(a", "(", "the parenthesis is not closed"),
        ("a) b", ")", "closes none"),
        ("a ()", "()", "nothing between the parentheses"),
        ("a or", "or", "a condition after it"),
        ("or a", "or", "a condition before it"),
        ("a or or b", "or", "a condition after it"),
        ("and a", "and", "a condition before it"),
        ("a and", "and", "a condition after it"),
        ("a -", "-", "a condition after it"),
        ("a \"\"", "\"\"", "an empty text stands everywhere"),
        ("a -\"\" b", "\"\"", "an empty text stands everywhere"),
        ("(\"\")", "\"\"", "an empty text stands everywhere"),
        ("a \"", "\"", "the quotation mark is not closed"),
        ("not", "not", "a condition after it"),
    ] {
        let (message, at) = fault(text);
        assert!(message.contains(said), "{text}: {message}");
        assert_eq!(at, word, "{text}: {message}");
    }
    let QueryFaults(faults) = Query::read("metod:x status:y \u{1f600}: (", NOW).unwrap_err();
    let starts: Vec<usize> = faults.iter().map(|fault| fault.at.start).collect();
    assert_eq!(starts, [0, 15, 20], "all of them, in their order: {faults:?}");
    assert_eq!(fault("(metod:x)").0.matches(';').count(), 2, "and nothing that follows from it");
}

#[test]
fn a_filter_is_bounded_in_length_words_and_depth() {
    assert!(Query::read(&"a".repeat(LONGEST_QUERY), NOW).is_ok());
    let problem = |text: String| Query::read(&text, NOW).unwrap_err().0.remove(0).problem;
    assert_eq!(problem("a".repeat(LONGEST_QUERY + 1)), QueryProblem::TooLong);
    assert!(Query::read(&"a ".repeat(MOST_WORDS), NOW).is_ok());
    assert_eq!(problem("a ".repeat(MOST_WORDS + 1)), QueryProblem::TooMany);
    let deep = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Query::read(&deep(DEEPEST_QUERY), NOW).is_ok());
    assert_eq!(problem(deep(DEEPEST_QUERY + 1)), QueryProblem::TooDeep);
    assert_eq!(problem("-".repeat(500) + "a"), QueryProblem::TooDeep);
}

proptest! {
    #[test]
    fn any_text_is_a_filter_or_told_of_within_its_length(
        text in prop_oneof![
            ".{0,80}",
            "([a-z]{1,6}:|json:|header:|\"|-|\\(|\\)| or | and |[a-z.\\[\\]*=~<>,0-9]{1,4}| ){0,24}",
        ],
        position in 0_usize..100,
    ) {
        let length = text.chars().count();
        if let Err(QueryFaults(faults)) = Query::read(&text, NOW) {
            prop_assert!(!faults.is_empty());
            for QueryFault { at, .. } in faults {
                prop_assert!(at.start <= at.end && at.end <= length, "{:?} of {}", at, text);
            }
        }
        let caret = Caret::in_text(&text, position);
        prop_assert!(caret.at.start <= caret.at.end && caret.at.end <= length);
    }

    #[test]
    fn a_text_in_quotes_is_looked_for_as_it_is(text in ".{1,40}") {
        let quoted = format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        prop_assert_eq!(term(&quoted), Term::Anywhere(text.clone()));
        prop_assert_eq!(term(&format!("body:{quoted}")), Term::Text(TextField::Body, TextTest::Holds(text)));
    }

    #[test]
    fn what_is_quoted_stands_for_itself_behind_a_field(text in ".{1,40}") {
        prop_assert_eq!(
            term(&format!("tag:{}", quoted(&text))),
            Term::Text(TextField::Tag, TextTest::Is(Glob::text(text.as_str())))
        );
        prop_assert_eq!(
            term(&format!("header:x={}", quoted(&text))),
            Term::Header("x".to_owned(), Some(TextTest::Is(Glob::text(text))))
        );
    }

    #[test]
    fn any_body_is_looked_into(body in prop::collection::vec(any::<u8>(), 0..60)) {
        let headers = HeaderPairs::new();
        tree("json:a.b[0]>1 or json:*=x").holds(&Searched { body: &body, ..searched(&headers) });
    }
}

#[test]
fn a_filter_is_kept_by_its_text_and_reads_back_the_same() {
    let query = Query::read("since:1h method:GET", NOW).unwrap();
    let json = serde_json::to_string(&query).unwrap();
    assert_eq!(serde_json::from_str::<Query>(&json).unwrap(), query);
    assert!(serde_json::from_str::<Query>(r#"{"text":"metod:x","at":0}"#).is_err());
    let older = serde_json::from_str::<Query>(r#"{"text":"a \"\"","at":0}"#).unwrap();
    assert_eq!(*older.root(), tree("a"), "what was kept before it was refused");
    let older =
        serde_json::from_str::<Query>(r#"{"text":"json:a==5 header:x!=5 method:G@T","at":0}"#).unwrap();
    let wanted = ["header:\"x!\"=5", "method:\"G@T\""].map(term);
    assert!(wanted.iter().all(|wanted| older.root().has(|term| term == wanted)));
    let is_text = |test: &JsonTest| matches!(test, JsonTest::Is { glob, .. } if glob.as_text() == Some("=5"));
    assert!(older.root().has(|term| matches!(term, Term::Json(_, Some(test)) if is_text(test))));
    let older = r#"{"text":"status:9xx from:999.1.1.1,x gr\u00f6\u00dfe:1 from:10.0.0.0/8","at":0}"#;
    let older = serde_json::from_str::<Query>(older).unwrap();
    let wanted = [
        Term::Status(NumberRange { low: 900, high: 999 }),
        Term::Text(TextField::From, TextTest::Holds("999.1.1.1,x".to_owned())),
        Term::Anywhere("gr\u{f6}\u{df}e:1".to_owned()),
        Term::Network("10.0.0.0/8".parse().unwrap()),
    ];
    assert_eq!(*older.root(), Node::All(wanted.map(Node::Term).into()), "it stands for what it stood for");
}

#[test]
fn the_inboxes_that_a_filter_names_whole_are_told_with_their_places() {
    let query =
        Query::read("\u{1f600} -inbox:orders,\"a b\" (inbox:o* or INBOX:~x) \"inbox:y\"", NOW).unwrap();
    let named = query.inboxes();
    let named: Vec<_> = named.iter().map(|(at, slug)| (at.start, at.end, slug.as_str())).collect();
    assert_eq!(named, [(9, 15, "orders"), (16, 21, "a b")]);
}

#[test]
fn a_network_has_the_addresses_of_it_however_they_are_written() {
    let headers = HeaderPairs::new();
    let holds =
        |text: &str, remote_addr: &str| tree(text).holds(&Searched { remote_addr, ..searched(&headers) });
    for remote in ["10.1.2.3:5", "10.1.2.3", "[::ffff:10.1.2.3]:5", "::ffff:10.1.2.3"] {
        assert!(holds("from:10.1.0.0/16", remote) && holds("from:10.1.2.3", remote), "{remote}");
        assert!(!holds("from:10.2.0.0/16", remote) && !holds("from:10.1.2.30", remote), "{remote}");
    }
    assert!(!holds("from:10.1.2.3", "10.1.2.30:5") && !holds("from:0.1.2.3", "10.1.2.3:5"));
    for remote in ["[fd00::1]:5", "fd00::1", "[fd00::1]", "[fd00::1%2]:5"] {
        assert!(holds("from:fd00::/8", remote) && holds("from:fd00:0::1", remote), "{remote}");
    }
    assert!(!holds("from:0.0.0.0/0", "proxy") && !holds("from:::/0", "") && holds("-from:::/0", "proxy"));
}

fn searched(headers: &HeaderPairs) -> Searched<'_> {
    Searched {
        id: RequestId::new(NOW),
        delivery_id: None,
        inbox: "orders",
        method: "POST",
        path: "/a/b",
        query: Some("page=2&x"),
        http_version: "HTTP/1.1",
        headers,
        content_type: Some("Application/JSON; charset=utf-8"),
        body_size: 2048,
        remote_addr: "127.0.0.1:50123",
        event_type: Some("message.sent"),
        provider_event_id: Some("evt_1"),
        verification: VerificationStatus::Invalid,
        response_status: 503,
        is_handshake: false,
        is_fault: false,
        is_drifted: false,
        is_pinned: true,
        note: "ask Ada",
        tags: &[],
        colour: Some(Colour::Red),
        body: br#"{"data":{"to":"ada","n":12,"price":1.50,"ok":true,"gone":null,
            "items":[{"id":"a"},{"id":"b","a.b":"5"}],"big":12345678901234567890123},"x":"\u0064"}"#,
    }
}

#[test]
fn a_request_is_held_against_each_word() {
    let mut headers = HeaderPairs::from_iter([("X-Id", "42"), ("x-id", "Two"), ("Empty", "")]);
    headers.push("X-Raw", HeaderValue::from(bytes::Bytes::from_static(b"\xff-raw")));
    let request = searched(&headers);
    for text in [
        "method:POST",
        "method:p*",
        "path:/a/*",
        "path:/a/b",
        "query:page=2",
        "url:/b?page",
        "status:5xx",
        "status:503",
        "type:message.*",
        "type:*.sent",
        "id:evt_1",
        "id:evt_*",
        "inbox:orders",
        "invalid",
        "is:pinned",
        "-is:fault",
        "is:noted",
        "-is:tagged",
        "-is:ours",
        "header:x-id",
        "header:x-id=42",
        "header:x-id=Two",
        "header:x-id~w",
        "header:x-raw~raw",
        "header:empty=",
        "body:ada",
        "size:2k",
        "size:>=2k",
        "content:json",
        "from:127.0.0.1",
        "from:127.0.0.0/8",
        "from::50123",
        "note:Ada",
        "colour:red",
        "colour:blue,red",
        "version:1.1",
        "since:1h",
        "-until:1h",
        "page=2",
        "ada",
        "\"X-Id: 42\"",
        "\"x-ID: 42\"",
        "\"-iD: Two\"",
        "EMPT",
        "json:data",
        "json:data.to",
        "json:data.to=ada",
        "json:data.to=a*",
        "json:data.to~d",
        "json:$.data.n=12",
        "json:data.n=12.0",
        "json:data.n>11",
        "json:data.n<=12",
        "json:data.price=1.5",
        "json:data.price=1.50",
        "json:data.ok=true",
        "json:data.gone=null",
        "json:data.items[1].id=b",
        "json:data.items[*].id=b",
        "json:data.items.0.id=a",
        "json:data.*.*.id=b",
        "json:data.items[1].\"a.b\"=5",
        "json:data.items[1].\"a.b\"=\"5\"",
        "json:x=d",
        "json:data.big>1e22",
        "-valid -(id:b or nothing)",
    ] {
        assert!(tree(text).holds(&request), "{text}");
    }
    for text in [
        "method:GET",
        "path:/a",
        "path:/A/*",
        "query:page=3",
        "status:>=504",
        "type:message",
        "type:message.",
        "inbox:order",
        "valid",
        "is:ours",
        "header:x",
        "header:x-id=two",
        "header:x-id=4",
        "header:x-id~\"42\nx\"",
        "body:Ada",
        "size:<2k",
        "content:xml",
        "colour:blue",
        "version:2",
        "until:1h",
        "json:to",
        "json:data.to=Ada",
        "json:data.n=\"12\"",
        "json:data.n>12",
        "json:data.to>1",
        "json:data=x",
        "json:data.items[2]",
        "json:data.items[1].id=a",
        "json:data.gone.x",
        "from:10.0.0.0/8",
        "from:127.0.0.10",
        "nothing",
        "\"x-id: two\"",
        "req_",
        "\"X-Id:42\"",
        "id:evt_",
        "tag:x",
    ] {
        assert!(!tree(text).holds(&request), "{text}");
    }
    let id = request.id.to_string();
    assert!(tree(&id[..12]).holds(&request) && tree(&format!("id:{id}")).holds(&request));
    let untold = Searched { response_status: crate::CapturedRequest::UNANSWERED, ..request };
    for text in ["status:200", "status:<300", "status:<=999", "status:2xx,5xx"] {
        assert!(!tree(text).holds(&untold) && tree(&format!("-{text}")).holds(&untold), "{text}");
    }
}

#[test]
fn a_body_that_is_no_json_or_breaks_off_is_no_error() {
    let headers = HeaderPairs::new();
    let holds = |text: &str, body: &[u8]| tree(text).holds(&Searched { body, ..searched(&headers) });
    assert!(!holds("json:a", b"") && !holds("json:a", b"a=1") && !holds("json:a", b"\xff\xfe"));
    assert!(!holds("json:a=1", br#"{"a":1,"b":"#), "what breaks off is none either");
    assert!(holds("json:a=1", b"\xef\xbb\xbf{\"a\":1}"), "behind the mark of UTF-8 too");
    assert!(!holds("json:b", br#"{"a":1,"b":"#));
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(!holds("json:a", deep.as_bytes()));
    let beside = format!("{{\"deep\":{deep},\"a\":1}}");
    assert!(holds("json:a=1", beside.as_bytes()), "what is passed over may be as deep as it likes");
}

#[test]
fn what_may_stand_at_the_caret_is_told_by_what_stands_before_it() {
    let at = |text: &str| {
        let position = text.chars().position(|letter| letter == '|').unwrap();
        let caret = Caret::in_text(&text.replace('|', ""), position);
        (caret.expected, caret.typed, (caret.at.start, caret.at.end))
    };
    let typed = ToOwned::to_owned;
    assert_eq!(at("|"), (Expected::Word, typed(""), (0, 0)));
    assert_eq!(at("a |"), (Expected::Word, typed(""), (2, 2)));
    assert_eq!(at("-me|t x"), (Expected::Word, typed("me"), (1, 4)));
    assert_eq!(at("(st|"), (Expected::Word, typed("st"), (1, 3)));
    assert_eq!(at("method:|"), (Expected::Value(Field::Method), typed(""), (7, 7)));
    assert_eq!(at("method:PO|ST"), (Expected::Value(Field::Method), typed("PO"), (7, 11)));
    assert_eq!(at("tag:a,b|b,c"), (Expected::Value(Field::Tag), typed("b"), (6, 8)));
    assert_eq!(at("tag:\"a b|\""), (Expected::Value(Field::Tag), typed("a b"), (4, 9)));
    assert_eq!(at("header:x-|"), (Expected::HeaderName, typed("x-"), (7, 9)));
    assert_eq!(at("header:X-Id=4|"), (Expected::HeaderValue(typed("x-id")), typed("4"), (12, 13)));
    assert_eq!(at("json:data.t|"), (Expected::JsonPath, typed("data.t"), (5, 11)));
    assert_eq!(at("json:data.to=|"), (Expected::Text, typed("data.to="), (5, 13)));
    assert_eq!(at("nope:x|"), (Expected::Text, typed("x"), (5, 6)));
    assert_eq!(at("\"met|"), (Expected::Text, typed("met"), (0, 4)));
    assert_eq!(at("met|hod:POST"), (Expected::Word, typed("met"), (0, 11)));
}
