//! `imcost cite ARCH …`

use super::args::CiteArgs;
use super::{Stop, print, settle};
use crate::cost::cite::citations;
use crate::cost::estimate;
use crate::results::bibliography::bibtex;
use crate::session::Session;

pub(super) fn run(args: &CiteArgs) -> Result<(), Stop> {
    let mut session = Session::with_settings(&args.settings.set);
    let read: Vec<_> = args.designs.iter().map(|path| session.design(path)).collect();
    settle(&mut session)?;
    let mut designs = Vec::with_capacity(read.len());
    for design in read {
        let design = design?;
        designs.push((design.label.clone(), citations(&estimate(&design)?)));
    }
    print(&bibtex(&designs))
}
