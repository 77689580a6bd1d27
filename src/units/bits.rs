//! How much a memory holds and how wide a word is, in bits.

use super::ParseError;

/// More than this is on no chip.
const MOST_BITS: f64 = 1e15;

/// Bits of a text such as `64 KB` or `128 bit`. `K`, `M` and `G` are powers of 1024.
///
/// # Errors
/// It is no whole number of bits.
pub fn parse_bits(text: &str) -> Result<u64, ParseError> {
    let wrong = |message: &str| {
        ParseError::new(0..text.len(), message.to_owned()).with_help("for example `64 KB`, `256 B` or `128 bit`")
    };
    let unit = text.find(|c: char| c.is_alphabetic()).ok_or_else(|| wrong("a unit is missing"))?;
    let number: f64 = text[..unit].trim().parse().map_err(|_| wrong("this is no amount of memory"))?;
    let factor = match text[unit..].trim() {
        "bit" | "b" => 1.0,
        "Kbit" | "Kb" => 1024.0,
        "Mbit" | "Mb" => 1024.0 * 1024.0,
        "B" => 8.0,
        "KB" | "KiB" | "kB" => 8.0 * 1024.0,
        "MB" | "MiB" => 8.0 * 1024.0 * 1024.0,
        "GB" | "GiB" => 8.0 * 1024.0 * 1024.0 * 1024.0,
        _ => return Err(wrong("this is no unit of memory")),
    };
    let bits = number * factor;
    if !(1.0..=MOST_BITS).contains(&bits) || bits.fract() != 0.0 {
        return Err(wrong("expected a whole number of bits, at least one"));
    }
    Ok(bits as u64)
}

#[cfg(test)]
mod tests {
    use super::parse_bits;

    #[test]
    fn bytes_have_eight_bits_and_kilobytes_1024_bytes() {
        for (text, bits) in [("128 bit", 128), ("2 KB", 16_384), ("64KB", 524_288), ("256 B", 2048), ("0.5 KB", 4096)] {
            assert_eq!(parse_bits(text).ok(), Some(bits), "{text}");
        }
        for text in ["", "KB", "64", "64 kW", "-1 B", "0 B", "0.1 bit", "1e300 GB", "nan B"] {
            assert!(parse_bits(text).is_err(), "{text}");
        }
    }
}
