//! Text from outside, fit for a message: on one line, cut when long.

use std::borrow::Cow;

/// Most characters that a message repeats.
const SHOWN_CHARS: usize = 80;

/// Most characters of a reason.
const REASON_CHARS: usize = 300;

/// The text, cut when long, on one line.
pub(crate) fn shown(text: &str) -> String {
    one_line(&cut(text))
}

/// The same of a text that says what is wrong and what would be right, and is cut later.
pub(crate) fn shown_reason(text: &str) -> String {
    one_line(&cut_at(text, REASON_CHARS))
}

/// The text, cut when long, for who escapes it.
pub(crate) fn cut(text: &str) -> Cow<'_, str> {
    cut_at(text, SHOWN_CHARS)
}

fn cut_at(text: &str, chars: usize) -> Cow<'_, str> {
    match text.char_indices().nth(chars) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The text with its control characters escaped.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::new();
    for c in text.chars() {
        if c.is_control() { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_is_cut_and_what_controls_a_terminal_is_escaped() {
        assert_eq!(shown("a\u{1b}[1mb\nµ"), "a\\u{1b}[1mb\\nµ");
        let (most, more) = ("µ".repeat(80), "µ".repeat(81));
        assert_eq!((shown_reason(&more), shown_reason(&"x".repeat(301)).len()), (more.clone(), 303));
        assert_eq!((cut(&most), cut(&more)), (most.as_str().into(), format!("{most}…").into()));
    }
}
