//! Which operators are known, and where each is followed.

use std::sync::Arc;

use super::super::constant::{Const, fold};
use super::super::graph::OnnxNode;
use super::super::layer::ImportedKind;
use super::notes::Note;
use super::{NetworkBuilder, Outcome, TracedValue, Trouble};

/// Functions of every value, by operator.
const FUNCTIONS: &[(&str, &str)] = &[
    ("Abs", "abs"),
    ("Ceil", "ceil"),
    ("Celu", "celu"),
    ("Cos", "cos"),
    ("Elu", "elu"),
    ("Erf", "erf"),
    ("Exp", "exp"),
    ("FastGelu", "gelu"),
    ("Floor", "floor"),
    ("Gelu", "gelu"),
    ("HardSigmoid", "hard-sigmoid"),
    ("HardSwish", "hard-swish"),
    ("LeakyRelu", "leaky-relu"),
    ("Log", "log"),
    ("LogSoftmax", "log-softmax"),
    ("Mish", "mish"),
    ("Neg", "negative"),
    ("PRelu", "prelu"),
    ("QuickGelu", "quick-gelu"),
    ("Reciprocal", "reciprocal"),
    ("Relu", "relu"),
    ("Round", "round"),
    ("Selu", "selu"),
    ("Sigmoid", "sigmoid"),
    ("Sign", "sign"),
    ("Sin", "sin"),
    ("Softmax", "softmax"),
    ("Softplus", "softplus"),
    ("Softsign", "softsign"),
    ("Sqrt", "square-root"),
    ("Tanh", "tanh"),
    ("ThresholdedRelu", "thresholded-relu"),
    ("imcost.gelu", "gelu"),
    ("imcost.hard-sigmoid", "hard-sigmoid"),
    ("imcost.hard-swish", "hard-swish"),
    ("imcost.mish", "mish"),
    ("imcost.quick-gelu", "quick-gelu"),
    ("imcost.silu", "silu"),
    ("imcost.softplus", "softplus"),
];

/// Other operators that are followed.
const OTHERS: &[&str] = &[
    "Add",
    "And",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "CastLike",
    "Clip",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Conv",
    "ConvTranspose",
    "CumSum",
    "DequantizeLinear",
    "Div",
    "Dropout",
    "Equal",
    "Expand",
    "Flatten",
    "GRU",
    "Gather",
    "Gemm",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Greater",
    "GreaterOrEqual",
    "GroupNormalization",
    "Identity",
    "InstanceNormalization",
    "IsNaN",
    "LSTM",
    "LayerNormalization",
    "Less",
    "LessOrEqual",
    "MatMul",
    "Max",
    "MaxPool",
    "Min",
    "Mod",
    "Mul",
    "Not",
    "Or",
    "Pad",
    "Pow",
    "QuantizeLinear",
    "Range",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "Reshape",
    "Resize",
    "Shape",
    "SimplifiedLayerNormalization",
    "Size",
    "Slice",
    "Split",
    "Squeeze",
    "Sub",
    "Sum",
    "Tile",
    "Transpose",
    "Trilu",
    "Unsqueeze",
    "Upsample",
    "Where",
    "Xor",
    "imcost.group",
    "imcost.layer",
    "imcost.rms",
];

/// True for an operator that is followed, in some uses at least.
pub(super) fn is_known(operator: &str) -> bool {
    function(operator).is_some() || OTHERS.contains(&operator)
}

fn function(operator: &str) -> Option<&'static str> {
    FUNCTIONS.iter().find(|(name, _)| *name == operator).map(|(_, word)| *word)
}

/// What a person calls it.
pub(super) fn shown(operator: &str) -> &str {
    operator.strip_prefix("imcost.").unwrap_or(operator)
}

/// What may be done about operators that are not known.
pub(super) fn advice<'a>(unknown: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut help = Vec::new();
    let mut add = |line: &str| {
        if !help.iter().any(|known| known == line) {
            help.push(line.to_owned());
        }
    };
    for operator in unknown {
        match operator {
            "If" | "Loop" | "Scan" => {
                add("control flow is not followed: export the network for one input size, in inference mode")
            }
            "QLinearConv" | "QLinearMatMul" | "ConvInteger" | "MatMulInteger" | "QGemm" => {
                add("export quantised networks with QuantizeLinear and DequantizeLinear around float operators (QDQ)");
            }
            "NonZero" | "NonMaxSuppression" | "TopK" | "RoiAlign" | "ScatterND" => {
                add("cut what follows the network, such as the choice of boxes, off before the export");
            }
            _ => {}
        }
    }
    help
}

impl<'m> NetworkBuilder<'m> {
    /// An operation that takes what a layer gives.
    pub(super) fn follow(&mut self, node: &OnnxNode<'m>, inputs: &[Option<TracedValue>]) -> Outcome<Vec<TracedValue>> {
        if let Some(word) = function(node.operator) {
            let view = self.view(inputs, 0)?;
            let view = self.plain(node, view)?;
            return Ok(vec![TracedValue::TensorView(self.activate(node, view, word))]);
        }
        let one = |value: super::TensorView| Ok(vec![TracedValue::TensorView(value)]);
        match node.operator {
            "Identity" | "Cast" | "CastLike" | "Dropout" => one(self.view(inputs, 0)?),
            "Shape" | "Size" => {
                let sizes = Const::unknown(self.view(inputs, 0)?.sizes());
                let found = fold(&mut self.folding, node, &[Some(&sizes)]).ok_or(Trouble::Unknown)?;
                Ok(found.into_iter().map(|c| TracedValue::Const(Arc::new(c))).collect())
            }
            "QuantizeLinear" | "DequantizeLinear" => {
                if node.operator == "QuantizeLinear" {
                    self.note_bits(node);
                }
                one(self.view(inputs, 0)?)
            }
            "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" | "Transpose" | "Expand" => {
                one(self.arrange(node, inputs)?)
            }
            "Slice" | "Gather" => one(self.cut_out(node, inputs)?),
            "Split" => self.split(node, inputs),
            "Concat" => one(self.concat(node, inputs)?),
            "Pad" => one(self.pad(node, inputs)?),
            "Clip" => one(self.clip(node, inputs)?),
            "Add" | "Sub" | "Mul" | "Div" | "Pow" | "Max" | "Min" | "Sum" => self.arithmetic(node, inputs),
            "Where" => self.masked(inputs),
            "IsNaN" | "Equal" | "Less" | "Greater" | "LessOrEqual" | "GreaterOrEqual" | "Not" => {
                Ok(vec![TracedValue::Outside(self.view(inputs, 0)?.sizes())])
            }
            "Conv" => one(self.conv(node, inputs)?),
            "ConvTranspose" => one(self.deconv(node, inputs)?),
            "MaxPool" | "AveragePool" => one(self.pool(node, inputs)?),
            "GlobalAveragePool" | "GlobalMaxPool" | "ReduceMean" | "ReduceMax" => one(self.reduce(node, inputs)?),
            "Resize" | "Upsample" => one(self.resize(node, inputs)?),
            "Gemm" => one(self.gemm(node, inputs)?),
            "MatMul" => one(self.matmul(node, inputs)?),
            "BatchNormalization" => one(self.batch_norm(node, inputs)?),
            "LayerNormalization"
            | "SimplifiedLayerNormalization"
            | "GroupNormalization"
            | "InstanceNormalization"
            | "imcost.layer"
            | "imcost.rms"
            | "imcost.group" => one(self.normalise(node, inputs)?),
            "LSTM" | "GRU" => self.recurrent(node, inputs),
            operator if is_known(operator) => {
                Err(Trouble::because("is followed for constants only, not for activations"))
            }
            _ => Err(Trouble::Unknown),
        }
    }

    /// An input that has to be what a layer gives.
    pub(super) fn view(&self, inputs: &[Option<TracedValue>], index: usize) -> Outcome<super::TensorView> {
        match inputs.get(index) {
            Some(Some(TracedValue::TensorView(view))) => Ok(view.clone()),
            Some(Some(TracedValue::Outside(_))) => Err(Trouble::because("takes a second input of the network")),
            Some(Some(_)) => Err(Trouble::because("takes stored values where others take activations")),
            _ => Err(Trouble::because(format!("has no input {index}"))),
        }
    }

    /// An input that has to be stored.
    pub(super) fn stored<'a>(&self, inputs: &'a [Option<TracedValue>], index: usize, what: &str) -> Outcome<&'a Const> {
        match inputs.get(index) {
            Some(Some(TracedValue::Const(constant))) => Ok(constant),
            _ => Err(Trouble::because(format!("takes {what} that depend on an input"))),
        }
    }

    /// A function of every value: beside the layer before if nothing else sees that, else a layer.
    pub(super) fn activate(&mut self, node: &OnnxNode<'m>, view: super::TensorView, word: &str) -> super::TensorView {
        let layer = &mut self.layers[view.source];
        if view.sole && layer.takes_activation() {
            layer.activation = Some(word.to_owned());
            return view;
        }
        let name = self.names.of(node, None, word);
        self.element(name, ImportedKind::Activation(word.to_owned()), &view, &[])
    }

    fn note_bits(&mut self, node: &OnnxNode<'m>) {
        let zero = node.input(2).and_then(|name| self.types.get(name).copied());
        let bits = zero.and_then(super::super::tensor::bits).unwrap_or(8);
        self.notes.add(Note::Bits(bits));
    }
}
