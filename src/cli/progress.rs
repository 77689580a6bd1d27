//! Long runs: how far they are, and what Ctrl-C leaves.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A run that may be long.
pub(super) struct LongRun {
    bar: ProgressBar,
    parts: u64,
    /// Set by Ctrl-C.
    pub stop: Arc<AtomicBool>,
}

impl LongRun {
    /// Begins a run of some parts; the bar is drawn on a terminal only. The first Ctrl-C ends the run with what is done, the second the program.
    pub fn begin(parts: usize, what: &'static str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let flag = stop.clone();
        // Without a handler Ctrl-C ends the program at once, which is no worse than before.
        let _ = ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(super::INTERRUPTED));
            }
        });
        let target =
            if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let parts = parts as u64;
        let bar = ProgressBar::with_draw_target(Some(parts), target);
        let template = "{bar:30} {pos} of {len} {msg}, {elapsed} so far, {eta} to go";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what);
        Self { bar, parts, stop }
    }

    /// So many parts are done.
    pub fn done(&self, parts: usize) {
        self.bar.set_position(parts as u64);
    }

    /// Ends with a line that says what was done, where a person watches; an error if it was stopped.
    pub fn end(&self) -> Result<(), super::Stop> {
        // Read first: finishing a bar fills it.
        let (done, all) = (self.bar.position(), self.parts);
        let stopped = self.stop.load(Ordering::Relaxed) && done < all;
        self.bar.finish_and_clear();
        if io::stderr().is_terminal() && done > 0 {
            let state = if stopped { "stopped after" } else { "done:" };
            let time = indicatif::HumanDuration(self.bar.elapsed());
            super::tell(&format!("{state} {done} of {all} {} in {time:#}", self.bar.message()));
        }
        if stopped { Err(super::Stop::Interrupted) } else { Ok(()) }
    }
}
