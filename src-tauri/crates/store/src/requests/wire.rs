use bytes::Bytes;
use hookbench_model::{ChunkRecord, ChunkRun, RequestFault, RequestId, ShownWire, WireRecord};
use sqlx::sqlite::SqliteRow;
use zeroize::Zeroizing;

use super::capture::NewRequest;
use crate::columns::{Columns, signed, to_json};
use crate::sealed::place;
use crate::vault::Vault;
use crate::writer::Write;
use crate::{Result, StoreError};

/// What few requests have besides.
const INSERT: &str = "INSERT INTO request_wire (seq, head, chunks, trailers, sealed, fault_code, fault_message, \
                      fault_at, tls, untold) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// How one request stood on the wire.
pub(super) const BY_ID: &str = "SELECT w.head, w.chunks, w.trailers, w.sealed, w.tls \
                                FROM requests t JOIN request_wire w USING (seq) WHERE t.id = ?";

/// Notes that why it was refused could not be answered, of a request with a fault.
pub(super) const UNTOLD: &str =
    "UPDATE request_wire SET untold = 1 WHERE seq = (SELECT seq FROM requests WHERE id = ?)";

/// The place that head and trailers are sealed for.
const WIRE: &str = "request wire";

/// Writes how a request stood on the wire, where there is anything to say.
pub(super) async fn insert(write: &mut Write, seq: i64, new: &NewRequest) -> Result<()> {
    let NewRequest { request, wire, .. } = new;
    let plain = WireRecord::default();
    let record = wire.as_deref().unwrap_or(&plain);
    let fault = request.fault.as_ref();
    if record.is_plain() && fault.is_none() {
        return Ok(());
    }
    let sealed = record.shown.as_ref().map(|_| seal(&write.vault, request.id, record)).transpose()?;
    let (head, trailers) = match &record.shown {
        Some(shown) => (shown.head.as_ref(), &shown.trailers),
        None => (record.head.as_ref(), &record.trailers),
    };
    write
        .rows(INSERT, 1)
        .await?
        .bind(seq)
        .bind(head.map(|head| head.to_vec()))
        .bind(record.chunks.as_ref().map(encode))
        .bind((!trailers.is_empty()).then(|| trailers.to_vec()))
        .bind(sealed)
        .bind(fault.map(|fault| fault.code.clone()))
        .bind(fault.map(|fault| fault.message.clone()))
        .bind(fault.and_then(|fault| fault.at).map(signed))
        .bind(record.tls.as_ref().map(to_json).transpose()?)
        .bind(fault.is_some_and(|fault| !fault.told));
    Ok(())
}

/// What stands in a row.
pub(super) fn read(vault: &Vault, id: RequestId, row: &SqliteRow) -> Result<WireRecord> {
    let mut columns = Columns::new(row);
    let head = columns.get::<Option<Vec<u8>>>()?.map(Bytes::from);
    let chunks = columns.get::<Option<&[u8]>>()?.map(decode).transpose()?;
    let trailers = columns.get::<Option<Vec<u8>>>()?.map(Bytes::from).unwrap_or_default();
    let sealed = columns.get::<Option<&[u8]>>()?;
    let record = WireRecord { head, chunks, trailers, tls: columns.json_or_none()?, shown: None };
    let Some(sealed) = sealed else { return Ok(record) };
    let opened = vault.open(&place(WIRE, id.as_bytes()), sealed)?;
    let mut from = Reader(&opened);
    let read = from.piece().and_then(|head| Some((head, from.piece()?)));
    let (head, trailers) = read.ok_or_else(|| StoreError::corrupt("a sealed head that cannot be read"))?;
    Ok(WireRecord {
        shown: Some(ShownWire { head: record.head, trailers: record.trailers }),
        head: (!head.is_empty()).then(|| Bytes::copy_from_slice(head)),
        trailers: Bytes::copy_from_slice(trailers),
        chunks: record.chunks,
        tls: record.tls,
    })
}

/// What went wrong with a request, from four columns.
pub(super) fn read_fault(columns: &mut Columns<'_>) -> Result<Option<RequestFault>> {
    let (code, message) = (columns.get::<Option<String>>()?, columns.get::<Option<String>>()?);
    let (at, untold) = (columns.get::<Option<i64>>()?, columns.get::<Option<bool>>()?);
    Ok(code.zip(message).map(|(code, message)| RequestFault {
        code,
        message,
        at: at.map(i64::unsigned_abs),
        told: untold != Some(true),
    }))
}

fn seal(vault: &Vault, id: RequestId, record: &WireRecord) -> Result<Vec<u8>> {
    let head = record.head.as_deref().unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(head.len() + record.trailers.len() + 20));
    for piece in [head, &record.trailers] {
        push_number(&mut bytes, piece.len() as u64);
        bytes.extend_from_slice(piece);
    }
    vault.seal(&place(WIRE, id.as_bytes()), &bytes)
}

/// Flags of a record, in its first byte; and of a run, in the lowest bit of its size.
const COMPLETE: u64 = 1;
const ENDED: u64 = 2;
const CLOSED: u64 = 4;

fn encode(record: &ChunkRecord) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + 4 * record.runs.len() + record.tail.len());
    let flag = |holds: bool, flag: u64| if holds { flag } else { 0 };
    let flags = flag(record.complete, COMPLETE) | flag(record.ended, ENDED) | flag(record.closed, CLOSED);
    push_number(&mut bytes, flags);
    push_number(&mut bytes, record.count);
    push_number(&mut bytes, record.tail.len() as u64);
    bytes.extend_from_slice(&record.tail);
    for run in &record.runs {
        // The line as it stood, or nothing, which no line of a size is.
        let line = run.spelt.as_deref().unwrap_or_default();
        push_number(&mut bytes, run.size);
        push_number(&mut bytes, run.times << 1 | u64::from(!line.is_empty()));
        if !line.is_empty() {
            push_number(&mut bytes, line.len() as u64);
            bytes.extend_from_slice(line);
        }
    }
    bytes
}

fn decode(bytes: &[u8]) -> Result<ChunkRecord> {
    read_chunks(Reader(bytes)).ok_or_else(|| StoreError::corrupt("chunks that cannot be read"))
}

fn read_chunks(mut from: Reader<'_>) -> Option<ChunkRecord> {
    let flags = from.number()?;
    let mut record = ChunkRecord {
        count: from.number()?,
        tail: Bytes::copy_from_slice(from.piece()?),
        complete: flags & COMPLETE != 0,
        ended: flags & ENDED != 0,
        closed: flags & CLOSED != 0,
        runs: Vec::new(),
    };
    while !from.0.is_empty() {
        let (size, times) = (from.number()?, from.number()?);
        let spelt = if times & 1 == 1 { Some(Bytes::copy_from_slice(from.piece()?)) } else { None };
        record.runs.push(ChunkRun { size, times: times >> 1, spelt });
    }
    Some(record)
}

/// Seven bits a byte, the lowest first; all but the last have the highest bit.
fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(0x80 | u8::try_from(number & 0x7f).unwrap_or_default());
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or_default());
}

struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn piece(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (piece, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run() -> impl Strategy<Value = ChunkRun> {
        let spelt = prop::option::of(prop::collection::vec(any::<u8>(), 1..20).prop_map(Bytes::from));
        (any::<u64>(), 0..1_u64 << 40, spelt).prop_map(|(size, times, spelt)| ChunkRun { size, times, spelt })
    }

    proptest! {
        #[test]
        fn any_chunks_read_back(
            runs in prop::collection::vec(run(), 0..12),
            (complete, ended, closed, count) in any::<(bool, bool, bool, u64)>(),
            tail in prop::collection::vec(any::<u8>(), 0..9),
        ) {
            let record = ChunkRecord { runs, count, complete, ended, closed, tail: Bytes::from(tail) };
            prop_assert_eq!(decode(&encode(&record)).unwrap(), record);
        }

        #[test]
        fn any_bytes_are_chunks_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = decode(&bytes);
        }
    }

    #[test]
    fn equal_chunks_take_little_room() {
        let runs = vec![
            ChunkRun { size: 8192, times: 4096, spelt: None },
            ChunkRun { size: 0, times: 1, spelt: None },
        ];
        let record = ChunkRecord { runs, count: 4096, complete: true, ended: true, ..ChunkRecord::default() };
        assert_eq!(encode(&record).len(), 10);
    }
}
