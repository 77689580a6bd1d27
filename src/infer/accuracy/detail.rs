//! Which details of a design are taken into account.

/// Takes one more detail into account.
type Switch = fn(&mut Detail);

/// Which details of a design are taken into account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// Weights are what the cells can hold.
    pub cells: bool,
    /// Words have bits.
    pub converters: bool,
    /// Column ends are where the column circuits put them, not at 0 V.
    pub column_ends: bool,
    /// Wires have resistance.
    pub wires: bool,
    /// Neurons are circuits.
    pub neurons: bool,
    /// Rows load the neurons that drive them.
    pub load: bool,
    /// Devices are not those of the library.
    pub drift: bool,
    /// Devices and neurons differ from each other.
    pub randomness: bool,
}

impl Detail {
    /// The design as it is.
    pub const ALL: Self = Self {
        cells: true,
        converters: true,
        column_ends: true,
        wires: true,
        neurons: true,
        load: true,
        drift: true,
        randomness: true,
    };

    /// The trained network.
    pub const NONE: Self = Self {
        cells: false,
        converters: false,
        column_ends: false,
        wires: false,
        neurons: false,
        load: false,
        drift: false,
        randomness: false,
    };

    /// One kind of detail after another, up to all of these: what is added, and what there is then.
    #[must_use]
    pub fn one_by_one(self) -> Vec<(&'static str, Self)> {
        let kinds: [(&'static str, Switch, bool); 7] = [
            ("weights as the cells hold them", |d| d.cells = true, self.cells),
            ("words of converters", |d| d.converters = true, self.converters),
            ("resistance of the wires", |d| d.wires = true, self.wires),
            ("column ends that are not at 0 V", |d| d.column_ends = true, self.column_ends),
            ("circuit of the neurons", |d| d.neurons = true, self.neurons),
            ("rows load the neurons", |d| d.load = true, self.load && self.neurons),
            ("drift of the devices", |d| d.drift = true, self.drift),
        ];
        let mut detail = Self::NONE;
        let mut add = |(what, set, _): (&'static str, Switch, bool)| {
            set(&mut detail);
            (what, detail)
        };
        kinds.into_iter().filter(|(.., wanted)| *wanted).map(&mut add).collect()
    }

    /// The same without what is random.
    #[must_use]
    pub fn without_randomness(self) -> Self {
        Self { randomness: false, ..self }
    }
}
