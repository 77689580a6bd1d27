"""What the SOT-MRAM neuron delivers, from the tables of its transistors: the equations of `src/model/neuron/circuit.rs`, in NumPy.

Between the points of a table it is linear here and a spline there; training needs no more.
"""
from functools import lru_cache
from pathlib import Path

import numpy as np

TABLE = Path(__file__).resolve().parents[2] / "techlib/data/fet-iv-14nm-hp.csv"
VDD, SHIFT, FINS = 0.8, 0.4, 10
LOW = 10e-12 / (np.pi / 4 * 50e-9 * 30e-9)
HIGH = 3 * LOW
# Of `src/model/transistor/gate_current.rs`.
STEEPNESS_PER_V = 65.3
GATE_N, GATE_P = (1.1710, 3.791e-7), (1.1743, 3.330e-7)


@lru_cache
def surface(letter, sign):
    lines = [line.split(",") for line in TABLE.read_text().splitlines() if line.startswith(letter + ",")]
    points = sign * np.array([[float(x) for x in line[1:]] for line in lines])
    gate, drain = np.unique(points[:, 0]), np.unique(points[:, 1])
    current = np.zeros((len(gate), len(drain)))
    current[np.searchsorted(gate, points[:, 0]), np.searchsorted(drain, points[:, 1])] = points[:, 2]
    return gate, drain, current


def bilinear(x_axis, y_axis, table, x, y):
    x, y = np.clip(x, x_axis[0], x_axis[-1]), np.clip(y, y_axis[0], y_axis[-1])
    i = np.clip(np.searchsorted(x_axis, x) - 1, 0, len(x_axis) - 2)
    j = np.clip(np.searchsorted(y_axis, y) - 1, 0, len(y_axis) - 2)
    a = (x - x_axis[i]) / (x_axis[i + 1] - x_axis[i])
    b = (y - y_axis[j]) / (y_axis[j + 1] - y_axis[j])
    low = table[i, j] * (1 - b) + table[i, j + 1] * b
    return low * (1 - a) + (table[i + 1, j] * (1 - b) + table[i + 1, j + 1] * b) * a


def delivered(v_in, v_out):
    """Current out of the output at a forced voltage there, in ampere."""
    v_in, v_out = np.broadcast_arrays(np.asarray(v_in, float), np.asarray(v_out, float))
    lifted = v_in + SHIFT
    low, high = np.minimum(lifted, v_out), np.maximum(lifted, v_out)
    gate_a = lambda of, v: of[1] * np.exp(STEEPNESS_PER_V * (np.minimum(v, 2.0) - of[0]))
    for _ in range(60):
        gate = (low + high) / 2
        gates = FINS * (gate_a(GATE_N, gate) - gate_a(GATE_P, VDD - gate))
        above = (gate - lifted) / LOW + (gate - v_out) / HIGH + gates > 0
        low, high = np.where(above, low, gate), np.where(above, gate, high)
    n = bilinear(*surface("n", 1), gate, v_out)
    p = bilinear(*surface("p", -1), VDD - gate, VDD - v_out)
    return (gate - v_out) / HIGH + FINS * (p - n)


def loaded(v_in, load_s):
    """Output into a conductance to 0 V."""
    low, high = np.full(np.shape(v_in), -0.1), np.full(np.shape(v_in), 0.9)
    for _ in range(50):
        middle = (low + high) / 2
        falls = delivered(v_in, middle) < load_s * middle
        low, high = np.where(falls, low, middle), np.where(falls, middle, high)
    return (low + high) / 2
