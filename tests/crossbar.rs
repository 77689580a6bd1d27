//! The crossbar solver against independent programs (tests/data/crossbar) and against all nodes in one dense matrix.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use imcost::model::crossbar::nodal::{Cells, NodalError, Solver, TOLERANCE, Wiring};
use imcost::model::dense;
use proptest::prelude::*;

fn rows(name: &str) -> Option<Vec<Vec<String>>> {
    let path = format!("{}/tests/data/crossbar/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect())
}

fn column(rows: &[Vec<String>], index: usize) -> Vec<f64> {
    rows.iter().map(|row| row[index].parse().expect("a number")).collect()
}

/// The largest difference, relative to the largest reference value.
fn deviation(found: &[f64], reference: &[f64]) -> f64 {
    assert_eq!(found.len(), reference.len());
    let largest = reference.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    found.iter().zip(reference).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max) / largest
}

#[test]
fn every_case_agrees_with_independent_solvers_to_1e_10() {
    let mut solved = 0;
    for case in rows("index.csv").expect("the index") {
        let name = &case[0];
        let Some(bits) = rows(&format!("{name}_bits.csv")) else { panic!("no cells for {name}") };
        let number = |index: usize| case[index].parse::<f64>().expect("a number");
        let resistances = rows(&format!("{name}_R_ohm.csv"));
        let conductances_s = match &resistances {
            Some(table) => table.iter().flatten().map(|r| 1.0 / r.parse::<f64>().unwrap()).collect(),
            None => bits.iter().flatten().map(|b| 1.0 / number(if b == "1" { 3 } else { 4 })).collect(),
        };
        let cells = Cells { rows: bits.len(), columns: bits[0].len(), conductances_s };
        let wiring = Wiring {
            row_segment_ohm: number(5),
            column_segment_ohm: number(6),
            source_ohm: 0.0,
            termination_ohm: number(7),
        };
        let row_table = rows(&format!("{name}_rows.csv")).expect("rows");
        let column_table = rows(&format!("{name}_cols.csv")).expect("columns");
        let voltages = column(&row_table, 1);
        let currents = Solver::new(&cells, &wiring).unwrap().solve(&voltages, TOLERANCE).unwrap();
        assert!(deviation(&currents.columns_a, &column(&column_table, 2)) < 1e-10, "{name}: {currents:?}");
        assert!(deviation(&currents.rows_a, &column(&row_table, 2)) < 1e-10, "{name}");
        assert!(deviation(&cells.ideal_currents_a(&voltages), &column(&column_table, 1)) < 1e-12, "{name}");
        assert!((currents.power(&voltages).si() / number(8) - 1.0).abs() < 1e-9, "{name}");
        solved += 1;
    }
    assert_eq!(solved, 7);
}

/// The same circuit with every node in one matrix; a wire without resistance is one of a picoohm.
fn all_nodes(cells: &Cells, wiring: &Wiring, voltages: &[f64]) -> Vec<f64> {
    let (rows, columns) = (cells.rows, cells.columns);
    let size = 2 * rows * columns;
    let (u, w) = (|i: usize, j: usize| i * columns + j, |i: usize, j: usize| rows * columns + i * columns + j);
    let mut matrix = vec![0.0; size * size];
    let mut rhs = vec![0.0; size];
    let mut join = |a: usize, b: usize, g: f64| {
        matrix[a * size + a] += g;
        matrix[b * size + b] += g;
        matrix[a * size + b] -= g;
        matrix[b * size + a] -= g;
    };
    for i in 0..rows {
        for j in 0..columns {
            join(u(i, j), w(i, j), cells.conductances_s[i * columns + j]);
            if j > 0 {
                join(u(i, j - 1), u(i, j), 1.0 / wiring.row_segment_ohm);
            }
            if i > 0 {
                join(w(i - 1, j), w(i, j), 1.0 / wiring.column_segment_ohm);
            }
        }
    }
    let source = 1.0 / (wiring.row_segment_ohm + wiring.source_ohm);
    let end = 1.0 / (wiring.column_segment_ohm + wiring.termination_ohm);
    for (i, voltage) in voltages.iter().enumerate() {
        matrix[u(i, 0) * size + u(i, 0)] += source;
        rhs[u(i, 0)] += source * voltage;
    }
    for j in 0..columns {
        matrix[w(rows - 1, j) * size + w(rows - 1, j)] += end;
    }
    dense::solve(&mut matrix, size, &mut rhs, 1).expect("regular");
    (0..columns).map(|j| rhs[w(rows - 1, j)] * end).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_crossbar_agrees_with_all_nodes_in_one_matrix(
        rows in 1_usize..9,
        columns in 1_usize..9,
        exponents in prop::collection::vec(1.0_f64..7.0, 64),
        wires in prop::array::uniform4(-1.0_f64..4.0),
        voltages in prop::collection::vec(-1.0_f64..1.0, 8),
    ) {
        let cells = Cells {
            rows,
            columns,
            conductances_s: exponents[..rows * columns].iter().map(|e| 10_f64.powf(-e)).collect(),
        };
        let [row, column, source, termination] = wires.map(|e| 10_f64.powf(e));
        let wiring = Wiring {
            row_segment_ohm: row,
            column_segment_ohm: column,
            source_ohm: source,
            termination_ohm: termination,
        };
        let voltages = &voltages[..rows];
        let currents = Solver::new(&cells, &wiring).unwrap().solve(voltages, TOLERANCE).unwrap();
        prop_assert!(deviation(&currents.columns_a, &all_nodes(&cells, &wiring, voltages)) < 1e-9);
    }

    #[test]
    fn a_wire_without_resistance_is_the_limit_of_one_with_little(
        conductances_s in prop::collection::vec(1e-6_f64..1e-3, 20),
        voltages in prop::collection::vec(-1.0_f64..1.0, 5),
        zero in prop::array::uniform4(any::<bool>()),
    ) {
        let cells = Cells { rows: 5, columns: 4, conductances_s };
        let wiring = |thin: f64| {
            let [row, column, source, termination] = zero.map(|zero| if zero { thin } else { 20.0 });
            Wiring {
                row_segment_ohm: row,
                column_segment_ohm: column,
                source_ohm: source,
                termination_ohm: termination,
            }
        };
        let solve = |thin: f64| Solver::new(&cells, &wiring(thin)).unwrap().solve(&voltages, TOLERANCE).unwrap();
        let (none, little) = (solve(0.0), solve(1e-5));
        prop_assert!(deviation(&none.columns_a, &little.columns_a) < 1e-6);
        prop_assert!(deviation(&none.rows_a, &little.rows_a) < 1e-6);
    }
}

#[test]
fn ideal_wires_give_the_ideal_product_and_no_voltage_no_current() {
    let cells = Cells { rows: 3, columns: 2, conductances_s: vec![1e-4, 2e-4, 3e-4, 4e-4, 5e-4, 6e-4] };
    let wiring = Wiring { row_segment_ohm: 0.0, column_segment_ohm: 0.0, source_ohm: 0.0, termination_ohm: 0.0 };
    let solver = Solver::new(&cells, &wiring).unwrap();
    let voltages = [0.1, -0.2, 0.3];
    let currents = solver.solve(&voltages, TOLERANCE).unwrap();
    assert!(deviation(&currents.columns_a, &cells.ideal_currents_a(&voltages)) < 1e-15);
    let wired = Wiring { row_segment_ohm: 2.0, column_segment_ohm: 3.0, source_ohm: 0.0, termination_ohm: 0.0 };
    let nothing = Solver::new(&cells, &wired).unwrap().solve(&[0.0; 3], TOLERANCE).unwrap();
    assert_eq!((nothing.columns_a, nothing.rows_a, nothing.steps), (vec![0.0; 2], vec![0.0; 3], 0));
}

#[test]
fn what_is_impossible_is_refused() {
    let cells = |g: f64| Cells { rows: 1, columns: 2, conductances_s: vec![g, 1e-4] };
    let wiring = |r: f64| Wiring { row_segment_ohm: r, column_segment_ohm: 1.0, source_ohm: 0.0, termination_ohm: 0.0 };
    assert!(matches!(Solver::new(&cells(0.0), &wiring(1.0)), Err(NodalError::Value(_))));
    assert!(matches!(Solver::new(&cells(f64::NAN), &wiring(1.0)), Err(NodalError::Value(_))));
    assert!(matches!(Solver::new(&cells(1e-4), &wiring(-1.0)), Err(NodalError::Value(_))));
    let short = Cells { rows: 2, columns: 2, conductances_s: vec![1e-4; 3] };
    assert!(matches!(Solver::new(&short, &wiring(1.0)), Err(NodalError::Shape { .. })));
    let fine = cells(1e-4);
    let solver = Solver::new(&fine, &wiring(1.0)).unwrap();
    assert!(matches!(solver.solve(&[1.0, 2.0], TOLERANCE), Err(NodalError::Voltages { .. })));
    assert!(matches!(solver.solve(&[f64::INFINITY], TOLERANCE), Err(NodalError::Value(_))));
}
