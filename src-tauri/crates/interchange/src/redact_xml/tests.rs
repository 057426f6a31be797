use super::*;

fn redact(text: &str) -> Result<Option<String>, NotXml> {
    redacted(text, Within::default())
}

fn without(text: &str) -> String {
    redact(text).unwrap().unwrap_or_else(|| text.to_owned())
}

#[test]
fn elements_and_attributes_go_by_their_names_and_the_rest_stays_to_the_byte() {
    for (text, expected) in [
        ("<a><password>xml1</password>\r\n <b/></a>", "<a><password>[redacted]</password>\r\n <b/></a>"),
        (
            "<?xml version='1.0'?>\n<x:a xmlns:x='urn:token'><x:Api-Key k = \"1\" >k9<y>z</y></x:Api-Key ><b c='d'/></x:a>\n",
            "<?xml version='1.0'?>\n<x:a xmlns:x='urn:token'><x:Api-Key k = \"1\" >[redacted]</x:Api-Key ><b c='d'/></x:a>\n",
        ),
        ("<a><secret><![CDATA[</secret> s1 <b>]]></secret>t</a>", "<a><secret>[redacted]</secret>t</a>"),
        ("<a token='t1' b=\"it's\"/>", "<a token='[redacted]' b=\"it's\"/>"),
        (
            "<p><param name=\"password\">p1</param><add key='ApiKey' value='v1'/><add key='n' value='v2'/></p>",
            "<p><param name=\"password\">[redacted]</param><add key='ApiKey' value='[redacted]'/><add key='n' value='v2'/></p>",
        ),
        (
            "<s:Envelope><s:Header><w:Security><w:UsernameToken><w:Username>u</w:Username><w:Password Type='x'>p</w:Password>\
             </w:UsernameToken></w:Security></s:Header><s:Body><to>x</to></s:Body></s:Envelope>",
            "<s:Envelope><s:Header><w:Security><w:UsernameToken>[redacted]</w:UsernameToken></w:Security></s:Header>\
             <s:Body><to>x</to></s:Body></s:Envelope>",
        ),
        ("<password></password>", "<password></password>"),
        ("<password/>", "<password/>"),
        ("<password><password>a</password>b</password>", "<password>[redacted]</password>"),
    ] {
        assert_eq!(without(text), expected);
    }
    assert_eq!(redact("<a b='c'>d<!-- e --><![CDATA[<f>]]>&amp;&unknown;</a>"), Ok(None));
}

#[test]
fn values_go_by_the_name_that_stands_beside_them() {
    let call = |value: &str, other: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<methodCall><methodName>signIn</methodName><params><param><value><struct>\n\
             <member><name>user</name><value><string>ada</string></value></member>\n\
             <member>\n <name> password </name>\n <value>{value}</value>\n</member>\n\
             <member><name>n</name><value><int>{other}</int></value></member>\n\
             </struct></value></param></params></methodCall>"
        )
    };
    assert_eq!(without(&call("<string>hunter2</string>", "7")), call("[redacted]", "7"));
    assert_eq!(without(&call("hunter2", "7")), call("[redacted]", "7"));
    for (text, expected) in [
        (
            "<m><value>p1</value><name>api_key</name></m>",
            "<m><value>[redacted]</value><name>api_key</name></m>",
        ),
        (
            "<m><name><![CDATA[pass&word]]></name><value>p1</value><name><![CDATA[password]]></name></m>",
            "<m><name><![CDATA[pass&word]]></name><value>[redacted]</value><name><![CDATA[password]]></name></m>",
        ),
        (
            "<x:entry><x:Key>Secret</x:Key><x:Value k='v'>s1</x:Value></x:entry>",
            "<x:entry><x:Key>Secret</x:Key><x:Value k='v'>[redacted]</x:Value></x:entry>",
        ),
        (
            "<dict><key>n</key><string>a</string><key>password</key><string>p1</string><key>m</key><string>b</string></dict>",
            "<dict><key>n</key><string>a</string><key>password</key><string>[redacted]</string><key>m</key><string>b</string></dict>",
        ),
        (
            "<plist version=\"1.0\">\n<dict>\n\t<key>Tokens</key>\n\t<array><string>t1</string></array>\n\t<key>id</key>\n\t<integer>1</integer>\n\
             \t<key>login</key><dict><key>user</key><string>u</string><key>Pass</key><data>cDE=</data></dict>\n</dict>\n</plist>",
            "<plist version=\"1.0\">\n<dict>\n\t<key>Tokens</key>\n\t<array>[redacted]</array>\n\t<key>id</key>\n\t<integer>1</integer>\n\
             \t<key>login</key><dict><key>user</key><string>u</string><key>Pass</key><data>[redacted]</data></dict>\n</dict>\n</plist>",
        ),
        (
            "<dict><key>ghp_0123456789012345678901</key><string>a</string></dict>",
            "<dict><key>[redacted]</key><string>a</string></dict>",
        ),
        (
            "<tags><Tag><Key>color</Key>\n <Value>red</Value></Tag><Tag><Key><![CDATA[ token ]]></Key><Value>t1</Value></Tag></tags>",
            "<tags><Tag><Key>color</Key>\n <Value>red</Value></Tag><Tag><Key><![CDATA[ token ]]></Key><Value>[redacted]</Value></Tag></tags>",
        ),
        ("<a><key>k1</key><valued>1</valued></a>", "<a><key>[redacted]</key><valued>1</valued></a>"),
        ("<a><id>1</id><key>k1</key></a>", "<a><id>1</id><key>[redacted]</key></a>"),
        ("<a key='k1'/>", "<a key='[redacted]'/>"),
        (
            "<a><b><name>token</name></b><value>v</value></a>",
            "<a><b><name>token</name></b><value>v</value></a>",
        ),
        (
            "<rule><name>token</name><note>n</note><value>v</value></rule>",
            "<rule><name>token</name><note>n</note><value>[redacted]</value></rule>",
        ),
        ("<key>password</key>", "<key>[redacted]</key>"),
    ] {
        assert_eq!(without(text), expected);
    }
}

#[test]
fn tokens_and_what_stands_in_texts_go_too() {
    let token = "ghp_0123456789012345678901";
    assert_eq!(
        without(&format!("<a b='&#103;{}'>x &lt; {token}<!-- {token} --></a>", &token[1..])),
        "<a b='[redacted]'>x &lt; [redacted]<!-- [redacted] --></a>"
    );
    assert_eq!(
        without("<a>&lt;b&gt;&lt;password&gt;p1&lt;/password&gt;&lt;/b&gt;</a>"),
        "<a>&lt;b&gt;&lt;password&gt;[redacted]&lt;/password&gt;&lt;/b&gt;</a>"
    );
    assert_eq!(
        without("<a><![CDATA[{\"password\": \"p1\"}]]></a>"),
        "<a><![CDATA[{\"password\": \"[redacted]\"}]]></a>"
    );
}

#[test]
fn what_cannot_be_read_is_told() {
    for text in [
        "<a>",
        "<a><password>p1</a>",
        "<a></b>",
        "<a b>",
        "<a b=c/>",
        "<a b='c'd='e'/>",
        "<a/><b/>",
        "<a/>text",
        "<!-- only -->",
        "<a><![CDATA[x</a>",
        "<!DOCTYPE a [<!ENTITY p \"hunter2\">]><a>&p;</a>",
        "<br><p>",
        "< a/>",
        "<",
        "",
    ] {
        assert_eq!(redact(text), Err(NotXml), "{text}");
    }
    let deep = "<a>".repeat(200_000) + &"</a>".repeat(200_000);
    assert_eq!(redact(&deep), Ok(None));
    let keys = "<key>".repeat(200_000) + &"</key>".repeat(200_000);
    assert!(redact(&keys).is_ok());
}
