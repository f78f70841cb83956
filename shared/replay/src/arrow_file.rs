//! Arrow IPC files from anywhere.

use std::io::Cursor;

use arrow_ipc::{
    Block, RecordBatch,
    reader::{FileReader, read_footer_length},
    root_as_footer, root_as_message,
};
use arrow_schema::ArrowError;

/// Length of the footer, and the closing magic.
const TRAILER_BYTES: usize = 10;

/// Before a message: a marker and its length, or the length alone.
const MARKER: [u8; 4] = [0xff; 4];

/// Opens a file whose blocks and buffers lie where they can: the reader of
/// arrow-ipc takes the file's word for it, and stops the program where it lies.
///
/// # Errors
/// [`ArrowError::ParseError`] for what is no Arrow IPC file, or contradicts itself.
pub fn open(bytes: &[u8]) -> Result<FileReader<Cursor<&[u8]>>, ArrowError> {
    let error = |what: &str| ArrowError::ParseError(what.to_owned());
    let (rest, trailer) =
        bytes.split_last_chunk::<TRAILER_BYTES>().ok_or_else(|| error("it is too short"))?;
    let footer_at = rest.len().checked_sub(read_footer_length(*trailer)?);
    let footer = footer_at.and_then(|at| rest.get(at..)).ok_or_else(|| error("its footer is cut off"))?;
    let footer = root_as_footer(footer).map_err(|reason| error(&format!("its footer: {reason}")))?;
    let lists = [footer.dictionaries(), footer.recordBatches()];
    if !lists.into_iter().flatten().flatten().all(|block| is_whole(rest, block)) {
        return Err(error("a block lies outside the file"));
    }
    FileReader::try_new(Cursor::new(bytes), None)
}

/// Whether a block lies inside the file, and its buffers inside the block.
fn is_whole(file: &[u8], block: &Block) -> bool {
    let batch = || {
        let offset = usize::try_from(block.offset()).ok()?;
        let body = offset.checked_add(block.metaDataLength().try_into().ok()?)?;
        let body_bytes = u64::try_from(block.bodyLength()).ok()?;
        (body_bytes <= (file.len() as u64).checked_sub(body as u64)?).then_some(())?;
        let message = file.get(offset..body)?;
        let message = message.strip_prefix(&MARKER).unwrap_or(message).get(4..)?;
        let message = root_as_message(message).ok()?;
        let batch = message.header_as_record_batch();
        let batch = batch.or_else(|| message.header_as_dictionary_batch()?.data());
        Some(batch.is_none_or(|batch| has_its_buffers(batch, body_bytes)))
    };
    batch().unwrap_or(false)
}

fn has_its_buffers(batch: RecordBatch<'_>, body_bytes: u64) -> bool {
    let fits = |offset: i64, length: i64| {
        let end = u64::try_from(offset).ok().zip(u64::try_from(length).ok());
        end.and_then(|(offset, length)| offset.checked_add(length)).is_some_and(|end| end <= body_bytes)
    };
    batch.buffers().is_none_or(|buffers| buffers.iter().all(|of| fits(of.offset(), of.length())))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may fail loudly")]
mod tests {
    use super::*;

    const IBM: &[u8] = include_bytes!("../../../public/replay/IBM.arrow");

    /// The footer's blocks, which lie at the end of the file, get another byte each in turn.
    #[test]
    fn a_footer_that_lies_is_an_error_and_no_panic() {
        let mut refused = 0;
        let begin = IBM.len() - TRAILER_BYTES - read_footer_length(*IBM.last_chunk().unwrap()).unwrap();
        for at in begin..IBM.len() {
            for byte in [0x00, 0x7f, 0x80, 0xff] {
                let mut bytes = IBM.to_vec();
                if std::mem::replace(&mut bytes[at], byte) == byte {
                    continue;
                }
                let read = open(&bytes).and_then(|reader| reader.collect::<Result<Vec<_>, _>>());
                refused += usize::from(read.is_err());
            }
        }
        assert!(refused > 100, "{refused}");
        assert!(open(IBM).unwrap().next().unwrap().is_ok());
        assert!(open(&IBM[..IBM.len() - 1]).is_err() && open(&[]).is_err() && open(b"ARROW1").is_err());
    }
}
