//! Files that are written and read.

use hookbench_interchange::{Bounds, Facts, Import, Message, Outgoing, WriteFormat, Writer, read};

pub(crate) fn file(format: WriteFormat, messages: &[Message]) -> Vec<u8> {
    let mut writer = Writer::new(format);
    let mut file = writer.begin();
    for message in messages {
        let facts = Facts { id: "req_1".to_owned(), ..Facts::default() };
        file.extend(writer.one(&Outgoing { message: message.clone(), facts }));
    }
    file.extend(writer.end());
    file
}

pub(crate) fn whole(content: &[u8]) -> Import {
    read(content, None, &Bounds::default()).unwrap()
}
