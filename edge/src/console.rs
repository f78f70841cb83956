//! What goes wrong, in the log: an object of JSON a line, as `exchange.rs` writes one for each request.

use std::fmt::Arguments;

use serde_json::json;

/// Somebody has to look at it.
pub fn error(message: Arguments<'_>) {
    worker::console_error!("{}", line("error", message));
}

/// It is tried again, or done without.
pub fn warn(message: Arguments<'_>) {
    worker::console_warn!("{}", line("warn", message));
}

fn line(level: &str, message: Arguments<'_>) -> String {
    json!({ "level": level, "message": message.to_string() }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_several_lines_is_one_in_the_log() {
        let line = line("warn", format_args!("{}: \"no\"\nnot now", "IBM"));
        assert_eq!(line, r#"{"level":"warn","message":"IBM: \"no\"\nnot now"}"#);
    }
}
