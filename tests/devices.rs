//! Memory devices by one word: the figures of `techlib/devices.yaml` against a copy of the tables they come from, and crossbars of another device.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::Path;
use std::sync::Arc;

use imcost::cost::estimate;
use imcost::diagnostic::render::render_all;
use imcost::files::Memory;
use imcost::session::Session;
use imcost::techlib::{DeviceKind, Library};

fn devices() -> Arc<Library> {
    let mut session = Session::default();
    let library = session.library(Path::new("builtin:techlib/devices.yaml")).expect("shipped");
    assert_eq!(render_all(&session.diagnostics, &session.sources, false), "", "no device is unusual");
    library
}

/// Every figure of the copied tables is the library's.
#[test]
fn devices_have_the_figures_of_their_tables() {
    let library = devices();
    let mut compared = 0;
    for line in include_str!("data/devices/figures.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let device = &library.devices[fields[0]];
        let resistances = device.resistances.as_ref().expect(fields[0]);
        let ours = [
            Some(resistances.low.value.si()),
            Some(resistances.high.value.si()),
            device.write_pulse.as_ref().map(|f| f.value.si() * 1e9),
            device.write_energy.as_ref().map(|f| f.value.si() * 1e12),
            device.endurance.as_ref().map(|f| f.value.si()),
        ];
        for (text, ours) in fields[1..6].iter().zip(ours) {
            let Ok(theirs) = text.parse::<f64>() else { continue };
            let ours = ours.unwrap_or_else(|| panic!("{line}: the library states none"));
            // The resistance of NeuRRAM is the inverse of a conductance of four digits, junctions follow from their geometry.
            assert!((ours / theirs - 1.0).abs() < 1e-5, "{line}: {ours} {theirs}");
            compared += 1;
        }
    }
    assert!(compared > 65, "{compared}");
}

/// One word for each kind of memory, with the basis and the source of every number; only latches have no resistances.
#[test]
fn every_kind_of_memory_has_a_device_of_its_name() {
    let library = devices();
    for kind in DeviceKind::ALL.into_iter().filter(|kind| *kind != DeviceKind::Capacitive) {
        let device = &library.devices[kind.name()];
        assert_eq!((device.kind, device.resistances.is_some()), (kind, kind.is_resistive()));
    }
    for device in library.devices.values() {
        assert!(!device.provenance.source.is_empty());
    }
}

/// The design of round numbers, whose library extends the shipped devices. A pair conducts 1 / r-low + 1 / r-high, at 1 V; the hidden matrix has 16 of 64 rows
/// on and 16 outputs, the output matrix 4 and 10. Beside the crossbars it burns 32 + 10 amplifiers of 10 uW, 16 + 10 neurons of 50 uW, 64 drivers of
/// 1 uW, all for 9 ns.
#[test]
fn one_word_changes_the_device_of_a_crossbar() {
    let round = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/round-numbers");
    let read = |name: &str| std::fs::read_to_string(round.join(name)).unwrap();
    let library = read("library.yaml") + "extends: builtin:techlib/devices.yaml\n";
    let files =
        Memory::default().with("library.yaml", library).with("analog.yaml", read("analog.yaml")).over_standard();
    for (device, low, high) in [
        ("rram", 100e3, 10e6),
        ("pcm", 10e3, 1e6),
        ("stt-mram", 1400.0, 3920.0),
        ("sot-mram", 8_488.263_631_57, 25_464.790_894_7),
        ("fefet", 240e3, 24e6),
        ("sonos", 35e3, 6e12),
        ("ecram", 625e3, 10e6),
    ] {
        let settings = [format!("crossbar.device={device}"), "gating=always-on".to_owned()];
        let mut session = Session::with_settings(&settings).reading(files.clone());
        let design = session.design(Path::new("analog.yaml"));
        let said = render_all(&session.diagnostics, &session.sources, false);
        let design = design.unwrap_or_else(|_| panic!("{device}: {said}"));
        let found = estimate(&design).expect("positive").totals.energy.si();
        let pair: f64 = 1.0 / low + 1.0 / high;
        let crossbars = pair * (16.0 * 16.0 + 4.0 * 10.0);
        let by_hand = (crossbars + 42.0 * 10e-6 + 26.0 * 50e-6 + 64.0 * 1e-6) * 9e-9;
        assert!((found / by_hand - 1.0).abs() < 1e-9, "{device}: {found} {by_hand}");
    }
}

/// A shipped design is reported with another device by one setting, with nothing else to state.
#[test]
fn a_shipped_design_takes_any_shipped_device() {
    let library = devices();
    for device in library.devices.values() {
        let mut session = Session::with_settings(&[format!("sot-mram-crossbar.device={}", device.name)]);
        let design = session.design(Path::new("builtin:arch/mlp-784-16-10-mixed.yaml"));
        let said = render_all(&session.diagnostics, &session.sources, false);
        match design {
            Ok(design) => drop(estimate(&design).unwrap_or_else(|_| panic!("{}", device.name))),
            Err(_) => {
                assert!(!device.kind.is_resistive(), "{}: {said}", device.name);
                assert!(said.contains("no resistances to make a crossbar of"), "{said}");
            }
        }
    }
}
