//! What the rows and devices of a layer hold on average, as far as its file states it.

use super::lower::Lowering;
use super::{CrossbarUse, Grid, InputEncoding, ROUNDING, STATISTICS};
use crate::diagnostic::{Diagnostic, Span};
use crate::spec::Written;
use crate::spec::architecture as file;
use crate::techlib::figure::Scope;
use crate::units::Fraction;
use crate::yaml::{Located, Slot};

/// Statistics with nothing left open.
pub(super) struct StatedStatistics {
    active: f64,
    mean: Option<f64>,
    low: f64,
    assumed: bool,
}

impl StatedStatistics {
    /// On tiles that are cut so.
    pub fn on(&self, grid: Grid) -> CrossbarUse {
        CrossbarUse {
            grid,
            mean_active_rows: grid.mean_active_rows(self.active),
            mean_level: self.mean,
            level_product: None,
            low_resistance: self.low,
            statistics_assumed: self.assumed,
            measured_with_load: false,
        }
    }
}

/// Statistics as they are written, each in the layer or for the whole architecture.
type WrittenStatistic = Located<Written<Fraction>>;

impl Lowering<'_> {
    /// The statistics of a layer that is fed by these; none if they cannot be, or if it is not known what feeds it.
    pub(super) fn statistics(
        &mut self,
        name: &Located<String>,
        spec: &file::LayerSpec,
        from: Option<&[Option<usize>]>,
        of_cells: bool,
    ) -> Option<StatedStatistics> {
        let before_all = self.assumptions.len();
        let (own, all) = (spec.statistics.get(), self.spec.statistics.get());
        // What a layer does not state itself is that of the architecture, each for itself.
        let one = |slot: fn(&file::StatisticsSpec) -> &Slot<Written<Fraction>>| -> Option<&WrittenStatistic> {
            let own = own.map(|all| slot(all)).filter(|slot| !slot.is_missing());
            own.or(all.map(|all| slot(all))).and_then(Slot::located)
        };
        let written_active = one(|s| &s.active_rows);
        let active = written_active.and_then(|text| self.evaluator().fraction("active-rows", text));
        let written_mean = one(|s| &s.mean);
        let mean = written_mean.and_then(|text| self.evaluator().typed::<Fraction>("mean", text, &Scope::default()));
        let low = one(|s| &s.low_resistance);
        let low = low.and_then(|text| self.evaluator().fraction("low-resistance", text));
        let from = from?;
        let bipolar = self.input_encoding == InputEncoding::Bipolar && from.contains(&None);
        if bipolar && from.iter().any(Option::is_some) {
            let message = format!("`{}` is fed by bipolar inputs and by layers, whose outputs are not", name.value);
            self.report(Diagnostic::error(message).at(name.span, "expected either"));
            return None;
        }
        let before = self.diagnostics.mark();
        let assumed = active.is_none() && !bipolar || low.is_none() || mean.is_none() && bipolar;
        let active = if bipolar {
            self.of_bipolar(name, spec, active);
            1.0
        } else {
            self.or_assumed(active, "active-rows", 0.5)
        };
        let mean = match written_mean.zip(mean) {
            Some((text, mean)) => self.mean(name, text.span, mean.si(), (active, bipolar)),
            None => bipolar.then(|| self.or_assumed(None, "mean", 0.0)),
        };
        let low = self.or_assumed(low, "low-resistance", 0.5);
        if !of_cells {
            // Stated costs do not rest on them.
            self.assumptions.truncate(before_all);
        }
        self.diagnostics.since(before).ok()?;
        Some(StatedStatistics { active, mean, low, assumed })
    }

    fn or_assumed(&mut self, value: Option<f64>, what: &str, otherwise: f64) -> f64 {
        value.unwrap_or_else(|| {
            let text = format!("{what} taken as {:.0} %: {STATISTICS}", 100.0 * otherwise);
            if !self.assumptions.contains(&text) {
                self.assumptions.push(text);
            }
            otherwise
        })
    }

    /// Every row of bipolar inputs is at the positive or the negative read voltage. What the layer itself states must be that.
    fn of_bipolar(&mut self, name: &Located<String>, spec: &file::LayerSpec, active: Option<f64>) {
        let own = spec.statistics.get().and_then(|s| s.active_rows.located());
        if let Some(text) = own.filter(|_| active.is_some_and(|active| active != 1.0)) {
            let message = format!("the rows of `{}` have bipolar inputs: all of them are active", name.value);
            self.report(
                Diagnostic::error(message)
                    .at(text.span, "expected 100%")
                    .help("`mean` says how much more often they are at the positive than at the negative voltage"),
            );
        }
    }

    fn mean(&mut self, name: &Located<String>, place: Span, mean: f64, (active, bipolar): (f64, bool)) -> Option<f64> {
        let (least, most) = if bipolar { (-1.0, 1.0) } else { (active, active.sqrt()) };
        if mean >= least - ROUNDING && mean <= most + ROUNDING {
            return Some(mean);
        }
        let percent = |part: f64| format!("{}%", (1e4 * part).round() / 100.0);
        let expected = format!("expected {} to {}", percent(least), percent(most));
        let mut error =
            Diagnostic::error(format!("the rows of `{}` cannot have a mean of {}", name.value, percent(mean)));
        error = error.at(place, expected);
        if !bipolar {
            error =
                error.help(format!("their mean square, `active-rows`, is {}, and none is negative", percent(active)));
        }
        self.report(error);
        None
    }

    pub(super) fn warn_of_no_rows(&mut self, name: &Located<String>, usage: &CrossbarUse) {
        if usage.mean_active_rows <= 0.0 {
            self.diagnostics.warn(
                Diagnostic::warning(format!("the crossbar of layer `{}` takes no power", name.value))
                    .at(name.span, "`active-rows` is 0: none of its rows is ever at the read voltage"),
            );
        }
    }
}
