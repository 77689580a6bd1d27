//! Texts of other people's files on a person's terminal: what would steer the terminal is shown, not done.

use std::borrow::Cow;

/// The text with control characters and marks that reorder a line as pictures of themselves; ends of lines stay.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    replaced(text, |c| picture(c).filter(|_| c != '\n'))
}

/// The same for a text that is one line: its ends of lines are shown as well.
#[must_use]
pub fn clean_line(text: &str) -> Cow<'_, str> {
    replaced(text, picture)
}

fn replaced(text: &str, picture: impl Fn(char) -> Option<char>) -> Cow<'_, str> {
    if text.chars().all(|c| picture(c).is_none()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| picture(c).unwrap_or(c)).collect())
}

/// What is shown for a character that cannot be printed as it is; none for one that can.
fn picture(c: char) -> Option<char> {
    match c {
        '\t' => None,
        // The block "Control Pictures".
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)),
        '\u{7f}' => Some('\u{2421}'),
        // Control characters of eight bits, and marks that turn the direction of writing.
        '\u{80}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some(char::REPLACEMENT_CHARACTER)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        assert_eq!(clean("a\u{1b}[31mb\u{7}\r\u{9b}\u{202e}\u{7f}\0\tc\nd"), "a␛[31mb␇␍\u{fffd}\u{fffd}␡␀\tc\nd");
        assert_eq!(clean_line("a\nb"), "a␊b");
        assert!(matches!(clean("µ: Ω, 64 µW\n"), Cow::Borrowed(_)));
        for c in (0..0x300).filter_map(char::from_u32).filter(|c| c.is_control() && *c != '\t') {
            assert!(!clean_line(&c.to_string()).chars().any(char::is_control), "{c:?}");
        }
    }
}
