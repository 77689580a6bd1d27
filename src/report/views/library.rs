//! `imcost library`: the components of a library, one of them in full, or all of a kind as ratios to one.

use std::sync::Arc;

use super::sources::{node_text, provenance_text};
use crate::model::crossbar::CellModel;
use crate::report::{Document, Records, View};
use crate::results::figure::ListedFigure;
use crate::results::library::{ComponentInFull, LibraryResult};
use crate::results::ranking::{ComparedFigures, RankingRatios, RankingResult, ScaledTo};
use crate::results::{Answer, CommandResult};
use crate::spec::case::ScalingRule;
use crate::techlib::{Component, Crossbar, Figure, Kind, Library, PlacedFormula, Resistances};
use crate::units::{Length, Resistance, sig};

/// All components of a library.
#[derive(Debug)]
pub struct ListView<'a> {
    /// The library.
    pub library: &'a Library,
}

/// One component in full.
#[derive(Debug)]
pub struct ComponentView<'a> {
    /// The component.
    pub component: &'a Component,
    /// Its figures that depend on where it stands.
    pub formulas: Vec<PlacedFormula>,
}

/// All components of a kind, as ratios to one of them.
#[derive(Debug)]
pub struct RankingView<'a> {
    /// The library.
    pub library: &'a Library,
    /// The kind.
    pub kind: Kind,
    /// How power and area were taken to one node; none where they are as published.
    pub scaled: Option<ScaledTo>,
    /// The components with their figures as they are compared, the reference first.
    pub components: Vec<(&'a Arc<Component>, ComparedFigures)>,
}

fn eng<Q: Copy + Into<crate::units::Quantity>>(value: Option<Q>) -> String {
    value.map_or_else(|| "-".to_owned(), |q| q.into().eng(4))
}

fn si<Q: Copy + Into<crate::units::Quantity>>(value: Option<Q>) -> Option<f64> {
    value.map(|q| q.into().si)
}

fn value<Q: Copy>(figure: &Option<Figure<Q>>) -> Option<Q> {
    figure.as_ref().map(|f| f.value)
}

fn node(c: &Component) -> String {
    c.provenance.node.map_or_else(|| "-".to_owned(), node_text)
}

fn record_of(c: &Component) -> Vec<String> {
    let text = |v: Option<f64>| v.map(|v| v.to_string()).unwrap_or_default();
    vec![
        c.name.to_string(),
        c.kind.name().to_owned(),
        text(si(c.working_power())),
        text(si(c.operation_energy())),
        text(si(value(&c.latency))),
        text(si(value(&c.area))),
        text(c.provenance.node.map(|n| n.si())),
        c.provenance.basis.name().to_owned(),
        c.provenance.source.clone(),
    ]
}

/// How the costs of a component came about, with a mark where one of them is weaker than its entry says of all.
fn basis(c: &Component) -> String {
    let mark = if c.basis() > c.provenance.basis { " *" } else { "" };
    format!("{}{mark}", c.provenance.basis.name())
}

const WEAKER: &str = "basis *: one of the costs has a weaker one, which it states itself";

const RECORD_HEADER: [&str; 9] =
    ["name", "kind", "power_w", "energy_j", "latency_s", "area_m2", "node_m", "basis", "source"];

impl View for ListView<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        document.title(self.library.name.clone());
        if let Some(description) = &self.library.description {
            document.line(description.trim());
        }
        if !self.library.extended.is_empty() {
            document.line(format!("extends: {}", self.library.extended.join(", ")));
        }
        for kind in Kind::ALL {
            let rows = self.library.components.values().filter(|c| c.kind == kind).map(|c| {
                vec![
                    c.name.to_string(),
                    node(c),
                    basis(c),
                    eng(c.working_power()),
                    eng(c.operation_energy()),
                    eng(value(&c.latency)),
                    eng(value(&c.area)),
                ]
            });
            let header = vec![kind.name(), "node", "basis", "power", "energy/op", "latency", "area"];
            document.table(header, rows.collect(), 3);
        }
        let devices = self.library.devices.values().map(|d| {
            let resistance = |of: fn(&Resistances) -> &Figure<Resistance>| d.resistances.as_ref().map(|r| of(r).value);
            let (low, high) = (resistance(|r| &r.low), resistance(|r| &r.high));
            vec![
                d.name.clone(),
                d.provenance.node.map_or_else(|| "-".to_owned(), node_text),
                d.provenance.basis.name().to_owned(),
                eng(low),
                eng(high),
                low.zip(high).map_or_else(|| "-".to_owned(), |(low, high)| sig(high / low, 3)),
                eng(value(&d.write_current)),
                eng(value(&d.write_pulse)),
                eng(value(&d.write_energy)),
                value(&d.endurance).map_or_else(|| "-".to_owned(), |writes| sig(writes.si(), 2)),
            ]
        });
        let header = vec![
            "device",
            "node",
            "basis",
            "r-low",
            "r-high",
            "on/off",
            "write current",
            "write pulse",
            "write energy",
            "endurance",
        ];
        document.table(header, devices.collect(), 3);
        document.line(WEAKER);
        document.line("power: while it works; `imcost library FILE NAME` shows one component with its sources");
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Library(LibraryResult::of(self.library)))
    }

    fn records(&self) -> Records {
        let rows = self.library.components.values().map(|c| record_of(c)).collect();
        Records::of(RECORD_HEADER.to_vec(), rows)
    }
}

impl ComponentView<'_> {
    fn crossbar(document: &mut Document, array: &Crossbar) {
        let d = &array.device;
        let cell = CellModel { r_low: d.r_low.value, r_high: d.r_high.value, devices: array.devices_per_cell };
        document.title("Crossbar");
        let mut rows = vec![
            ("device", format!("{} ({})", d.device.name, d.device.kind.name())),
            ("devices in a cell", array.devices_per_cell.to_string()),
            ("bits in a device", array.bits_per_device.to_string()),
            ("cell area", (array.cell_width.value * array.cell_height.value).eng(4)),
            ("read voltage", array.read_voltage.eng(4)),
            ("on/off ratio", sig(d.r_high.value / d.r_low.value, 4)),
            ("cell conductance, half the devices low", cell.mean_conductance(0.5).eng(4)),
            ("at most", format!("{} rows x {} columns", array.max_rows, array.max_columns)),
        ];
        if let Some(wire) = &array.wire {
            let (width, height) = (array.cell_width.value, array.cell_height.value);
            rows.extend([
                ("wire resistivity with scattering", wire.effective_resistivity().eng(6)),
                ("row wire of one cell", wire.resistance(width).eng(6)),
                ("column wire of one cell", wire.resistance(height).eng(6)),
                ("row capacitance of one cell", wire.capacitance(width).eng(6)),
                ("column capacitance of one cell", wire.capacitance(height).eng(6)),
            ]);
        }
        if let Some(switch) = &array.line_switch {
            rows.push(("switch at each line", switch.clone()));
        }
        let rows = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
        document.table(vec!["computed", ""], rows, 1);
    }
}

impl View for ComponentView<'_> {
    fn document(&self) -> Document {
        let c = self.component;
        let mut document = Document::default();
        document.title(format!("{}, {}", c.name, c.kind.name()));
        let mut facts = Vec::new();
        facts.extend(c.bits.map(|b| format!("{b} bit")));
        facts.extend(c.function.clone());
        facts.extend(c.per_bit.then(|| "figures are for each bit of its word".to_owned()));
        facts.extend(c.differential.then(|| "takes a pair of lines".to_owned()));
        facts.extend(c.joins.partitions.then(|| "outputs may be joined to add partial sums".to_owned()));
        if !facts.is_empty() {
            document.line(facts.join(", "));
        }
        document.line(provenance_text(&c.provenance));
        // Sources are sentences: below the table they can be read at any width.
        let (mut rows, mut sources) = (Vec::new(), Vec::new());
        for f in ListedFigure::of_component(c) {
            let own = *f.provenance != *c.provenance;
            rows.push(vec![
                f.name.to_owned(),
                f.value_text(),
                f.range_text().unwrap_or_default(),
                if own { "see below" } else { "as above" }.to_owned(),
            ]);
            sources.extend(own.then(|| format!("{}: {}", f.name, provenance_text(&f.provenance))));
        }
        document.table(vec!["figure", "value", "range", "source"], rows, 4);
        for source in sources {
            document.line(source);
        }
        if !self.formulas.is_empty() {
            let rows =
                self.formulas.iter().map(|f| vec![f.figure.to_owned(), f.formula.clone(), f.depends_on.join(", ")]);
            document.title("Depends on where it stands");
            document.table(vec!["figure", "formula", "depends on"], rows.collect(), 3);
            document.line("values above are those of the largest array at the entry's own node and supply, where nothing else is named");
        }
        if let Some(array) = &c.crossbar {
            Self::crossbar(&mut document, array);
        }
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Component(Box::new(ComponentInFull::of(self.component, &self.formulas))))
    }

    fn records(&self) -> Records {
        Records::of(RECORD_HEADER.to_vec(), vec![record_of(self.component)])
    }
}

impl RankingView<'_> {
    /// Of a component over the reference.
    fn ratios(&self, c: &Component, figures: ComparedFigures) -> RankingRatios {
        let reference = self.components.first();
        reference.map(|(reference, of)| RankingRatios::of((c, figures), (reference, *of))).unwrap_or_default()
    }

    fn scaling_text(&self) -> String {
        let Some(scaled) = self.scaled else { return "nodes differ and are not scaled".to_owned() };
        let node = node_text(Length::new(scaled.node_m));
        match scaled.rule {
            ScalingRule::Stillmaker => format!(
                "power and area are taken to {node} by Stillmaker and Baas, Integration 58, 2017: modelled, meant for digital circuits at their own speed and supply; latency is as published"
            ),
            ScalingRule::NodeSquared => {
                format!(
                    "area is taken to {node} with the square of the node: modelled, a mere shrink; power and latency are as published"
                )
            }
        }
    }
}

impl View for RankingView<'_> {
    fn document(&self) -> Document {
        let mut document = Document::default();
        let reference = self.components.first().map_or("", |(c, _)| &*c.name);
        document.title(format!("{} components of {}, relative to {reference}", self.kind.name(), self.library.name));
        let ratio = |r: Option<f64>| r.map_or_else(|| "-".to_owned(), |r| sig(r, 4) + "x");
        let rows = self.components.iter().map(|(c, figures)| {
            let RankingRatios { power, area, latency } = self.ratios(c, *figures);
            vec![
                c.name.to_string(),
                node(c),
                if self.scaled.is_some() { figures.basis.name().to_owned() } else { basis(c) },
                eng(figures.power),
                ratio(power),
                eng(figures.area),
                ratio(area),
                eng(value(&c.latency)),
                ratio(latency),
            ]
        });
        let header = vec!["component", "node", "basis", "power", "", "area", "", "latency", ""];
        document.table(header, rows.collect(), 3);
        if self.scaled.is_none() {
            document.line(WEAKER);
        }
        let absent = match self.scaled {
            Some(_) => "- is not given by the publication, or its node is not between 180 nm and 7 nm",
            None => "- is not given by the publication",
        };
        document.line(format!("a ratio above 1 is more than the reference; {absent}; {}", self.scaling_text()));
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Ranking(RankingResult::of(self.kind, &self.components, self.scaled)))
    }

    fn records(&self) -> Records {
        let text = |v: Option<f64>| v.map(|v| v.to_string()).unwrap_or_default();
        let rows = self.components.iter().map(|(c, figures)| {
            let RankingRatios { power, area, latency } = self.ratios(c, *figures);
            let mut row = record_of(c);
            (row[2], row[5]) = (text(si(figures.power)), text(si(figures.area)));
            figures.basis.name().clone_into(&mut row[7]);
            row.extend([text(power), text(area), text(latency)]);
            row
        });
        let mut header = RECORD_HEADER.to_vec();
        header.extend(["power_ratio", "area_ratio", "latency_ratio"]);
        Records::of(header, rows.collect())
    }
}
