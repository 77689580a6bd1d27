//! Architecture and library as texts in memory, to the plan and its totals: whatever the texts are, they give findings or totals that are finite
//! and positive, the same ones twice.
//!
//! An input is the architecture, a line `---`, and the library. The architecture may name its library as it likes; every name that is not shipped
//! has the library's text.
#![no_main]

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use imcost::cost::{Scratch, estimate};
use imcost::diagnostic::render::render_all;
use imcost::files::{FileError, Files, OpenFile, Shipped};
use imcost::session::Session;
use libfuzzer_sys::fuzz_target;

const ARCHITECTURE: &str = "arch/fuzzed.yaml";

/// What parts the two texts of an input.
const CUT: &str = "\n---\n";

#[derive(Debug)]
struct Texts {
    architecture: Vec<u8>,
    library: Vec<u8>,
}

impl Files for Texts {
    fn open(&self, path: &Path) -> Result<OpenFile, FileError> {
        let bytes = if path == Path::new(ARCHITECTURE) {
            &self.architecture
        } else if path.to_string_lossy().starts_with("builtin:") {
            return Shipped.open(path);
        } else {
            &self.library
        };
        Ok(OpenFile { reader: Box::new(Cursor::new(bytes.clone())), length: bytes.len() as u64 })
    }

    fn names(&self, _: &Path) -> Result<Vec<String>, FileError> {
        Err(FileError::Missing)
    }
}

fuzz_target!(|input: &str| {
    let (architecture, library) = input.split_once(CUT).unwrap_or((input, ""));
    let texts = Texts { architecture: architecture.into(), library: library.into() };
    let mut session = Session::default().reading(Arc::new(texts));
    let Ok(design) = session.design(Path::new(ARCHITECTURE)) else {
        assert!(session.diagnostics.settled().is_err(), "a design was refused without a word");
        assert!(!render_all(&session.diagnostics, &session.sources, false).is_empty());
        assert!(session.design(Path::new(ARCHITECTURE)).is_err(), "refused once, taken the second time");
        return;
    };
    assert!(session.diagnostics.settled().is_ok(), "a design with errors has numbers");
    // `estimate` refuses totals that no circuit has, in words.
    let Ok(estimate) = estimate(&design) else { return };
    let totals = estimate.totals;
    for value in [totals.energy.si(), totals.power.si(), totals.latency.si(), totals.area.si(), totals.peak_power.si()]
    {
        assert!(value.is_finite() && value > 0.0, "{totals:?}");
    }
    let again = estimate.plan.run(&estimate.plan.stated_si(), &mut Scratch::default());
    assert_eq!(again, totals, "the plan does not give its own totals");
});
