//! Long runs: how far they are, and what is left of them when somebody stops them.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often it is looked whether a signal has come, and how long a run has to hear it. Together they are less than a person notices.
const LOOK: Duration = Duration::from_millis(20);
const GRACE: Duration = Duration::from_millis(120);

/// A run that may be long.
pub(super) struct LongRun {
    bar: ProgressBar,
    parts: u64,
    /// Set by Ctrl-C, and where there are signals by those that end a program or say that its terminal is gone.
    pub stop: Arc<AtomicBool>,
    /// The exit code of the signal that set it.
    code: Arc<AtomicUsize>,
    /// True once there is a result to print.
    ended: Arc<Mutex<bool>>,
}

fn exit_code(code: &AtomicUsize) -> u8 {
    u8::try_from(code.load(Ordering::Relaxed)).unwrap_or(super::INTERRUPTED)
}

/// The first signal sets the flag and its exit code, the second one ends the program.
#[cfg(unix)]
fn listen(stop: &Arc<AtomicBool>, code: &Arc<AtomicUsize>) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag;
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Shells count a program that a signal ended so.
        let ended = 128 + signal;
        // Without a handler the signal ends the program at once, which is no worse than before. The order matters: the handler that ends the
        // program looks at the flag that the last one sets.
        let _ = flag::register_conditional_shutdown(signal, ended, stop.clone());
        let _ = flag::register_usize(signal, code.clone(), usize::try_from(ended).unwrap_or(0));
        let _ = flag::register(signal, stop.clone());
    }
}

/// The first Ctrl-C sets the flag, the second one ends the program.
#[cfg(not(unix))]
fn listen(stop: &Arc<AtomicBool>, _code: &Arc<AtomicUsize>) {
    let stop = stop.clone();
    let _ = ctrlc::set_handler(move || {
        if stop.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(super::INTERRUPTED));
        }
    });
}

impl LongRun {
    /// Begins a run of some parts; the bar is drawn on a terminal only. The first signal ends the run with what is done, the second the program.
    pub fn begin(parts: usize, what: &'static str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let code = Arc::new(AtomicUsize::new(usize::from(super::INTERRUPTED)));
        listen(&stop, &code);
        let target =
            if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let parts = parts as u64;
        let bar = ProgressBar::with_draw_target(Some(parts), target);
        let template = "{bar:30} {pos} of {len} {msg}, {elapsed} so far, {eta} to go";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what);
        let run = Self { bar, parts, stop, code, ended: Arc::default() };
        run.watch();
        run
    }

    /// Ends the program where a run does not hear a signal and has nothing to lose: a design of many thousand cells is built, or its first draw
    /// made, in steps that are longer than a person waits.
    fn watch(&self) {
        let (stop, code, ended) = (self.stop.clone(), self.code.clone(), self.ended.clone());
        let (bar, parts) = (self.bar.clone(), self.bar.message());
        let watch = move || {
            while !stop.load(Ordering::Relaxed) {
                thread::sleep(LOOK);
            }
            thread::sleep(GRACE);
            // Held to the end, so that no result is cut off half-way.
            let ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
            if !*ended && bar.position() == 0 {
                bar.finish_and_clear();
                super::tell(&format!("stopped before any of the {parts} were done"));
                std::process::exit(exit_code(&code).into());
            }
        };
        // Without it a signal is heard a little later.
        let _ = thread::Builder::new().name("signals".into()).spawn(watch);
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
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        let code = exit_code(&self.code);
        self.bar.finish_and_clear();
        if io::stderr().is_terminal() && done > 0 {
            let state = if stopped { "stopped after" } else { "done:" };
            let time = indicatif::HumanDuration(self.bar.elapsed());
            super::tell(&format!("{state} {done} of {all} {} in {time:#}", self.bar.message()));
        }
        if stopped { Err(super::Stop::Interrupted(code)) } else { Ok(()) }
    }
}
