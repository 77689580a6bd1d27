//! A result as comma-separated values.

use super::Records;

/// Writes the header and the records; quotes are added where a cell needs them.
#[must_use]
pub fn write(records: &Records) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let lines = std::iter::once(records.header.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>());
    for line in lines.chain(records.rows.iter().cloned()) {
        // Writing into memory fails only for records of unequal length, which `View` rules out.
        if writer.write_record(&line).is_err() {
            return String::new();
        }
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
