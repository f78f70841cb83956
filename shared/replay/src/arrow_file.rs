//! Arrow IPC files from anywhere.

use std::io::Cursor;

use arrow_ipc::{
    Block, Message,
    reader::{FileReader, StreamReader, read_footer_length},
    root_as_footer, root_as_message,
};
use arrow_schema::ArrowError;

/// Length of the footer, and the closing magic.
const TRAILER_BYTES: usize = 10;

/// Before a message: a marker and its length, or the length alone.
const MARKER: [u8; 4] = [0xff; 4];

/// The longest buffer, unpacked: memory for it is taken before it is unpacked.
const MAX_BUFFER_BYTES: i64 = 1 << 28;

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

/// Opens a stream, with the same care.
///
/// # Errors
/// [`ArrowError::ParseError`] for what is no Arrow IPC stream, or contradicts itself.
pub fn open_stream(bytes: &[u8]) -> Result<StreamReader<Cursor<&[u8]>>, ArrowError> {
    let mut rest = bytes;
    while !rest.is_empty() {
        rest = after_message(rest).ok_or_else(|| ArrowError::ParseError("a message is cut off".into()))?;
    }
    StreamReader::try_new(Cursor::new(bytes), None)
}

/// What follows a message; nothing follows the last.
fn after_message(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.strip_prefix(&MARKER).unwrap_or(bytes).split_first_chunk::<4>()?;
    let length = usize::try_from(i32::from_le_bytes(*length)).ok()?;
    if length == 0 {
        return Some(&[]);
    }
    let (message, rest) = rest.split_at_checked(length)?;
    let message = root_as_message(message).ok()?;
    let (body, rest) = rest.split_at_checked(usize::try_from(message.bodyLength()).ok()?)?;
    has_its_buffers(&message, body).then_some(rest)
}

/// Whether a block lies inside the file, and its buffers inside the block.
fn is_whole(file: &[u8], block: &Block) -> bool {
    let is_whole = || {
        let (_, rest) = file.split_at_checked(block.offset().try_into().ok()?)?;
        let (message, rest) = rest.split_at_checked(block.metaDataLength().try_into().ok()?)?;
        let message = message.strip_prefix(&MARKER).unwrap_or(message).get(4..)?;
        let (body, _) = rest.split_at_checked(block.bodyLength().try_into().ok()?)?;
        Some(has_its_buffers(&root_as_message(message).ok()?, body))
    };
    is_whole().unwrap_or(false)
}

fn has_its_buffers(message: &Message<'_>, body: &[u8]) -> bool {
    let batch = message.header_as_record_batch();
    let batch = batch.or_else(|| message.header_as_dictionary_batch()?.data());
    let Some(batch) = batch else { return true };
    let is_packed = batch.compression().is_some();
    let fits = |offset: i64, length: i64| {
        let (_, rest) = body.split_at_checked(offset.try_into().ok()?)?;
        let buffer = rest.get(..usize::try_from(length).ok()?)?;
        if is_packed && !buffer.is_empty() {
            // Its length unpacked; -1 where it is not packed.
            let unpacked = i64::from_le_bytes(*buffer.first_chunk::<8>()?);
            return (-1..=MAX_BUFFER_BYTES).contains(&unpacked).then_some(());
        }
        Some(())
    };
    batch.buffers().is_none_or(|buffers| buffers.iter().all(|of| fits(of.offset(), of.length()).is_some()))
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
