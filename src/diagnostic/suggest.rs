//! The nearest right word.

/// Names longer than this are not a slip of the pen, and comparing them would take long.
const LONGEST: usize = 64;

/// What a field is called elsewhere, and here.
const SYNONYMS: &[(&str, &str)] = &[
    ("activation", "function"),
    ("bitlines", "columns"),
    ("bipolar", "differential"),
    ("clock", "rate"),
    ("cols", "columns"),
    ("component", "use"),
    ("delay", "latency"),
    ("enob", "bits"),
    ("frequency", "clock"),
    ("frequency", "rate"),
    ("high-resistance", "r-high"),
    ("inputs", "features"),
    ("instances", "count"),
    ("library", "technology"),
    ("leakage", "static-power"),
    ("levels", "bits"),
    ("low-resistance", "r-low"),
    ("lrs", "r-low"),
    ("hrs", "r-high"),
    ("mux", "share"),
    ("neurons", "dense"),
    ("number", "count"),
    ("outputs", "dense"),
    ("parent", "in"),
    ("precision", "bits"),
    ("r-ap", "r-high"),
    ("r-off", "r-high"),
    ("r-on", "r-low"),
    ("r-p", "r-low"),
    ("reference", "source"),
    ("resolution", "bits"),
    ("roff", "r-high"),
    ("ron", "r-low"),
    ("signed", "differential"),
    ("size", "capacity"),
    ("supply", "vdd"),
    ("throughput", "rate"),
    ("time", "latency"),
    ("technology-node", "node"),
    ("units", "dense"),
    ("voltage", "vdd"),
    ("wordlines", "rows"),
];

/// The candidate closest to `word`, if one is close enough to be what the person meant.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    meant(word, candidates).into_iter().next()
}

/// The candidates that the person may have meant: one, or those that share the word as a part (`mram` of `sot-mram`, `stt-mram`).
fn meant<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let folded = fold(word);
    if folded.len() > LONGEST {
        return Vec::new();
    }
    let synonyms = || SYNONYMS.iter().filter(|(other, _)| *other == folded).map(|(_, ours)| *ours);
    let mut ranked: Vec<((u8, usize), &str)> = candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .filter_map(|candidate| {
            Some((closeness(&folded, candidate, synonyms().any(|ours| ours == candidate))?, candidate))
        })
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    let Some(&((rank, _), _)) = ranked.first() else { return Vec::new() };
    let alike = ranked.iter().take_while(|((other, _), _)| *other == rank && rank == PART);
    let count = alike.count().max(1);
    ranked.into_iter().take(count).map(|(_, candidate)| candidate).collect()
}

/// True if a word is another one but for a slip of a finger.
#[must_use]
pub fn is_slip(word: &str, meant: &str) -> bool {
    const SHORTEST: usize = 4;
    let (word, meant) = (fold(word), fold(meant));
    // Words of other lengths are not compared, however long they are.
    word.len().max(meant.len()) >= SHORTEST
        && word.len().abs_diff(meant.len()) <= 1
        && strsim::damerau_levenshtein(&word, &meant) <= 1
}

const PART: u8 = 1;

/// How close a candidate is: its rank and its distance; none if it is not what was meant.
fn closeness(folded: &str, candidate: &str, is_synonym: bool) -> Option<(u8, usize)> {
    let other = fold(candidate);
    let distance = strsim::damerau_levenshtein(folded, &other);
    if distance == 0 || is_synonym {
        return Some((0, 0));
    }
    // A word that is a part of the other (`sigmoid` for `digital-sigmoid`) is meant more often than not.
    if folded.len() >= 3 && other.split('-').any(|part| part == folded) {
        return Some((PART, 0));
    }
    if distance <= (folded.chars().count().max(other.chars().count()) / 3).max(1) {
        return Some((2, distance));
    }
    // Two letters are in too many words.
    let contained = folded.len() >= 3 && (other.contains(folded) || other.len() >= 3 && folded.contains(&other));
    contained.then_some((3, distance))
}

/// `did you mean `x`?`, or else the list of what exists.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    let meant = meant(word, candidates.clone());
    if !meant.is_empty() {
        let words: Vec<String> = meant.iter().take(4).map(|best| format!("`{best}`")).collect();
        return Some(format!("did you mean {}?", words.join(" or ")));
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

/// Help for a text like `dense 64`, whose first word is a key and stands without its colon.
#[must_use]
pub fn missing_colon(text: &str, keys: &[&str]) -> Option<String> {
    let (key, value) = text.trim().split_once(char::is_whitespace)?;
    let value = value.trim();
    keys.contains(&key).then(|| format!("a colon is missing after `{key}`: write `{key}: {value}`"))
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
    fn a_slip_is_one_letter_too_many_too_few_other_or_swapped() {
        for slip in ["rowsx", "row", "rovs", "rwos", "Rows"] {
            assert!(is_slip(slip, "rows"), "{slip}");
        }
        // Two slips; a word of another meaning; words so short that all are alike.
        for other in ["rwsox", "columns", "rowsxx"] {
            assert!(!is_slip(other, "rows"), "{other}");
        }
        assert!(!is_slip("on", "of"));
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

    #[test]
    fn a_word_that_is_a_part_of_several_offers_all_of_them() {
        let kinds = ["rram", "stt-mram", "sot-mram"];
        assert_eq!(did_you_mean("MRAM", kinds).as_deref(), Some("did you mean `sot-mram` or `stt-mram`?"));
    }

    #[test]
    fn a_word_of_two_meanings_is_the_one_that_fits() {
        assert_eq!(nearest("frequency", ["rate", "latency"]), Some("rate"));
        assert_eq!(nearest("frequency", ["clock", "node"]), Some("clock"));
    }

    #[test]
    fn signed_weights_are_called_differential_here() {
        assert_eq!(nearest("signed", ["differential", "unsigned"]), Some("differential"));
    }

    #[test]
    fn a_key_without_its_colon_is_seen_as_one() {
        let help = missing_colon("dense 64", &["name", "dense"]);
        assert_eq!(help.as_deref(), Some("a colon is missing after `dense`: write `dense: 64`"));
        assert_eq!(missing_colon("dense", &["dense"]), None);
        assert_eq!(missing_colon("dens 64", &["dense"]), None);
    }

    #[test]
    fn a_name_that_is_used_elsewhere_finds_ours() {
        assert_eq!(nearest("R_on", ["r-high", "r-low", "node"]), Some("r-low"));
    }
}
