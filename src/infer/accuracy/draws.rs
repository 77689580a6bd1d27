//! Draws of what is random: run in parallel, the same for any number of threads, and what they say together.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::student::two_sided_95;
use crate::infer::classify::DrawScratch;
use crate::infer::classify::devices::{Random, random};
use crate::model::dense::Singular;

/// What draws gave, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// Pictures whose class was found, by draw.
    pub correct: Vec<usize>,
    /// How many pictures.
    pub images: usize,
    /// Draws that were asked for; more than there are where a run was interrupted.
    pub asked: usize,
    /// Their seed.
    pub seed: u64,
}

/// Finds how many pictures' classes are found with new devices.
pub type Draw<'a> = &'a (dyn Fn(&mut Random, &mut DrawScratch) -> Result<usize, Singular> + Sync);

/// Runs draws 0, 1, … over so many pictures until as many are done or `stop` is set, which a draw looks at too. What is kept of an interrupted
/// run are the first draws, without a gap; none if not even the first was done.
///
/// # Errors
/// If a tile of the network has no solution.
pub fn run(
    (draw_of, images): (Draw<'_>, usize),
    draws: usize,
    seed: u64,
    stop: &AtomicBool,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Option<Draws>, Singular> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = |_: rayon::BroadcastContext<'_>| {
        let (mut scratch, mut found) = (DrawScratch::default(), Vec::new());
        loop {
            let draw = next.fetch_add(1, Ordering::Relaxed);
            if draw >= draws || stop.load(Ordering::Relaxed) {
                return Ok(found);
            }
            let correct = draw_of(&mut random(seed, draw as u64), &mut scratch)?;
            // A draw that was stopped on its way looks as one that was not.
            if stop.load(Ordering::Relaxed) {
                return Ok(found);
            }
            found.push((draw, correct));
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    let mut found = Vec::with_capacity(draws);
    for part in rayon::broadcast(work) {
        found.extend(part?);
    }
    found.sort_unstable();
    let correct: Vec<usize> =
        found.into_iter().enumerate().take_while(|(at, (draw, _))| at == draw).map(|(_, (_, c))| c).collect();
    let all = Draws { correct, images, asked: draws, seed };
    Ok(Some(all).filter(|draws| !draws.correct.is_empty()))
}

/// Two-sided 95 % of a normal distribution, in standard deviations.
const NORMAL_95: f64 = 1.959_964;

/// The accuracies, of all pictures of the same kind, with which a sample of so many that found this one agrees: the 95 % interval of a fraction
/// of independent trials (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927, p. 209).
#[must_use]
pub fn agreeing_with_sample(accuracy: f64, pictures: usize) -> (f64, f64) {
    let (z, n) = (NORMAL_95, pictures as f64);
    let centre = accuracy + z * z / (2.0 * n);
    let half = z * (accuracy * (1.0 - accuracy) / n + (z / (2.0 * n)).powi(2)).sqrt();
    let scale = 1.0 + z * z / n;
    (((centre - half) / scale).max(0.0), ((centre + half) / scale).min(1.0))
}

impl Draws {
    fn accuracies(&self) -> Vec<f64> {
        self.correct.iter().map(|&c| c as f64 / self.images as f64).collect()
    }

    /// The mean of the accuracy.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.accuracies().iter().sum::<f64>() / self.correct.len() as f64
    }

    /// Standard deviation from draw to draw (of the sample: n - 1 degrees of freedom); 0 of a single draw.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        let (mean, count) = (self.mean(), self.correct.len());
        let squares: f64 = self.accuracies().iter().map(|a| (a - mean).powi(2)).sum();
        if count > 1 { (squares / (count - 1) as f64).sqrt() } else { 0.0 }
    }

    /// Standard error of the mean; none of a single draw, which tells nothing about it.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        let count = self.correct.len();
        (count > 1).then(|| self.deviation() / (count as f64).sqrt())
    }

    /// The mean is known to plus or minus this with 95 % confidence: Student's t times the standard error.
    #[must_use]
    pub fn half_width(&self) -> Option<f64> {
        let freedom = u32::try_from(self.correct.len()).ok()?.checked_sub(1)?;
        Some(two_sided_95(freedom) * self.standard_error()?)
    }

    /// About how many draws make the mean known to plus or minus this, as far as the ones that are done can tell; none if it is so already, or
    /// unknown.
    #[must_use]
    pub fn needed_for(&self, half_width: f64) -> Option<usize> {
        let needed = (NORMAL_95 * self.deviation() / half_width).powi(2).ceil() as usize;
        (self.half_width()? > half_width).then_some(needed.max(self.correct.len() + 1))
    }

    /// The accuracy below which this fraction of the draws lies, between two draws on a straight line.
    #[must_use]
    pub fn percentile(&self, fraction: f64) -> f64 {
        let mut sorted = self.accuracies();
        sorted.sort_by(f64::total_cmp);
        let at = fraction * (sorted.len() - 1) as f64;
        let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
        low + (high - low) * at.fract()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_100_pictures_agrees_with_40_to_60_points_and_none_of_10_with_a_quarter() {
        let near = |(low, high): (f64, f64), wanted: (f64, f64)| {
            (low - wanted.0).abs() < 1e-4 && (high - wanted.1).abs() < 1e-4
        };
        assert!(near(agreeing_with_sample(0.5, 100), (0.4038, 0.5962)));
        assert!(near(agreeing_with_sample(0.0, 10), (0.0, 0.2775)));
    }

    #[test]
    fn few_draws_know_their_mean_less_than_a_normal_distribution_would_say() {
        // Student's t of one and of three degrees of freedom, as printed in tables: 12.706 and 3.182.
        for (correct, t) in [(vec![70, 90], 12.706), (vec![90, 70, 80, 100], 3.182)] {
            let draws = Draws { correct, images: 100, asked: 4, seed: 1 };
            let ratio = draws.half_width().expect("several") / draws.standard_error().expect("several");
            assert!((ratio - t).abs() < 1e-3, "{ratio} for {t}");
        }
    }

    #[test]
    fn mean_deviation_and_percentiles_are_those_of_the_sample() {
        let draws = Draws { correct: vec![90, 70, 80, 100], images: 100, asked: 4, seed: 1 };
        assert!((draws.mean() - 0.85).abs() < 1e-12);
        assert!((draws.deviation() - 0.129_099_444_873_580_6).abs() < 1e-12);
        assert!((draws.standard_error().expect("several") - 0.064_549_722_436_790_3).abs() < 1e-12);
        assert_eq!((draws.percentile(0.0), draws.percentile(1.0)), (0.7, 1.0));
        assert!((draws.percentile(0.5) - 0.85).abs() < 1e-12);
        // Known to 3.182 standard errors, 0.2054.
        assert_eq!((draws.needed_for(0.21), draws.needed_for(0.2)), (None, Some(5)));
        assert_eq!(draws.needed_for(0.05), Some(26));
        // What is the same in every draw is known exactly: no more of them are needed, however well it is to be known.
        let equal = Draws { correct: vec![100, 100, 100], ..draws.clone() };
        assert_eq!((equal.half_width(), equal.needed_for(0.0)), (Some(0.0), None));
        let single = Draws { correct: vec![90], ..draws };
        assert_eq!((single.deviation(), single.standard_error(), single.needed_for(0.001)), (0.0, None, None));
    }
}
