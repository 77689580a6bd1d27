//! The list of mistakes, and the proof that an error is in it.

use indexmap::IndexMap;

use super::{Diagnostic, Label, Span, Warning};

/// The proof that an error has been reported: only [`Diagnostics`] makes one, for an error that it holds.
///
/// A stage returns a value or this, so that no error can be lost on the way to a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the input is wrong: the diagnostics say how")]
pub struct Reported(());

/// A value, or the proof that an error has been reported.
pub type Checked<T> = Result<T, Reported>;

/// A point in the life of a list, to ask later what has been reported since.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Mark(usize);

/// All mistakes of a run, in the order in which they were found, and apart from them what is unusual.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: IndexMap<(String, Option<Span>), Diagnostic>,
    warnings: IndexMap<(String, Option<Span>), Warning>,
    /// Errors that were reported, each as often as it was: the list keeps one that is repeated once, and says nothing about success.
    reported: usize,
}

impl Diagnostics {
    /// Adds an error; the same message at the same place is kept once, as it was first found.
    pub fn push(&mut self, error: Diagnostic) -> Reported {
        self.reported += 1;
        self.keep(error);
        Reported(())
    }

    fn keep(&mut self, error: Diagnostic) {
        let place = error.labels.first().map(|label| label.span);
        self.list.entry((error.message.clone(), place)).or_insert(error);
    }

    /// Adds a warning; the same message at the same place is kept once, as it was first found.
    pub fn warn(&mut self, warning: Warning) {
        self.warnings.entry((warning.message.clone(), warning.place)).or_insert(warning);
    }

    /// Counts an error that has been reported before among those since every mark: what is remembered to be wrong is wrong again.
    pub fn again(&mut self, reported: Reported) -> Reported {
        self.reported += 1;
        reported
    }

    /// This point, for [`Diagnostics::since`].
    pub fn mark(&self) -> Mark {
        Mark(self.reported)
    }

    /// Fails if an error has been reported since then, also one that was reported before.
    pub fn since(&self, mark: Mark) -> Checked<()> {
        if self.reported > mark.0 { Err(Reported(())) } else { Ok(()) }
    }

    /// How many errors have been reported since then, repeats included.
    #[must_use]
    pub fn count_since(&self, mark: Mark) -> usize {
        self.reported.saturating_sub(mark.0)
    }

    /// Why there is no value: what has been reported since then. That nothing has is an error too, of this program.
    pub fn missing(&mut self, mark: Mark) -> Reported {
        match self.since(mark) {
            Err(reported) => reported,
            Ok(()) => self.push(
                Diagnostic::error("something is wrong here that this program does not put into words")
                    .help("this is a mistake of the program: please report it with the files"),
            ),
        }
    }

    /// A value that was read since then, which may have mistakes in it.
    pub fn partial<T>(&self, mark: Mark, value: T) -> Partial<T> {
        Partial { value, state: self.since(mark) }
    }

    /// Adds all that another list has.
    pub fn extend(&mut self, other: Self) {
        self.reported += other.reported;
        for diagnostic in other.list.into_values() {
            self.keep(diagnostic);
        }
        for warning in other.warnings.into_values() {
            self.warn(warning);
        }
    }

    /// The same without what is unusual.
    #[must_use]
    pub fn without_warnings(self) -> Self {
        Self { warnings: IndexMap::new(), ..self }
    }

    /// The same mistakes, each changed, with what is unusual as it was.
    #[must_use]
    pub fn changed(self, change: impl Fn(&mut Diagnostic)) -> Self {
        let mut all = Self { list: IndexMap::new(), warnings: self.warnings, reported: self.reported };
        for mut diagnostic in self.list.into_values() {
            change(&mut diagnostic);
            all.keep(diagnostic);
        }
        all
    }

    /// The same mistakes of a file that another one names here.
    #[must_use]
    pub fn named_at(self, place: Option<Span>) -> Self {
        let Some(span) = place else { return self };
        self.changed(|diagnostic| {
            let primary = diagnostic.labels.is_empty();
            diagnostic.labels.push(Label { span, text: "named here".into(), primary });
        })
    }

    /// Fails if any error has been reported.
    pub fn settled(&self) -> Checked<()> {
        self.since(Mark(0))
    }

    /// How many errors are in the list, for a person.
    pub(super) fn errors(&self) -> usize {
        self.list.len()
    }

    /// What is unusual, in the order in which it was found.
    pub fn warnings(&self) -> impl Iterator<Item = &Warning> {
        self.warnings.values()
    }

    /// True if no mistake was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The mistakes.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.values()
    }
}

/// What could be read of something, and whether a mistake was found in it.
///
/// The next stage looks at the parts that are right, so that one run finds all mistakes; the whole is had only if it is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Partial<T> {
    value: T,
    state: Checked<()>,
}

impl<T> Partial<T> {
    /// A value without mistakes.
    pub fn right(value: T) -> Self {
        Self { value, state: Ok(()) }
    }

    /// What could be read.
    pub fn parts(&self) -> &T {
        &self.value
    }

    /// What could be read, to be changed.
    pub fn parts_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// Fails if a mistake was found.
    pub fn state(&self) -> Checked<()> {
        self.state
    }

    /// The same with what else is known of it.
    pub fn and(self, state: Checked<()>) -> Self {
        Self { state: self.state.and(state), ..self }
    }

    /// Something that is made of it, as right as it is.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Partial<U> {
        Partial { value: make(self.value), state: self.state }
    }

    /// The value, if it is right.
    pub fn whole(self) -> Checked<T> {
        self.state.map(|()| self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_is_repeated_is_an_error_again() {
        let mut diagnostics = Diagnostics::default();
        let first = diagnostics.mark();
        let _ = diagnostics.push(Diagnostic::error("wrong"));
        let second = diagnostics.mark();
        assert_eq!((diagnostics.since(first), diagnostics.since(second)), (Err(Reported(())), Ok(())));
        let reported = diagnostics.push(Diagnostic::error("wrong"));
        assert_eq!(diagnostics.since(second), Err(reported));
        assert_eq!((diagnostics.iter().count(), diagnostics.count_since(first)), (1, 2));
        let third = diagnostics.mark();
        let _ = diagnostics.again(reported);
        assert_eq!((diagnostics.since(third), diagnostics.iter().count()), (Err(reported), 1));
    }

    #[test]
    fn a_warning_is_no_error() {
        let mut diagnostics = Diagnostics::default();
        diagnostics.warn(Diagnostic::warning("unusual"));
        assert_eq!((diagnostics.settled(), diagnostics.errors(), diagnostics.warnings().count()), (Ok(()), 0, 1));
        assert!(diagnostics.is_empty());
        // The same again is the same.
        diagnostics.warn(Diagnostic::warning("unusual"));
        assert_eq!(diagnostics.warnings().count(), 1);
        let mark = diagnostics.mark();
        assert_eq!(diagnostics.partial(mark, 3).whole(), Ok(3));
    }

    #[test]
    fn a_value_that_is_missing_without_a_word_is_an_error() {
        let mut diagnostics = Diagnostics::default();
        let mark = diagnostics.mark();
        let reported = diagnostics.missing(mark);
        assert_eq!((diagnostics.settled(), diagnostics.errors()), (Err(reported), 1));
        // Where something was said, nothing is added.
        let _ = diagnostics.missing(mark);
        assert_eq!(diagnostics.iter().count(), 1);
    }

    #[test]
    fn what_has_a_mistake_in_it_is_not_had_as_a_whole() {
        let mut diagnostics = Diagnostics::default();
        let mark = diagnostics.mark();
        let reported = diagnostics.push(Diagnostic::error("wrong"));
        let partial = diagnostics.partial(mark, "text").map(str::len);
        assert_eq!((partial.parts(), partial.state(), partial.whole()), (&4, Err(reported), Err(reported)));
        assert_eq!(Partial::right(3).and(Err(reported)).whole(), Err(reported));
    }
}
