use bytes::Bytes;
use hookbench_model::{ChunkRecord, ChunkRun};

use super::take_line;
use crate::Fault;

/// A body that was cut into chunks.
pub(super) struct Chunked {
    pub(super) body: Bytes,
    pub(super) chunks: ChunkRecord,
    /// Each with its line end.
    pub(super) trailers: Bytes,
}

/// Reads a body with its chunks, up to the empty line behind its trailers.
pub(super) fn read(mut rest: &[u8]) -> Result<Chunked, Fault> {
    let mut body = Vec::new();
    let mut chunks = ChunkRecord { complete: true, ended: true, closed: true, ..ChunkRecord::default() };
    loop {
        let line = take_line(&mut rest);
        let told = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let size = std::str::from_utf8(told).ok().and_then(|text| usize::from_str_radix(text, 16).ok());
        let size = size.filter(|size| *size <= rest.len()).ok_or(Fault::Chunks)?;
        note(&mut chunks, size as u64, line);
        if size == 0 {
            break;
        }
        let (piece, after) = rest.split_at(size);
        body.extend_from_slice(piece);
        rest = after;
        if !take_line(&mut rest).is_empty() {
            return Err(Fault::Chunks);
        }
    }
    let behind = rest;
    let mut size = 0;
    while !rest.is_empty() {
        if take_line(&mut rest).is_empty() {
            break;
        }
        size = behind.len() - rest.len();
    }
    let trailers = Bytes::copy_from_slice(&behind[..size]);
    Ok(Chunked { body: Bytes::from(body), chunks, trailers })
}

fn note(chunks: &mut ChunkRecord, size: u64, line: &[u8]) {
    let is_plain = line == format!("{size:x}").as_bytes();
    chunks.count += u64::from(size > 0);
    match chunks.runs.last_mut() {
        Some(run) if is_plain && run.size == size && run.spelt.is_none() => run.times += 1,
        _ => {
            let spelt = (!is_plain).then(|| Bytes::copy_from_slice(line));
            chunks.runs.push(ChunkRun { size, times: 1, spelt });
        }
    }
}
