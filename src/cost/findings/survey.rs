//! Measured converters that no other beats.
//!
//! From B. Murmann, "ADC Performance Survey 1997-2025" (github.com/bmurmann/ADC-survey, BSD-3-Clause, copyright Boris Murmann): of the 724
//! converters at ISSCC and VLSI for which it gives power, Nyquist rate and a signal-to-noise-and-distortion ratio, those than which none has as
//! many whole effective bits and as high a rate with less power. Effective bits are (SNDR - 1.76 dB) / 6.02 dB.

use crate::units::{Frequency, Power};

/// How many converters the survey has.
pub(super) const SIZE: usize = 724;

/// A measured converter.
pub(super) struct Measured {
    /// Effective bits.
    pub effective_bits: f64,
    /// Nyquist rate in conversions a second.
    pub rate_hz: f64,
    /// Power in watt.
    pub power_w: f64,
    /// Where it was published: conference, year and number of the paper.
    pub paper: &'static str,
}

impl Measured {
    const fn new(effective_bits: f64, rate_hz: f64, power_w: f64, paper: &'static str) -> Self {
        Self { effective_bits, rate_hz, power_w, paper }
    }

    pub(super) fn rate(&self) -> Frequency {
        Frequency::new(self.rate_hz)
    }

    pub(super) fn power(&self) -> Power {
        Power::new(self.power_w)
    }
}

/// The front, by effective bits and rate.
pub(super) const FRONT: [Measured; 121] = [
    Measured::new(4.28, 1.75e9, 0.0022, "ISSCC 2008, 12.8"),
    Measured::new(4.87, 2.2e9, 0.0026, "ISSCC 2010, 16.3"),
    Measured::new(4.82, 5e9, 0.0055, "ISSCC 2015, 26.5"),
    Measured::new(4.52, 2.4e10, 0.023, "VLSI 2016, 19.1"),
    Measured::new(4.50, 1.12e11, 0.18912, "ISSCC 2022, 6.1"),
    Measured::new(5.26, 9e8, 0.0007, "ISSCC 2021, 13.4"),
    Measured::new(5.46, 1e9, 0.00126, "ISSCC 2016, 27.3"),
    Measured::new(5.38, 3.3e9, 0.0055, "ISSCC 2020, 16.3"),
    Measured::new(5.02, 3e10, 0.0535, "ISSCC 2019, 6.3"),
    Measured::new(5.42, 5.2e10, 0.0576, "ISSCC 2025, 7.5"),
    Measured::new(5.41, 6e10, 0.1093, "VLSI 2024, C24.3"),
    Measured::new(5.39, 7.2e10, 0.235, "ISSCC 2018, 22.1"),
    Measured::new(5.54, 1e11, 0.311344, "ISSCC 2021, 8.6"),
    Measured::new(5.70, 2e11, 0.4, "ISSCC 2024, 18.4"),
    Measured::new(6.35, 8e7, 2.4e-5, "VLSI 2015, 11.2"),
    Measured::new(6.35, 1.5e8, 0.0001335, "ISSCC 2008, 12.3"),
    Measured::new(6.24, 1.25e9, 0.0019, "ISSCC 2023, 17.2"),
    Measured::new(6.02, 3.8e9, 0.006, "VLSI 2022, C19-2"),
    Measured::new(6.07, 4.5e9, 0.00656, "ISSCC 2023, 17.6"),
    Measured::new(6.49, 5e9, 0.0074, "ISSCC 2022, 10.1"),
    Measured::new(6.63, 1e10, 0.0219, "ISSCC 2025, 24.7"),
    Measured::new(6.15, 2e10, 0.1293, "VLSI 2021, C15-2"),
    Measured::new(6.67, 7.2e10, 0.3933, "ISSCC 2025, 24.5"),
    Measured::new(6.22, 1.05e11, 0.698, "ISSCC 2024, 18.1"),
    Measured::new(7.73, 1000.0, 2.7e-9, "ISSCC 2017, 21.6"),
    Measured::new(7.50, 1.1e6, 1.2e-6, "VLSI 2011, 25.1"),
    Measured::new(7.05, 2.4576e7, 5.46e-5, "VLSI 2013, 21.4"),
    Measured::new(7.10, 4e7, 0.000113, "VLSI 2011, 25.2"),
    Measured::new(7.18, 9.5e8, 0.0023, "VLSI 2018, 9.3"),
    Measured::new(7.26, 1e9, 0.00255, "VLSI 2020, CD1.3"),
    Measured::new(7.33, 2.7e9, 0.003, "ISSCC 2023, 17.7"),
    Measured::new(7.07, 4.8e9, 0.0077, "ISSCC 2024, 22.4"),
    Measured::new(7.22, 5e9, 0.0227, "ISSCC 2019, 20.1"),
    Measured::new(7.10, 1.6e10, 0.0942, "VLSI 2024, C24.2"),
    Measured::new(7.43, 2.4e10, 0.75, "ISSCC 2023, 17.4"),
    Measured::new(8.77, 20000.0, 2.1e-8, "VLSI 2018, 9.2"),
    Measured::new(8.74, 1e6, 1.9e-6, "ISSCC 2008, 12.4"),
    Measured::new(8.84, 4.1e8, 0.00214, "VLSI 2013, 21.5"),
    Measured::new(8.03, 1.5e9, 0.00692, "ISSCC 2017, 28.5"),
    Measured::new(8.03, 2e9, 0.0104, "VLSI 2017, 21.2"),
    Measured::new(8.25, 2.6e9, 0.0139, "ISSCC 2023, 10.2"),
    Measured::new(8.31, 2.8e9, 0.01805, "ISSCC 2023, 17.1"),
    Measured::new(8.69, 1.2e10, 0.1798, "ISSCC 2024, 22.1"),
    Measured::new(9.55, 4000.0, 3.1e-8, "ISSCC 2014, 11.3"),
    Measured::new(9.07, 200000.0, 3.8e-8, "VLSI 2019, 7.4"),
    Measured::new(9.46, 600000.0, 1.87e-7, "VLSI 2016, 15.4"),
    Measured::new(9.40, 4e6, 1.744e-5, "ISSCC 2012, 27.8"),
    Measured::new(9.76, 2.6e8, 0.00097, "ISSCC 2022, 10.4"),
    Measured::new(9.71, 6e8, 0.006, "ISSCC 2019, 3.6"),
    Measured::new(9.70, 1.8e9, 0.00755, "ISSCC 2023, 10.1"),
    Measured::new(9.74, 2e9, 0.027, "ISSCC 2023, 10.3"),
    Measured::new(9.48, 3e9, 0.0325, "ISSCC 2025, 24.1"),
    Measured::new(9.96, 3.2e9, 0.0613, "ISSCC 2019, 3.1"),
    Measured::new(9.43, 5e9, 0.1586, "ISSCC 2019, 3.3"),
    Measured::new(10.10, 40000.0, 9.7e-8, "ISSCC 2013, 15.2"),
    Measured::new(10.36, 6.4e6, 4.6e-5, "ISSCC 2015, 26.2"),
    Measured::new(10.41, 1e8, 0.00035, "ISSCC 2016, 27.4"),
    Measured::new(10.01, 2.5e8, 0.00056, "VLSI 2022, C10-3"),
    Measured::new(10.14, 4e8, 0.00208, "ISSCC 2024, 9.2"),
    Measured::new(10.06, 5e8, 0.0028, "VLSI 2021, C15-1"),
    Measured::new(10.09, 1e9, 0.0106, "ISSCC 2023, 17.5"),
    Measured::new(10.51, 1.6e9, 0.0377, "VLSI 2016, 15.1"),
    Measured::new(11.29, 32000.0, 3.52e-7, "ISSCC 2014, 11.1"),
    Measured::new(11.19, 200000.0, 5.1e-7, "VLSI 2017, 18.3"),
    Measured::new(11.93, 270000.0, 6.38e-7, "ISSCC 2018, 14.6"),
    Measured::new(11.44, 2e6, 1.51e-5, "ISSCC 2024, 9.9"),
    Measured::new(11.50, 2e7, 8.2e-5, "ISSCC 2019, 3.5"),
    Measured::new(11.98, 5e7, 0.00036, "ISSCC 2024, 9.4"),
    Measured::new(11.62, 1e8, 0.0007, "ISSCC 2020, 16.4"),
    Measured::new(11.75, 1.3e8, 0.00082, "ISSCC 2022, 10.2"),
    Measured::new(11.45, 2e8, 0.002, "ISSCC 2024, 9.1"),
    Measured::new(11.53, 4e8, 0.0125, "ISSCC 2024, 9.3"),
    Measured::new(11.04, 1e9, 0.0153, "ISSCC 2025, 24.2"),
    Measured::new(11.53, 6.4e9, 0.703, "ISSCC 2024, 22.2"),
    Measured::new(12.02, 20000.0, 1.17e-6, "VLSI 2016, 15.3"),
    Measured::new(12.55, 125000.0, 1.35e-5, "VLSI 2022, C06-4"),
    Measured::new(12.83, 1.25e6, 8.4e-5, "ISSCC 2018, 14.3"),
    Measured::new(12.05, 4e6, 0.00035, "VLSI 2016, 3.3"),
    Measured::new(12.95, 1e7, 0.00046, "ISSCC 2017, 28.1"),
    Measured::new(12.28, 4e7, 0.000821, "ISSCC 2021, 27.4"),
    Measured::new(12.17, 5e7, 0.00126, "ISSCC 2021, 27.6"),
    Measured::new(12.48, 6e7, 0.00155, "VLSI 2023, C14-2"),
    Measured::new(12.20, 8e7, 0.00256, "ISSCC 2020, 9.6"),
    Measured::new(12.07, 1e8, 0.0104, "VLSI 2020, CD2.3"),
    Measured::new(12.50, 1.25e8, 0.385, "ISSCC 2009, 4.7"),
    Measured::new(12.00, 3e8, 0.55, "ISSCC 2012, 8.3"),
    Measured::new(13.57, 10000.0, 4.2e-6, "VLSI 2024, C8.1"),
    Measured::new(13.06, 20000.0, 6.5e-6, "ISSCC 2020, 26.6"),
    Measured::new(13.33, 40000.0, 7.1e-6, "ISSCC 2025, 15.5"),
    Measured::new(13.49, 80000.0, 3.36e-5, "VLSI 2021, C14-1"),
    Measured::new(13.30, 1.25e6, 9e-5, "VLSI 2024, C18.2"),
    Measured::new(13.48, 5e6, 0.00115, "ISSCC 2025, 18.5"),
    Measured::new(13.08, 1e7, 0.00316, "VLSI 2015, 21.2"),
    Measured::new(13.15, 2.5e7, 0.0037, "ISSCC 2021, 10.4"),
    Measured::new(13.26, 3.125e7, 0.0064, "VLSI 2022, C06-2"),
    Measured::new(14.10, 6000.0, 4.68e-7, "ISSCC 2021, 27.2"),
    Measured::new(14.41, 40000.0, 5.5e-5, "VLSI 2017, 3.4"),
    Measured::new(14.74, 80000.0, 6.74e-5, "ISSCC 2020, 9.3"),
    Measured::new(14.72, 4.4e6, 0.0045, "ISSCC 2015, 15.2"),
    Measured::new(14.87, 1.2e7, 0.00943, "ISSCC 2023, 10.4"),
    Measured::new(14.33, 1.5e7, 0.0098, "ISSCC 2019, 3.7"),
    Measured::new(14.99, 4e7, 0.05, "ISSCC 2024, 9.8"),
    Measured::new(15.36, 1000.0, 1.68e-6, "ISSCC 2021, 28.1"),
    Measured::new(15.32, 2000.0, 2.87e-6, "ISSCC 2022, 25.2"),
    Measured::new(15.01, 5000.0, 4.4e-6, "ISSCC 2022, 25.1"),
    Measured::new(15.24, 10000.0, 4.5e-6, "ISSCC 2018, 14.2"),
    Measured::new(15.34, 48000.0, 6.8e-5, "VLSI 2018, 19.1"),
    Measured::new(15.37, 200000.0, 0.00010738, "ISSCC 2024, 9.7"),
    Measured::new(15.02, 300000.0, 0.00016, "ISSCC 2023, 10.6"),
    Measured::new(15.21, 312500.0, 0.00030688, "ISSCC 2025, 18.3"),
    Measured::new(15.21, 500000.0, 0.00034, "ISSCC 2021, 27.1"),
    Measured::new(15.07, 1.6e6, 0.0004673, "ISSCC 2025, 18.4"),
    Measured::new(16.17, 2000.0, 9.29e-6, "ISSCC 2023, 32.4"),
    Measured::new(16.25, 8000.0, 1.22e-5, "ISSCC 2025, 18.2"),
    Measured::new(16.19, 48000.0, 8.07e-5, "VLSI 2024, C8.3"),
    Measured::new(16.04, 200000.0, 0.001998, "VLSI 2022, C06-3"),
    Measured::new(16.09, 5e6, 0.03052, "VLSI 2014, 5.1"),
    Measured::new(17.22, 40000.0, 0.0002035, "ISSCC 2022, 25.3"),
    Measured::new(17.20, 2e6, 0.0085, "ISSCC 2022, 10.5"),
    Measured::new(19.61, 25.0, 6.3e-6, "ISSCC 2013, 15.5"),
    Measured::new(19.74, 2000.0, 0.000139, "ISSCC 2025, 18.1"),
];
