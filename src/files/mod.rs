//! Where texts and bytes come from: files on disk, the shipped ones in the binary, and tables of numbers with their places.

pub mod crossbar;
pub mod load;
pub mod matrix;
pub mod shipped;
