//! A curve as a picture: characters for a terminal, SVG for a page.

use plotters::prelude::{
    BLACK, BLUE, ChartBuilder, Circle, Color, IntoDrawingArea, IntoLogRange, LineSeries, SVGBackend, WHITE,
};

/// A curve with the names of its axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// What is drawn.
    pub title: String,
    /// Horizontal axis, with its unit.
    pub x_name: &'static str,
    /// Vertical axis, with its unit.
    pub y_name: &'static str,
    /// Points, by rising x.
    pub points: Vec<(f64, f64)>,
}

/// Rows of characters that a curve takes in a terminal.
const ROWS: usize = 13;

impl Plot {
    fn ranges(&self) -> [(f64, f64); 2] {
        let over = |value: fn(&(f64, f64)) -> f64| {
            let (low, high) = self
                .points
                .iter()
                .map(value)
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
            if high > low { (low, high) } else { (low - 0.5, low + 0.5) }
        };
        [over(|p| p.0), over(|p| p.1)]
    }

    /// Lines of characters, no wider than `width`.
    #[must_use]
    pub fn characters(&self, width: usize) -> Vec<String> {
        const LABEL: usize = 9;
        let columns = width.clamp(30, 80) - LABEL - 2;
        let [(x_low, x_high), (y_low, y_high)] = self.ranges();
        let row_of = |y: f64| (((y_high - y) / (y_high - y_low)) * (ROWS - 1) as f64).round() as usize;
        let column_of = |x: f64| (((x - x_low) / (x_high - x_low)) * (columns - 1) as f64).round() as usize;
        let mut cells = vec![vec![' '; columns]; ROWS];
        for pair in self.points.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let (from, to) = (column_of(x0), column_of(x1));
            for column in from..=to {
                let part = if to > from { (column - from) as f64 / (to - from) as f64 } else { 0.0 };
                if let Some(cell) = cells.get_mut(row_of(y0 + part * (y1 - y0))).and_then(|row| row.get_mut(column)) {
                    *cell = '*';
                }
            }
        }
        let mut lines = vec![format!("{:>LABEL$}", self.y_name)];
        for (row, cells) in cells.into_iter().enumerate() {
            let y = y_high - (y_high - y_low) * row as f64 / (ROWS - 1) as f64;
            let label = if row % 4 == 0 { format!("{y:>LABEL$.3}") } else { " ".repeat(LABEL) };
            lines.push(format!("{label} |{}", cells.into_iter().collect::<String>().trim_end()));
        }
        lines.push(format!("{} +{}", " ".repeat(LABEL), "-".repeat(columns)));
        let (left, right) = (format!("{x_low:.3}"), format!("{x_high:.3} {}", self.x_name));
        let gap = columns.saturating_sub(left.len() + right.len());
        lines.push(format!("{}  {left}{}{right}", " ".repeat(LABEL), " ".repeat(gap)));
        lines
    }

    /// A standalone SVG picture; none if the drawing library refuses, which it does for points that are not finite.
    #[must_use]
    pub fn svg(&self) -> Option<String> {
        let mut text = String::new();
        {
            let area = SVGBackend::with_string(&mut text, (640, 420)).into_drawing_area();
            area.fill(&WHITE).ok()?;
            let [(x_low, x_high), (y_low, y_high)] = self.ranges();
            let mut chart = ChartBuilder::on(&area)
                .caption(&self.title, ("sans-serif", 18))
                .margin(12)
                .x_label_area_size(40)
                .y_label_area_size(60)
                .build_cartesian_2d(x_low..x_high, y_low..y_high)
                .ok()?;
            chart.configure_mesh().x_desc(self.x_name).y_desc(self.y_name).draw().ok()?;
            chart.draw_series(LineSeries::new(self.points.iter().copied(), &BLUE)).ok()?;
            area.present().ok()?;
        }
        Some(text + "\n")
    }
}

/// Computed against published values, on logarithmic axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Parity {
    /// What is drawn.
    pub title: String,
    /// Horizontal axis, with its unit.
    pub x_name: &'static str,
    /// Vertical axis, with its unit.
    pub y_name: &'static str,
    /// Points; all of them positive.
    pub points: Vec<(f64, f64)>,
}

impl Parity {
    /// A standalone SVG picture with the line on which both are equal; none if there is nothing to draw.
    #[must_use]
    pub fn svg(&self) -> Option<String> {
        let all = || self.points.iter().flat_map(|&(x, y)| [x, y]);
        let (low, high) = all().fold((f64::INFINITY, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = (low / 1.25, high * 1.25);
        if !(low > 0.0 && high.is_finite()) {
            return None;
        }
        let mut text = String::new();
        {
            let area = SVGBackend::with_string(&mut text, (560, 560)).into_drawing_area();
            area.fill(&WHITE).ok()?;
            let mut chart = ChartBuilder::on(&area)
                .caption(&self.title, ("sans-serif", 16))
                .margin(16)
                .x_label_area_size(40)
                .y_label_area_size(60)
                .build_cartesian_2d((low..high).log_scale(), (low..high).log_scale())
                .ok()?;
            // Between the labelled lines of a logarithmic axis ten more are a grey field.
            let mut mesh = chart.configure_mesh();
            let (bold, light) = (BLACK.mix(0.12), WHITE.mix(0.0));
            let mesh = mesh.bold_line_style(bold).light_line_style(light).x_labels(6).y_labels(6);
            mesh.x_desc(self.x_name).y_desc(self.y_name).draw().ok()?;
            chart.draw_series(LineSeries::new([(low, low), (high, high)], &BLACK.mix(0.4))).ok()?;
            let points = self.points.iter().map(|&point| Circle::new(point, 3, BLUE.mix(0.6).filled()));
            chart.draw_series(points).ok()?;
            area.present().ok()?;
        }
        Some(text + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn falling() -> Plot {
        let points = (0..50).map(|i| (f64::from(i) / 49.0, 1.0 - f64::from(i) / 49.0)).collect();
        Plot { title: "falling".into(), x_name: "v_in / V", y_name: "v_out / V", points }
    }

    #[test]
    fn characters_fit_the_width_and_fall_from_left_to_right() {
        let lines = falling().characters(60);
        assert!(lines.iter().all(|line| line.len() <= 60), "{lines:#?}");
        assert!(lines[1].contains("1.000 |*"));
        assert!(lines[ROWS].trim_end().ends_with('*'));
    }

    #[test]
    fn points_of_equal_values_lie_on_the_line_between_equal_axes() {
        let points = vec![(0.2, 0.2), (1.0, 1.1), (3.0, 3.0)];
        let parity = Parity { title: "power".into(), x_name: "published / W", y_name: "computed / W", points };
        let svg = parity.svg().expect("drawn");
        assert!(svg.contains("published / W") && svg.contains("computed / W"));
        let places: Vec<(f64, f64)> = svg
            .match_indices("<circle")
            .map(|(at, _)| {
                let number = |name: &str| -> f64 {
                    let rest = &svg[at..][svg[at..].find(name).expect("there") + name.len()..];
                    rest[..rest.find('"').expect("its end")].parse().expect("a number")
                };
                (number("cx=\""), number("cy=\""))
            })
            .collect();
        let [a, b, c] = places[..] else { panic!("{places:?}") };
        // From the first to the third the line rises as the axes do; the second lies above it.
        let on_line = a.1 + (c.1 - a.1) * (b.0 - a.0) / (c.0 - a.0);
        assert!(b.1 < on_line - 3.0 && c.0 > a.0 && c.1 < a.1, "{places:?}");
        assert_eq!(Parity { points: vec![(0.0, 1.0)], ..parity }.svg(), None);
    }

    #[test]
    fn the_svg_holds_the_curve_and_its_names() {
        let svg = falling().svg().expect("drawn");
        assert!(svg.starts_with("<svg") && svg.contains("polyline") && svg.contains("v_in / V"));
    }
}
