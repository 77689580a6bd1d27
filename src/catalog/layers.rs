//! Kinds of layer and the keys that may stand beside them.

/// A kind of layer.
#[derive(Debug, Clone, Copy)]
pub struct LayerEntry {
    /// The key that names it.
    pub name: &'static str,
    /// Keys that belong to some kinds, and to this one.
    pub siblings: &'static [&'static str],
    /// True if it is made of products with matrices.
    pub has_matrices: bool,
    /// True if a unit works on its values.
    pub has_unit: bool,
}

/// Keys of a layer whose matrices lie on arrays.
const OF_ARRAYS: &[&str] = &["on", "weights", "tile", "stages", "statistics"];
/// Keys of a layer whose values a unit works on.
const OF_UNITS: &[&str] = &["use", "units"];

const fn matrices(name: &'static str, siblings: &'static [&'static str]) -> LayerEntry {
    LayerEntry { name, siblings, has_matrices: true, has_unit: false }
}

/// Matrices, and a unit that works on values beside them.
const fn both(name: &'static str, siblings: &'static [&'static str]) -> LayerEntry {
    LayerEntry { name, siblings, has_matrices: true, has_unit: true }
}

const fn values(name: &'static str, siblings: &'static [&'static str]) -> LayerEntry {
    LayerEntry { name, siblings, has_matrices: false, has_unit: true }
}

/// Another shape of the same values, or other layers.
const fn shapes(name: &'static str, siblings: &'static [&'static str]) -> LayerEntry {
    LayerEntry { name, siblings, has_matrices: false, has_unit: false }
}

impl LayerEntry {
    /// All kinds, those of [`LAYER_KINDS`] in their order, and `activation`, which is one where it stands alone.
    pub const ALL: &[Self] = &[
        matrices("dense", &["of", "activation", "from", "copies"]),
        matrices("conv", &["kernel", "stride", "padding", "dilation", "groups", "activation", "from", "copies"]),
        matrices("depthwise", &["kernel", "stride", "padding", "dilation", "activation", "from", "copies"]),
        both("deconv", &["kernel", "stride", "padding", "output-padding", "dilation", "activation", "from", "copies"]),
        values("pool", &["kernel", "stride", "padding", "dilation", "ceil", "from"]),
        shapes("upsample", &["from"]),
        values("add", &["activation"]),
        values("multiply", &["activation"]),
        shapes("concat", &[]),
        matrices("matmul", &["heads", "transposed", "copies"]),
        both("attention", &["heads", "cache", "from", "copies"]),
        both("lstm", &["steps", "from"]),
        both("gru", &["steps", "from"]),
        values("normalize", &["from"]),
        shapes("sequence", &["from"]),
        shapes("slice", &["from"]),
        shapes("reshape", &["from"]),
        shapes("layers", &["repeat", "from"]),
        values("activation", &["activation", "from"]),
    ];

    /// True if a key that not every layer has may stand beside it.
    #[must_use]
    pub fn takes(&self, key: &str) -> bool {
        self.siblings.contains(&key)
            || self.has_matrices && OF_ARRAYS.contains(&key)
            || self.has_unit && OF_UNITS.contains(&key)
    }

    /// The entry of a kind; that of `activation` for a word that is none.
    #[must_use]
    pub fn of(kind: &str) -> &'static Self {
        let alone = &Self::ALL[Self::ALL.len() - 1];
        Self::ALL.iter().find(|entry| entry.name == kind).unwrap_or(alone)
    }
}

/// The fields of a layer that say what it computes: a layer has one of them.
pub const LAYER_KINDS: &[&str] = &[
    "dense",
    "conv",
    "depthwise",
    "deconv",
    "pool",
    "upsample",
    "add",
    "multiply",
    "concat",
    "matmul",
    "attention",
    "lstm",
    "gru",
    "normalize",
    "sequence",
    "slice",
    "reshape",
    "layers",
];

#[cfg(test)]
mod tests {
    use super::{LAYER_KINDS, LayerEntry};

    #[test]
    fn every_kind_has_an_entry_in_its_order() {
        let names: Vec<&str> = LayerEntry::ALL.iter().map(|entry| entry.name).collect();
        assert_eq!(names[..names.len() - 1], *LAYER_KINDS);
    }
}
