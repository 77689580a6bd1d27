//! `imcost neuron`: a neuron's transfer curve and figures.

use crate::model::neuron::Load;
use crate::model::neuron::characteristics::Characteristics;
use crate::model::neuron::curve::Curve;
use crate::report::plot::Plot;
use crate::report::{Document, Records, View};
use crate::results::neuron::{NeuronResult, NeuronVariation};
use crate::results::{Answer, CommandResult};
use crate::units::{Capacitance, sig};

/// A neuron with one parameter changed.
#[derive(Debug, Clone)]
pub struct Variation {
    /// The parameter's value, as it could be written.
    pub value: String,
    /// What it gives.
    pub characteristics: Characteristics,
}

/// A neuron's curve and figures.
#[derive(Debug, Clone)]
pub struct NeuronView {
    /// Name of the component.
    pub name: String,
    /// The `--set` that changed it.
    pub settings: Vec<String>,
    /// What it does.
    pub characteristics: Characteristics,
    /// The curve that is printed.
    pub curve: Curve,
    /// True if the logistic fit is asked for.
    pub with_fit: bool,
    /// The parameter that is varied.
    pub varied: Option<String>,
    /// The neuron with each of its values.
    pub variations: Vec<Variation>,
}

/// What a transistor table's uncertainty means for every figure here.
const UNCERTAINTY: &str = "Four simulator readings of the same transistor card differ: of the nominal neuron the output by up to 43 mV, \
    the power at 0 V by -17 % to +63 %, the mean power by -18 % to +46 %.";

impl NeuronView {
    /// The transfer curve as a plot.
    #[must_use]
    pub fn plot(&self) -> Plot {
        Plot {
            title: format!("{}, transfer curve", self.name),
            x_name: "v_in / V",
            y_name: "v_out / V",
            points: self.curve.points.iter().map(|p| (p.v_in.si(), p.v_out.si())).collect(),
        }
    }

    fn figures(c: &Characteristics) -> Vec<(&'static str, String)> {
        let (low, high) = c.curve.levels();
        let mut figures = vec![
            ("mid-point", c.midpoint.map_or_else(|| "-".into(), |v| v.eng(4))),
            ("steepest slope", format!("{} V/V", sig(c.curve.max_slope(), 4))),
            ("low level", low.eng(4)),
            ("high level", high.eng(4)),
            ("power at 0 V", c.power_at_zero.map_or_else(|| "-".into(), |p| p.eng(4))),
            ("mean power", c.curve.mean_power().eng(4)),
        ];
        let edge = c.slower_edge();
        figures.push(("delay", edge.map_or_else(|| "-".into(), |e| e.delay.eng(4))));
        figures.push(("transition", edge.map_or_else(|| "-".into(), |e| e.transition.eng(4))));
        figures
    }

    fn made_of(&self) -> String {
        let p = &self.characteristics.parameters;
        let around = &self.characteristics.surroundings;
        let bias = p.tmr_v0.map_or_else(String::new, |v0| format!(" (half of the TMR left at {})", v0.eng(3)));
        let mut text = format!(
            "junctions of {} and {}{bias}, {} fins of {} nm, {} supply, {} level shift",
            p.r_low.eng(4),
            p.r_high.eng(4),
            p.fins,
            p.node.nanometres(),
            p.vdd.eng(3),
            p.offset.eng(3),
        );
        match around.load {
            Load::Open => {}
            Load::Resistance(r) => text.push_str(&format!(", loaded with {}", r.eng(4))),
            Load::ResistanceTo(..) | Load::CurrentA(_) => {}
        }
        if around.capacitance > Capacitance::ZERO {
            text.push_str(&format!(", driving {}", around.capacitance.eng(3)));
        }
        text
    }

    fn fit_rows(&self) -> Vec<Vec<String>> {
        let fit = &self.characteristics.fit;
        [
            ("A", fit.logistic.amplitude.eng(5)),
            ("k", format!("{} 1/V", sig(fit.logistic.steepness_per_v, 5))),
            ("x0", fit.logistic.midpoint.eng(5)),
            ("B", fit.logistic.offset.eng(5)),
            ("error, rms", fit.rms.eng(3)),
            ("error, largest", fit.max_error.eng(3)),
        ]
        .into_iter()
        .map(|(name, value)| vec![name.to_owned(), value])
        .collect()
    }

    fn variation_table(&self, document: &mut Document) {
        let Some(name) = &self.varied else { return };
        let mut header = vec![name.clone()];
        header.extend(Self::figures(&self.characteristics).into_iter().map(|(name, _)| name.to_owned()));
        let rows = self.variations.iter().map(|v| {
            let mut row = vec![v.value.clone()];
            row.extend(Self::figures(&v.characteristics).into_iter().map(|(_, value)| value));
            row
        });
        document.title(format!("With {name} varied"));
        document.table(header, rows.collect(), 1);
    }
}

impl View for NeuronView {
    fn document(&self) -> Document {
        let c = &self.characteristics;
        let mut document = Document::default();
        document.title(format!("{}, neuron", self.name));
        document.line(self.made_of());
        document.plot(self.plot());
        let figures = Self::figures(c).into_iter().map(|(name, value)| vec![name.to_owned(), value]);
        document.table(vec!["figure", "value"], figures.collect(), 1);
        if self.with_fit {
            document.title("Logistic fit, v_out = A / (1 + exp(-k (v_in - x0))) + B");
            document.table(vec!["parameter", "value"], self.fit_rows(), 1);
        }
        self.variation_table(&mut document);
        let steps = if c.edges.is_some() {
            "Mid-point: output at half of the supply. Delay (50-50) and transition (10-90): slower edge of a step over the whole range."
        } else {
            "Mid-point: output at half of the supply. No delay: there is no table of gate capacitances at this node."
        };
        document.paragraph(steps);
        document.line("Mean power: inputs spread evenly over the range; supply, input and level shift together.");
        document.line(UNCERTAINTY);
        document.settings(&self.settings);
        document
    }

    fn answer(&self) -> Answer {
        let mut result = NeuronResult::of(&self.name, &self.characteristics, &self.curve, &self.settings);
        if let Some(parameter) = &self.varied {
            let variations = self.variations.iter().map(|v| NeuronVariation::of(&v.value, &v.characteristics));
            result = result.varied(parameter, variations.collect());
        }
        Answer::of(CommandResult::Neuron(Box::new(result)))
    }

    fn records(&self) -> Records {
        let points = self.curve.points.iter();
        Records::of(
            vec!["v_in_v", "v_gate_v", "v_out_v", "power_supply_w", "power_total_w"],
            points
                .map(|p| {
                    [p.v_in.si(), p.v_gate.si(), p.v_out.si(), p.power_supply.si(), p.power_total.si()]
                        .map(|value| value.to_string())
                        .to_vec()
                })
                .collect(),
        )
    }
}
