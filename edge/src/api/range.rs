//! One range of bytes of an answer (RFC 9110, 14).

use std::ops::Range;

/// What of a body is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of it: what was asked for is no single range of bytes.
    Whole,
    /// These bytes.
    Part(Range<usize>),
    /// Nothing: the range begins behind the end.
    Nothing,
}

/// What a `Range` header selects of so many bytes.
pub fn select(header: &str, length: usize) -> Selection {
    let Some((unit, range)) = header.split_once('=') else { return Selection::Whole };
    let bounds = range.trim().split_once('-');
    let (Some((first, last)), true) = (bounds, unit.trim().eq_ignore_ascii_case("bytes")) else {
        return Selection::Whole;
    };
    match (number(first), number(last)) {
        // The last so many bytes.
        (Bound::Open, Bound::At(0)) => Selection::Nothing,
        (Bound::Open, Bound::At(count)) if length > 0 => {
            Selection::Part(length.saturating_sub(count)..length)
        }
        (Bound::At(first), Bound::At(last)) if last < first => Selection::Whole,
        (Bound::At(first), Bound::At(last)) if first < length => {
            Selection::Part(first..last.saturating_add(1).min(length))
        }
        (Bound::At(first), Bound::Open) if first < length => Selection::Part(first..length),
        (Bound::Open, Bound::At(_)) | (Bound::At(_), Bound::At(_) | Bound::Open) => Selection::Nothing,
        _ => Selection::Whole,
    }
}

/// Whether an `If-Range` header lets a range be sent: without one, or where it names
/// the tag of what there is now, which then has to be a strong one.
pub fn is_current(if_range: Option<&str>, tag: &str) -> bool {
    if_range.is_none_or(|known| known.trim() == tag && !tag.starts_with("W/"))
}

enum Bound {
    Open,
    At(usize),
    /// No number, such as the rest of a list of ranges.
    Unreadable,
}

/// Numbers beyond all lengths are behind every end.
fn number(text: &str) -> Bound {
    match text.trim() {
        "" => Bound::Open,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Bound::At(digits.parse().unwrap_or(usize::MAX))
        }
        _ => Bound::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_ranges_are_selected() {
        for (header, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-99", 0..10),
            ("bytes=4-", 4..10),
            ("bytes=-3", 7..10),
            ("bytes=-30", 0..10),
            ("Bytes = 2-3 ", 2..4),
            ("bytes=0-99999999999999999999999", 0..10),
        ] {
            assert_eq!(select(header, 10), Selection::Part(part), "{header}");
        }
    }

    #[test]
    fn what_is_no_single_range_is_passed_over_and_what_lies_behind_is_refused() {
        for header in
            ["", "bytes", "bytes=", "bytes=-", "lines=0-1", "bytes=3-2", "bytes=0-1,4-5", "bytes=a-b"]
        {
            assert_eq!(select(header, 10), Selection::Whole, "{header}");
        }
        for header in ["bytes=10-", "bytes=10-12", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(select(header, 10), Selection::Nothing, "{header}");
        }
        assert_eq!((select("bytes=0-", 0), select("bytes=-5", 0)), (Selection::Nothing, Selection::Nothing));
    }

    #[test]
    fn only_a_strong_tag_vouches_for_bytes() {
        assert!(is_current(None, "W/\"a\"") && is_current(Some("\"a\""), "\"a\""));
        for (known, tag) in [
            ("\"a\"", "\"b\""),
            ("W/\"a\"", "W/\"a\""),
            ("W/\"a\"", "\"a\""),
            ("Tue, 04 Sep 2012 09:30:00 GMT", "\"a\""),
        ] {
            assert!(!is_current(Some(known), tag), "{known} {tag}");
        }
    }
}
