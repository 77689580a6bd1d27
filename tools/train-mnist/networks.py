"""Binarized networks and the ways in which they are computed: with ideal sums, by the circuit as published, by the one that can be built."""
import jax
import jax.numpy as jnp
import numpy as np

import circuit
import neuron
import wires

TILE = 32
# Of the published circuit: 8.5 / 25.5 kohm, gains of the amplifiers, the last one less.
PUBLISHED = (neuron.LOW, neuron.HIGH)
# Of the one that can be built: ten times the resistance-area product.
BUILT = (10 * neuron.LOW, 10 * neuron.HIGH)


def gains(layers):
    return [30.0] * (layers - 1) + [10.0]


def signs(latent):
    """-1 or +1, with the gradient of the value itself (arXiv 1308.3432)."""
    return latent + jax.lax.stop_gradient(jnp.where(latent >= 0, 1.0, -1.0) - latent)


def spread_pairs(key, cells, spread):
    """Pairs whose resistances are spread by this part of their own, Gaussian, cut off at a tenth."""
    drawn = lambda key, g: g / jnp.maximum(1 + spread * jax.random.normal(key, g.shape), 0.1)
    return [drawn(*one) for one in zip(jax.random.split(key), circuit.pairs(cells, *BUILT))]


def ideal(inputs, layers, k, key=None, spread=0.0, activations=None):
    """Arguments of the last neurons; sums of currents at 0 V. `activations` stand in place of the logistic function. With a spread, each of the
    devices that can be built has its own."""
    keys = [None] * len(layers) if key is None else jax.random.split(key, len(layers))
    a = inputs
    for index, cells in enumerate(layers):
        if spread:
            positive, negative = spread_pairs(keys[index], cells, spread)
            cells = (positive - negative) / (1 / BUILT[0] - 1 / BUILT[1])
        u = k[index] * (circuit.with_bias(a, 1.0) @ cells)
        if index + 1 < len(layers):
            a = (activations[index] if activations else jax.nn.sigmoid)(u)
    return u


def built_curves(shapes):
    """Of the neurons of each layer but the last, into the pairs of their rows, whose columns are at 0 V."""
    return [circuit.curve(outputs * (1 / BUILT[0] + 1 / BUILT[1])) for _, outputs in shapes[1:]]


def published_parts(layers, wired):
    """The cells hold the opposite signs, since the neurons fall with their input."""
    of_layer = lambda cells, gain, more: circuit.layer(*circuit.pairs(-cells, *PUBLISHED), gain, TILE, more)
    return [of_layer(*one) for one in zip(layers, gains(len(layers)), wired)]


def published_analog(inputs, parts, rail=None):
    """Inputs of the last neurons. Neurons drive the rows themselves; the class is the last one with the highest output."""
    rows = circuit.with_bias(circuit.VDD * inputs)
    for index, (transfer, own) in enumerate(parts):
        if index:
            rows = circuit.driven(v_in, own, TILE)
        v_in = circuit.outputs(rows, transfer, TILE, rail)
    return v_in


def published_mixed(inputs, parts, layers, k, rail=None):
    """The same columns before converters: digital logistic functions, rows driven by converters. Sums are scaled as the weights fit best."""
    a = inputs
    for index, (transfer, _) in enumerate(parts):
        wanted = circuit.placed(-layers[index], TILE)
        scale = (transfer * wanted).sum() / (transfer**2).sum() * len(transfer)
        sums = circuit.outputs(circuit.VDD * circuit.with_bias(a, 1.0), transfer, TILE, rail) / -circuit.VDD
        u = k[index] * scale * sums
        a = jax.nn.sigmoid(u)
    return u


def corrections(layers):
    """What wires change in the published circuit."""
    found = []
    for cells, gain in zip(layers, gains(len(layers))):
        positive, negative = (np.asarray(g, float) for g in circuit.pairs(-np.asarray(cells, float), *PUBLISHED))
        with_wires = wires.reduced(positive, negative, gain, TILE)
        without = circuit.layer(positive, negative, gain, TILE)
        found.append(tuple(jnp.asarray(a - np.asarray(b), jnp.float32) for a, b in zip(with_wires, without)))
    return found
