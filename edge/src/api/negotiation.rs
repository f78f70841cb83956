//! `Accept` headers (RFC 9110, 12.5.1).

use crate::error::EdgeError;

/// The one of some formats, with their media types, that an `Accept` header prefers; of
/// equals the first.
///
/// # Errors
/// [`EdgeError::NotAcceptable`] when it wants none of them.
pub fn negotiate<T: Copy>(accept: Option<&str>, offered: &[(T, &'static str)]) -> Result<T, EdgeError> {
    let accept = accept.filter(|accept| !accept.trim().is_empty()).unwrap_or("*/*");
    let ranges: Vec<Range<'_>> = accept.split(',').filter_map(Range::parse).collect();
    let mut best = None;
    for (format, media_type) in offered {
        let quality = quality(&ranges, media_type);
        if quality > best.map_or(0.0, |(_, best)| best) {
            best = Some((*format, quality));
        }
    }
    best.map(|(format, _)| format).ok_or_else(|| EdgeError::NotAcceptable {
        wanted: accept.to_owned(),
        offered: listed(offered.iter().map(|(_, media_type)| *media_type).collect()),
    })
}

fn listed(types: Vec<&str>) -> String {
    match types.split_last() {
        Some((last, [])) => (*last).into(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// One media range of an `Accept` header.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    quality: f64,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let quality = weight.map_or(Some(1.0), |weight| weight.parse().ok())?;
        Some(Self { kind, subtype, quality })
    }

    /// 2 for exactly this type, 1 for all of its kind, 0 for everything.
    fn specificity(&self, media_type: &str) -> Option<u8> {
        let (kind, subtype) = media_type.split_once('/')?;
        match (self.kind, self.subtype) {
            ("*", "*") => Some(0),
            (own, "*") if own.eq_ignore_ascii_case(kind) => Some(1),
            (own, sub) if own.eq_ignore_ascii_case(kind) && sub.eq_ignore_ascii_case(subtype) => Some(2),
            _ => None,
        }
    }
}

/// The weight that the most specific range gives.
fn quality(ranges: &[Range<'_>], media_type: &str) -> f64 {
    let matching = ranges.iter().filter_map(|range| Some((range.specificity(media_type)?, range.quality)));
    matching.max_by_key(|(specificity, _)| *specificity).map_or(0.0, |(_, quality)| quality)
}
