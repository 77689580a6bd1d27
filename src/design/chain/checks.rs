//! What is wrong with a chain, said with both ends.

use super::{BitSerial, Chain, Stage};
use crate::design::Domain;
use crate::design::lower::{Shared, Unfit};
use crate::design::signal::{takes, what_would_fit};
use crate::diagnostic::{Diagnostic, Span, suggest};
use crate::spec::architecture::Per;
use crate::techlib::{Component, Kind};

impl Chain<'_, '_> {
    /// Whether a pair is still a pair after a stage, and an error where the stage cannot take what arrives.
    pub(super) fn pair_after(&mut self, stage: &Stage) -> bool {
        let component = &stage.component;
        let paired = self.end.signal.paired;
        let takes_pair = component.kind == Kind::Subtractor || component.differential;
        if takes_pair && !paired {
            let message =
                format!("`{}` takes a pair of lines, but `{}` gives single ones", component.name, self.end.name);
            let diagnostic =
                Diagnostic::error(message).at(stage.span, "subtracts the negative column from the positive one");
            self.lowering.report(
                diagnostic
                    .also(self.end.span, "gives single lines")
                    .help("with `encoding: differential` a pair leaves the crossbar, and is subtracted once"),
            );
            return false;
        }
        if paired && !takes_pair && matches!(component.kind, Kind::Neuron | Kind::Activation) {
            let message =
                format!("nothing subtracts the negative from the positive column before `{}`", component.name);
            let help = format!("a stage before it must take the pair: {}", self.subtracting());
            self.lowering.report(
                Diagnostic::error(message)
                    .at(stage.span, "needs one value")
                    .also(self.end.span, "gives a pair")
                    .help(help),
            );
            return false;
        }
        paired && (!takes_pair || component.kind == Kind::SampleHold)
    }

    /// The stages of the library that make one line of a pair.
    fn subtracting(&self) -> String {
        let library = self.lowering.library;
        let names: Vec<&str> = library
            .names_where(|c| c.kind == Kind::Subtractor || (c.differential && c.kind != Kind::SampleHold))
            .collect();
        if names.is_empty() {
            return format!(
                "{} has none; its kind is `subtractor`, or it converts the pair with `differential: true`, such as an `adc`",
                library.name
            );
        }
        suggest::list(&names)
    }

    /// A layer gives one value for each output, not a pair.
    pub(super) fn check_subtracted(&mut self) {
        if !self.end.signal.paired {
            return;
        }
        let message = "nothing subtracts the negative from the positive column".to_owned();
        let help = format!("a stage of the column chain must take the pair: {}", self.subtracting());
        let label = "the chain ends here, with a pair for each output";
        self.lowering.report(Diagnostic::error(message).at(self.end.span, label).help(help));
    }

    /// Whether a stage can have its units where `per` says; false if what it computes there is not what the layer computes.
    pub(super) fn check_per(&mut self, stage: &Stage) -> bool {
        let component = &stage.component;
        let Some(per) = stage.per else { return true };
        match component.kind {
            Kind::Adder if per.value != Per::Output => {
                let message =
                    format!("`per: {}` has no meaning for the adder `{}`", per_name(per.value), component.name);
                self.lowering.report(
                    Diagnostic::error(message)
                        .at(per.span, "expected output, or no `per`")
                        .help("an adder stands where the partial sums of all tiles of an output meet"),
                );
                true
            }
            // A shift-and-add that has nothing to join is not built, but what is wrong with it is wrong.
            Kind::ShiftAdd => {
                self.per(stage, per.value, &[Per::Tile, Per::Output]);
                true
            }
            Kind::Neuron | Kind::Activation
                if per.value == Per::Tile && !self.summed && self.grid.row_partitions > 1 =>
            {
                let f = component.function.as_deref().unwrap_or("f");
                let partitions = self.grid.row_partitions;
                let message =
                    format!("`{}` on every tile takes the partial sums of {partitions} row partitions", component.name);
                self.lowering.report(
                    Diagnostic::error(message)
                        .at(per.span, format!("{f}(a) + {f}(b) is not {f}(a + b)"))
                        .help("leave out `per`: partial sums are added before an activation"),
                );
                false
            }
            _ => true,
        }
    }

    /// Why the voltages after a stage could not stand on a crossbar's rows; `turns` are those of its busiest unit.
    pub(super) fn unfit_after(&self, stage: &Stage, gives: Domain, turns: u64) -> Option<Unfit> {
        let component = &stage.component;
        if gives == Domain::Word {
            return None;
        }
        if turns > 1 {
            let (share, span) = (stage.share.value, stage.share.span);
            return Some(Unfit::Turns { component: component.name.clone(), share, span });
        }
        match &self.end.unfit {
            _ if component.kind == Kind::SampleHold => {
                Some(Unfit::Capacitor { component: component.name.clone(), span: stage.span })
            }
            // What follows a unit that lines take turns on sees one line at a time too.
            Some(turns @ Unfit::Turns { .. }) => Some(turns.clone()),
            _ => None,
        }
    }

    /// A crossbar is read with the voltages of all its rows at once, and its cells draw current from them.
    pub(super) fn check_rows_held(&mut self, crossbar: &Component, span: Span) {
        let library = self.lowering.library;
        let of_kind = |kind: Kind| {
            let names: Vec<&str> = library.names_where(|c| c.kind == kind).collect();
            if names.is_empty() { format!("no {}", kind.name()) } else { suggest::list(&names) }
        };
        let diagnostic = match self.end.unfit.take() {
            None => return,
            Some(Unfit::Turns { component, share, span: place }) => {
                let message = format!(
                    "{share} lines take turns on `{component}`, and nothing holds their voltages on the rows of `{}`",
                    crossbar.name
                );
                Diagnostic::error(message)
                    .at(place, "gives the voltage of one line at a time")
                    .also(span, "is read with all rows at once")
                    .help(format!(
                        "give every row its own unit (no `share`), or put a sample-and-hold for every row after it, and a buffer after that ({} has: {}; {})",
                        library.name,
                        of_kind(Kind::SampleHold),
                        of_kind(Kind::Buffer)
                    ))
            }
            Some(Unfit::Capacitor { component, span: place }) => {
                let message = format!("the capacitor of `{component}` cannot drive the rows of `{}`", crossbar.name);
                Diagnostic::error(message)
                    .at(place, "holds a voltage, but gives no current")
                    .also(span, "its cells draw current from the rows")
                    .help(format!("put a buffer after it; {} has: {}", library.name, of_kind(Kind::Buffer)))
            }
        };
        self.lowering.report(diagnostic);
    }

    /// Of a stage that cannot stand before a crossbar.
    pub(super) fn refuse_before(&mut self, stage: &Stage) {
        let component = &stage.component;
        let library = self.lowering.library;
        let names: Vec<&str> = library.names_where(|c| matches!(c.kind, Kind::RowDriver | Kind::Dac)).collect();
        let (message, label) = if component.kind == Kind::Adc {
            let message = format!("a converter to words cannot stand before a crossbar: `{}`", component.name);
            (message, "gives words; rows take voltages".to_owned())
        } else {
            let message = format!("`{}` cannot stand before a crossbar", component.name);
            (message, format!("this is of kind {}", component.kind.name()))
        };
        let help =
            format!("words become voltages in a row driver or a DAC; {} has: {}", library.name, suggest::list(&names));
        self.lowering.report(Diagnostic::error(message).at(stage.span, label).help(help));
    }

    /// Currents add on a shared node; voltages only where the component says that its outputs may be joined; words need an adder.
    pub(super) fn check_joinable(&mut self, stage: Option<&Stage>) {
        let partitions = self.grid.row_partitions;
        let joins = match (self.end.signal.domain, &self.last) {
            (Domain::Current, _) => true,
            (Domain::Voltage, Some((component, _))) => component.joins.partitions,
            _ => false,
        };
        if joins {
            return;
        }
        let library = self.lowering.library;
        let place = stage.map_or(self.end.span, |s| s.span);
        let before =
            stage.map_or_else(|| "at the end of the chain".to_owned(), |s| format!("before `{}`", s.component.name));
        let message = format!("nothing adds the partial sums of {partitions} row partitions {before}");
        let mut diagnostic =
            Diagnostic::error(message).at(place, format!("needs the sum of {partitions} partial sums"));
        if place != self.end.span {
            diagnostic =
                diagnostic.also(self.end.span, format!("gives {}, one for each partition", self.end.signal.domain));
        }
        let help = if self.end.signal.domain == Domain::Word {
            let adders: Vec<&str> = library.names_where(|c| c.kind == Kind::Adder).collect();
            format!("put an adder there; {} has: {}", library.name, suggest::list(&adders))
        } else {
            let joining: Vec<&str> = library.names_where(|c| c.joins.partitions).collect();
            format!(
                "only outputs marked `joins: true` may share a node ({}); or add currents with `per: output` on the first stage",
                suggest::list(&joining)
            )
        };
        self.lowering.report(diagnostic.help(help));
    }

    /// Bit-serial reads and bit slices must be one word before an activation and at the end of the layer.
    pub(super) fn check_all_joined(&mut self, stage: Option<&Stage>) {
        if self.cycles == 1 && self.slices == 1 {
            return;
        }
        let name = self.layer.name;
        let what = match (self.cycles, self.slices) {
            (1, slices) => format!("the {slices} bit slices of a weight of layer `{name}`"),
            (cycles, 1) => format!("the {cycles} bit-serial reads of layer `{name}`"),
            (cycles, slices) => format!("the {cycles} bit-serial reads of {slices} bit slices of layer `{name}`"),
        };
        let place = stage.map_or(self.end.span, |s| s.span);
        let names: Vec<&str> = self.lowering.library.names_where(|c| c.kind == Kind::ShiftAdd).collect();
        let library = &self.lowering.library.name;
        let mut help = vec![format!("put a shift-and-add after the ADC ({library} has: {})", suggest::list(&names))];
        let mut diagnostic =
            Diagnostic::error(format!("nothing joins {what} into one value")).at(place, "needs one value");
        if let Some(serial) = &self.serial {
            let BitSerial { word_bits, at_once, component, .. } = serial;
            diagnostic = diagnostic.also(serial.span, format!("applies {at_once} of {word_bits} bits at once"));
            help.push(format!("or apply all {word_bits} bits at once, with a DAC in the place of `{component}`"));
        }
        if self.slices > 1 {
            let (weight, cell) = (self.layer.weight_bits, self.layer.bits_per_device);
            help.push(format!("or take cells of {weight} bits: weights have {weight}, a device has {cell}"));
        }
        for line in help {
            diagnostic = diagnostic.help(line);
        }
        // One chain is built for many layers.
        if self.lowering.unjoined.insert(place) {
            self.lowering.report(diagnostic);
        }
        // Said once.
        self.cycles = 1;
        self.slices = 1;
    }

    pub(super) fn check_held(&mut self, stage: &Stage) {
        let waits = stage.share.value > 1 && stage.component.kind == Kind::Adc && !self.held;
        if waits {
            self.lowering.diagnostics.warn(
                Diagnostic::warning(format!(
                    "{} columns take turns on `{}`, and nothing holds their values",
                    stage.share.value, stage.component.name
                ))
                .at(stage.share.span, "the crossbar stays on until the last of them is converted")
                .help("a sample-and-hold before the ADC lets the crossbar be switched off"),
            );
        }
    }

    pub(super) fn check_domain(&mut self, component: &Component, span: Span) {
        let given = self.end.signal.domain;
        let wanted = match takes(component) {
            Some(wanted) if wanted == given => return,
            Some(wanted) => wanted,
            None if given.is_analog() => return,
            None => Domain::Voltage,
        };
        let end = &self.end;
        let help = what_would_fit(given, wanted, self.lowering.library);
        let diagnostic =
            Diagnostic::error(format!("`{}` takes {wanted}, but `{}` gives {given}", component.name, end.name))
                .at(span, format!("needs {wanted}"))
                .also(end.span, format!("gives {given}"))
                .help(help);
        self.lowering.report(diagnostic);
    }

    /// Notes how many lines there are to share a unit; whether they are enough is known when all layers are.
    pub(super) fn note_share(&mut self, stage: &Stage, lines: u64, what: &'static str) {
        let component = stage.component.name.clone();
        let fresh = Shared { component, share: stage.share.value, most: lines, lines: what };
        let shared = self.lowering.shares.entry(stage.share.span).or_insert(fresh);
        shared.most = shared.most.max(lines);
    }

    pub(super) fn per(&mut self, stage: &Stage, usual: Per, allowed: &[Per]) -> Per {
        let Some(per) = stage.per else { return usual };
        if !allowed.contains(&per.value) {
            let chain = if allowed.contains(&Per::Input) { "input" } else { "column" };
            let words: Vec<&str> = allowed.iter().map(|p| per_name(*p)).collect();
            let message = format!("`per: {}` has no meaning in the {chain} chain", per_name(per.value));
            self.lowering.report(Diagnostic::error(message).at(per.span, format!("expected {}", words.join(" or "))));
            return usual;
        }
        per.value
    }
}

fn per_name(per: Per) -> &'static str {
    match per {
        Per::Tile => "tile",
        Per::Input => "input",
        Per::Output => "output",
    }
}
