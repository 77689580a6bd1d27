//! Operations of which all inputs are constants.

use std::sync::Arc;

use super::super::graph::OnnxNode;
use super::super::tensor::count;
use super::super::weights::Stored;
use super::elementwise::{binary, unary};
use super::{Const, Data, MOST_NUMBERS, broadcast, repeated, small};

/// Numbers of all constants together that are computed.
const MOST_IN_ALL: usize = 1 << 22;

/// Numbers of a constant that are computed even then: no shape has more.
const FEW: usize = 64;

/// How many numbers have been computed.
#[derive(Debug, Default)]
pub(in super::super) struct Folding {
    numbers: usize,
}

/// What an operation gives of constants; none if it is not known, or its inputs do not fit.
pub(in super::super) fn fold(
    state: &mut Folding,
    node: &OnnxNode<'_>,
    inputs: &[Option<&Const>],
) -> Option<Vec<Const>> {
    state.numbers = inputs.iter().flatten().fold(state.numbers, |sum, input| sum.saturating_add(input.known()));
    if state.numbers > MOST_IN_ALL {
        // Sizes alone from here on, and of what is small.
        let known = |input: &Const| {
            if input.known() > FEW { Const { data: Data::Unknown, ..input.clone() } } else { input.clone() }
        };
        let inputs: Vec<Option<Const>> = inputs.iter().map(|input| input.map(known)).collect();
        let inputs: Vec<Option<&Const>> = inputs.iter().map(Option::as_ref).collect();
        return checked(state, one(node, &inputs)?);
    }
    checked(state, one(node, inputs)?)
}

/// The same, if its sizes are those of something that fits into memory.
fn checked(state: &mut Folding, mut outputs: Vec<Const>) -> Option<Vec<Const>> {
    for output in &mut outputs {
        count(&output.sizes)?;
        state.numbers = state.numbers.saturating_add(output.known());
        if state.numbers > MOST_IN_ALL && output.known() > FEW {
            output.data = Data::Unknown;
        }
    }
    Some(outputs)
}

fn one(node: &OnnxNode<'_>, inputs: &[Option<&Const>]) -> Option<Vec<Const>> {
    let input = |index: usize| inputs.get(index).copied().flatten();
    let numbers = |index: usize| input(index).and_then(Const::numbers);
    if node.operator == "Range" {
        return range(numbers(0)?, numbers(1)?, numbers(2)?).map(|c| vec![c]);
    }
    if node.operator == "ConstantOfShape" {
        return filled(node, numbers(0)?).map(|c| vec![c]);
    }
    let a = input(0)?;
    let single = match node.operator {
        "Identity" | "Dropout" => Some(a.clone()),
        "Cast" | "CastLike" => Some(cast(node, a)),
        "Shape" => Some(shape(node, &a.sizes)),
        "Size" => {
            Some(Const { sizes: Vec::new(), data: Data::Whole(vec![i64::try_from(a.count()).ok()?]), stored: None })
        }
        "Reshape" => resized(a, &node.reshaped(&a.sizes, numbers(1)?)?),
        "Flatten" => resized(a, &node.flattened(&a.sizes)?),
        "Squeeze" => resized(a, &node.squeezed(&a.sizes, numbers(1))?),
        "Unsqueeze" => resized(a, &node.unsqueezed(&a.sizes, numbers(1))?),
        "Transpose" => transposed(a, &node.permutation(a.sizes.len())?),
        "Concat" => concat(node, inputs),
        "Gather" => gather(node, a, input(1)?),
        "Slice" => slice(node, a, inputs),
        "Split" => return split(node, a, numbers(1)),
        "Expand" => expand(a, numbers(1)?),
        "Tile" => {
            let times: Option<Vec<usize>> = numbers(1)?.iter().map(|&n| usize::try_from(n).ok()).collect();
            let sizes: Option<Vec<usize>> = a.sizes.iter().zip(times?).map(|(&size, n)| size.checked_mul(n)).collect();
            Some(Const::unknown(sizes?))
        }
        "Where" => choose(a, input(1)?, input(2)?),
        "DequantizeLinear" => Some(dequantized(node, a, inputs)),
        "Clip" => {
            let least = input(1).map_or_else(|| Some(a.clone()), |limit| binary("Max", a, limit))?;
            input(2).map_or_else(|| Some(least.clone()), |limit| binary("Min", &least, limit))
        }
        "MatMul" => Some(Const::unknown(product(&a.sizes, &input(1)?.sizes)?)),
        operator if operator.starts_with("Reduce") => reduced(node, a, numbers(1)),
        operator => unary(operator, a).or_else(|| binary(operator, a, input(1)?)),
    };
    single.map(|c| vec![c])
}

fn product(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let ([front_a @ .., m, k], [front_b @ .., other, n]) = (a, b) else { return None };
    let mut sizes = broadcast(front_a, front_b).filter(|_| k == other)?;
    sizes.extend([m, n]);
    Some(sizes)
}

/// What a shape says, from `start` to `end`.
pub(in super::super) fn shape(node: &OnnxNode<'_>, sizes: &[usize]) -> Const {
    let rank = i64::try_from(sizes.len()).unwrap_or(i64::MAX);
    let place = |value: i64| usize::try_from(if value < 0 { value + rank } else { value }.clamp(0, rank)).unwrap_or(0);
    let (start, end) = (place(node.int("start").unwrap_or(0)), place(node.int("end").unwrap_or(rank)));
    let part = sizes.get(start..end.max(start)).unwrap_or_default();
    Const::whole(part.iter().map(|&size| i64::try_from(size).unwrap_or(i64::MAX)).collect())
}

fn range(start: &[i64], end: &[i64], step: &[i64]) -> Option<Const> {
    let (&[start], &[end], &[step]) = (start, end, step) else { return None };
    let span = if step > 0 { end.checked_sub(start)? } else { start.checked_sub(end)? };
    let count =
        usize::try_from(span.max(0)).ok()?.div_ceil(usize::try_from(step.unsigned_abs()).ok().filter(|&n| n > 0)?);
    if count > MOST_NUMBERS {
        return Some(Const::unknown(vec![count]));
    }
    let values: Option<Vec<i64>> =
        (0..count).map(|index| start.checked_add(step.checked_mul(i64::try_from(index).ok()?)?)).collect();
    Some(Const::whole(values?))
}

fn filled(node: &OnnxNode<'_>, sizes: &[i64]) -> Option<Const> {
    let sizes: Option<Vec<usize>> = sizes.iter().map(|&size| usize::try_from(size).ok()).collect();
    let sizes = sizes.filter(|sizes| sizes.len() <= super::super::view::MOST_DIMENSIONS)?;
    let count = count(&sizes).filter(|&count| count <= MOST_NUMBERS);
    let value = match node.tensor("value") {
        None => Some(Data::Fractions(vec![0.0])),
        Some(tensor) => Const::of(tensor, Stored::Nowhere).ok().map(|c| c.data),
    };
    let data = match (count, value) {
        (Some(count), Some(Data::Whole(values))) => Data::Whole(vec![*values.first()?; count]),
        (Some(count), Some(Data::Fractions(values))) => Data::Fractions(vec![*values.first()?; count]),
        _ => Data::Unknown,
    };
    Some(Const { sizes, data, stored: None })
}

fn cast(node: &OnnxNode<'_>, a: &Const) -> Const {
    let whole = super::super::tensor::is_whole(i32::try_from(node.int("to").unwrap_or(1)).unwrap_or(1));
    let data = match &a.data {
        Data::Whole(values) if !whole => Data::Fractions(values.iter().map(|&value| value as f64).collect()),
        Data::Fractions(values) if whole => Data::Whole(values.iter().map(|&value| value as i64).collect()),
        data => data.clone(),
    };
    Const { data, ..a.clone() }
}

fn resized(a: &Const, sizes: &[usize]) -> Option<Const> {
    (count(sizes) == count(&a.sizes)).then_some(())?;
    let stored = a.stored.as_ref().map(|stored| Arc::new(Stored::Reshaped(Arc::clone(stored), sizes.to_vec())));
    Some(Const { sizes: sizes.to_vec(), data: a.data.clone(), stored })
}

fn transposed(a: &Const, order: &[usize]) -> Option<Const> {
    let sizes: Vec<usize> = order.iter().map(|&dim| a.sizes[dim]).collect();
    let mut result = Const::unknown(sizes.clone());
    if a.data != Data::Unknown && small(&sizes) {
        let mut strides = vec![1; a.sizes.len()];
        for dim in (1..a.sizes.len()).rev() {
            strides[dim - 1] = strides[dim] * a.sizes[dim];
        }
        let mut places = vec![0];
        for &dim in order {
            places = places
                .iter()
                .flat_map(|&p| (0..a.sizes[dim]).map(move |i| (p, i)))
                .map(|(p, i)| p + i * strides[dim])
                .collect();
        }
        result = a.picked(sizes, &places);
    }
    result.stored = a.stored.as_ref().map(|stored| Arc::new(Stored::Transposed(Arc::clone(stored), order.to_vec())));
    Some(result)
}

/// Elements of an array of these sizes, of which one dimension takes these places.
fn along(sizes: &[usize], dim: usize, places: &[usize]) -> Vec<usize> {
    let inner: usize = sizes[dim + 1..].iter().product();
    let outer: usize = sizes[..dim].iter().product();
    let one = |o: usize| places.iter().flat_map(move |&p| (0..inner).map(move |i| (o * sizes[dim] + p) * inner + i));
    (0..outer).flat_map(one).collect()
}

/// The same with one dimension at these places.
fn taken(a: &Const, dim: usize, places: &[usize]) -> Const {
    let mut sizes = a.sizes.clone();
    sizes[dim] = places.len();
    let known = a.data != Data::Unknown && small(&sizes) && small(&a.sizes);
    if known { a.picked(sizes, &along(&a.sizes, dim, places)) } else { Const::unknown(sizes) }
}

fn concat(node: &OnnxNode<'_>, inputs: &[Option<&Const>]) -> Option<Const> {
    let all: Vec<&Const> = inputs.iter().copied().collect::<Option<_>>()?;
    let first = all.first()?;
    let dim = node.axis("axis", first.sizes.len())?;
    let mut sizes = first.sizes.clone();
    for part in &all[1..] {
        sizes[dim] = sizes[dim].checked_add(*part.sizes.get(dim)?)?;
    }
    // Only lists are joined number by number: sizes, and starts and ends of slices.
    let lists = first.sizes.len() == 1 && sizes[0] <= MOST_NUMBERS;
    let whole = all.iter().map(|part| part.numbers()).collect::<Option<Vec<_>>>();
    let others = all.iter().map(|part| part.fractions()).collect::<Option<Vec<_>>>();
    let data = match (whole, others) {
        (Some(parts), _) if lists => Data::Whole(parts.concat()),
        (_, Some(parts)) if lists => Data::Fractions(parts.concat()),
        _ => Data::Unknown,
    };
    Some(Const { sizes, data, stored: None })
}

fn gather(node: &OnnxNode<'_>, a: &Const, indices: &Const) -> Option<Const> {
    let dim = node.axis("axis", a.sizes.len())?;
    let mut sizes = a.sizes[..dim].to_vec();
    sizes.extend(&indices.sizes);
    sizes.extend(&a.sizes[dim + 1..]);
    let Some(places) = indices.numbers() else { return Some(Const::unknown(sizes)) };
    let places: Option<Vec<usize>> =
        places.iter().map(|&place| super::super::graph::place(place, a.sizes[dim])).collect();
    let picked = taken(a, dim, &places?);
    Some(Const { sizes, ..picked })
}

fn slice(node: &OnnxNode<'_>, a: &Const, inputs: &[Option<&Const>]) -> Option<Const> {
    let mut result = a.clone();
    for cut in node.slices(&a.sizes, inputs)? {
        let places: Vec<usize> = if a.data == Data::Unknown {
            // Only their number counts.
            let mut sizes = result.sizes.clone();
            sizes[cut.dim] = cut.count;
            result = Const::unknown(sizes);
            continue;
        } else {
            cut.places()
        };
        result = taken(&result, cut.dim, &places);
    }
    result.stored = None;
    Some(result)
}

fn split(node: &OnnxNode<'_>, a: &Const, sizes: Option<&[i64]>) -> Option<Vec<Const>> {
    let dim = node.axis("axis", a.sizes.len())?;
    let mut first = 0;
    let mut parts = Vec::new();
    for size in node.split(a.sizes[dim], sizes)? {
        let mut sizes = a.sizes.clone();
        sizes[dim] = size;
        let places: Vec<usize> = (first..first + size).collect();
        parts.push(if a.data == Data::Unknown { Const::unknown(sizes) } else { taken(a, dim, &places) });
        first += size;
    }
    Some(parts)
}

fn expand(a: &Const, sizes: &[i64]) -> Option<Const> {
    let sizes: Option<Vec<usize>> = sizes.iter().map(|&size| usize::try_from(size).ok()).collect();
    let sizes = broadcast(&a.sizes, &sizes?)?;
    let known = small(&sizes) && a.data != Data::Unknown;
    Some(if known { a.picked(sizes.clone(), &repeated(&a.sizes, &sizes)) } else { Const::unknown(sizes) })
}

fn choose(condition: &Const, yes: &Const, no: &Const) -> Option<Const> {
    let sizes = broadcast(&broadcast(&condition.sizes, &yes.sizes)?, &no.sizes)?;
    let few = small(&sizes);
    let all = |c: &Const| few.then(|| c.picked(sizes.clone(), &repeated(&c.sizes, &sizes)));
    let (Some(condition), Some(yes), Some(no)) = (all(condition), all(yes), all(no)) else {
        return Some(Const::unknown(sizes));
    };
    let data = match (condition.numbers(), yes.numbers(), no.numbers()) {
        (Some(c), Some(y), Some(n)) => {
            Data::Whole(c.iter().zip(y.iter().zip(n)).map(|(&c, (&y, &n))| if c != 0 { y } else { n }).collect())
        }
        _ => Data::Unknown,
    };
    Some(Const { sizes, data, stored: None })
}

fn dequantized(node: &OnnxNode<'_>, a: &Const, inputs: &[Option<&Const>]) -> Const {
    let stored = |index: usize| inputs.get(index).copied().flatten().and_then(|c| c.stored.clone());
    let axis = node.axis("axis", a.sizes.len()).or_else(|| (a.sizes.len() > 1).then_some(1)).unwrap_or(0);
    let whole = a
        .stored
        .clone()
        .zip(stored(1))
        .map(|(values, scale)| Arc::new(Stored::Dequantized { values, scale, zero: stored(2), axis }));
    Const { stored: whole, ..Const::unknown(a.sizes.clone()) }
}

fn reduced(node: &OnnxNode<'_>, a: &Const, axes: Option<&[i64]>) -> Option<Const> {
    let dims = node.axes(a.sizes.len(), axes)?;
    let keep = node.int("keepdims") != Some(0);
    let all = dims.is_empty() || dims.len() == a.sizes.len();
    let kept = |dim: usize| !all && !dims.contains(&dim);
    let sizes = a.sizes.iter().enumerate().filter(|(dim, _)| keep || kept(*dim));
    let sizes: Vec<usize> = sizes.map(|(dim, &size)| if kept(dim) { size } else { 1 }).collect();
    let data = match a.numbers().filter(|_| all) {
        Some(values) => match node.operator {
            "ReduceProd" => values.iter().try_fold(1_i64, |product, &value| product.checked_mul(value)),
            "ReduceSum" => values.iter().try_fold(0_i64, |sum, &value| sum.checked_add(value)),
            "ReduceMax" => values.iter().copied().max(),
            "ReduceMin" => values.iter().copied().min(),
            _ => None,
        }
        .map_or(Data::Unknown, |value| Data::Whole(vec![value])),
        None => Data::Unknown,
    };
    Some(Const { sizes, data, stored: None })
}
