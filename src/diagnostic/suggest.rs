//! The nearest right word.

/// The candidate closest to `word`, if one is close enough to be what the person meant.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    candidates
        .into_iter()
        .map(|candidate| {
            let other = fold(candidate);
            let distance = strsim::damerau_levenshtein(&folded, &other);
            // A word that is a part of the other (`sigmoid` for `digital-sigmoid`) is meant more often than not.
            let contained = folded.len() >= 3 && (other.contains(&folded) || folded.contains(&other));
            let limit = (folded.chars().count().max(other.chars().count()) / 3).max(1);
            (candidate, distance, contained, limit)
        })
        .filter(|&(_, distance, contained, limit)| distance <= limit || contained)
        .min_by_key(|&(candidate, distance, contained, limit)| {
            (if distance <= limit { 0 } else { 1 }, distance, !contained, candidate)
        })
        .map(|(candidate, ..)| candidate)
}

/// `did you mean `x`?`, or else the list of what exists.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(best) = nearest(word, candidates.clone()) {
        return Some(format!("did you mean `{best}`?"));
    }
    let mut all: Vec<&str> = candidates.into_iter().collect();
    if all.is_empty() {
        return None;
    }
    all.sort_unstable();
    all.dedup();
    Some(format!("expected one of: {}", list(&all)))
}

/// A comma-separated list, cut where it would fill a screen.
#[must_use]
pub fn list(words: &[&str]) -> String {
    const SHOWN: usize = 16;
    let mut text = words.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if words.len() > SHOWN {
        text.push_str(&format!(" and {} more", words.len() - SHOWN));
    }
    text
}

/// Case and the choice between `-`, `_` and space are not what tells two names apart.
fn fold(word: &str) -> String {
    word.chars().flat_map(char::to_lowercase).map(|c| if matches!(c, '_' | ' ') { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transposition_finds_its_word() {
        assert_eq!(nearest("ocmponent", ["component", "command"]), Some("component"));
    }

    #[test]
    fn underscores_and_case_do_not_hide_the_right_key() {
        assert_eq!(nearest("Read_Voltage", ["rate", "read-voltage"]), Some("read-voltage"));
    }

    #[test]
    fn a_far_word_is_not_suggested_but_the_list_is() {
        assert_eq!(nearest("zzz", ["adc", "dac"]), None);
        assert_eq!(did_you_mean("zzz", ["dac", "adc"]).as_deref(), Some("expected one of: adc, dac"));
    }

    #[test]
    fn an_exact_fold_wins_over_a_longer_word_that_contains_it() {
        assert_eq!(nearest("sigmoid", ["digital-sigmoid", "sigmoid"]), Some("sigmoid"));
    }
}
