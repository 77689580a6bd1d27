//! Runs of a design over its pictures: perfect, as built, and draw by draw.

use std::sync::atomic::{AtomicBool, Ordering};

use super::build::{Build, Detail};
use super::draws::{self, Draw, Draws};
use super::graph::{NetworkPlan, ValueScale};
use super::trained::{Trained, classes};
use super::{Accuracy, DetailStep, LayerFigures, Question};
use crate::design::{Design, Role};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, Reported};
use crate::infer::classify::devices::random;
use crate::infer::classify::input::Inputs;
use crate::infer::classify::neuron::Activation;
use crate::infer::classify::{DrawScratch, Outcome, PreparedNetwork, SignedLayer};
use crate::infer::network::{LayerNetwork, Matrix, NetworkRun, StepWork, Watch};
use crate::infer::weights::named::NetworkWeights;
use crate::model::dense::Singular;

/// The stream of the nominal run, of which nothing is drawn.
const NOMINAL: u64 = u64::MAX;
/// What is said of a run that was stopped among its steps.
const STEPS_MISSING: &str = "stopped on the way from the trained network to the design: some of its steps are missing";
/// What is said of a run that was stopped before its first draw.
const NO_DRAW: &str = "stopped before the first draw was done: nothing is known of what is random";

/// A design, its pictures, and what is asked of them.
pub(super) struct Run<'a> {
    pub flow: &'a Design,
    pub trained: &'a Trained,
    pub question: &'a Question,
    pub detail: Detail,
    pub with_steps: bool,
    pub stop: &'a AtomicBool,
    pub progress: &'a (dyn Fn(usize) + Sync),
    pub inputs: &'a Inputs,
}

/// What a run without anything random found.
struct Nominal {
    outcome: Outcome,
    steps: Vec<DetailStep>,
    layers: Vec<LayerFigures>,
    outputs_tell: bool,
    notes: Vec<String>,
}

fn singular(error: Singular, diagnostics: &mut Diagnostics) -> Reported {
    diagnostics.push(Diagnostic::error(format!("a tile of the design has no solution: {error}")))
}

fn unsettled(outcome: &Outcome, notes: &mut Vec<String>) {
    if outcome.unsettled > 0 {
        let count = outcome.unsettled;
        notes.push(format!("the rows of {count} pictures did not settle: they are taken as far as they came"));
    }
}

impl Run<'_> {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn labels(&self) -> Vec<u32> {
        self.trained.dataset.labels.clone()
    }

    /// A chain of dense layers on crossbars.
    pub fn of_chain(&self, diagnostics: &mut Diagnostics) -> Checked<Option<Accuracy>> {
        let mut build = Build::new(self.flow, &self.trained.weights, diagnostics);
        let nominal_layers = build.layers(self.detail.without_randomness())?;
        let random_layers = build.layers(self.detail)?;
        let step_layers = if self.with_steps { build.steps(self.detail)? } else { Vec::new() };
        let notes = build.into_notes();
        let nominal = self.nominal_of_chain(nominal_layers, step_layers, notes);
        let Some(nominal) = nominal.map_err(|error| singular(error, diagnostics))? else { return Ok(None) };
        let varies = random_layers.iter().any(|layer| layer.devices.spread.is_some());
        let network = PreparedNetwork::new(random_layers, self.inputs, self.labels()).until(self.stop);
        let draw: Draw<'_> = &|random, scratch| network.correct(random, scratch);
        self.with_draws(nominal, varies, draw).map(Some).map_err(|error| singular(error, diagnostics))
    }

    fn nominal_of_chain(
        &self,
        nominal_layers: Vec<SignedLayer>,
        step_layers: Vec<(&'static str, Vec<SignedLayer>)>,
        mut notes: Vec<String>,
    ) -> Result<Option<Nominal>, Singular> {
        let mut scratch = DrawScratch::default();
        let mut nominal = |layers| {
            let network = PreparedNetwork::new(layers, self.inputs, self.labels()).until(self.stop);
            network.outcome(&mut random(0, NOMINAL), &mut scratch)
        };
        let mut layers: Vec<LayerFigures> =
            self.flow.layers.iter().zip(&nominal_layers).map(LayerFigures::of_built).collect();
        let outputs_tell = matches!(nominal_layers.last().map(|layer| &layer.activation), Some(Activation::Loaded(_)));
        let planes = nominal_layers.first().map(SignedLayer::planes).unwrap_or_default();
        let blocks = nominal_layers.first().map(SignedLayer::blocks).unwrap_or_default();
        let outcome = nominal(nominal_layers)?;
        unsettled(&outcome, &mut notes);
        if self.stopped() {
            return Ok(None);
        }
        let mut steps = Vec::with_capacity(step_layers.len());
        for (what, layers) in step_layers {
            let correct = nominal(layers)?.correct;
            if self.stopped() {
                notes.push(STEPS_MISSING.into());
                break;
            }
            steps.push(DetailStep { what, correct });
        }
        layers.iter_mut().enumerate().for_each(|(index, layer)| layer.measure(&outcome, index));
        if let Some(first) = layers.first_mut() {
            first.active_rows = self.inputs.mean_square(&planes);
            first.mean = self.inputs.mean(&planes);
            first.product = self.inputs.product(&planes, &blocks);
        }
        Ok(Some(Nominal { outcome, steps, layers, outputs_tell, notes }))
    }

    /// A network of any layers.
    pub fn of_network(&self, weights: &NetworkWeights, diagnostics: &mut Diagnostics) -> Checked<Option<Accuracy>> {
        let plan = NetworkPlan::of(self.flow, weights, diagnostics)?;
        let trained = self.network_run(plan.trained()).run(&mut random(0, NOMINAL), Watch::Extremes);
        let (trained, extremes) = trained.map_err(|error| singular(error, diagnostics))?;
        if self.stopped() {
            return Ok(None);
        }
        let scales = plan.scales(&extremes);
        let (network, mut notes) = plan.built(self.detail.without_randomness(), &scales, diagnostics)?;
        let (random_network, _) = plan.built(self.detail, &scales, diagnostics)?;
        notes.extend(plan.notes(&scales));
        let Some(mut nominal) = self.nominal_of_network(network, notes, diagnostics)? else { return Ok(None) };
        if self.with_steps {
            nominal.steps.push(DetailStep { what: "as trained", correct: trained.correct });
            self.steps_of_network(&plan, &scales, &mut nominal, diagnostics)?;
        }
        let varies = matrices(&random_network).any(Matrix::is_random);
        let run = self.network_run(random_network);
        let draw: Draw<'_> = &|random, _| run.correct(random);
        self.with_draws(nominal, varies, draw).map(Some).map_err(|error| singular(error, diagnostics))
    }

    fn network_run(&self, network: LayerNetwork) -> NetworkRun<'_> {
        NetworkRun::new(network, self.inputs, &self.trained.dataset.labels, Some(self.stop))
    }

    fn nominal_of_network(
        &self,
        network: LayerNetwork,
        mut notes: Vec<String>,
        diagnostics: &mut Diagnostics,
    ) -> Checked<Option<Nominal>> {
        let mut layers = self.figures_of_network(&network);
        let run = self.network_run(network);
        let found = run.run(&mut random(0, NOMINAL), Watch::Everything);
        let (outcome, _) = found.map_err(|error| singular(error, diagnostics))?;
        unsettled(&outcome, &mut notes);
        if self.stopped() {
            return Ok(None);
        }
        layers.iter_mut().enumerate().for_each(|(index, layer)| layer.measure(&outcome, index));
        let last = matrices(run.network()).last().and_then(Matrix::on_crossbars);
        let outputs_tell = matches!(last.map(|layer| &layer.activation), Some(Activation::Loaded(_)));
        Ok(Some(Nominal { outcome, steps: Vec::new(), layers, outputs_tell, notes }))
    }

    /// What is known of the layers before any picture is classified.
    fn figures_of_network(&self, network: &LayerNetwork) -> Vec<LayerFigures> {
        let of_layer = |index: usize| {
            network.steps.iter().find_map(|step| match &step.work {
                StepWork::Products(products) if products.layer == index => products.matrices.first(),
                _ => None,
            })
        };
        let one = |(index, layer): (usize, &crate::design::Layer)| match of_layer(index) {
            Some(Matrix::Crossbar(built)) => LayerFigures::of_built((layer, built)),
            Some(Matrix::Exact(exact)) => LayerFigures::of(layer.name.clone(), exact.gain, self.low_resistance(layer)),
            None => LayerFigures::of(layer.name.clone(), 1.0, self.low_resistance(layer)),
        };
        self.flow.layers.iter().enumerate().map(one).collect()
    }

    /// What the file says of the cells of a layer.
    fn low_resistance(&self, layer: &crate::design::Layer) -> f64 {
        match &self.flow.graph[layer.circuits.crossbar].role {
            Role::Crossbar(_, usage) => usage.low_resistance,
            _ => 0.0,
        }
    }

    /// The network with one detail after another; only what makes a difference in this design.
    fn steps_of_network(
        &self,
        plan: &NetworkPlan<'_>,
        scales: &[ValueScale],
        nominal: &mut Nominal,
        diagnostics: &mut Diagnostics,
    ) -> Checked<()> {
        let (mut before, _) = plan.built(Detail::NONE, scales, diagnostics)?;
        for (what, detail) in self.detail.without_randomness().one_by_one() {
            let (network, _) = plan.built(detail, scales, diagnostics)?;
            if network == before {
                continue;
            }
            before = network.clone();
            let found = self.network_run(network).run(&mut random(0, NOMINAL), Watch::Classes);
            let (found, _) = found.map_err(|error| singular(error, diagnostics))?;
            if self.stopped() {
                nominal.notes.push(STEPS_MISSING.into());
                break;
            }
            nominal.steps.push(DetailStep { what, correct: found.correct });
        }
        Ok(())
    }

    /// The answer, with draws if anything is random.
    fn with_draws(&self, nominal: Nominal, varies: bool, draw: Draw<'_>) -> Result<Accuracy, Singular> {
        let Nominal { outcome, steps, layers, outputs_tell, mut notes } = nominal;
        let is_random = self.flow.imperfections.is_random() || varies;
        let mut found: Option<Draws> = None;
        if is_random {
            let images = self.trained.dataset.labels.len();
            found = draws::run((draw, images), self.question.draws, self.question.seed, self.stop, self.progress)?;
            if found.is_none() && self.stopped() {
                notes.push(NO_DRAW.into());
            }
        }
        Ok(Accuracy {
            data: self.trained.dataset.name.clone(),
            weights: self.trained.weights_name.clone(),
            images: self.trained.dataset.images.count,
            labels: self.labels(),
            classes: classes(self.flow),
            with_load: self.detail.neurons && self.detail.load,
            outputs_tell,
            layers,
            nominal: outcome,
            steps,
            draws: found,
            is_random,
            notes,
        })
    }
}

/// The matrices of a network.
fn matrices(network: &LayerNetwork) -> impl Iterator<Item = &Matrix> {
    network.steps.iter().flat_map(|step| match &step.work {
        StepWork::Products(products) => products.matrices.as_slice(),
        StepWork::Values(_) => &[],
    })
}
