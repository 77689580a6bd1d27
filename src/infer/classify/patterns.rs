//! Binary inputs: a picture switches on some rows, and pictures share small patterns of neighbouring rows.
//!
//! The rows are cut into small groups. Every pattern of switched-on rows of a group that occurs in any picture is a row of a table. For new
//! conductances the table is filled first, each entry from a smaller one by one addition; a picture then adds up one table row for each group
//! in which it has anything. Of the 10,000 MNIST test pictures that leaves 23 additions a picture of the 100 rows that are on.

use std::collections::HashMap;
use std::ops::Range;

use super::kernel::{Panel, ZERO};

/// Groups are at most this large: a pattern is a 16-bit number.
const LARGEST: usize = 16;

/// The patterns of some pictures in a range of rows.
#[derive(Debug, Clone)]
pub struct Patterns {
    /// Where the patterns of a picture begin in `ids`; one more than there are pictures.
    pub starts: Vec<u32>,
    /// Table rows of each picture. The empty pattern, 0, is left out: its row counts for every picture.
    pub ids: Vec<u32>,
    /// Rows of the range.
    inputs: usize,
    /// The value of a row that is not on; of one that is it is 1.
    low: f64,
    /// How the table is filled: a row of it, the row of a smaller pattern, and a row of the matrix, counted from the first of the range.
    steps: Vec<(u32, u32, u32)>,
}

/// The rows of each group.
fn groups(rows: &Range<usize>, width: usize) -> Vec<Vec<usize>> {
    /// Squares of neighbouring pixels: of a stroke, few patterns exist.
    const SIDE: usize = 3;
    let mut groups: HashMap<(usize, usize), Vec<usize>> = HashMap::new();
    for row in rows.clone() {
        let place = if width > SIDE { (row / width / SIDE, row % width / SIDE) } else { (0, row / (SIDE * SIDE)) };
        groups.entry(place).or_default().push(row);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_unstable();
    groups.into_iter().flat_map(|(_, rows)| rows.chunks(LARGEST).map(<[usize]>::to_vec).collect::<Vec<_>>()).collect()
}

impl Patterns {
    /// The patterns of pictures whose inputs are `on` or not; `width` is that of a picture, so that neighbours are known.
    #[must_use]
    pub fn find(pictures: usize, rows: &Range<usize>, width: usize, on: impl Fn(usize, usize) -> bool) -> Self {
        let groups = groups(rows, width);
        let mut known: Vec<HashMap<u16, u32>> = vec![HashMap::new(); groups.len()];
        let mut found = Self { starts: vec![0], ids: Vec::new(), inputs: rows.len(), low: 0.0, steps: Vec::new() };
        for picture in 0..pictures {
            for (group, known) in groups.iter().zip(&mut known) {
                let bits = group.iter().enumerate().filter(|&(_, &row)| on(picture, row));
                let pattern = bits.fold(0_u16, |pattern, (bit, _)| pattern | 1 << bit);
                if pattern != 0 {
                    let id = found.id(pattern, group, rows.start, known);
                    found.ids.push(id);
                }
            }
            found.starts.push(u32::try_from(found.ids.len()).unwrap_or(u32::MAX));
        }
        found.sort_by_use();
        found
    }

    /// The same where rows that are not on have this value.
    #[must_use]
    pub fn off_at(self, low: f64) -> Self {
        Self { low, ..self }
    }

    fn id(&mut self, pattern: u16, group: &[usize], first: usize, known: &mut HashMap<u16, u32>) -> u32 {
        if pattern == 0 {
            return 0;
        }
        if let Some(&id) = known.get(&pattern) {
            return id;
        }
        let last = 15 - pattern.leading_zeros();
        let smaller = self.id(pattern & !(1 << last), group, first, known);
        let row = group[last as usize] - first;
        let id = u32::try_from(self.steps.len() + 1).unwrap_or(u32::MAX);
        self.steps.push((id, smaller, u32::try_from(row).unwrap_or(u32::MAX)));
        known.insert(pattern, id);
        id
    }

    /// Puts the rows that most pictures need side by side, where they stay in the cache together.
    fn sort_by_use(&mut self) {
        let mut uses = vec![0_u32; self.rows()];
        for &id in &self.ids {
            uses[id as usize] += 1;
        }
        let mut order: Vec<u32> = self.steps.iter().map(|(id, ..)| *id).collect();
        order.sort_by_key(|&id| std::cmp::Reverse(uses[id as usize]));
        let mut places = vec![0_u32; self.rows()];
        for (place, id) in (1..).zip(order) {
            places[id as usize] = place;
        }
        for id in &mut self.ids {
            *id = places[*id as usize];
        }
        for (id, smaller, _) in &mut self.steps {
            (*id, *smaller) = (places[*id as usize], places[*smaller as usize]);
        }
    }

    /// Rows of the range.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Table rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.steps.len() + 1
    }

    /// Fills the table for a matrix whose first row is that of the range.
    pub fn fill(&self, matrix: &[Panel], table: &mut Vec<Panel>) {
        self.fill_with(self.low, matrix, table);
    }

    /// What a picture without any row that is on gives, in a table that is filled.
    #[must_use]
    pub fn none_on(table: &[Panel]) -> &Panel {
        &table[0]
    }

    /// The same as [`Patterns::fill`] for the squares of the inputs.
    pub fn fill_squared(&self, matrix: &[Panel], table: &mut Vec<Panel>) {
        self.fill_with(self.low * self.low, matrix, table);
    }

    fn fill_with(&self, low: f64, matrix: &[Panel], table: &mut Vec<Panel>) {
        table.resize(self.rows(), ZERO);
        table[0] = ZERO;
        for &(id, smaller, row) in &self.steps {
            let (mut sum, row) = (table[smaller as usize], &matrix[row as usize]);
            for (sum, value) in sum.iter_mut().zip(row) {
                *sum += (1.0 - low) * value;
            }
            table[id as usize] = sum;
        }
        if low != 0.0 {
            for (lane, sum) in table[0].iter_mut().enumerate() {
                *sum = low * matrix.iter().map(|row| row[lane]).sum::<f64>();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of 7 x 4 in squares of 3 x 3: three columns of squares, the last one pixel wide, in two rows of squares.
    #[test]
    fn neighbours_share_a_group() {
        let squares = groups(&(0..28), 7);
        assert_eq!(squares[0], [0, 1, 2, 7, 8, 9, 14, 15, 16]);
        assert_eq!(squares[1], [3, 4, 5, 10, 11, 12, 17, 18, 19]);
        assert_eq!(squares[2], [6, 13, 20]);
        assert_eq!(squares[3..], [vec![21, 22, 23], vec![24, 25, 26], vec![27]]);
        // Rows without neighbours, nine and nine; the second part of a picture alone.
        assert_eq!(groups(&(0..20), 1), [(0..9).collect::<Vec<_>>(), (9..18).collect(), vec![18, 19]]);
        assert_eq!(groups(&(14..28), 7).concat().len(), 14);
    }

    /// Rows that most pictures need stand first: pattern 0b11 of four pictures before 0b01 of one; the steps to them follow.
    #[test]
    fn tables_have_the_rows_that_are_used_most_first() {
        let on = |picture: usize, row: usize| if picture == 0 { row == 0 } else { row < 2 };
        let patterns = Patterns::find(5, &(0..3), 1, on);
        assert_eq!(patterns.starts, [0, 1, 2, 3, 4, 5]);
        assert_eq!(patterns.ids, [2, 1, 1, 1, 1]);
        assert_eq!(patterns.steps, [(2, 0, 0), (1, 2, 1)]);
    }
}
