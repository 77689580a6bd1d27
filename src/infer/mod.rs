//! A design at work: labelled pictures and trained weights, accuracy with its inner loops, and the operating points of whole circuits.

pub mod accuracy;
pub mod classify;
pub mod dataset;
pub mod network;
pub mod simulation;
pub mod weights;
pub mod words;
