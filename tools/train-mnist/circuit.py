"""The analog circuits, differentiable: columns and what stands at their ends, rows that neurons drive.

A layer is reduced, as `src/model/network/` does it, to small matrices for each of its sub-arrays. Their equations without wires are short, and
gradients go through them; what wires change is computed now and then by `wires.py` and added.
"""
import jax
import jax.numpy as jnp
import numpy as np

import neuron

VDD = neuron.VDD
# Input resistors of the difference amplifiers.
INPUT_S = 1e-3
# Inputs beyond these leave the neuron where it is.
V_IN, V_OUT = np.linspace(-1.5, 1.5, 301), np.linspace(-0.1, 0.9, 101)
CURRENT_A = jnp.asarray(neuron.delivered(V_IN[:, None], V_OUT[None, :]), jnp.float32)
# About the middle of what -di/dv of a neuron's output can be, in siemens: what the steps towards the rows' voltages count on.
MIDDLE_S = 2.5e-3
STEPS = 5
# Steepness of the logistic curve that fits the neuron best: v = -u / STEEPNESS at its input (`src/infer/classify/neuron.rs`).
STEEPNESS_PER_V = 11.77


def grid(axis, at):
    place = jnp.clip((at - axis[0]) / (axis[1] - axis[0]), 0, len(axis) - 1.001)
    index = jax.lax.stop_gradient(place.astype(jnp.int32))
    return index, place - index


def delivered(v_in, v_out):
    """Current that a neuron delivers at a forced output."""
    i, a = grid(V_IN, v_in)
    j, b = grid(V_OUT, v_out)
    low = CURRENT_A[i, j] * (1 - b) + CURRENT_A[i, j + 1] * b
    return low * (1 - a) + (CURRENT_A[i + 1, j] * (1 - b) + CURRENT_A[i + 1, j + 1] * b) * a


OPEN_V = jnp.asarray(neuron.loaded(V_IN, 0.0), jnp.float32)


def open_v(v_in):
    """Output of a neuron without a load. Far below its threshold it falls a little again."""
    i, a = grid(V_IN, v_in)
    return OPEN_V[i] * (1 - a) + OPEN_V[i + 1] * a


def curve(load_s):
    """Output of a neuron into a conductance to 0 V, a part of the supply, for its argument u; its amplifier keeps within the supply."""
    axis = np.linspace(-VDD, VDD, 321)
    table = jnp.asarray(neuron.loaded(axis, load_s) / VDD, jnp.float32)

    def output(u):
        i, a = grid(axis, -u / STEEPNESS_PER_V)
        return table[i] * (1 - a) + table[i + 1] * a

    return output


def cuts(lines, tiles):
    """First and last line of each of so many tiles."""
    rest = lines % tiles
    ends = [0] + [int(lines * k / tiles + min(rest / k, 1) + 1e-9) for k in range(1, tiles + 1)]
    return list(zip(ends, ends[1:]))


def blocks(lines, tile):
    return cuts(lines, -(-lines // tile))


def pairs(cells, low, high):
    """Conductances of pairs whose cells hold these signs: of the positive and of the negative columns."""
    middle, half = (1 / low + 1 / high) / 2, (1 / low - 1 / high) / 2
    return middle + half * cells, middle - half * cells


def places(lines, tile):
    """Which row of a layer stands where in its row partitions: partitions x rows of the highest. A place without a row has the number of rows."""
    parts = blocks(lines, tile)
    height = max(b - a for a, b in parts)
    return np.array([[a + row if a + row < b else lines for row in range(height)] for a, b in parts])


def placed(rows, tile):
    """The rows of a matrix by partition, zeros where there is none."""
    return jnp.concatenate([rows, jnp.zeros_like(rows[:1])])[places(len(rows), tile)]


def layer(positive, negative, gain, tile, wired=None):
    """All row partitions of a layer, sub-arrays side by side as one: outputs of the difference amplifiers for a volt at each row (partitions x rows
    x outputs), and the currents of the rows (partitions x rows x rows). `wired` is what wires add to both."""
    positive, negative = placed(positive, tile), placed(negative, tile)
    sums = lambda g: g.sum(1, keepdims=True)
    up = positive / (sums(positive) + INPUT_S / (1 + gain))
    down = (negative + INPUT_S * gain / (1 + gain) * up) / (sums(negative) + INPUT_S)
    own = (positive + negative).sum(2)[:, :, None] * jnp.eye(positive.shape[1])
    back = jnp.einsum("tio,tjo->tij", positive, up) + jnp.einsum("tio,tjo->tij", negative, down)
    found = gain * (up - down), own - back
    return found if wired is None else tuple(one + more for one, more in zip(found, wired))


def outputs(rows_v, transfer, tile, rail=None):
    """Mean of the outputs of the amplifiers of all row partitions, which are joined; with `rail` none goes beyond it."""
    out = jnp.einsum("btr,tro->bto", by_partition(rows_v, tile), transfer)
    return (out if rail is None else jnp.clip(out, -rail, rail)).mean(1)


def by_partition(values, tile):
    """Pictures x partitions x rows, 0 where there is none."""
    return jnp.concatenate([values, jnp.zeros_like(values[:, :1])], 1)[:, places(values.shape[1], tile)]


def driven(v_in, own, tile):
    """Voltages of the rows that neurons with these inputs drive, the bias row last: every neuron delivers what its row draws."""
    where = places(v_in.shape[1] + 1, tile)
    free = jnp.asarray(where < v_in.shape[1], jnp.float32)
    x = by_partition(with_bias(v_in, 0.0), tile)
    held = VDD * jnp.asarray(where == v_in.shape[1], jnp.float32)
    step = jax.lax.stop_gradient(jnp.linalg.inv(own * free[:, :, None] * free[:, None, :] + MIDDLE_S * jnp.eye(own.shape[1])))

    def nearer(v, _):
        left = (delivered(x, v) - jnp.einsum("tij,btj->bti", own, v)) * free
        return jnp.clip(v + jnp.einsum("tij,btj->bti", step, left) * free, V_OUT[0], V_OUT[-1]), None

    v, _ = jax.lax.scan(nearer, jnp.broadcast_to(VDD / 2 * free + held, x.shape), length=STEPS)
    return v.reshape(len(v), -1)[:, np.flatnonzero(where.ravel() <= v_in.shape[1])]


def with_bias(rows, bias=VDD):
    return jnp.concatenate([rows, jnp.full_like(rows[:, :1], bias)], 1)
