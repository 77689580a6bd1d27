//! `imcost library FILE NAME` where the name is that of a memory device.

use super::sources::provenance_text;
use crate::report::{Document, Records, View};
use crate::results::figure::ListedFigure;
use crate::results::library::DeviceInFull;
use crate::results::{Answer, CommandResult};
use crate::techlib::Device;
use crate::units::sig;

/// One memory device in full.
#[derive(Debug)]
pub struct DeviceView<'a> {
    /// The device.
    pub device: &'a Device,
}

impl DeviceView<'_> {
    fn ratio(&self) -> Option<f64> {
        self.device.resistances.as_ref().map(|r| r.high.value / r.low.value)
    }
}

impl View for DeviceView<'_> {
    fn document(&self) -> Document {
        let d = self.device;
        let mut document = Document::default();
        document.title(format!("{}, device ({})", d.name, d.kind.name()));
        document.line(provenance_text(&d.provenance));
        let (mut rows, mut sources) = (Vec::new(), Vec::new());
        for f in ListedFigure::of_device(d) {
            let own = *f.provenance != *d.provenance;
            let source = if own { "see below" } else { "as above" };
            rows.push(vec![f.name.to_owned(), f.value_text(), f.range_text().unwrap_or_default(), source.to_owned()]);
            sources.extend(own.then(|| format!("{}: {}", f.name, provenance_text(&f.provenance))));
        }
        rows.extend(
            self.ratio()
                .map(|ratio| vec!["on/off ratio".to_owned(), sig(ratio, 4), String::new(), "computed".to_owned()]),
        );
        document.table(vec!["figure", "value", "range", "source"], rows, 4);
        for source in sources {
            document.line(source);
        }
        document
    }

    fn answer(&self) -> Answer {
        Answer::of(CommandResult::Device(Box::new(DeviceInFull::of(self.device))))
    }

    fn records(&self) -> Records {
        let rows = ListedFigure::of_device(self.device).into_iter().map(|f| {
            let basis = f.provenance.basis.name().to_owned();
            vec![
                f.name.to_owned(),
                f.value_text(),
                f.range_text().unwrap_or_default(),
                basis,
                f.provenance.source.clone(),
            ]
        });
        Records::of(vec!["figure", "value", "range", "basis", "source"], rows.collect())
    }
}
