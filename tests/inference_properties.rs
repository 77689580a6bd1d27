//! What must hold for every network on crossbars, whatever its weights.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::sync::atomic::AtomicBool;

use imcost::design::{Coding, ImageMapping, InputEncoding};
use imcost::infer::accuracy::draws;
use imcost::infer::classify::devices::{Devices, Random, States, Targets, random};
use imcost::infer::classify::input::{Inputs, Plane};
use imcost::infer::classify::layer::{Columns, Lines};
use imcost::infer::classify::neuron::Activation;
use imcost::infer::classify::normal::normal;
use imcost::infer::classify::quantiser::Quantiser;
use imcost::infer::classify::{DrawScratch, PreparedNetwork, Read, SignedLayer};
use imcost::infer::dataset::Images;
use imcost::model::imperfections::{Spread, Stuck};
use imcost::units::Resistance;
use proptest::prelude::*;

const FEATURES: usize = 36;
const PICTURES: usize = 70;
const CLASSES: usize = 5;

fn states(tmr: f64) -> States {
    States::of(Resistance::new(8488.26), Resistance::new(8488.26 * (1.0 + tmr)))
}

/// A layer of weights from -1 to 1, the bias row last.
fn layer(weights: &[f64], outputs: usize) -> SignedLayer {
    let targets = Targets::of(weights, outputs);
    let rows = targets.rows;
    SignedLayer {
        inputs: rows - 1,
        outputs,
        slices: vec![targets],
        largest_weight: 1.0,
        devices: Devices::ideal(states(2.0)),
        set_for: states(2.0),
        columns: Columns::Ideal,
        driven: None,
        reads: vec![Read::whole(rows)],
        gain: 0.7,
        activation: Activation::Logistic,
        words: Vec::new(),
        read_noise: 0.0,
        neuron_offset: 0.0,
        neuron_slope: 0.0,
    }
}

struct Net {
    first: Vec<f64>,
    second: Vec<f64>,
    hidden: usize,
    pixels: Vec<f32>,
}

impl Net {
    fn drawn(seed: u64, hidden: usize) -> Self {
        let random: &mut Random = &mut random(seed, 0);
        let mut weights = |count: usize| (0..count).map(|_| normal(random).clamp(-1.0, 1.0)).collect::<Vec<f64>>();
        let (first, second) = (weights((FEATURES + 1) * hidden), weights((hidden + 1) * CLASSES));
        let pixels = weights(PICTURES * FEATURES).iter().map(|&v| v.abs() as f32).collect();
        Self { first, second, hidden, pixels }
    }

    fn layers(&self) -> Vec<SignedLayer> {
        vec![layer(&self.first, self.hidden), layer(&self.second, CLASSES)]
    }

    fn inputs(&self, coding: Coding) -> Inputs {
        let images = Images { count: PICTURES, height: 6, width: 6, pixels: self.pixels.clone() };
        Inputs::map(&images, &ImageMapping { rows: None, columns: None, coding }, InputEncoding::Unsigned, FEATURES)
            .expect("fits")
    }

    fn prepared(&self, layers: Vec<SignedLayer>, coding: Coding) -> PreparedNetwork<'static> {
        PreparedNetwork::new(layers, &self.inputs(coding), vec![0; PICTURES])
    }
}

fn arguments(network: &PreparedNetwork, picture: usize, seed: u64) -> Vec<Vec<f64>> {
    network.arguments(picture, &mut random(seed, 1), &mut DrawScratch::default()).expect("solvable")
}

fn classes(network: &PreparedNetwork, seed: u64) -> Vec<u16> {
    network.outcome(&mut random(seed, 1), &mut DrawScratch::default()).expect("solvable").classes
}

fn close(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-9 * (1.0 + a.abs()))
}

fn codings() -> impl Strategy<Value = Coding> {
    prop_oneof![Just(Coding::Threshold(0.5)), Just(Coding::Scale { full: 1.0, levels: 16 })]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_variation_is_the_nominal_network(seed in 0_u64..1000, hidden in 1_usize..40, coding in codings()) {
        let net = Net::drawn(seed, hidden);
        let nominal = net.prepared(net.layers(), coding);
        for spread in [
            Spread::Gaussian { sigma: 0.0, floor: 0.1 },
            Spread::Lognormal { sigma: 0.0 },
            Spread::Uniform { half_width: 0.0 },
        ] {
            let mut layers = net.layers();
            for layer in &mut layers {
                layer.devices = Devices { spread: Some(spread), stuck: Stuck::default(), ..layer.devices };
            }
            let varied = net.prepared(layers, coding);
            prop_assert_eq!(arguments(&varied, 3, seed), arguments(&nominal, 3, 7));
            prop_assert_eq!(classes(&varied, seed), classes(&nominal, 8));
        }
    }

    #[test]
    fn weighted_sums_are_those_of_the_weights(seed in 0_u64..1000, hidden in 1_usize..40, coding in codings()) {
        let net = Net::drawn(seed, hidden);
        let found = arguments(&net.prepared(net.layers(), coding), 5, seed);
        let inputs = carried(&net, 5, coding);
        let sums = |inputs: &[f64], weights: &[f64], outputs: usize| -> Vec<f64> {
            let sum = |j: usize| inputs.iter().enumerate().map(|(i, a)| a * weights[i * outputs + j]).sum::<f64>();
            (0..outputs).map(|j| 0.7 * sum(j)).collect()
        };
        let hidden_arguments = sums(&inputs, &net.first, hidden);
        prop_assert!(close(&found[0], &hidden_arguments));
        let acts = activated(&hidden_arguments);
        prop_assert!(close(&found[1], &sums(&acts, &net.second, CLASSES)));
    }

    #[test]
    fn arguments_scale_with_tmr_where_the_gain_is_fixed_and_do_not_where_it_is_calibrated(
        seed in 0_u64..1000,
        tmr in 0.1_f64..6.0,
    ) {
        let net = Net::drawn(seed, 9);
        let nominal = arguments(&net.prepared(net.layers(), Coding::Threshold(0.5)), 2, 1);
        let with = |set_for: f64| {
            let mut layers = net.layers();
            for layer in &mut layers {
                layer.devices = Devices::ideal(states(tmr));
                layer.set_for = states(set_for);
            }
            arguments(&net.prepared(layers, Coding::Threshold(0.5)), 2, 1)
        };
        let calibrated = with(tmr);
        prop_assert!(close(&calibrated[0], &nominal[0]) && close(&calibrated[1], &nominal[1]));
        // dG = G_P - G_AP = G_P · TMR / (1 + TMR)
        let ratio = (tmr / (1.0 + tmr)) / (2.0 / 3.0);
        let scaled: Vec<f64> = nominal[0].iter().map(|u| u * ratio).collect();
        prop_assert!(close(&with(2.0)[0], &scaled));
    }

    #[test]
    fn the_gain_scales_arguments(seed in 0_u64..1000, gain in 0.01_f64..50.0) {
        let net = Net::drawn(seed, 9);
        let mut layers = net.layers();
        layers[0].gain *= gain;
        let scaled = arguments(&net.prepared(layers, Coding::Threshold(0.5)), 2, 1);
        let nominal = arguments(&net.prepared(net.layers(), Coding::Threshold(0.5)), 2, 1);
        let expected: Vec<f64> = nominal[0].iter().map(|u| u * gain).collect();
        prop_assert!(close(&scaled[0], &expected));
    }

    #[test]
    fn the_order_of_hidden_neurons_changes_nothing(seed in 0_u64..1000, hidden in 2_usize..40, turn in 1_usize..39) {
        let net = Net::drawn(seed, hidden);
        let place = |neuron: usize| (neuron + turn) % hidden;
        let mut turned = Net::drawn(seed, hidden);
        for row in 0..=FEATURES {
            for neuron in 0..hidden {
                turned.first[row * hidden + place(neuron)] = net.first[row * hidden + neuron];
            }
        }
        for neuron in 0..hidden {
            for class in 0..CLASSES {
                turned.second[place(neuron) * CLASSES + class] = net.second[neuron * CLASSES + class];
            }
        }
        let (a, b) = (net.prepared(net.layers(), Coding::Threshold(0.5)), turned.prepared(turned.layers(), Coding::Threshold(0.5)));
        for picture in [0, 13, 69] {
            prop_assert!(close(&arguments(&a, picture, 1)[1], &arguments(&b, picture, 1)[1]));
        }
    }

    #[test]
    fn partial_sums_and_bit_planes_add_up_to_the_whole(seed in 0_u64..1000, cut in 1_usize..36, applied in 1_u32..4) {
        let net = Net::drawn(seed, 7);
        let coding = Coding::Scale { full: 1.0, levels: 16 };
        let mut layers = net.layers();
        let whole = layers[0].reads[0].clone();
        layers[0].reads = Plane::of_word(4, applied)
            .into_iter()
            .flat_map(|plane| {
                let read = |rows| Read { rows, plane, weight: plane.weight, ..whole.clone() };
                [read(0..cut), read(cut..FEATURES + 1)]
            })
            .collect();
        let (parts, all) = (net.prepared(layers, coding), net.prepared(net.layers(), coding));
        for picture in [0, 1, 69] {
            prop_assert!(close(&arguments(&parts, picture, 1)[1], &arguments(&all, picture, 1)[1]));
        }
    }

    #[test]
    fn columns_of_a_pair_read_one_by_one_give_their_difference(seed in 0_u64..1000) {
        let net = Net::drawn(seed, 7);
        let mut layers = net.layers();
        let whole = layers[0].reads[0].clone();
        let line = |lines, weight| Read { lines, weight, ..whole.clone() };
        layers[0].reads = vec![line(Lines::Positive, 1.0), line(Lines::Negative, -1.0)];
        let spread = Some(Spread::Lognormal { sigma: 0.2 });
        layers[0].devices.spread = spread;
        let mut together = net.layers();
        together[0].devices.spread = spread;
        let (apart, together) =
            (net.prepared(layers, Coding::Threshold(0.5)), net.prepared(together, Coding::Threshold(0.5)));
        prop_assert!(close(&arguments(&apart, 4, seed)[1], &arguments(&together, 4, seed)[1]));
    }
}

/// The classes of the network itself are the labels, so that a converter can only take accuracy away.
#[test]
fn more_adc_bits_never_lower_the_mean_accuracy_beyond_noise() {
    const NETWORKS: u64 = 24;
    let mut means = Vec::new();
    for bits in 1..=12 {
        let mut correct = 0;
        for seed in 0..NETWORKS {
            let net = Net::drawn(seed, 12);
            let coding = Coding::Threshold(0.5);
            let labels: Vec<u32> =
                classes(&net.prepared(net.layers(), coding), 1).iter().map(|&c| u32::from(c)).collect();
            let mut layers = net.layers();
            for layer in &mut layers {
                let full_scale = (layer.inputs + 1) as f64;
                layer.reads[0].adc = Some(Quantiser::signed(bits, full_scale));
            }
            let network = PreparedNetwork::new(layers, &net.inputs(coding), labels);
            correct += network.correct(&mut random(1, 1), &mut DrawScratch::default()).expect("solvable");
        }
        means.push(correct as f64 / (NETWORKS as usize * PICTURES) as f64);
    }
    // The standard error of a mean over 24 networks of 70 pictures is below 1.3 points.
    for pair in means.windows(2) {
        assert!(pair[1] >= pair[0] - 0.026, "{means:?}");
    }
    assert!(means[0] < 0.6 && means[11] > 0.98, "{means:?}");
}

/// What the first layer's rows carry of a picture, its bias row last.
fn carried(net: &Net, picture: usize, coding: Coding) -> Vec<f64> {
    let value = |&pixel: &f32| match coding {
        Coding::Threshold(threshold) => f64::from(u8::from(f64::from(pixel) > threshold)),
        Coding::Scale { .. } => (f64::from(pixel).min(1.0) * 15.0).round() / 15.0,
    };
    net.pixels[picture * FEATURES..(picture + 1) * FEATURES].iter().map(value).chain([1.0]).collect()
}

/// The neurons' outputs, and the bias row.
fn activated(arguments: &[f64]) -> Vec<f64> {
    arguments.iter().map(|u| 1.0 / (1.0 + (-u).exp())).chain([1.0]).collect()
}

/// A device's current is as noisy as it is large: variances are those of currents, with the square of what the row carries, whole or in bits.
#[test]
fn mean_and_deviation_of_read_noise_are_those_of_the_devices() {
    let net = Net::drawn(5, 8);
    let factor = 1.0 / states(2.0).difference_s();
    let scale = Coding::Scale { full: 1.0, levels: 16 };
    for (noisy, coding) in [(0, Coding::Threshold(0.5)), (0, scale), (1, scale)] {
        let mut layers = net.layers();
        layers[noisy].read_noise = 0.05;
        let pairs = layers[noisy].devices.write(&layers[noisy].slices[0], &mut random(0, 0));
        let quiet = arguments(&net.prepared(net.layers(), coding), 0, 1);
        let rows = if noisy == 0 { carried(&net, 0, coding) } else { activated(&quiet[0]) };
        let outputs = quiet[noisy].len();
        let variance = |(row, value): (usize, &f64)| {
            let noise = |conductance: f64| (value * conductance * factor).powi(2);
            noise(pairs.positive_s[row * outputs]) + noise(pairs.negative_s[row * outputs])
        };
        let expected = 0.7 * 0.05 * rows.iter().enumerate().map(variance).sum::<f64>().sqrt();
        let network = net.prepared(layers, coding);
        let reads: Vec<f64> = (0..4000).map(|seed| arguments(&network, 0, seed)[noisy][0] - quiet[noisy][0]).collect();
        let mean = reads.iter().sum::<f64>() / reads.len() as f64;
        let deviation = (reads.iter().map(|r| r * r).sum::<f64>() / reads.len() as f64).sqrt();
        assert!(mean.abs() < 0.1 * expected, "{mean} {expected}");
        assert!((deviation / expected - 1.0).abs() < 0.06, "{deviation} {expected}");
    }
}

/// An offset is added to the argument, a slope multiplies it; of both 4000 draws have the mean and the deviation that are stated.
#[test]
fn offsets_and_slopes_of_neurons_have_the_deviations_that_are_stated() {
    let net = Net::drawn(5, 8);
    let quiet = arguments(&net.prepared(net.layers(), Coding::Threshold(0.5)), 0, 1)[0][0];
    for (offset, slope) in [(0.3, 0.0), (0.0, 0.1)] {
        let mut layers = net.layers();
        (layers[0].neuron_offset, layers[0].neuron_slope) = (offset, slope);
        let network = net.prepared(layers, Coding::Threshold(0.5));
        let found: Vec<f64> = (0..4000).map(|seed| arguments(&network, 0, seed)[0][0] - quiet).collect();
        let expected = offset + slope * quiet.abs();
        let mean = found.iter().sum::<f64>() / found.len() as f64;
        let deviation = (found.iter().map(|r| r * r).sum::<f64>() / found.len() as f64).sqrt();
        assert!(mean.abs() < 0.1 * expected, "{mean} {expected}");
        assert!((deviation / expected - 1.0).abs() < 0.06, "{deviation} {expected}");
    }
}

/// What the second layer's rows carry: the mean square of the first one's outputs over neurons and pictures, and over reads where bits of a word are
/// applied one after another, each a part of the largest that its bits can hold. 70 pictures are more than one block.
#[test]
fn rows_between_layers_carry_the_mean_square_of_outputs_or_of_their_bits() {
    let net = Net::drawn(3, 11);
    let coding = Coding::Threshold(0.5);
    let plain = net.prepared(net.layers(), coding);
    let outputs: Vec<f64> =
        (0..PICTURES).flat_map(|picture| activated(&arguments(&plain, picture, 1)[0])[..11].to_vec()).collect();
    let mean = |squares: f64| squares / outputs.len() as f64;
    let found = |layers| {
        let network = net.prepared(layers, coding);
        network.outcome(&mut random(1, 1), &mut DrawScratch::default()).expect("solvable").mean_square
    };
    let whole = mean(outputs.iter().map(|a| a * a).sum());
    assert!((found(net.layers())[1] - whole).abs() < 1e-9, "{whole}");
    for applied in [1, 2, 3] {
        let mut layers = net.layers();
        let read = layers[1].reads[0].clone();
        let planes = Plane::of_word(4, applied).into_iter();
        layers[1].reads = planes.map(|plane| Read { plane, weight: plane.weight, ..read.clone() }).collect();
        // From the lowest bit on; what is left for the last read may be fewer bits.
        let part = |code: u32, shift: u32| {
            let bits = applied.min(4 - shift);
            f64::from((code >> shift) % (1 << bits)) / f64::from((1 << bits) - 1)
        };
        let shifts: Vec<u32> = (0..4).step_by(applied as usize).collect();
        let squares = |a: &f64| shifts.iter().map(|&shift| part((a * 15.0).round() as u32, shift).powi(2)).sum::<f64>();
        let by_hand = mean(outputs.iter().map(squares).sum()) / shifts.len() as f64;
        let found = found(layers)[1];
        assert!((found - by_hand).abs() < 1e-9 && (found - whole).abs() > 1e-3, "{applied}: {found} {by_hand}");
    }
}

/// A converter of signed sums clips those beyond its full scale; the largest says how much of it is used. A layer without one counts nothing.
#[test]
fn sums_beyond_the_full_scale_are_counted() {
    let net = Net::drawn(9, 11);
    let coding = Coding::Threshold(0.5);
    let plain = net.prepared(net.layers(), coding);
    let sum = |u: f64| (u / 0.7).abs();
    let sums: Vec<f64> = (0..PICTURES).flat_map(|p| arguments(&plain, p, 1)[0].clone()).map(sum).collect();
    let largest = sums.iter().fold(0.0, |largest: f64, sum| largest.max(*sum));
    for full_scale in [0.4 * largest, 1.25 * largest] {
        let mut layers = net.layers();
        layers[0].reads[0].adc = Some(Quantiser::signed(6, full_scale));
        let network = net.prepared(layers, coding);
        let found = network.outcome(&mut random(1, 1), &mut DrawScratch::default()).expect("solvable");
        let beyond = sums.iter().filter(|sum| **sum > full_scale).count() as u64;
        assert_eq!(found.clipped, [(beyond, sums.len() as u64), (0, 0)]);
        assert_eq!(beyond > 0, full_scale < largest);
        assert!((found.used_range[0] * full_scale / largest - 1.0).abs() < 1e-9 && found.used_range[1] == 0.0);
    }
}

#[test]
fn a_network_that_is_stopped_looks_at_no_picture() {
    let net = Net::drawn(1, 8);
    let seen = |stopped: bool| {
        let stop = AtomicBool::new(stopped);
        let network = net.prepared(net.layers(), Coding::Threshold(0.5)).until(&stop);
        network.outcome(&mut random(1, 1), &mut DrawScratch::default()).expect("solvable").classes.len()
    };
    assert_eq!((seen(false), seen(true)), (PICTURES, 0));
}

#[test]
fn a_run_that_is_stopped_keeps_the_draws_that_were_done_and_none_at_once() {
    let net = Net::drawn(1, 8);
    let run = |after: usize| {
        let stop = AtomicBool::new(after == 0);
        let network = net.prepared(net.layers(), Coding::Threshold(0.5)).until(&stop);
        let progress = |done: usize| stop.store(done >= after, std::sync::atomic::Ordering::Relaxed);
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
        let draw: draws::Draw<'_> = &|random, scratch| network.correct(random, scratch);
        one.install(|| draws::run((draw, network.pictures()), 20, 1, &stop, &progress)).expect("solvable")
    };
    let whole = run(20).expect("all");
    let cut = run(7).expect("some");
    assert_eq!((whole.correct.len(), cut.correct.len(), cut.asked), (20, 7, 20));
    assert_eq!(cut.correct[..], whole.correct[..7]);
    assert_eq!(run(0), None);
}
