//! `imcost library FILE NAME` where the name is that of a memory device.

use serde_json::{Value, json};

use super::sources::{FigureText, device_figures, provenance_text};
use crate::report::json::FORMAT_VERSION;
use crate::report::{Document, Records, View};
use crate::techlib::Device;
use crate::units::sig;

/// One memory device in full.
#[derive(Debug)]
pub struct DeviceView<'a> {
    /// The device.
    pub device: &'a Device,
}

impl DeviceView<'_> {
    fn ratio(&self) -> f64 {
        self.device.r_high.value / self.device.r_low.value
    }

    fn figures_json(&self) -> Vec<Value> {
        let figure = |f: FigureText| {
            json!({
                "name": f.name,
                "value": f.value,
                "range": f.range,
                "source": f.provenance.source,
                "basis": f.provenance.basis.name(),
                "node_m": f.provenance.node.map(|n| n.si()),
                "note": f.provenance.note,
            })
        };
        device_figures(self.device).into_iter().map(figure).collect()
    }
}

impl View for DeviceView<'_> {
    fn document(&self) -> Document {
        let d = self.device;
        let mut document = Document::default();
        document.title(format!("{}, device ({})", d.name, d.kind.name()));
        document.line(provenance_text(&d.provenance));
        let (mut rows, mut sources) = (Vec::new(), Vec::new());
        for f in device_figures(d) {
            let own = *f.provenance != *d.provenance;
            let source = if own { "see below" } else { "as above" };
            rows.push(vec![f.name.to_owned(), f.value, f.range.unwrap_or_default(), source.to_owned()]);
            sources.extend(own.then(|| format!("{}: {}", f.name, provenance_text(&f.provenance))));
        }
        rows.push(vec!["on/off ratio".to_owned(), sig(self.ratio(), 4), String::new(), "computed".to_owned()]);
        document.table(vec!["figure", "value", "range", "source"], rows, 4);
        for source in sources {
            document.line(source);
        }
        document
    }

    fn json(&self) -> Value {
        let d = self.device;
        json!({
            "format_version": FORMAT_VERSION,
            "name": d.name,
            "type": d.kind.name(),
            "r_low_ohm": d.r_low.value.si(),
            "r_high_ohm": d.r_high.value.si(),
            "spread": d.spread.as_ref().map(|f| f.value.si()),
            "write_current_a": d.write_current.as_ref().map(|f| f.value.si()),
            "write_pulse_s": d.write_pulse.as_ref().map(|f| f.value.si()),
            "write_energy_j": d.write_energy.as_ref().map(|f| f.value.si()),
            "basis": d.provenance.basis.name(),
            "source": d.provenance.source,
            "note": d.provenance.note,
            "figures": self.figures_json(),
        })
    }

    fn records(&self) -> Records {
        let rows = device_figures(self.device).into_iter().map(|f| {
            let basis = f.provenance.basis.name().to_owned();
            vec![f.name.to_owned(), f.value, f.range.unwrap_or_default(), basis, f.provenance.source.clone()]
        });
        Records::of(vec!["figure", "value", "range", "basis", "source"], rows.collect())
    }
}
