//! What converters cost by their bits, rate and node: the regression against points of its authors' program, other models against theirs, the
//! measured converters against the survey, and what columns ask of converters against sums of random rows and cells.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use imcost::model::converter::column::{Column, ColumnLines};
use imcost::model::converter::measured::{self, Reached};
use imcost::model::converter::points::POINTS;
use imcost::model::converter::{Wanted, others, regression};
use imcost::units::{Area, Energy, Frequency, Length};

/// The records of a table in `tests/data/converters`, by their columns.
fn table(text: &'static str) -> Vec<Vec<&'static str>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.skip(1).map(|line| line.split(',').collect()).collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

fn wanted(bits: f64, node_nm: f64, rate_hz: f64) -> Wanted {
    Wanted { bits, rate: Frequency::new(rate_hz), node: Length::new(node_nm * 1e-9) }
}

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found / expected - 1.0).abs() < tolerance, "{what}: {found} {expected}");
}

/// All 72 points, to 3e-5: their coefficients are printed with so many digits.
#[test]
fn the_regression_is_that_of_its_authors_program() {
    let points = table(include_str!("data/converters/regression.csv"));
    assert_eq!(points.len(), 72);
    for point in points {
        let [bits, node, rate, dynamic, total, area, _, leak] = [0, 1, 2, 3, 4, 5, 6, 7].map(|at| number(point[at]));
        let found = regression::cost(wanted(bits, node, rate));
        let what = point.join(",");
        close(found.energy.si(), total, 3e-5, &what);
        close(found.area.map_or(f64::NAN, Area::si), area, 3e-5, &what);
        close(found.energy.si() * (1.0 - regression::LEAKAGE), dynamic, 3e-5, &what);
        close(found.energy.si() * rate * regression::LEAKAGE, leak, 3e-5, &what);
    }
}

/// All 120 rows of four programs.
#[test]
fn other_models_are_those_of_their_programs() {
    let rows = table(include_str!("data/converters/programs.csv"));
    assert_eq!(rows.len(), 120);
    let mut seen = [0; 4];
    for row in rows {
        let (name, bits, energy, what) = (row[0], number(row[1]), number(row[4]) * 1e-12, row.join(","));
        let rate = number(row[3]);
        let area = |found: Option<Area>| close(found.map_or(f64::NAN, Area::si), number(row[5]) * 1e-12, 3e-5, &what);
        match name {
            "hwcomponents-adc" => {
                let found = regression::cost(wanted(bits, number(row[2]), rate));
                close(found.energy.si(), energy, 3e-5, &what);
                area(found.area);
                seen[0] += 1;
            }
            "zigzag" => {
                let found = others::zigzag(bits, 128.0);
                close(found.cost.energy.si(), energy, 1e-12, &what);
                close(found.rate.map_or(f64::NAN, Frequency::si), rate, 1e-12, &what);
                area(found.cost.area);
                seen[1] += 1;
            }
            "neurosim" => {
                let found = others::neurosim(bits, Length::new(number(row[2]) * 1e-9));
                close(found.cost.energy.si(), energy, 1e-12, &what);
                close(found.rate.map_or(f64::NAN, Frequency::si), rate, 1e-12, &what);
                seen[2] += 1;
            }
            mnsim => {
                let choice = mnsim.strip_prefix("mnsim ").unwrap();
                let point = POINTS.iter().find(|p| p.name == format!("MNSIM choice {choice}")).unwrap();
                close(point.energy().si(), energy, 1e-12, &what);
                close(point.rate_hz.unwrap(), rate, 1e-12, &what);
                area(point.area_um2.map(|um2| Area::new(um2 * 1e-12)));
                assert_eq!(f64::from(point.bits), bits);
                seen[3] += 1;
            }
        }
    }
    assert_eq!(seen, [84, 7, 21, 8]);
    // PUMA's 8 bits: 2 mW for 100 ns, in which ISAAC's converter of 1.28 GS/s reads 128 columns.
    close(others::puma(8.0).cost.energy.si(), 2e-3 / 1.28e9, 1e-12, "PUMA");
}

/// By hand from the survey: VLSI 2022, C10-3 has 10.01 bits at 250 MS/s with 0.56 mW, 2.24 pJ; no other with 8 bits at 100 MS/s takes less.
#[test]
fn what_has_been_reached_is_decided_by_the_front() {
    let rate = Frequency::new(100e6);
    let reached = |bits, rate, picojoule: f64| measured::reached(bits, rate, Energy::new(picojoule * 1e-12));
    let Reached::Yes(least) = reached(8.0, rate, 2.25) else { panic!() };
    assert_eq!(
        (least.paper.as_str(), least.doi),
        ("VLSI 2022, C10-3", "10.1109/VLSITechnologyandCir46769.2022.9830180")
    );
    close(least.energy().si(), 2.24e-12, 1e-9, "energy");
    assert_eq!(reached(8.0, rate, 2.23), Reached::WithMoreEnergy(least));
    let Reached::NotAsFast(fastest) = reached(8.0, Frequency::new(2e10), 1e6) else { panic!() };
    assert_eq!(fastest.paper, "ISSCC 2024, 22.1");
    assert_eq!(reached(19.9, Frequency::new(1.0), 1e9), Reached::NotAsFine);
    // The nearest of a request that is one of them is that one.
    let one = measured::table().iter().find(|m| m.paper == "ISSCC 2013, 26.4").or(measured::table().first()).unwrap();
    let asked = Wanted { bits: one.effective_bits, rate: one.rate, node: one.node.unwrap() };
    assert_eq!(measured::nearest(asked, 1), [one]);
}

/// Effective bits, rate, power, node, venue, year and paper of every converter of the survey that has a power.
fn survey() -> Vec<(f64, f64, f64, Option<f64>, String)> {
    let folder = std::env::var("IMCOST_ADC_SURVEY").expect("IMCOST_ADC_SURVEY names the survey as a CSV file");
    let mut reader = csv::Reader::from_path(folder).expect("the survey");
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let [bits, rate, power, node, venue, year, id] =
        ["enob_derived", "fsnyq_hz", "power_w", "tech_nm", "venue", "year", "id"].map(at);
    let one = |fields: csv::StringRecord| {
        let paper = format!("{} {}, {}", &fields[venue], &fields[year], &fields[id]);
        let power = fields[power].parse().ok()?;
        Some((number(&fields[bits]), number(&fields[rate]), power, fields[node].parse().ok(), paper))
    };
    reader.into_records().map(Result::unwrap).filter_map(one).collect()
}

/// Whatever is asked of bits, rate and energy or power: the carried converters answer as all of the survey.
#[test]
#[ignore = "needs the survey: IMCOST_ADC_SURVEY=FILE"]
fn the_carried_converters_decide_as_the_whole_survey() {
    let all = survey();
    assert_eq!(all.len(), measured::SIZE);
    let table = measured::table();
    let beaten = |one: &(f64, f64, f64, Option<f64>, String)| {
        all.iter().any(|o| o.0 >= one.0 && o.1 >= one.1 && o.2 <= one.2 && (o.0, o.1, o.2) != (one.0, one.1, one.2))
    };
    let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-5;
    let carried = |one: &(f64, f64, f64, Option<f64>, String)| {
        let same = |m: &&measured::Measured| {
            m.paper == one.4 && near(m.rate.si(), one.1) && near(m.power.si(), one.2) && near(m.effective_bits, one.0)
        };
        table.iter().any(|m| same(&m))
    };
    let front: Vec<_> = all.iter().filter(|one| !beaten(one)).collect();
    assert_eq!(front.len(), 165);
    assert!(front.into_iter().all(carried));
    // None is there that the survey does not have.
    for m in table {
        assert!(all.iter().any(|o| o.4 == m.paper && near(m.rate.si(), o.1) && near(m.power.si(), o.2)), "{m:?}");
    }
    for one in &all {
        for factor in [0.5, 1.0, 2.0] {
            let (bits, rate) = (one.0 - 1e-4, one.1 * factor * (1.0 - 1e-6));
            let able = || all.iter().filter(|o| o.0 >= bits && o.1 >= rate);
            let least = able().map(|o| o.2 / o.1).fold(f64::INFINITY, f64::min);
            let found = measured::least_energy(bits, Frequency::new(rate)).map_or(f64::INFINITY, |m| m.energy().si());
            assert!(found == least || near(found, least), "{one:?}: {found} {least}");
        }
    }
}

/// What the head of the regression says of the survey: 79 of 707 take less than it, half of them more than ten times as much.
#[test]
#[ignore = "needs the survey: IMCOST_ADC_SURVEY=FILE"]
fn the_regression_is_an_optimistic_bound() {
    let ratios = survey().into_iter().filter_map(|(bits, rate, power, node, _)| {
        let energy = regression::energy(wanted(bits, node?, rate)).si();
        (bits >= regression::FEWEST_BITS).then_some(power / rate / energy)
    });
    let mut ratios: Vec<f64> = ratios.collect();
    ratios.sort_by(f64::total_cmp);
    assert_eq!(ratios.len(), 707);
    assert_eq!(ratios.iter().filter(|ratio| **ratio < 1.0).count(), 79);
    assert!((10.0..11.0).contains(&ratios[353]));
}

/// A generator of numbers in 0..1 (xorshift64*), so that the draws below are the same in every run.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn once_in(&mut self, part: f64) -> f64 {
        if self.next() < part { 1.0 } else { 0.0 }
    }
}

/// Sums of random rows and cells: mean, standard deviation, and what a converter makes of them.
fn sums(column: &Column, draws: &mut Draws) -> Vec<f64> {
    let rows = (column.driven + column.always) as usize;
    let row = |draws: &mut Draws, at: usize| match (at < column.driven as usize, column.negative) {
        (false, _) => 1.0,
        (true, false) => draws.once_in(column.mean_square),
        (true, true) => 2.0 * draws.once_in(0.5 * (1.0 + column.mean)) - 1.0,
    };
    // Evenly about the mean, as far as that goes.
    let level = |draws: &mut Draws, mean: f64| match column.two_states {
        true => draws.once_in(mean),
        false => mean + mean.min(1.0 - mean) * (2.0 * draws.next() - 1.0),
    };
    let one = |draws: &mut Draws| {
        let terms = (0..rows).map(|at| {
            let row = row(draws, at);
            row * match column.lines {
                ColumnLines::Difference => {
                    (2.0 * draws.once_in(0.5) - 1.0) * level(draws, (2.0 * column.level).min(1.0))
                }
                ColumnLines::One { floor } => floor + (1.0 - floor) * level(draws, column.level),
            }
        });
        terms.sum::<f64>() / rows as f64
    };
    (0..20_000).map(|_| one(draws)).collect()
}

/// Every step of the way against brute force: mean and spread of the sums, and the error of the best converter for them.
#[test]
fn what_arrives_is_what_random_rows_and_cells_give() {
    let base = Column {
        driven: 64.0,
        always: 1.0,
        mean_square: 0.3,
        mean: 0.3,
        level: 0.5,
        two_states: true,
        lines: ColumnLines::Difference,
        negative: false,
        on_or_off: true,
    };
    let bipolar = Column { mean_square: 1.0, mean: 0.2, negative: true, ..base };
    let one = ColumnLines::One { floor: 0.3 };
    let columns = [
        base,
        Column { driven: 200.0, mean_square: 0.1, mean: 0.1, level: 0.2, ..base },
        Column { two_states: false, level: 0.3, ..base },
        bipolar,
        Column { lines: one, ..base },
        Column { lines: one, two_states: false, level: 0.7, always: 0.0, ..base },
        Column { lines: one, ..bipolar },
    ];
    let mut draws = Draws(0x1234_5678_9abc_def1);
    for column in columns {
        let spread = column.spread();
        let sums = sums(&column, &mut draws);
        let mean = sums.iter().sum::<f64>() / sums.len() as f64;
        let variance = sums.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / sums.len() as f64;
        // Four standard errors of a mean and of a deviation over 20000 draws.
        assert!(
            (mean - spread.mean).abs() < 4.0 * spread.deviation / 20_000_f64.sqrt(),
            "{column:?}: {mean} {spread:?}"
        );
        close(variance.sqrt(), spread.deviation, 4.0 / 40_000_f64.sqrt(), &format!("{column:?}"));
        for bits in [2, 3, 4, 5] {
            let best = spread.best(bits);
            // Codes are the nearest, as in `Quantiser`, but for what is said of ends.
            let codes = f64::from(1 << bits);
            let (first, step) = match spread.signed {
                true => (-best.range * (1.0 - 1.0 / codes), 2.0 * best.range / codes),
                false => (0.0, best.range / (codes - 1.0)),
            };
            // A value that lies between two codes is that of the larger, whatever it was rounded to.
            let error = |v: f64| {
                let code = ((v - first) / step + 0.5 + 1e-9).floor().clamp(0.0, codes - 1.0);
                first + step * code - v
            };
            let square = sums.iter().map(|v| error(*v).powi(2)).sum::<f64>() / sums.len() as f64;
            // Sums of a few terms are not quite those of a Gaussian.
            close(variance / square, best.snr, 0.1, &format!("{bits} bits, {column:?}"));
        }
    }
}
