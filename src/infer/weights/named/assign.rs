//! Which tensors are which layer's: by the names that the file gives, by equal names, else by the only way in which order and shapes fit.

use std::collections::BTreeMap;

use super::layers::{WantedKind, WantedLayer, printed};
use super::tensors::{Module, NamedTensors};
use crate::diagnostic::{Checked, Diagnostic, Diagnostics, suggest};

/// Layers and tensors that an error lists.
const LISTED: usize = 12;

/// The tensors of each wanted layer; none of a normalization that no file has, because it has been folded.
///
/// # Errors
/// They cannot be told, which has been reported.
pub fn assign(
    wanted: &[WantedLayer],
    tensors: &NamedTensors,
    names: &BTreeMap<String, String>,
    diagnostics: &mut Diagnostics,
) -> Checked<Vec<Option<Module>>> {
    let before = diagnostics.mark();
    let modules = tensors.modules();
    refuse_unknown_layers(wanted, names, diagnostics);
    let mut found: Vec<Option<Module>> = Vec::with_capacity(wanted.len());
    for layer in wanted {
        found.push(named(layer, &modules, tensors, names, diagnostics));
    }
    diagnostics.since(before)?;
    for matrices in [true, false] {
        let of_kind = |layer: &WantedLayer| matches!(layer.kind, WantedKind::Matrices { .. }) == matrices;
        let open: Vec<usize> = (0..wanted.len()).filter(|&at| found[at].is_none() && of_kind(&wanted[at])).collect();
        let taken = |module: &Module| found.iter().flatten().any(|other| other.name == module.name);
        let left: Vec<&Module> =
            modules.iter().filter(|module| is_of(module, tensors, matrices) && !taken(module)).collect();
        // Normalizations of which a file has nothing are folded already.
        if open.is_empty() || (!matrices && left.is_empty()) {
            continue;
        }
        let layers: Vec<&WantedLayer> = open.iter().map(|&at| &wanted[at]).collect();
        let fits = |layer: usize, module: usize| fits(layers[layer], left[module], tensors).is_ok();
        let Some(places) = in_order(layers.len(), left.len(), &fits).or_else(|| alone(layers.len(), left.len(), &fits))
        else {
            diagnostics.push(unassigned(&layers, &left, tensors));
            continue;
        };
        for (at, place) in open.into_iter().zip(places) {
            found[at] = Some(left[place].clone());
        }
    }
    diagnostics.since(before)?;
    Ok(found)
}

/// True of tensors of a matrix, or else of a normalization.
fn is_of(module: &Module, tensors: &NamedTensors, matrices: bool) -> bool {
    let sizes = module.weight.map_or(0, |at| tensors.tensors[at].shape.len());
    if matrices { sizes > 1 } else { sizes == 1 || module.mean.is_some() }
}

fn refuse_unknown_layers(wanted: &[WantedLayer], names: &BTreeMap<String, String>, diagnostics: &mut Diagnostics) {
    for layer in names.keys().filter(|name| !wanted.iter().any(|layer| layer.name == **name)) {
        let known = wanted.iter().map(|layer| layer.name.as_str());
        let help = suggest::did_you_mean(layer, known);
        let message = format!("`accuracy.names` names `{layer}`, and no layer with weights is called so");
        diagnostics.push(Diagnostic::error(message).maybe_help(help));
    }
}

/// The tensors that a layer names, or that are called as it is.
fn named(
    layer: &WantedLayer,
    modules: &[Module],
    tensors: &NamedTensors,
    names: &BTreeMap<String, String>,
    diagnostics: &mut Diagnostics,
) -> Option<Module> {
    let name = names.get(&layer.name).map(|name| name.strip_suffix(".weight").unwrap_or(name));
    let module = modules.iter().find(|module| module.name == name.unwrap_or(&layer.name));
    match (module, name) {
        (Some(module), _) => match fits(layer, module, tensors) {
            Ok(()) => return Some(module.clone()),
            Err(why) => {
                diagnostics.push(Diagnostic::error(format!("`{}`: {why}", tensors.name)));
            }
        },
        (None, Some(name)) => {
            let known: Vec<&str> = modules.iter().map(|module| module.name.as_str()).collect();
            let message = format!("`{}`: there is no tensor `{name}.weight`, for layer `{}`", tensors.name, layer.name);
            let help = suggest::did_you_mean(name, known.iter().copied())
                .unwrap_or_else(|| format!("it has: {}", suggest::list(&known)));
            diagnostics.push(Diagnostic::error(message).help(help));
        }
        (None, None) => {}
    }
    None
}

/// Why tensors are not a layer's.
fn fits(layer: &WantedLayer, module: &Module, tensors: &NamedTensors) -> Result<(), String> {
    let shape = |at: usize| &tensors.tensors[at].shape;
    let wanted = layer.kind.shape();
    let channels = wanted.first().copied().unwrap_or(0);
    let all = [(module.bias, "bias"), (module.mean, "running_mean"), (module.variance, "running_var")];
    match module.weight {
        Some(at) if !layer.kind.is_in(shape(at)) => {
            return Err(format!(
                "`{}` is {}, but layer `{}` takes {}",
                tensors.tensors[at].name,
                printed(shape(at)),
                layer.name,
                printed(&wanted)
            ));
        }
        None if matches!(layer.kind, WantedKind::Matrices { .. }) => {
            return Err(format!("`{}` has no weights, for layer `{}`", module.name, layer.name));
        }
        _ => {}
    }
    for (at, what) in all {
        let Some(at) = at.filter(|at| shape(*at) != &[channels]) else { continue };
        let found = printed(shape(at));
        return Err(format!("`{}.{what}` is {found}, but layer `{}` takes {channels}", module.name, layer.name));
    }
    Ok(())
}

/// The only way in which layers take modules in order; none if there is no way, or more than one.
fn in_order(layers: usize, modules: usize, fits: &dyn Fn(usize, usize) -> bool) -> Option<Vec<usize>> {
    // Ways in which the layers from one on take the modules from one on: none, one, or more.
    let mut ways = vec![vec![0_u8; modules + 1]; layers + 1];
    ways[layers].fill(1);
    for layer in (0..layers).rev() {
        for module in (0..modules).rev() {
            let taken = if fits(layer, module) { ways[layer + 1][module + 1] } else { 0 };
            ways[layer][module] = (ways[layer][module + 1] + taken).min(2);
        }
    }
    if ways[0][0] != 1 {
        return None;
    }
    let mut places = Vec::with_capacity(layers);
    for module in 0..modules {
        let layer = places.len();
        if layer < layers && ways[layer][module + 1] == 0 {
            places.push(module);
        }
    }
    Some(places)
}

/// The modules of layers of which each has one alone that fits, and no two the same.
fn alone(layers: usize, modules: usize, fits: &dyn Fn(usize, usize) -> bool) -> Option<Vec<usize>> {
    let mut places = Vec::with_capacity(layers);
    for layer in 0..layers {
        let mut fitting = (0..modules).filter(|&module| fits(layer, module));
        let only = fitting.next().filter(|only| fitting.next().is_none() && !places.contains(only))?;
        places.push(only);
    }
    Some(places)
}

fn unassigned(layers: &[&WantedLayer], left: &[&Module], tensors: &NamedTensors) -> Diagnostic {
    let listed = |mut lines: Vec<String>| {
        let more = lines.len().saturating_sub(LISTED);
        lines.truncate(LISTED);
        if more > 0 {
            lines.push(format!("{more} more"));
        }
        lines.join(", ")
    };
    let of_layer = |layer: &&WantedLayer| format!("{} ({})", layer.name, printed(&layer.kind.shape()));
    let of_module = |module: &&Module| {
        let at = module.weight.or(module.mean)?;
        Some(format!("{} ({})", tensors.tensors[at].name, printed(&tensors.tensors[at].shape)))
    };
    let tensors_left: Vec<String> = left.iter().filter_map(of_module).collect();
    let has = if tensors_left.is_empty() { "nothing".to_owned() } else { listed(tensors_left) };
    let message = format!("`{}`: which tensors are which layer's cannot be told", tensors.name);
    Diagnostic::error(message)
        .help(format!("layers without weights: {}", listed(layers.iter().map(of_layer).collect())))
        .help(format!("tensors without a layer: {has}"))
        .help("`accuracy: { names: { LAYER: NAME } }` says what the tensors of a layer are called, NAME.weight and NAME.bias")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sizes of layers and of modules: which take which.
    fn order(layers: &[usize], modules: &[usize]) -> Option<Vec<usize>> {
        in_order(layers.len(), modules.len(), &|l, m| layers[l] == modules[m])
    }

    #[test]
    fn layers_take_what_fits_in_order_if_there_is_one_way() {
        assert_eq!(order(&[1, 2, 1], &[1, 2, 1]), Some(vec![0, 1, 2]));
        assert_eq!(order(&[1, 2], &[3, 1, 4, 2]), Some(vec![1, 3]));
        // Either of the ones could be meant; nothing fits; too few.
        assert_eq!(order(&[1, 2], &[1, 1, 2]), None);
        assert_eq!((order(&[1, 2], &[2, 1]), order(&[1, 1], &[1])), (None, None));
        assert_eq!(order(&[], &[1]), Some(vec![]));
    }

    #[test]
    fn layers_in_another_order_take_what_alone_fits() {
        let found =
            |layers: &[usize], modules: &[usize]| alone(layers.len(), modules.len(), &|l, m| layers[l] == modules[m]);
        assert_eq!(found(&[1, 2, 3], &[3, 1, 2, 7]), Some(vec![1, 2, 0]));
        assert_eq!((found(&[1, 1], &[1, 2]), found(&[1], &[1, 1])), (None, None));
    }
}
