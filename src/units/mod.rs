//! Physical quantities: typed values, exact text, dimension-checked formulas.
//!
//! * [`Power`], [`Energy`], ... are one-field types over an SI `f64`; the compiler refuses to add a
//!   power to an energy, and `Power * Time` is an `Energy`.
//! * [`Quantity`] is the same thing with the dimension known only at run time, as it is while a
//!   formula is evaluated.
//! * `str::parse` reads `64 uW`; `Display` writes it back so that reading gives the same bits;
//!   `eng` writes a rounded form for tables.
//! * [`Formula`] is an expression from a description file, such as `13 lambda x 30 lambda`.
//!
//! # Units
//!
//! | kind | unit | for example |
//! |---|---|---|
//! | [`Power`] | `W` | `64 uW` |
//! | [`Energy`] | `J` | `1.5 pJ` |
//! | [`Time`] | `s` | `100 ns` |
//! | [`Length`] | `m` | `65 nm` |
//! | [`Area`] | `m^2` | `0.37 mm^2`, `1200 µm²` |
//! | [`Voltage`] | `V` | `0.9 V` |
//! | [`Current`] | `A` | `10 uA` |
//! | [`Resistance`] | `ohm`, `Ω` | `6 kohm` |
//! | [`Conductance`] | `S` | `150 uS` |
//! | [`Capacitance`] | `F` | `2 fF` |
//! | [`Frequency`] | `Hz`, `S/s` | `1.2 GHz`, `1.28 GS/s` |
//! | [`Fraction`] | none, `%` | `0.5`, `50%` |
//! | [`ResistanceArea`] | `ohm m^2` | `10 ohm um^2` |
//! | [`Resistivity`] | `ohm m` | `1.7 uohm cm` |
//!
//! Prefixes: `a f p n u m k M G T`, `µ` for `u`, and `c` before `m` alone. Letter case matters:
//! `mW` and `MW` are nine decades apart. `S/s` is samples per second, so siemens per second cannot
//! be written; nothing here needs it. A [`Quantity`] may also carry products and quotients, such as
//! `fF/um`.
//!
//! # Why prefixes are shifted in decimal
//!
//! `64.0 * 1e-6` is not the `f64` nearest to 0.000064: `1e-6` is already rounded and the product is
//! rounded again. Here the prefix is added to the decimal exponent of the text (`64 uW` is read as
//! `64e-6`), so there is one rounding only, and printing moves the decimal point of the shortest
//! digits that identify the value. What is printed therefore reads back to the same bits, and
//! `0.064 mW` equals `64 uW`.

mod bits;
mod decimal;
mod dimension;
mod error;
mod formula;
mod kinds;
mod number;
mod parse;
mod print;
mod quantity;
mod suggest;
mod unit_text;

pub use bits::parse_bits;
pub use dimension::Dimension;
pub use error::{DimensionMismatch, ParseError};
pub use formula::{CompareOp, Formula, Function, Step, chosen};
pub use kinds::{
    Area, Capacitance, Conductance, Current, Energy, Fraction, Frequency, Length, Power, Resistance, ResistanceArea,
    Resistivity, Time, Unit, Voltage,
};
pub use parse::{parse, parse_quantity, plain_quantity};
pub use print::{eng_number, sig};
pub use quantity::Quantity;
