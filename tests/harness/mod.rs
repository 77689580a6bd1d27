//! Runs the tool as a person would, with little patience and little memory, and looks at what it says.

use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Nothing a person could write takes longer. A debug build on a busy machine is given more.
pub const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 });

/// Longer files say less in a snapshot than their name does.
const SHOWN_LINES: usize = 40;

/// What is printed for a file of a hundred thousand mistakes is not of interest to its end: of more lines than this, so many are shown.
const SHOWN_OUTPUT: (usize, usize) = (100, 24);

pub struct Run {
    pub code: Option<i32>,
    pub said: String,
    pub printed: String,
    pub took: Duration,
}

impl Run {
    /// What follows an answer.
    pub fn findings(&self) -> &str {
        self.printed.split_once("\n\nFindings\n\n").map_or("", |(_, findings)| findings)
    }
}

/// Runs the tool with no more memory than a hostile file may cost: 200 MB, and what a process maps without using it.
pub fn run(folder: &Path, arguments: &[&str]) -> Run {
    let binary = env!("CARGO_BIN_EXE_imcost");
    let mut command = if cfg!(unix) {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -v 300000 2>/dev/null; exec \"$0\" \"$@\"", binary]);
        shell
    } else {
        Command::new(binary)
    };
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    // Both pipes are emptied while the program runs: a full one would stop it.
    let read = |pipe: &mut dyn Read| {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).expect("the output is UTF-8")
    };
    let start = Instant::now();
    let printed = thread::spawn(move || read(&mut out));
    let said = thread::spawn(move || read(&mut err));
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        thread::sleep(Duration::from_millis(2));
    };
    Run { code, took: start.elapsed(), said: said.join().unwrap(), printed: printed.join().unwrap() }
}

/// A fresh folder.
pub fn fresh(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs the tool in a folder and checks that it says this, in time and within memory, with this exit code.
pub fn says(folder: &Path, arguments: &[&str], code: i32, words: &[&str]) -> Run {
    let run = run(folder, arguments);
    for word in words.iter().chain(&[""]) {
        assert_eq!(complaint(&run, code, word), None, "{arguments:?}");
    }
    run
}

/// What is wrong with a run, whatever the mistake in the file was.
pub fn complaint(run: &Run, code: i32, names: &str) -> Option<String> {
    if run.took > PATIENCE {
        return Some(format!("took longer than {PATIENCE:?}"));
    }
    if run.code != Some(code) {
        return Some(format!("exit code {:?} instead of {code}: {}", run.code, run.said));
    }
    if run.said.contains("panicked") {
        return Some(format!("panicked: {}", run.said));
    }
    if names.starts_with("warn-") && run.findings().is_empty() {
        return Some("passes without a finding".to_owned());
    }
    let said = if code == 0 && run.said.is_empty() { &run.printed } else { &run.said };
    if !said.contains(names) {
        return Some(format!("`{names}` is not named: {said}"));
    }
    None
}

/// Bytes that cannot be seen are what is wrong with some of the files.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push('\n'),
            '\t' => shown.push_str("<tab>"),
            '\r' => shown.push_str("<CR>"),
            '\u{feff}' => shown.push_str("<BOM>"),
            '\u{a0}' => shown.push_str("<no-break space>"),
            c if c.is_control() => write!(shown, "<U+{:04X}>", u32::from(c)).unwrap(),
            c => shown.push(c),
        }
    }
    shown
}

pub fn shown_input(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    let Ok(text) = String::from_utf8(bytes) else { return "(not UTF-8)".to_owned() };
    let lines = text.lines().count();
    if lines >= SHOWN_LINES || text.lines().any(|l| l.len() > 200) {
        return format!("({lines} lines, {} bytes)", text.len());
    }
    if text.is_empty() {
        return "(no bytes)".to_owned();
    }
    visible(&text)
}

/// What is shown of a text in a snapshot.
pub fn shown_output(said: &str) -> String {
    let said = said.trim_end();
    let lines: Vec<&str> = said.lines().collect();
    let (most, shown) = SHOWN_OUTPUT;
    if lines.len() <= most {
        return said.to_owned();
    }
    let (first, last) = (lines[..shown].join("\n"), lines.last().unwrap());
    format!("{first}\n({} lines)\n{last}", lines.len() - shown - 1)
}
