//! What a command prints for programs.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::check::CheckResult;
use super::conversion::ConversionsResult;
use super::converter::ConverterResult;
use super::crossbar::CrossbarResult;
use super::explanation::ExplanationResult;
use super::library::{ComponentInFull, DeviceInFull, LibraryResult};
use super::machine::MachineReport;
use super::neuron::NeuronResult;
use super::ranking::RankingResult;
use super::validation::ValidationResult;
use super::{ComparisonResult, Finding, Findings, ReportResult};
#[cfg(feature = "infer")]
use super::{accuracy::AccuracyResult, simulation::SimulationResult, study::StudyResult, words::StatisticsResult};

/// A result and what was found beside it: what `--format json` prints, in SI base units with the unit in each key.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Answer {
    /// The result.
    #[serde(flatten)]
    pub result: CommandResult,
    /// What is true of the files and their author should know, the shortest first; none with `--quiet` and where nothing is looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub findings: Option<Vec<Finding>>,
}

/// The result of any command.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum CommandResult {
    /// `imcost report`
    Report(Box<ReportResult>),
    /// `imcost report` of a machine without a network
    Machine(Box<MachineReport>),
    /// `imcost compare`
    Comparison(Box<ComparisonResult>),
    /// `imcost explain`
    Explanation(Box<ExplanationResult>),
    /// `imcost check`
    Check(CheckResult),
    /// `imcost library LIBRARY`
    Library(LibraryResult),
    /// `imcost library LIBRARY COMPONENT`
    Component(Box<ComponentInFull>),
    /// `imcost library LIBRARY DEVICE`
    Device(Box<DeviceInFull>),
    /// `imcost library LIBRARY --compare KIND`
    Ranking(RankingResult),
    /// `imcost validate`
    Validation(ValidationResult),
    /// `imcost crossbar`
    Crossbar(Box<CrossbarResult>),
    /// `imcost neuron`
    Neuron(Box<NeuronResult>),
    /// `imcost adc`
    Converter(Box<ConverterResult>),
    /// `imcost adc --for`
    Conversions(Box<ConversionsResult>),
    /// `imcost accuracy`
    #[cfg(feature = "infer")]
    Accuracy(Box<AccuracyResult>),
    /// `imcost simulate`
    #[cfg(feature = "infer")]
    Simulation(SimulationResult),
    /// `imcost statistics`
    #[cfg(feature = "infer")]
    Statistics(Box<StatisticsResult>),
    /// `imcost study`
    #[cfg(feature = "infer")]
    Study(StudyResult),
}

impl Answer {
    /// A result beside which nothing was looked for.
    #[must_use]
    pub fn of(result: CommandResult) -> Self {
        Self { result, findings: None }
    }

    /// With what was found.
    #[must_use]
    pub fn with(self, findings: &Findings) -> Self {
        Self { findings: Some(findings.list().to_vec()), ..self }
    }
}

/// Schema of what `--format json` prints, for any command; each kind of result is one of its definitions.
#[must_use]
pub fn schema() -> Schema {
    // What is printed always has the keys that are not left out, null where there is no value.
    SchemaSettings::draft07().for_serialize().into_generator().into_root_schema_for::<Answer>()
}
