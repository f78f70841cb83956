//! The provider's notices echo the caller's key.

/// The text, shortened, with everything that could be a key made unreadable:
/// what follows "API key as", long runs of capitals and digits, and words that
/// mix letters and digits.
pub fn redacted(text: &str) -> String {
    const MAX_LEN: usize = 200;
    let mut out = String::new();
    let mut after_key_as = false;
    for word in text.split_whitespace() {
        if out.len() >= MAX_LEN {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        if after_key_as {
            out.push_str("***");
        } else {
            push_redacted_word(&mut out, word);
        }
        after_key_as = out.ends_with("key as");
    }
    out
}

fn push_redacted_word(out: &mut String, word: &str) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_part(c) != is_part(first)).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        out.push_str(if could_be_key(part) { "***" } else { part });
        rest = after;
    }
}

fn could_be_key(part: &str) -> bool {
    let has = |test: fn(&u8) -> bool| part.bytes().any(|b| test(&b));
    let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    let is_capitals = !has(u8::is_ascii_lowercase);
    (part.len() >= 6 && is_mixed) || (part.len() >= 12 && is_capitals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_vanish_and_words_stay() {
        assert_eq!(
            redacted(
                "We have detected your API key as ABCDEF0123456789 and our standard API rate limit is 25 requests per day."
            ),
            "We have detected your API key as *** and our standard API rate limit is 25 requests per day."
        );
        assert_eq!(redacted("apikey=QWERTYUIOPASDFGH."), "apikey=***.");
        assert_eq!(redacted("(https://host/query?apikey=a1b2c3d4e5)"), "(https://host/query?apikey=***)");
        assert_eq!(redacted("TIME_SERIES_INTRADAY with 60min"), "TIME_SERIES_INTRADAY with 60min");
        assert!(redacted(&"word ".repeat(1000)).len() < 220);
    }
}
