//! Several values of one quantity, as a person writes them: `A..B`, `A..B:COUNT` or `A,B,C`.

use crate::units::{Quantity, parse_quantity};

/// Values between two ends where no count is given.
const COUNT: usize = 5;

/// The values; `whole` if they are counted, such as fins.
///
/// # Errors
/// A sentence that says what is wrong with the text.
pub fn values(text: &str, whole: bool) -> Result<Vec<String>, String> {
    let Some((from, rest)) = text.split_once("..") else {
        return Ok(text.split(',').map(|value| value.trim().to_owned()).collect());
    };
    let (to, count) = match rest.split_once(':') {
        Some((to, count)) => {
            let count = count.trim().parse::<usize>().ok().filter(|n| (2..=1000).contains(n));
            (to, count.ok_or("expected a count of 2 to 1000 after `:`")?)
        }
        None => (rest, COUNT),
    };
    let quantity = |text: &str| parse_quantity(text.trim()).map_err(|error| error.message);
    let (first, last) = (quantity(from)?, quantity(to)?);
    if first.dim != last.dim {
        return Err("the ends are not of one kind".into());
    }
    if !(last.si - first.si).is_finite() {
        return Err("the ends are too far apart".into());
    }
    let percent = from.contains('%');
    let at = |k: usize| first.si + (last.si - first.si) * k as f64 / (count - 1) as f64;
    let value = |k: usize| match at(k) {
        si if percent => format!("{}%", round(si * 100.0)),
        si if whole => si.round().to_string(),
        si => Quantity { si: round(si), dim: first.dim }.to_string(),
    };
    Ok((0..count).map(value).collect())
}

/// Without the rounding error of the steps between two ends.
fn round(value: f64) -> f64 {
    format!("{value:.9e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_into_equal_steps() {
        assert_eq!(values("0%..20%:3", false).expect("a range"), ["0%", "10%", "20%"]);
        assert_eq!(values("2..20:4", true).expect("a range"), ["2", "8", "14", "20"]);
        assert_eq!(values("1 kohm, 2kohm", false).expect("a list"), ["1 kohm", "2kohm"]);
        assert_eq!(values("0..4", true).expect("a range").len(), COUNT);
        assert_eq!(values("1 V..2 A", false), Err("the ends are not of one kind".into()));
        assert_eq!(values("1e308..-1e308", false), Err("the ends are too far apart".into()));
        assert_eq!(values("1..2:1", false), Err("expected a count of 2 to 1000 after `:`".into()));
    }
}
