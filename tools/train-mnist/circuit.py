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
STEPS = 6
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


def reduced(positive, negative, gain):
    """A sub-array at difference amplifiers: their outputs for a volt at each row (rows x outputs), and the currents of the rows (rows x rows)."""
    up = positive / (positive.sum(0) + INPUT_S / (1 + gain))
    down = (negative + INPUT_S * gain / (1 + gain) * up) / (negative.sum(0) + INPUT_S)
    return gain * (up - down), jnp.diag((positive + negative).sum(1)) - positive @ up.T - negative @ down.T


def layer(positive, negative, gain, tile, wired=None):
    """All sub-arrays of a layer, those side by side as one; `wired` is what wires add to each."""
    parts = [reduced(positive[a:b], negative[a:b], gain) for a, b in blocks(len(positive), tile)]
    return parts if wired is None else [(t + dt, y + dy) for (t, y), (dt, dy) in zip(parts, wired)]


def outputs(rows_v, parts, rail=None):
    """Mean of the outputs of the amplifiers of all row partitions, which are joined; with `rail` none goes beyond it."""
    found, first = 0.0, 0
    for transfer, _ in parts:
        out = rows_v[:, first : first + len(transfer)] @ transfer
        found = found + (out if rail is None else jnp.clip(out, -rail, rail))
        first += len(transfer)
    return found / len(parts)


def driven(v_in, parts):
    """Voltages of the rows that neurons with these inputs drive, the bias row last: every neuron delivers what its row draws."""
    found, first = [], 0
    for _, y in parts:
        x = v_in[:, first : first + len(y)]
        first += len(y)
        rows = x.shape[1]
        from_bias = VDD * y[:rows, rows:].sum(1)
        y = y[:rows, :rows]
        step = jax.lax.stop_gradient(jnp.linalg.inv(y + MIDDLE_S * jnp.eye(rows)))
        v = jnp.full_like(x, VDD / 2)
        for _ in range(STEPS):
            v = jnp.clip(v + (delivered(x, v) - v @ y.T - from_bias) @ step.T, V_OUT[0], V_OUT[-1])
        found.append(v)
    return with_bias(jnp.concatenate(found, 1))


def with_bias(rows, bias=VDD):
    return jnp.concatenate([rows, jnp.full_like(rows[:, :1], bias)], 1)
