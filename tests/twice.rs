//! Wrong files are read twice in one session: what is wrong once is wrong again, and never a value.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::path::{Path, PathBuf};

use imcost::cases;
use imcost::diagnostic::Checked;
use imcost::explore::study;
use imcost::session::Session;
use imcost::spec::kind::FileKind;

fn bad() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

/// Every wrong file of `tests/bad`; those with `_` are parts of others, `warn-` and `ok-` are not wrong.
fn wrong_files() -> Vec<PathBuf> {
    let names = fs::read_dir(bad()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let wrong = |name: &String| {
        name.ends_with(".yaml") && !["_", "warn-", "ok-"].iter().any(|beginning| name.starts_with(beginning))
    };
    let mut paths: Vec<PathBuf> = names.filter(wrong).map(|name| bad().join(name)).collect();
    paths.sort_unstable();
    assert!(paths.len() >= 75, "{}", paths.len());
    paths
}

/// A file as what it is.
fn load(path: &Path, session: &mut Session) -> Checked<()> {
    match session.kind_of(path)? {
        FileKind::Architecture => session.design(path).map(drop),
        FileKind::Library => session.library(path).map(drop),
        FileKind::Case => cases::run(path, session).map(drop),
        FileKind::Study => study::read(path, session).and_then(|study| session.design(&study.architecture)).map(drop),
    }
}

/// A file as everything that it could be taken for.
fn load_as_anything(path: &Path, session: &mut Session) -> Vec<Checked<()>> {
    vec![
        session.design(path).map(drop),
        session.library(path).map(drop),
        cases::run(path, session).map(drop),
        study::read(path, session).and_then(|study| session.design(&study.architecture)).map(drop),
    ]
}

fn findings(session: &Session) -> usize {
    session.diagnostics.iter().count()
}

#[test]
fn every_wrong_file_is_wrong_again() {
    let mut values = Vec::new();
    for path in wrong_files() {
        let mut session = Session::default();
        let first = load(&path, &mut session);
        let found = findings(&session);
        for (time, result) in [("first", first), ("second", load(&path, &mut session))] {
            if result.is_ok() || session.diagnostics.settled().is_ok() {
                values.push(format!("{}: a value the {time} time", path.display()));
            }
        }
        // What has been said is not said again.
        if findings(&session) != found {
            values.push(format!("{}: more is found the second time", path.display()));
        }
    }
    assert!(values.is_empty(), "{} of the files:\n{}", values.len(), values.join("\n"));
}

#[test]
fn all_wrong_files_in_one_session_are_wrong_twice() {
    let mut session = Session::default();
    let mut values = Vec::new();
    for path in wrong_files().iter().chain(&wrong_files()) {
        if load(path, &mut session).is_ok() {
            values.push(path.display().to_string());
        }
    }
    assert!(values.is_empty(), "{} values:\n{}", values.len(), values.join("\n"));
}

#[test]
fn a_wrong_file_is_wrong_whatever_it_is_taken_for() {
    let mut values = Vec::new();
    for path in wrong_files() {
        let mut session = Session::default();
        for _ in 0..2 {
            if load_as_anything(&path, &mut session).iter().any(Result::is_ok) {
                values.push(path.display().to_string());
            }
        }
    }
    assert!(values.is_empty(), "{} values:\n{}", values.len(), values.join("\n"));
}

#[test]
fn a_library_that_is_remembered_to_be_wrong_is_an_error_for_all_who_name_it() {
    let mut session = Session::default();
    for name in ["_lib-with-mistakes.yaml", "unclosed-bracket.yaml"] {
        assert!(session.library(&bad().join(name)).is_err(), "{name}");
        assert!(session.library(&bad().join(name)).is_err(), "{name}");
    }
    let design = bad().join("technology-with-mistakes.yaml");
    assert!(session.architecture(&design).is_err());
    assert!(session.design(&design).is_err());
}

#[test]
fn without_one_of_its_settings_a_session_gives_no_answer() {
    let design = bad().join("_ok.yaml");
    assert!(Session::default().design(&design).is_ok());
    for settings in [&["tile.rows"][..], &["tile.rows=16", "=3"], &["tile={ rows: 3, rows: 4, columns: 3 }"]] {
        let mut session = Session::with_settings(settings);
        for _ in 0..2 {
            assert!(session.architecture(&design).is_err(), "{settings:?}");
            assert!(session.design(&design).is_err(), "{settings:?}");
            assert!(session.library(&bad().join("_lib.yaml")).is_err(), "{settings:?}");
        }
    }
    // A setting that has no place is an error each time that the file is read, also that of a library, which is read once.
    for setting in ["tile.colour=red", "test-neuron.colour=red", "test-neuron.power=1 mV", "tile.rows.lines=3"] {
        let mut session = Session::with_settings(&[setting]);
        for _ in 0..2 {
            assert!(session.design(&design).is_err(), "{setting}");
        }
    }
}
