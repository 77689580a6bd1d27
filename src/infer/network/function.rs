//! Functions of the outputs of a layer.

use crate::infer::classify::kernel::logistic_of;

/// A function of each value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueFunction {
    /// The value.
    Identity,
    /// `max(x, 0)`
    Relu,
    /// `min(max(x, 0), 6)`
    Relu6,
    /// `x`, or a hundredth of it below 0.
    LeakyRelu,
    /// `1 / (1 + exp(-x))`
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// `x Φ(x)`, Φ the distribution of normal numbers.
    Gelu,
    /// `x` times its sigmoid.
    Silu,
    /// `min(max(x + 3, 0), 6) / 6`
    HardSigmoid,
    /// `x` times its hard sigmoid.
    HardSwish,
    /// `min(max(x, -1), 1)`
    HardTanh,
    /// -1 below 0, else 1: a comparator has no third answer.
    Sign,
    /// `x`, or `exp(x) - 1` below 0.
    Elu,
    /// `ln(1 + exp(x))`
    Softplus,
    /// `x tanh(softplus(x))`
    Mish,
}

/// The functions as files call them.
const NAMES: &[(&str, ValueFunction)] = &[
    ("identity", ValueFunction::Identity),
    ("relu", ValueFunction::Relu),
    ("relu6", ValueFunction::Relu6),
    ("leaky-relu", ValueFunction::LeakyRelu),
    ("sigmoid", ValueFunction::Sigmoid),
    ("tanh", ValueFunction::Tanh),
    ("gelu", ValueFunction::Gelu),
    ("silu", ValueFunction::Silu),
    ("swish", ValueFunction::Silu),
    ("hard-sigmoid", ValueFunction::HardSigmoid),
    ("hard-swish", ValueFunction::HardSwish),
    ("hard-tanh", ValueFunction::HardTanh),
    ("sign", ValueFunction::Sign),
    ("elu", ValueFunction::Elu),
    ("softplus", ValueFunction::Softplus),
    ("mish", ValueFunction::Mish),
];

impl ValueFunction {
    /// The function of this name; underscores are hyphens.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().replace('_', "-");
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
    }

    /// The names of all functions.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        NAMES.iter().map(|(name, _)| *name).collect()
    }

    /// The largest magnitude of its values and whether some are negative; none where they have no end.
    #[must_use]
    pub fn range(self) -> Option<(f64, bool)> {
        match self {
            Self::Sigmoid | Self::HardSigmoid => Some((1.0, false)),
            Self::Tanh | Self::HardTanh | Self::Sign => Some((1.0, true)),
            Self::Relu6 => Some((6.0, false)),
            _ => None,
        }
    }

    /// The function of all values, in place.
    pub fn apply(self, values: &mut [f64]) {
        let mut each = |of: fn(f64) -> f64| values.iter_mut().for_each(|value| *value = of(*value));
        match self {
            Self::Identity => {}
            Self::Relu => each(|x| x.max(0.0)),
            Self::Relu6 => each(|x| x.clamp(0.0, 6.0)),
            Self::LeakyRelu => each(|x| if x < 0.0 { 0.01 * x } else { x }),
            Self::Sigmoid => each(logistic_of),
            Self::Tanh => each(libm::tanh),
            Self::Gelu => each(|x| 0.5 * x * (1.0 + libm::erf(x * std::f64::consts::FRAC_1_SQRT_2))),
            Self::Silu => each(|x| x * logistic_of(x)),
            Self::HardSigmoid => each(hard_sigmoid),
            Self::HardSwish => each(|x| x * hard_sigmoid(x)),
            Self::HardTanh => each(|x| x.clamp(-1.0, 1.0)),
            Self::Sign => each(|x| if x < 0.0 { -1.0 } else { 1.0 }),
            Self::Elu => each(|x| if x < 0.0 { libm::expm1(x) } else { x }),
            Self::Softplus => each(softplus),
            Self::Mish => each(|x| x * libm::tanh(softplus(x))),
        }
    }
}

fn hard_sigmoid(x: f64) -> f64 {
    (x + 3.0).clamp(0.0, 6.0) / 6.0
}

/// Written so that it does not overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values printed by PyTorch 2 in float64.
    #[test]
    fn functions_are_those_of_pytorch() {
        let table = [
            (ValueFunction::Relu, [0.0, 0.0, 0.5]),
            (ValueFunction::LeakyRelu, [-0.02, -0.003, 0.5]),
            (ValueFunction::Sigmoid, [0.119_202_922_022_117_55, 0.425_557_483_188_341, 0.622_459_331_201_854_6]),
            (ValueFunction::Tanh, [-0.964_027_580_075_816_9, -0.291_312_612_451_590_9, 0.462_117_157_260_009_7]),
            (ValueFunction::Gelu, [-0.045_500_263_896_358_42, -0.114_626_573_343_314_2, 0.345_731_230_637_006_56]),
            (ValueFunction::Silu, [-0.238_405_844_044_235_14, -0.127_667_244_956_502_3, 0.311_229_665_600_927_3]),
            (ValueFunction::HardSigmoid, [1.0 / 6.0, 0.45, 3.5 / 6.0]),
            (ValueFunction::HardSwish, [-1.0 / 3.0, -0.135, 1.75 / 6.0]),
            (ValueFunction::Elu, [-0.864_664_716_763_387_3, -0.259_181_779_318_282_1, 0.5]),
            (ValueFunction::Softplus, [0.126_928_011_042_972_5, 0.554_355_244_468_527_1, 0.974_076_984_180_107_1]),
            (ValueFunction::Mish, [-0.252_501_482_695_708_9, -0.151_133_177_138_334_55, 0.375_245_211_304_895_1]),
        ];
        for (function, expected) in table {
            let mut values = [-2.0, -0.3, 0.5];
            function.apply(&mut values);
            for (found, wanted) in values.iter().zip(expected) {
                assert!((found - wanted).abs() < 1e-14, "{function:?}: {found} for {wanted}");
            }
        }
        let mut values = [-0.0, -1e-300, 7.0];
        ValueFunction::Sign.apply(&mut values);
        assert_eq!(values, [1.0, -1.0, 1.0]);
        ValueFunction::Relu6.apply(&mut values);
        assert_eq!(values, [1.0, 0.0, 1.0]);
    }

    #[test]
    fn every_name_is_found() {
        assert!(NAMES.iter().all(|(name, function)| ValueFunction::named(name) == Some(*function)));
        assert_eq!(
            (ValueFunction::named("hard_swish"), ValueFunction::named("rectifier")),
            (Some(ValueFunction::HardSwish), None)
        );
    }
}
