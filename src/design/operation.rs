//! What a design computes, beside what it is built of: how pictures become inputs, how weights become cells, what is not as designed.

use std::ops::RangeInclusive;

use super::Role;
use super::lower::Lowering;
use crate::diagnostic::Diagnostic;
use crate::model::imperfections::{Gain, Imperfections, Spread, Stuck};
use crate::spec::Written;
use crate::spec::architecture::Encoding;
use crate::spec::imperfections as written;
use crate::techlib::figure::{Evaluator, Scope};
use crate::units::{Fraction, Unit, Voltage};
use crate::yaml::{Located, Slot};

pub use crate::spec::architecture::Levels;

/// Above this spread a Gaussian of the resistance is decided by where it is cut off.
const GAUSSIAN_LIMIT: f64 = 0.2;
/// Where a Gaussian of the resistance is cut off.
const FLOOR: f64 = 0.1;

/// How a picture becomes the network's inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageMapping {
    /// Rows that are used; all where none are named.
    pub rows: Option<RangeInclusive<usize>>,
    /// Columns that are used.
    pub columns: Option<RangeInclusive<usize>>,
    /// What a pixel means.
    pub coding: Coding,
}

/// How a pixel becomes a value from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Coding {
    /// 1 above this value, else 0.
    Threshold(f64),
    /// Its part of a full scale, at most 1, rounded to the nearest of some levels.
    Scale {
        /// The value of a pixel that is 1.
        full: f64,
        /// Levels, 0 and 1 among them.
        levels: u64,
    },
}

/// How the weights of a layer are stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightCells {
    /// Bits of a weight's magnitude.
    pub bits: u32,
    /// Which conductances a device can have.
    pub levels: Levels,
    /// The quantile of the magnitudes that takes the full range.
    pub clip: f64,
    /// What a neuron multiplies its weighted sum by, if the weights do not say.
    pub gain: f64,
    /// How the sign is stored.
    pub encoding: Encoding,
    /// True if the last row is the bias.
    pub bias: bool,
}

impl Lowering<'_> {
    pub(super) fn image(&mut self) -> Option<ImageMapping> {
        let input = self.spec.network.get()?.input.get()?;
        let image = input.image.located()?;
        let (place, image) = (image.span, &image.value);
        let crop = image.crop.get();
        let rows = self.lines("rows", crop.map(|c| &c.rows));
        let columns = self.lines("columns", crop.map(|c| &c.columns));
        let coding = match (&image.threshold, &image.scale) {
            (Slot::Present(threshold), Slot::Missing) => self.number("threshold", threshold).map(Coding::Threshold),
            (Slot::Missing, Slot::Present(scale)) => {
                let full = self.evaluator().positive("scale", scale, &Scope::default());
                let levels = self.levels(&image.levels);
                full.zip(levels).map(|(full, levels): (Fraction, u64)| Coding::Scale { full: full.si(), levels })
            }
            (Slot::Bad, _) | (_, Slot::Bad) => None,
            (Slot::Present(threshold), Slot::Present(scale)) => {
                let diagnostic = Diagnostic::error("a pixel has a threshold and a scale").at(scale.span, "one of them");
                self.report(diagnostic.also(threshold.span, "the other"));
                None
            }
            (Slot::Missing, Slot::Missing) => {
                let message = "`image` does not say what a pixel means";
                let help = "`threshold: 127` makes inputs of 0 and 1, `scale: 255` makes inputs from 0 to 1";
                self.report(Diagnostic::error(message).at(place, "`threshold` or `scale` is missing here").help(help));
                None
            }
        };
        Some(ImageMapping { rows: rows?, columns: columns?, coding: coding? })
    }

    fn levels(&mut self, levels: &Slot<u64>) -> Option<u64> {
        // Of inputs that could not be read nothing more is said.
        let source = self.graph.node_weights().find(|node| matches!(node.role, Role::Source))?;
        let allowed = 1_u64 << source.word_bits.min(32);
        match levels {
            Slot::Missing => Some(allowed),
            Slot::Bad => None,
            Slot::Present(levels) if (2..=allowed).contains(&levels.value) => Some(levels.value),
            Slot::Present(levels) => {
                let message = format!("an input of {} bits cannot have {} levels", source.word_bits, levels.value);
                self.report(Diagnostic::error(message).at(levels.span, format!("expected 2 to {allowed}")));
                None
            }
        }
    }

    /// `4..23`: the first and the last of some lines; all where nothing is written.
    #[expect(clippy::option_option, reason = "wrong, all, or some")]
    fn lines(&mut self, what: &str, written: Option<&Slot<String>>) -> Option<Option<RangeInclusive<usize>>> {
        let text = match written {
            None | Some(Slot::Missing) => return Some(None),
            Some(Slot::Bad) => return None,
            Some(Slot::Present(text)) => text,
        };
        let ends = text.value.split_once("..").and_then(|(first, last)| {
            let number = |text: &str| text.trim().trim_start_matches('=').parse::<usize>().ok();
            Some(number(first)?..=number(last)?).filter(|lines| lines.start() <= lines.end())
        });
        if ends.is_none() {
            let message = format!("`{what}: {}` names no {what}", text.value);
            let diagnostic = Diagnostic::error(message).at(text.span, "expected FIRST..LAST, for example `4..23`");
            self.report(diagnostic.help(format!("the first of the {what} is 0; the ends belong to the crop")));
        }
        ends.map(Some)
    }

    pub(super) fn imperfections(&mut self) -> Imperfections {
        let Some(written) = self.spec.imperfections.get() else { return Imperfections::default() };
        let spread = self.spread(written);
        let half = 0.5 * self.share("stuck", &written.stuck);
        let stuck = Stuck {
            low: half + self.share("stuck-low", &written.stuck_low),
            high: half + self.share("stuck-high", &written.stuck_high),
        };
        if stuck.low + stuck.high > 1.0 {
            let spans = [written.stuck.span(), written.stuck_low.span(), written.stuck_high.span()];
            if let Some(place) = spans.into_iter().flatten().next() {
                let message = "more devices are stuck than there are";
                self.report(Diagnostic::error(message).at(place, "the fractions add up to more than 1"));
            }
        }
        let tmr = written.tmr.located().and_then(|text| self.evaluator().positive("tmr", text, &Scope::default()));
        let offset = match written.neuron_offset.located() {
            Some(text) => self.not_negative("neuron-offset", text),
            None => None,
        };
        Imperfections {
            spread,
            stuck,
            tmr: tmr.map(Fraction::si),
            tmr_drift: self.drift("tmr-drift", &written.tmr_drift),
            ra_drift: self.drift("ra-drift", &written.ra_drift),
            gain: match written.gain.get().copied().unwrap_or_default() {
                written::GainSpec::Calibrated => Gain::Calibrated,
                written::GainSpec::Fixed => Gain::Fixed,
                written::GainSpec::AsBuilt => Gain::AsBuilt,
            },
            neuron_offset: offset.unwrap_or(Voltage::ZERO),
            neuron_slope: self.deviation("neuron-slope", &written.neuron_slope),
            read_noise: self.deviation("read-noise", &written.read_noise),
        }
    }

    fn spread(&mut self, written: &written::ImperfectionsSpec) -> Option<Spread> {
        let floor = match written.resistance_floor.located() {
            Some(text) => {
                self.evaluator().positive("resistance-floor", text, &Scope::default()).map_or(FLOOR, Fraction::si)
            }
            None => FLOOR,
        };
        let kinds = [
            ("resistance-gaussian", &written.resistance_gaussian),
            ("resistance-lognormal", &written.resistance_lognormal),
            ("resistance-uniform", &written.resistance_uniform),
        ];
        let mut given = kinds.into_iter().filter_map(|(name, slot)| Some((name, slot.located()?)));
        let (name, text) = given.next()?;
        if let Some((_, other)) = given.next() {
            let diagnostic = Diagnostic::error("the resistance of the devices has two distributions");
            self.report(diagnostic.at(other.span, "the second").also(text.span, "the first"));
        }
        let sigma = self.not_negative(name, text)?.si();
        if name != "resistance-gaussian"
            && let Some(place) = written.resistance_floor.span()
        {
            let message = format!("`resistance-floor` has no meaning with `{name}`");
            self.diagnostics.warn(Diagnostic::warning(message).at(place, "it cuts off a Gaussian"));
        }
        match name {
            "resistance-gaussian" => {
                if sigma > GAUSSIAN_LIMIT {
                    let message = "a Gaussian of the resistance this wide depends on where it is cut off";
                    let label = format!("resistances below {:.0} % of the nominal one are set to it", 100.0 * floor);
                    self.diagnostics.warn(
                        Diagnostic::warning(message)
                            .at(text.span, label)
                            .help("`resistance-lognormal` has no such end; `resistance-floor` moves it"),
                    );
                }
                Some(Spread::Gaussian { sigma, floor })
            }
            "resistance-lognormal" => Some(Spread::Lognormal { sigma }),
            _ if sigma < 1.0 => Some(Spread::Uniform { half_width: sigma }),
            _ => {
                let message = "resistances spread to zero and below";
                self.report(Diagnostic::error(message).at(text.span, "expected less than 100%"));
                None
            }
        }
    }

    pub(super) fn evaluator(&mut self) -> Evaluator<'_> {
        Evaluator { sources: self.sources, diagnostics: self.diagnostics }
    }

    fn number(&mut self, what: &str, text: &Located<Written<Fraction>>) -> Option<f64> {
        self.evaluator().typed(what, text, &Scope::default()).map(Fraction::si)
    }

    fn not_negative<Q: Unit>(&mut self, what: &str, text: &Located<Written<Q>>) -> Option<Q> {
        let value: Q = self.evaluator().typed(what, text, &Scope::default())?;
        if value.si() >= 0.0 && value.si().is_finite() {
            return Some(value);
        }
        self.report(Diagnostic::error(format!("`{what}` is negative")).at(text.span, "expected zero or more"));
        None
    }

    fn deviation(&mut self, what: &str, slot: &Slot<Written<Fraction>>) -> f64 {
        slot.located().and_then(|text| self.not_negative(what, text)).map_or(0.0, Fraction::si)
    }

    fn share(&mut self, what: &str, slot: &Slot<Written<Fraction>>) -> f64 {
        slot.located().and_then(|text| self.evaluator().fraction(what, text)).unwrap_or(0.0)
    }

    fn drift(&mut self, what: &str, slot: &Slot<Written<Fraction>>) -> f64 {
        let Some(text) = slot.located() else { return 0.0 };
        let Some(value) = self.number(what, text) else { return 0.0 };
        if value <= -1.0 {
            let message = format!("`{what}` leaves nothing");
            self.report(Diagnostic::error(message).at(text.span, "expected more than -100%"));
        }
        value
    }

    /// A fraction above 0; 1 where nothing is written.
    pub(super) fn share_above_zero(&mut self, what: &str, slot: &Slot<Written<Fraction>>) -> Option<f64> {
        let text = match slot {
            Slot::Missing => return Some(1.0),
            Slot::Bad => return None,
            Slot::Present(text) => text,
        };
        let share = self.evaluator().fraction(what, text)?;
        if share > 0.0 {
            return Some(share);
        }
        self.report(Diagnostic::error(format!("`{what}` is zero")).at(text.span, "expected more than 0%"));
        None
    }

    pub(super) fn gain(&mut self, slot: &Slot<Written<Fraction>>) -> Option<f64> {
        match slot {
            Slot::Missing => Some(1.0),
            Slot::Bad => None,
            Slot::Present(text) => {
                self.evaluator().positive("gain", text, &Scope::default()).map(|gain: Fraction| gain.si())
            }
        }
    }
}
