//! Packs the 8x8 digits and trains the network that imcost ships for them. Seeded; one thread gives the same bytes on every run:
//!
//! ```sh
//! cargo run --release -- pack digits.csv.gz ../../data/digits   # once, from scikit-learn's sklearn/datasets/data/digits.csv.gz
//! RAYON_NUM_THREADS=1 cargo run --release -- train ../../data/digits
//! ```
//!
//! The first 1,297 pictures are the training part, the last 500 the test part: they are by other writers.
//! Weights and biases are -1 or +1: the forward pass uses the signs, gradients pass straight through them (Y. Bengio, N. Leonard,
//! A. Courville, "Estimating or propagating gradients through stochastic neurons", arXiv 1308.3432, 2013). Each layer has a gain k.

use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use candle_core::{D, DType, Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, loss, ops};
use flate2::{Compression, GzBuilder, read::GzDecoder};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_xoshiro::Xoshiro256PlusPlus;

const TRAINED_ON: usize = 1297;
const PIXELS: usize = 64;
const CLASSES: usize = 10;
const HIDDEN: usize = 32;
/// A pixel (0 to 16) above this is on.
const THRESHOLD: u8 = 7;
/// The first from 2204 on whose network tells every test picture's two best outputs apart by more than a rounding (`near_ties`).
const SEED: u64 = 2207;
const RATE: f64 = 0.003;
const EPOCHS: usize = 400;
const BATCH: usize = 64;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["pack", csv, folder] => pack(Path::new(csv), Path::new(folder)),
        ["train", folder] => train(Path::new(folder)),
        _ => Err("usage: train-digits pack digits.csv.gz FOLDER | train-digits train FOLDER".into()),
    }
}

/// Writes IDX files of both parts.
fn pack(csv: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(GzDecoder::new(fs::File::open(csv)?));
    let mut pictures: Vec<[u8; PIXELS]> = Vec::new();
    let mut labels: Vec<u8> = Vec::new();
    for record in reader.records() {
        let values: Vec<u8> = record?.iter().map(|v| v.parse::<f64>().map(|v| v as u8)).collect::<Result<_, _>>()?;
        let (label, pixels) = values.split_last().ok_or("an empty line")?;
        pictures.push(pixels.try_into()?);
        labels.push(*label);
    }
    for (part, range) in [("train", 0..TRAINED_ON), ("t10k", TRAINED_ON..labels.len())] {
        let count = u32::try_from(range.len())?.to_be_bytes();
        let mut images = vec![0, 0, 8, 3];
        images.extend(count);
        images.extend([0, 0, 0, 8, 0, 0, 0, 8]);
        images.extend(pictures[range.clone()].iter().flatten());
        let mut classes = vec![0, 0, 8, 1];
        classes.extend(count);
        classes.extend(&labels[range]);
        for (name, bytes) in [("images-idx3", images), ("labels-idx1", classes)] {
            let file = fs::File::create(folder.join(format!("{part}-{name}-ubyte.gz")))?;
            let mut packed = GzBuilder::new().mtime(0).write(file, Compression::best());
            packed.write_all(&bytes)?;
            packed.finish()?;
        }
    }
    Ok(())
}

struct Part {
    inputs: Vec<f32>,
    labels: Vec<u32>,
}

fn part(folder: &Path, name: &str) -> Result<Part, Box<dyn Error>> {
    let read = |what: &str| -> Result<Vec<u8>, Box<dyn Error>> {
        let mut bytes = Vec::new();
        GzDecoder::new(fs::File::open(folder.join(format!("{name}-{what}-ubyte.gz")))?).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let inputs = read("images-idx3")?[16..].iter().map(|&p| if p > THRESHOLD { 1.0 } else { 0.0 }).collect();
    Ok(Part { inputs, labels: read("labels-idx1")?[8..].iter().map(|&l| u32::from(l)).collect() })
}

struct Layer {
    weights: Var,
    biases: Var,
    gain: Var,
}

impl Layer {
    fn new(inputs: usize, outputs: usize, rng: &mut Xoshiro256PlusPlus) -> candle_core::Result<Self> {
        let mut random = |count: usize| (0..count).map(|_| rng.random_range(-0.5_f32..0.5)).collect::<Vec<_>>();
        Ok(Self {
            weights: Var::from_vec(random(inputs * outputs), (inputs, outputs), &Device::Cpu)?,
            biases: Var::from_vec(random(outputs), outputs, &Device::Cpu)?,
            // Of the logarithm, so that it stays positive.
            gain: Var::new(-0.5 * (inputs as f32).ln(), &Device::Cpu)?,
        })
    }

    fn forward(&self, inputs: &Tensor) -> candle_core::Result<Tensor> {
        let sums = inputs.matmul(&straight_through(&self.weights)?)?.broadcast_add(&straight_through(&self.biases)?)?;
        sums.broadcast_mul(&self.gain.exp()?)
    }
}

/// -1 or +1, with the gradient of the value itself.
fn straight_through(value: &Tensor) -> candle_core::Result<Tensor> {
    (signs(value)? - value)?.detach() + value
}

fn signs(value: &Tensor) -> candle_core::Result<Tensor> {
    value.ge(0.0)?.to_dtype(DType::F32)?.affine(2.0, -1.0)
}

fn forward(layers: &[Layer; 2], inputs: &Tensor) -> candle_core::Result<Tensor> {
    layers[1].forward(&ops::sigmoid(&layers[0].forward(inputs)?)?)
}

fn correct(layers: &[Layer; 2], part: &Part) -> candle_core::Result<usize> {
    let inputs = Tensor::from_slice(&part.inputs, (part.labels.len(), PIXELS), &Device::Cpu)?;
    let classes: Vec<u32> = forward(layers, &inputs)?.argmax(D::Minus1)?.to_vec1()?;
    Ok(classes.iter().zip(&part.labels).filter(|(a, b)| a == b).count())
}

/// Pictures whose two largest outputs are within a rounding of each other.
fn near_ties(layers: &[Layer; 2], part: &Part) -> candle_core::Result<usize> {
    let inputs = Tensor::from_slice(&part.inputs, (part.labels.len(), PIXELS), &Device::Cpu)?;
    let outputs: Vec<Vec<f32>> = forward(layers, &inputs)?.to_vec2()?;
    let gap = |mut row: Vec<f32>| {
        row.sort_by(f32::total_cmp);
        row[CLASSES - 1] - row[CLASSES - 2]
    };
    Ok(outputs.into_iter().filter(|row| gap(row.clone()) < 1e-5).count())
}

fn train(folder: &Path) -> Result<(), Box<dyn Error>> {
    let (training, test) = (part(folder, "train")?, part(folder, "t10k")?);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let layers = [Layer::new(PIXELS, HIDDEN, &mut rng)?, Layer::new(HIDDEN, CLASSES, &mut rng)?];
    let variables = layers.iter().flat_map(|l| [l.weights.clone(), l.biases.clone(), l.gain.clone()]).collect();
    let settings = ParamsAdamW { lr: RATE, weight_decay: 0.0, ..ParamsAdamW::default() };
    let mut optimizer = AdamW::new(variables, settings)?;
    let mut order: Vec<usize> = (0..training.labels.len()).collect();
    for epoch in 0..EPOCHS {
        optimizer.set_learning_rate(RATE * 0.5 * (1.0 + (std::f64::consts::PI * epoch as f64 / EPOCHS as f64).cos()));
        order.shuffle(&mut rng);
        for batch in order.chunks(BATCH) {
            let pixels = batch.iter().flat_map(|&i| &training.inputs[i * PIXELS..(i + 1) * PIXELS]).copied();
            let inputs = Tensor::from_vec(pixels.collect::<Vec<f32>>(), (batch.len(), PIXELS), &Device::Cpu)?;
            let labels = Tensor::from_vec(
                batch.iter().map(|&i| training.labels[i]).collect::<Vec<u32>>(),
                batch.len(),
                &Device::Cpu,
            )?;
            optimizer.backward_step(&loss::cross_entropy(&forward(&layers, &inputs)?, &labels)?)?;
            // A latent weight far from zero would never change its sign again.
            for layer in &layers {
                for variable in [&layer.weights, &layer.biases] {
                    variable.set(&variable.clamp(-1.0_f32, 1.0_f32)?)?;
                }
            }
        }
    }
    println!(
        "correct: {} of {} trained on, {} of {} others",
        correct(&layers, &training)?,
        training.labels.len(),
        correct(&layers, &test)?,
        test.labels.len()
    );
    println!("near ties: {}", near_ties(&layers, &test)?);
    let mut tensors: HashMap<String, Tensor> = HashMap::new();
    let mut gains = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        tensors.insert(format!("W{}", index + 1), signs(&layer.weights)?);
        tensors.insert(format!("b{}", index + 1), signs(&layer.biases)?);
        gains.push(layer.gain.exp()?.to_scalar::<f32>()?);
    }
    tensors.insert("k".into(), Tensor::new(gains, &Device::Cpu)?);
    candle_core::safetensors::save(&tensors, folder.join("digits-64-32-10.safetensors"))?;
    Ok(())
}
