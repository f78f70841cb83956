//! Text of any encoding as UTF-8.

use crate::FileError;

/// The bytes of a text as UTF-8, without the mark that some begin with.
///
/// # Errors
/// When they are of no text.
pub fn utf8(bytes: Vec<u8>) -> Result<Vec<u8>, FileError> {
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, rest @ ..] => return utf8(rest.to_vec()),
        [0xff, 0xfe, rest @ ..] => return Ok(utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => return Ok(utf16(rest, u16::from_be_bytes)),
        [first, 0, _, 0, ..] if *first != 0 => return Ok(utf16(&bytes, u16::from_le_bytes)),
        [0, first, 0, _, ..] if *first != 0 => return Ok(utf16(&bytes, u16::from_be_bytes)),
        _ => {}
    }
    if bytes.contains(&0) {
        return Err(FileError::Unsupported {
            what: "no text, Arrow or Parquet",
            remedy: "export the bars as CSV, Arrow or Parquet",
        });
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into_bytes()),
        // Latin-1, which has a character for each byte.
        Err(error) => Ok(error.into_bytes().into_iter().map(char::from).collect::<String>().into_bytes()),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Vec<u8> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16_lossy(&units).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let units =
            |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        for bytes in [
            "date,Größe".into(),
            "\u{feff}date,Größe".into(),
            units("\u{feff}date,Größe", u16::to_le_bytes),
            units("\u{feff}date,Größe", u16::to_be_bytes),
            units("date,Größe", u16::to_le_bytes),
            b"date,Gr\xf6\xdfe".to_vec(),
        ] {
            assert_eq!(String::from_utf8(utf8(bytes).unwrap()).unwrap(), "date,Größe");
        }
        assert!(utf8(b"\x01\x02\x00\x00\x05".to_vec()).is_err());
    }
}
