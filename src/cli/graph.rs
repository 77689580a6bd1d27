//! `imcost graph ARCH`

use super::args::{GraphArgs, PictureFormat};
use super::{Stop, print, settle, tell_findings};
use crate::design::picture::{Picture, dot, mermaid};
use crate::session::Session;

pub(super) fn run(args: &GraphArgs, quiet: bool) -> Result<(), Stop> {
    let mut session = Session::with_settings(&args.settings.set);
    let flow = session.design(&args.architecture);
    settle(&mut session)?;
    let flow = flow?;
    let picture = Picture::of(&flow, args.expand).map_err(Stop::Usage)?;
    print(&match args.format {
        PictureFormat::Dot => dot(&picture),
        PictureFormat::Mermaid => mermaid(&picture),
    })?;
    tell_findings((!quiet).then(|| session.findings(&[&flow])).as_ref());
    Ok(())
}
