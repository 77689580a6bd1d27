//! Arrays in NumPy's own format: a magic number, a version, the length of the header, a header in the words of a Python dictionary, the values.
//! Format: NumPy Enhancement Proposal 1, versions 1.0 to 3.0.
//!
//! The header is a literal of three known keys, so that a parser of a hundred lines reads all that NumPy writes and refuses everything else
//! without ever looking at a byte twice.

use std::io::Read;

/// What every array begins with.
const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// NumPy itself refuses longer headers (`max_header_size` of `numpy.load`).
pub const LONGEST_HEADER: usize = 10_000;
/// NumPy arrays have at most so many dimensions.
const MOST_DIMENSIONS: usize = 64;
/// Values that are converted at a time.
const AT_ONCE: usize = 8192;

/// What an array holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    element: Element,
    big_endian: bool,
    /// The first index changes first.
    pub(super) fortran: bool,
    /// Size of each dimension.
    pub(super) shape: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Bool,
    Signed(usize),
    Unsigned(usize),
    Real(usize),
}

impl Element {
    fn bytes(self) -> usize {
        match self {
            Self::Bool => 1,
            Self::Signed(bytes) | Self::Unsigned(bytes) | Self::Real(bytes) => bytes,
        }
    }
}

impl Header {
    /// Reads a header and leaves the reader at the first value.
    pub(super) fn read(reader: &mut impl Read) -> Result<Self, String> {
        let ended = |_| "it ends in its header".to_owned();
        let mut start = [0; 8];
        reader.read_exact(&mut start).map_err(ended)?;
        if start[..6] != *MAGIC {
            return Err("it does not begin as an array of NumPy does".into());
        }
        let length = if start[6] == 1 {
            let mut length = [0; 2];
            reader.read_exact(&mut length).map_err(ended)?;
            usize::from(u16::from_le_bytes(length))
        } else if matches!(start[6], 2 | 3) {
            let mut length = [0; 4];
            reader.read_exact(&mut length).map_err(ended)?;
            u32::from_le_bytes(length) as usize
        } else {
            return Err(format!("its format has version {}.{}; 1.0 to 3.0 are read", start[6], start[7]));
        };
        if length > LONGEST_HEADER {
            return Err(format!("its header has {length} bytes, at most {LONGEST_HEADER} are read"));
        }
        let mut text = vec![0; length];
        reader.read_exact(&mut text).map_err(ended)?;
        let text = String::from_utf8(text).map_err(|_| "its header is no text".to_owned())?;
        Words { rest: &text }.header()
    }

    /// How many values; none if that is beyond all counts.
    pub(super) fn values(&self) -> Option<usize> {
        self.shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size))
    }

    /// Hands over so many values in the order of the file.
    pub(super) fn each(
        &self,
        reader: &mut impl Read,
        values: usize,
        mut with: impl FnMut(usize, f64) -> Result<(), String>,
    ) -> Result<(), String> {
        let size = self.element.bytes();
        let mut buffer = vec![0; AT_ONCE.min(values) * size];
        let mut at = 0;
        while at < values {
            let bytes = &mut buffer[..AT_ONCE.min(values - at) * size];
            reader.read_exact(bytes).map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => format!("it ends before its {values} values"),
                _ => format!("it is damaged after {at} values: {error}"),
            })?;
            for value in bytes.chunks_exact(size) {
                with(at, self.number(value))?;
                at += 1;
            }
        }
        Ok(())
    }

    fn number(&self, bytes: &[u8]) -> f64 {
        let mut ordered = [0; 8];
        for (place, byte) in bytes.iter().enumerate() {
            ordered[if self.big_endian { bytes.len() - 1 - place } else { place }] = *byte;
        }
        let whole = u64::from_le_bytes(ordered);
        match self.element {
            Element::Bool => f64::from(u8::from(whole != 0)),
            Element::Unsigned(_) => whole as f64,
            Element::Signed(bytes) => {
                let unused = 64 - 8 * bytes as u32;
                ((whole << unused) as i64 >> unused) as f64
            }
            Element::Real(4) => f64::from(f32::from_bits(whole as u32)),
            Element::Real(_) => f64::from_bits(whole),
        }
    }

    /// The index of a value in the order of the file.
    fn indices(&self, mut at: usize) -> Vec<usize> {
        let mut index = vec![0; self.shape.len()];
        let mut split = |dimension: usize| {
            index[dimension] = at % self.shape[dimension].max(1);
            at /= self.shape[dimension].max(1);
        };
        let dimensions = 0..self.shape.len();
        if self.fortran {
            dimensions.for_each(&mut split)
        } else {
            dimensions.rev().for_each(&mut split)
        }
        index
    }

    /// The index of a value in the order of the file, as Python writes it.
    pub(super) fn index(&self, at: usize) -> String {
        format!("{:?}", self.indices(at))
    }

    /// Where a value would be if the last index changed first.
    pub(super) fn c_order(&self, at: usize) -> usize {
        self.indices(at).iter().zip(&self.shape).fold(0, |place, (index, size)| place * size + index)
    }
}

/// What is left of a header.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn header(mut self) -> Result<Header, String> {
        let (mut element, mut fortran, mut shape) = (None, None, None);
        self.expect("{")?;
        while !self.take("}") {
            let key = self.text()?;
            self.expect(":")?;
            let twice = match key {
                "descr" => element.replace(self.element()?).is_some(),
                "fortran_order" => fortran.replace(self.truth()?).is_some(),
                "shape" => shape.replace(self.shape()?).is_some(),
                _ => return Err(format!("its header has the key `{key}`, which arrays do not have")),
            };
            if twice {
                return Err(format!("its header has the key `{key}` twice"));
            }
            if !self.take(",") {
                self.expect("}")?;
                break;
            }
        }
        if !self.rest.trim_start().is_empty() {
            return Err("its header goes on after its end".into());
        }
        let missing = |key: &str| format!("its header has no `{key}`");
        let (element, big_endian) = element.ok_or_else(|| missing("descr"))?;
        Ok(Header {
            element,
            big_endian,
            fortran: fortran.ok_or_else(|| missing("fortran_order"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }

    fn take(&mut self, word: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, word: &str) -> Result<(), String> {
        if self.take(word) {
            return Ok(());
        }
        let found = self.rest.chars().next().map_or("its end".into(), |c| format!("{c:?}"));
        Err(format!("its header is not one that NumPy writes: expected `{word}`, found {found}"))
    }

    fn text(&mut self) -> Result<&'a str, String> {
        let quote = if self.take("'") { '\'' } else { self.expect("\"").map(|()| '"')? };
        let (text, rest) = self.rest.split_once(quote).ok_or("its header has a text without an end")?;
        self.rest = rest;
        Ok(text)
    }

    fn truth(&mut self) -> Result<bool, String> {
        if self.take("True") { Ok(true) } else { self.expect("False").map(|()| false) }
    }

    fn element(&mut self) -> Result<(Element, bool), String> {
        if self.take("[") {
            return Err("its values are records, expected whole or real numbers".into());
        }
        let text = self.text()?;
        let other = || format!("its values are of type `{text}`, expected whole or real numbers");
        let mut letters = text.chars();
        let order = letters.next().filter(|c| "<>|=".contains(*c)).ok_or_else(other)?;
        let kind = letters.next().ok_or_else(other)?;
        let bytes: usize = letters.as_str().parse().map_err(|_| other())?;
        let element = match (kind, bytes) {
            ('b', 1) => Element::Bool,
            ('i', 1 | 2 | 4 | 8) => Element::Signed(bytes),
            ('u', 1 | 2 | 4 | 8) => Element::Unsigned(bytes),
            ('f', 4 | 8) => Element::Real(bytes),
            _ => return Err(other()),
        };
        Ok((element, order == '>'))
    }

    fn shape(&mut self) -> Result<Vec<usize>, String> {
        let mut shape = Vec::new();
        self.expect("(")?;
        while !self.take(")") {
            self.rest = self.rest.trim_start();
            let digits = self.rest.len() - self.rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, rest) = self.rest.split_at(digits);
            let size = number.parse().map_err(|_| "its header has a shape that is not made of sizes".to_owned())?;
            // Python 2 wrote `3L`.
            self.rest = rest.strip_prefix('L').unwrap_or(rest);
            shape.push(size);
            if shape.len() > MOST_DIMENSIONS {
                return Err(format!("it has more than {MOST_DIMENSIONS} dimensions"));
            }
            if !self.take(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, values: &[u8]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([1, 0]);
        bytes.extend(u16::try_from(header.len()).expect("short").to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(values);
        bytes
    }

    fn values(header: &str, bytes: &[u8]) -> Vec<f64> {
        let file = file(header, bytes);
        let mut reader = file.as_slice();
        let header = Header::read(&mut reader).expect("fine");
        let mut found = Vec::new();
        header.each(&mut reader, header.values().expect("few"), |_, v| (found.push(v), Ok(())).1).expect("whole");
        found
    }

    /// Headers and bytes as `numpy.save` wrote them (NumPy 1.26).
    #[test]
    fn every_type_of_whole_and_real_numbers_is_read_in_both_orders_of_bytes() {
        let of = |kind: &str, bytes: &[u8]| {
            values(&format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': (2,), }}      \n"), bytes)
        };
        assert_eq!(of("|u1", &[1, 255]), [1.0, 255.0]);
        assert_eq!(of("|i1", &[1, 255]), [1.0, -1.0]);
        assert_eq!(of("|b1", &[0, 1]), [0.0, 1.0]);
        assert_eq!(of("<i2", &[254, 255, 0, 1]), [-2.0, 256.0]);
        assert_eq!(of(">i2", &[255, 254, 1, 0]), [-2.0, 256.0]);
        assert_eq!(of("<u2", &[254, 255, 0, 1]), [65534.0, 256.0]);
        assert_eq!(of(">u4", &[0, 0, 1, 0, 255, 255, 255, 255]), [256.0, 4_294_967_295.0]);
        assert_eq!(of("<f4", &[0, 0, 192, 63, 0, 0, 0, 192]), [1.5, -2.0]);
        assert_eq!(of(">f8", &[63, 248, 0, 0, 0, 0, 0, 0, 192, 0, 0, 0, 0, 0, 0, 0]), [1.5, -2.0]);
        assert_eq!(of("<i8", &[255; 16]), [-1.0, -1.0]);
    }

    #[test]
    fn an_array_that_ends_too_soon_is_told_how_many_values_it_should_have() {
        let header = "{'descr': '<i2', 'fortran_order': False, 'shape': (3,)}";
        let read = |bytes: &[u8]| {
            let file = file(header, bytes);
            let mut reader = file.as_slice();
            Header::read(&mut reader).expect("fine").each(&mut reader, 3, |_, _| Ok(()))
        };
        assert_eq!(read(&[0; 6]), Ok(()));
        assert_eq!(read(&[0; 5]), Err("it ends before its 3 values".into()));
        assert_eq!(read(&[]), Err("it ends before its 3 values".into()));
    }

    #[test]
    fn a_header_may_be_as_long_as_the_limit() {
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}";
        let read = |length: usize| Header::read(&mut file(&format!("{header:length$}"), &[]).as_slice());
        assert!(read(LONGEST_HEADER).is_ok());
        let said = read(LONGEST_HEADER + 1).map(|_| ()).expect_err("too long");
        assert_eq!(said, "its header has 10001 bytes, at most 10000 are read");
    }

    #[test]
    fn what_is_no_header_is_refused_and_the_reason_named() {
        let wrong = |header: &str| Header::read(&mut file(header, &[]).as_slice()).expect_err("wrong");
        let cases = [
            ("{'descr': '<f8', 'fortran_order': False}", "its header has no `shape`"),
            ("{'descr': '<c8', 'fortran_order': False, 'shape': ()}", "of type `<c8`"),
            ("{'descr': '|O', 'fortran_order': False, 'shape': ()}", "of type `|O`"),
            ("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': ()}", "records"),
            ("{'descr': '<f8', 'fortran_order': 0, 'shape': ()}", "expected `False`, found '0'"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", "not made of sizes"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999999,)}", "not made of sizes"),
            ("{'descr': '<f8', 'shape': (1,), 'shape': (2,)}", "twice"),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} {", "goes on after its end"),
            ("{'descr': '<f8', 'more': 1}", "the key `more`"),
            ("{'descr': '<f8", "without an end"),
            ("((((((((((", "expected `{`, found '('"),
            ("", "expected `{`, found its end"),
        ];
        for (header, reason) in cases {
            let said = wrong(header);
            assert!(said.contains(reason), "{header}: {said}");
        }
        assert_eq!(Header::read(&mut [0_u8; 20].as_slice()), Err("it does not begin as an array of NumPy does".into()));
        assert_eq!(Header::read(&mut &file("{}", &[])[..9]), Err("it ends in its header".into()));
        let of =
            |sizes: usize| format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({})}}", "1, ".repeat(sizes));
        assert!(Header::read(&mut file(&of(64), &[]).as_slice()).is_ok());
        assert!(wrong(&of(65)).contains("more than 64 dimensions"));
        let mut version = file("{}", &[]);
        version[6] = 9;
        assert!(Header::read(&mut version.as_slice()).expect_err("unknown").contains("version 9.0"));
    }

    #[test]
    fn an_index_is_written_as_python_writes_it() {
        let header = |fortran| Header { element: Element::Bool, big_endian: false, fortran, shape: vec![2, 3, 4] };
        // 1 * 12 + 2 * 4 + 3, and 1 + 2 * 2 + 3 * 6.
        assert_eq!(header(false).index(23), "[1, 2, 3]");
        assert_eq!(header(false).index(5), "[0, 1, 1]");
        assert_eq!(header(true).index(5), "[1, 2, 0]");
        // [1, 2, 0] is 1 * 12 + 2 * 4.
        assert_eq!((header(true).c_order(5), header(false).c_order(5)), (20, 5));
    }
}
