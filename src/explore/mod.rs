//! Many designs instead of one: the points of a study, and values between two ends.

pub mod points;
pub mod study;
pub mod sweep;
