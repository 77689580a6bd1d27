//! The typical crossbar of a layer, of which statistics are known but no weights: what its row sources deliver on average over weights and inputs.
//!
//! The circuit is that of [`crate::model::network`]: every row a chain from its source, every column a chain to its end, pairs of devices between
//! them. With one conductance g for all devices it has a solution in closed form. The cells of a row, from the source on, are a chain with one
//! end held and one open, whose patterns are sines: for each of them, with eigenvalue `λ = 4 sin²(θ/2)`, the columns are chains of nodes that
//! drive `h = g / (1 + lines g r_row / λ)` (`chain`). Tiles whose columns are joined meet pattern by pattern. So the sources' admittance,
//! `I = A V`, costs a few operations for each column of a tile, however many rows there are; nothing is iterated but g, which is the
//! conductance that random devices have as a medium (`medium`).
//!
//! What power needs of A is its diagonal and its sum: for rows whose voltages do not depend on each other, of mean m and mean square q,
//! `E[Vᵀ A V] = q Σ A_ii + m² Σ_{i≠k} A_ik`. Where it is known how rows go together, `E[V_i V_k]` stands for m². A bias row has a voltage of its own.

mod chain;
mod levels;
mod medium;

pub use levels::RowLevels;

use super::partition;
use chain::ColumnChain;
use medium::{DeviceStates, Seen, Star};

use crate::memo::Memo;
use crate::model::amplifier::ColumnEnd;
use crate::units::{Conductance, Current, Power, Resistance, Voltage};

/// Tiles one below the other, as far as their currents depend on them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TilePlace {
    /// Rows of all tiles, the bias row among them, cut as [`crate::model::crossbar::partition::end_of`] says.
    pub rows: u64,
    /// Tiles.
    pub partitions: u64,
    /// True if the last row of the last tile has a voltage of its own.
    pub bias: bool,
    /// True if the columns of all tiles meet before their end.
    pub joined: bool,
    /// Cells along a row.
    pub cells: u64,
    /// Devices of a cell, each on a column line of its own.
    pub lines: u32,
    /// True if two devices hold one weight.
    pub paired: bool,
    /// Resistance of the low-resistance state.
    pub r_low: Resistance,
    /// Resistance of the high-resistance state.
    pub r_high: Resistance,
    /// Fraction of the devices in the low-resistance state.
    pub low_fraction: f64,
    /// Wire of a row between two cells, and before the first.
    pub row_segment: Resistance,
    /// Wire of a column between two cells, and after the last.
    pub column_segment: Resistance,
    /// What stands at the foot of the columns.
    pub end: ColumnEnd,
}

/// The currents of the row sources, all tiles together, for 1 V.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TileSolution {
    /// Rows that inputs drive.
    pub inputs: u64,
    /// Each input row alone at 1 V: the sum of their currents.
    pub alone: Conductance,
    /// What all other input rows at 1 V add to the current of an input row, summed over the rows; not positive.
    pub mutual: Conductance,
    /// The bias row alone at 1 V: its current.
    pub bias_alone: Conductance,
    /// What the bias row at 1 V adds to the currents of all input rows, and these to that of the bias row; not positive.
    pub bias_mutual: Conductance,
    /// The sum of the input rows' devices: their currents with ideal wires into virtual grounds.
    pub ideal: Conductance,
    /// The devices of the bias row.
    pub ideal_bias: Conductance,
    /// Current into the end of the column that carries most, all rows at 1 V.
    pub column: Conductance,
}

/// Rounds of finding the conductance of the medium; each gains two digits or more.
const ROUNDS: usize = 3;

/// Patterns that are taken one by one; beyond, a block is as wide as it keeps the error of its middle below a millionth.
const SINGLE: u64 = 256;

/// Solves tiles; the same question is answered once in a run.
#[must_use]
pub fn solve(place: &TilePlace) -> TileSolution {
    static KNOWN: Memo<[u64; 11], TileSolution> = Memo::new();
    KNOWN.get(key(place), || Tiles::new(place).solution())
}

/// The same, worked out anew.
#[must_use]
pub fn solve_cold(place: &TilePlace) -> TileSolution {
    Tiles::new(place).solution()
}

/// The bits of every number of a question.
fn key(place: &TilePlace) -> [u64; 11] {
    let flags =
        [place.bias, place.joined, place.paired].iter().fold(u64::from(place.lines), |f, &b| 2 * f + u64::from(b));
    [
        place.rows,
        place.partitions,
        flags,
        place.cells,
        place.r_low.si().to_bits(),
        place.r_high.si().to_bits(),
        place.low_fraction.to_bits(),
        place.row_segment.si().to_bits(),
        place.column_segment.si().to_bits(),
        place.end.together.si().to_bits(),
        place.end.apart.si().to_bits(),
    ]
}

/// A pattern along the rows.
struct Pattern {
    /// Eigenvalue of the row's chain.
    lambda: f64,
    /// Square of what a drive of 1 along the whole row has of it.
    ones: f64,
    /// Patterns that it stands for.
    count: f64,
}

/// The patterns of rows of this many cells.
fn patterns(cells: u64) -> impl Iterator<Item = Pattern> {
    let size = (2 * cells + 1) as f64;
    let mut next = 1;
    std::iter::from_fn(move || {
        let first = next;
        if first > cells {
            return None;
        }
        next = (first + (first / SINGLE).max(1)).min(cells + 1);
        let count = (next - first) as f64;
        let middle = (first + next - 1) as f64 / 2.0;
        let sine = libm::sin((middle - 0.5) * std::f64::consts::PI / size);
        let square = sine * sine;
        Some(Pattern { lambda: 4.0 * square, ones: count * (1.0 - square) / (square * size), count })
    })
}

/// A question, in plain numbers.
struct Tiles<'a> {
    place: &'a TilePlace,
    states: DeviceStates,
    /// Rows of a tile, and how many tiles have them.
    heights: [(u64, f64); 3],
    /// Rows of the last tile.
    last_rows: u64,
    lines: f64,
    cells: f64,
    end_s: f64,
    apart_s: f64,
}

/// A solution of uniform devices: what [`TileSolution`] has, with the bias row as one of the rows, and what a device sees.
#[derive(Default)]
struct Uniform {
    alone: f64,
    all: f64,
    last_alone: f64,
    last_of_all: f64,
    /// What `last_alone` and `last_of_all` gain, relative to g, if the devices of the last row conduct more.
    last_alone_gain: f64,
    last_of_all_gain: f64,
    column: f64,
    /// What a device and its alike see, on average and in the last row.
    seen: f64,
    seen_last: f64,
}

impl<'a> Tiles<'a> {
    fn new(place: &'a TilePlace) -> Self {
        let partitions = place.partitions.max(1);
        Self {
            place,
            states: DeviceStates {
                low_s: 1.0 / place.r_low.si(),
                high_s: 1.0 / place.r_high.si(),
                low: place.low_fraction,
                paired: place.paired,
            },
            heights: partition::sizes(place.rows, partitions).map(|(rows, tiles)| (rows, tiles as f64)),
            last_rows: place.rows - partition::end_of(place.rows, partitions, partitions - 1),
            lines: f64::from(place.lines),
            cells: place.cells as f64,
            end_s: 1.0 / place.end.together.si(),
            apart_s: 1.0 / place.end.apart.si(),
        }
    }

    fn heights(&self) -> impl Iterator<Item = (u64, f64)> {
        self.heights.into_iter().filter(|(rows, tiles)| *rows > 0 && *tiles > 0.0)
    }

    fn solution(&self) -> TileSolution {
        let mean = self.states.mean_s();
        let mut g = mean;
        for _ in 0..ROUNDS {
            let found = self.uniform(g);
            g = self.states.effective_s(self.seen(found.seen, |end_s| self.seen_by_line(g, end_s).0));
        }
        let found = self.uniform(g);
        let (alone, all) = self.of_few_devices();
        let own = |s: f64| s * alone;
        let sum = |s: f64| s * all;
        // The last row is near the ends of its columns and sees less than others do.
        let last = self.states.effective_s(self.seen(found.seen_last, |end_s| self.seen_by_line(g, end_s).1)) / g - 1.0;
        let row = mean * self.cells * self.lines;
        let (bias_alone, bias_all, biased) = match self.place.bias {
            true => (
                own(found.last_alone + last * found.last_alone_gain),
                sum(found.last_of_all + last * found.last_of_all_gain),
                1,
            ),
            false => (0.0, 0.0, 0),
        };
        let inputs = self.place.rows - biased;
        let input_alone = own(found.alone) - bias_alone;
        TileSolution {
            inputs,
            alone: Conductance::new(input_alone),
            mutual: Conductance::new(sum(found.all) - 2.0 * bias_all + bias_alone - input_alone),
            bias_alone: Conductance::new(bias_alone),
            bias_mutual: Conductance::new(bias_all - bias_alone),
            ideal: Conductance::new(row * inputs as f64),
            ideal_bias: Conductance::new(row * biased as f64),
            column: Conductance::new(sum(found.column)),
        }
    }

    /// By how much more or less conductive columns of few devices are than the medium says: alone, and all at once.
    fn of_few_devices(&self) -> (f64, f64) {
        if self.end_s.is_infinite() {
            return (1.0, 1.0);
        }
        let devices =
            if self.place.joined { self.place.rows } else { self.place.rows.div_ceil(self.place.partitions.max(1)) };
        let ends = [self.end_s, self.apart_s].map(|end_s| {
            let star = Star { devices, end_s };
            (star.exact(&self.states), star.effective(&self.states, ROUNDS))
        });
        let [(exact, effective), (exact_apart, effective_apart)] = ends;
        let alone = (exact.alone_s + exact_apart.alone_s) / (effective.alone_s + effective_apart.alone_s);
        (alone, exact.all_s / effective.all_s)
    }

    /// The foot of a tile: what it sees there, where the tile itself is this from below.
    fn foot_s(&self, end_s: f64, from_foot_s: f64, all_s: f64) -> f64 {
        if self.place.joined { end_s + (all_s - from_foot_s).max(0.0) } else { end_s }
    }

    fn uniform(&self, g: f64) -> Uniform {
        let mut sum = Uniform::default();
        let row_ohm = self.lines * self.place.row_segment.si();
        if row_ohm == 0.0 {
            self.add(&mut sum, g, 1.0, &Pattern { lambda: 1.0, ones: self.cells, count: self.cells });
            sum.column /= self.cells;
            return sum;
        }
        for pattern in patterns(self.place.cells) {
            let passed = 1.0 / (1.0 + g * row_ohm / pattern.lambda);
            self.add(&mut sum, g, passed, &pattern);
        }
        sum
    }

    /// Adds a pattern of which this part passes from row to column.
    fn add(&self, sum: &mut Uniform, g: f64, passed: f64, pattern: &Pattern) {
        let (h, lines, rows) = (g * passed, self.lines, self.place.rows as f64);
        let segment_ohm = self.place.column_segment.si();
        let chains = self.heights.map(|(rows, tiles)| {
            let chain = ColumnChain::new(rows.max(1), h, segment_ohm);
            (rows, tiles, chain, chain.seen_from_foot_s())
        });
        let all_s: f64 = chains.iter().map(|(_, tiles, _, from_foot_s)| tiles * from_foot_s).sum();
        for (height, tiles, chain, from_foot_s) in chains.iter().filter(|(rows, tiles, ..)| *rows > 0 && *tiles > 0.0) {
            let foot = chain.alone(self.foot_s(self.end_s, *from_foot_s, all_s));
            // What is left between sources and the joint where all rows are driven.
            let left = 1.0 / (1.0 + if self.place.joined { all_s } else { *from_foot_s } / self.end_s);
            let column = from_foot_s * left;
            sum.alone += tiles * *height as f64 * lines * h * pattern.ones * foot.mean;
            sum.all += tiles * lines * pattern.ones * column;
            let seen = |left: f64| pattern.count / self.cells * (passed * (1.0 - left) + (1.0 - passed)) / g;
            sum.seen += tiles * *height as f64 / rows * seen(foot.mean);
            if *height == self.last_rows {
                sum.last_alone += lines * h * pattern.ones * foot.last;
                let last_of_all = left * chain.last_of_all();
                sum.last_of_all += lines * h * pattern.ones * last_of_all;
                // What a device gains is the product of the voltages across it, of the row alone and of the drive in question.
                let own = lines * h * passed * pattern.ones * foot.last;
                sum.last_alone_gain += own * foot.last;
                sum.last_of_all_gain += own * last_of_all;
                sum.seen_last += seen(foot.last);
                sum.column += pattern.ones * pattern.lambda * column;
            }
        }
    }

    /// What a device sees, of which this is what it and its alike see together.
    fn seen(&self, together: f64, line: impl Fn(f64) -> f64) -> Seen {
        let (line, apart) = (line(self.end_s), line(self.apart_s));
        if !(self.states.paired && self.place.lines == 1) {
            return Seen { together, line, apart };
        }
        // The devices of a pair are neighbours on the row: half a segment lies between each and what they share.
        let half = self.place.row_segment.si() / 2.0;
        Seen { together: 2.0 * together - line - half, line: line + half, apart: apart + half }
    }

    /// What a device sees of its line, its row being held: on average, and in the last row.
    fn seen_by_line(&self, g: f64, end_s: f64) -> (f64, f64) {
        let chain = |rows: u64| ColumnChain::new(rows, g, self.place.column_segment.si());
        let all_s: f64 = self.heights().map(|(rows, tiles)| tiles * chain(rows).seen_from_foot_s()).sum();
        let (mut mean, mut last) = (0.0, 0.0);
        for (rows, tiles) in self.heights() {
            let chain = chain(rows);
            let alone = chain.alone(self.foot_s(end_s, chain.seen_from_foot_s(), all_s));
            mean += tiles * rows as f64 / self.place.rows as f64 * (1.0 - alone.mean) / g;
            if rows == self.last_rows {
                last = (1.0 - alone.last) / g;
            }
        }
        (mean, last)
    }
}

impl TileSolution {
    /// Several such stacks of tiles side by side, on the same rows: each with how many there are.
    #[must_use]
    pub fn side_by_side(stacks: impl Iterator<Item = (Self, u64)>) -> Self {
        stacks.fold(Self::default(), |sum, (stack, count)| {
            let times = count as f64;
            Self {
                inputs: stack.inputs,
                alone: sum.alone + stack.alone * times,
                mutual: sum.mutual + stack.mutual * times,
                bias_alone: sum.bias_alone + stack.bias_alone * times,
                bias_mutual: sum.bias_mutual + stack.bias_mutual * times,
                ideal: sum.ideal + stack.ideal * times,
                ideal_bias: sum.ideal_bias + stack.ideal_bias * times,
                column: sum.column.max(stack.column),
            }
        })
    }

    /// Mean power that the row sources deliver.
    #[must_use]
    pub fn power(&self, rows: RowLevels, bias: Voltage) -> Power {
        let (mean, square, bias) = (rows.mean.si(), rows.rms.si() * rows.rms.si(), bias.si());
        Power::new(
            square * self.alone.si()
                + rows.product_v2() * self.mutual.si()
                + 2.0 * mean * bias * self.bias_mutual.si()
                + bias * bias * self.bias_alone.si(),
        )
    }

    /// The same with ideal wires and virtual grounds.
    #[must_use]
    pub fn ideal_power(&self, rows: RowLevels, bias: Voltage) -> Power {
        let (square, bias) = (rows.rms.si() * rows.rms.si(), bias.si());
        Power::new(square * self.ideal.si() + bias * bias * self.ideal_bias.si())
    }

    /// Mean current of a row at this voltage, the others at their mean.
    #[must_use]
    pub fn row_current(&self, row: Voltage, others: Voltage, bias: Voltage) -> Current {
        let volts = [row.si() * self.alone.si(), others.si() * self.mutual.si(), bias.si() * self.bias_mutual.si()];
        Current::new(volts.iter().sum::<f64>() / self.inputs as f64)
    }

    /// Magnitude of the current into the end of the column line that carries most, all rows at this mean.
    #[must_use]
    pub fn column_current(&self, mean: Voltage) -> Current {
        Current::new(self.column.si() * mean.si().abs())
    }
}
