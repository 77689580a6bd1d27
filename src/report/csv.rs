//! A result as comma-separated values.

use super::Records;

/// Writes the header and the records; quotes are added where a cell needs them.
#[must_use]
pub fn write(records: &Records) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in std::iter::once(&records.header).chain(&records.rows) {
        // Writing into memory fails only for records of unequal length, which `View` rules out.
        if writer.write_record(line).is_err() {
            return String::new();
        }
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
