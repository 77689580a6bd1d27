//! Everything that is read can be read from memory: the shipped files under other names, where no disk and no binary is looked at.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use imcost::files::{Files, Shipped, shipped};
use imcost::infer::accuracy::{self, Accuracy, Question};
use imcost::infer::dataset::Part;
use imcost::infer::simulation::simulate;
use imcost::infer::weights::csv::WeightFiles;
use imcost::{Checked, Memory, Session, cases, explore};

/// Where the copies are: a folder that is nowhere else.
const FOLDER: &str = "in-memory";
const DIGITS: [&str; 3] = ["digits-64-32-10.safetensors", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"];

fn at(name: &str) -> PathBuf {
    Path::new(FOLDER).join(name)
}

/// The shipped files, and a network of `tests/data`.
fn files() -> Arc<dyn Files> {
    let texts = shipped::FILES.iter().fold(Memory::default(), |files, (name, text)| files.with(at(name), text));
    let digits = DIGITS.iter().fold(texts, |files, name| {
        let bytes = Shipped.bytes(&PathBuf::from(format!("builtin:data/digits/{name}")), 1 << 30).unwrap();
        files.with(at("data").join(name), bytes)
    });
    let network = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/network");
    let here = std::fs::read_dir(network).unwrap().map(|entry| entry.unwrap().path());
    Arc::new(here.fold(digits, |files, path| {
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replace("../../../techlib", "../techlib");
        files.with(at("network").join(path.file_name().unwrap()), text)
    }))
}

/// What a session says of a file in memory, and of the same file as it is shipped.
fn both<T>(name: &str, of: impl Fn(&mut Session, &Path) -> Checked<T>) -> (T, T) {
    let run =
        |mut session: Session, path: &Path| of(&mut session, path).unwrap_or_else(|_| panic!("{}", session.rendered()));
    let shipped = PathBuf::from(format!("builtin:{name}"));
    (run(Session::default().reading(files()), &at(name)), run(Session::default(), &shipped))
}

#[test]
fn a_design_and_its_library() {
    for name in ["arch/mlp-784-16-10-mixed.yaml", "arch/mlp-784-16-10-analog.yaml"] {
        let (memory, shipped) = both(name, |session, path| {
            let design = session.design(path)?;
            session.estimate(&design).map(|estimate| estimate.totals)
        });
        assert_eq!(memory, shipped, "{name}");
    }
}

#[test]
fn cases_with_the_matrices_that_they_name() {
    // Whole networks take a minute.
    let short = |name: &str| name.starts_with("cases/") && name.ends_with(".yaml") && !name.contains("hspice");
    for (name, _) in shipped::FILES.iter().filter(|(name, _)| short(name)) {
        let (memory, shipped) = both(name, |session, path| cases::run(path, session));
        assert_eq!(memory, shipped, "{name}");
    }
}

#[test]
fn a_study() {
    let (memory, shipped) = both("studies/digits-spread.yaml", |session, path| {
        let study = explore::study::read(path, session)?;
        Ok((study.name, study.points, session.design(&study.architecture)?.name))
    });
    assert_eq!(memory, shipped);
}

fn accuracy(session: &mut Session, path: &Path, weights: Vec<PathBuf>, data: Option<PathBuf>) -> Checked<Accuracy> {
    let question = Question {
        weights,
        data,
        part: Part::Test,
        images: Some(50),
        draws: 1,
        seed: 1,
        ideal_neuron: true,
        ideal_crossbar: true,
    };
    let design = session.design(path)?;
    let trained = accuracy::read(&design, &question, &mut session.sources, &mut session.diagnostics)?;
    let stop = AtomicBool::new(false);
    let found = accuracy::run(&design, &trained, &question, false, &stop, &|_| {}, &mut session.diagnostics)?;
    Ok(found.expect("it is not stopped"))
}

#[test]
fn pictures_and_weights() {
    let name = "arch/digits-64-32-10-analog.yaml";
    let shipped = accuracy(&mut Session::default(), &PathBuf::from(format!("builtin:{name}")), Vec::new(), None);
    let mut session = Session::default().reading(files());
    let weights = at("data").join(DIGITS[0]);
    // The folder, and the file of the pictures.
    for data in [at("data"), at("data").join(DIGITS[1])] {
        let memory = accuracy(&mut session, &at(name), vec![weights.clone()], Some(data));
        assert_eq!(memory.unwrap().nominal.classes, shipped.as_ref().unwrap().nominal.classes);
    }
    // Without the shipped files there are none to fall back on.
    assert!(accuracy(&mut session, &at(name), Vec::new(), None).is_err());
}

#[test]
fn weights_and_inputs_of_a_simulation() {
    let mut session = Session::default().reading(files());
    let design = session.design(&at("network/net.yaml")).unwrap_or_else(|_| panic!("{}", session.rendered()));
    let inputs = at("network/inputs.csv");
    // A folder, and the beginning of names.
    let points = [at("network"), at("network/W")].map(|path| {
        let question = Question { weights: vec![path], ..Question::default() };
        let found = simulate(&design, &question, Some(&inputs), &mut session.sources, &mut session.diagnostics);
        found.map(|found| found.points.len()).map_err(|_| session.rendered())
    });
    let lines = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/network/inputs.csv")).unwrap();
    assert_eq!(points[0], Ok(lines.lines().count() - 1));
    // `W` is the beginning of `W1.csv`, but not of biases, which this network has.
    assert!(points[1].is_err());
    assert_eq!(
        WeightFiles::find(&[at("nowhere/W")], &*files()),
        Err("the folder `in-memory/nowhere` does not exist".into())
    );
}
