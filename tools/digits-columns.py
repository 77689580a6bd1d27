#!/usr/bin/env python3
"""Shipped digits right with wires and amplifiers at the columns: all nodes of each tile in one dense matrix, with NumPy.

The counts that `tests/digits.rs` expects. Binarized weights in pairs of 8488.26 / 25464.79 ohm, tiles of 32 x 32, logistic neurons; the gain of
a layer is the factor by which what perfect devices give fits the weights best.
"""
import gzip
import json
import struct
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent.parent / "data/digits"
LOW = 10e-12 / (np.pi / 4 * 50e-9 * 30e-9)
HIGH = 3 * LOW
INPUT, GAIN = 1e3, 30.0
LAMBDA, RESISTIVITY = 9e-9, 19e-9


def effective(width, mfp=39e-9, p=0.25, r=0.3):
    a = mfp / width * r / (1 - r)
    surfaces = 0.75 * (1 - p) * mfp / width
    return RESISTIVITY * (surfaces + 1 / (1 - 1.5 * a + 3 * a**2 - 3 * a**3 * np.log(1 + 1 / a)))


OHM_PER_M = effective(27e-9) / (27e-9 * 22e-9)
ROW, COLUMN = OHM_PER_M * 12 * LAMBDA, OHM_PER_M * 15 * LAMBDA


def idx(name, header):
    return np.frombuffer(gzip.open(DATA / f"t10k-{name}-ubyte.gz").read()[header:], np.uint8)


def tensors():
    raw = (DATA / "digits-64-32-10.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    kinds = {"F32": "<f4", "F64": "<f8", "I8": "i1"}
    header = json.loads(raw[8 : 8 + length])
    found = {}
    for name, tensor in header.items():
        if name != "__metadata__":
            start, end = (8 + length + at for at in tensor["data_offsets"])
            found[name] = np.frombuffer(raw[start:end], kinds[tensor["dtype"]]).reshape(tensor["shape"]).astype(float)
    return found


def cuts(lines, tiles):
    rest = lines % tiles
    ends = [0] + [int(lines * k / tiles + min(rest / k, 1) + 1e-9) for k in range(1, tiles + 1)]
    return list(zip(ends, ends[1:]))


def tile(positive, negative, pair_in_cell):
    """What the ends of the columns take at 0 V for a volt at each row, and what a volt at an end drives back: Schur complement of all nodes."""
    rows, outputs = positive.shape
    along = outputs if pair_in_cell else 2 * outputs
    inner, ends = rows * along + 2 * rows * outputs, 2 * outputs
    y, drive = np.zeros((inner + ends, inner + ends)), np.zeros((inner, rows))
    on_row = lambda row, at: row * along + at
    column = lambda row, line: rows * along + row * 2 * outputs + line if row < rows else inner + line

    def resistor(a, b, ohm):
        y[a, a] += 1 / ohm
        y[b, b] += 1 / ohm
        y[a, b] -= 1 / ohm
        y[b, a] -= 1 / ohm

    for row in range(rows):
        for at in range(along):
            if at:
                resistor(on_row(row, at - 1), on_row(row, at), ROW)
            else:
                y[on_row(row, 0), on_row(row, 0)] += 1 / ROW
                drive[on_row(row, 0), row] = 1 / ROW
        for line in range(2 * outputs):
            device = (positive, negative)[line % 2][row, line // 2]
            resistor(on_row(row, line // 2 if pair_in_cell else line), column(row, line), device)
            resistor(column(row, line), column(row + 1, line), COLUMN)
    solved = np.linalg.solve(y[:inner, :inner], np.hstack([drive, -y[:inner, inner:]]))
    return -y[inner:, :inner] @ solved[:, :rows], y[inner:, inner:] + y[inner:, :inner] @ solved[:, rows:]


def transfer(weights, joined, pair_in_cell):
    rows, outputs = weights.shape
    positive, negative = (np.where(side > 0, LOW, HIGH) for side in (weights, -weights))
    g = 1 / INPUT
    amplifier = np.array([[g / (1 + GAIN), 0], [-g * GAIN / (1 + GAIN), g]])
    wide = outputs if pair_in_cell else 2 * outputs
    found = np.zeros(weights.shape)
    for left, right in cuts(outputs, -(-wide // 32)):
        load = np.kron(np.eye(right - left), amplifier)
        tiles = [(a, b, *tile(positive[a:b, left:right], negative[a:b, left:right], pair_in_cell)) for a, b in cuts(rows, -(-rows // 32))]
        back = sum(t[3] for t in tiles)
        for a, b, drive, own in tiles:
            ends = np.linalg.solve((back if joined else own) + load, drive)
            found[a:b, left:right] = GAIN * (ends[0::2] - ends[1::2]).T
    return found


def correct(joined, pair_in_cell):
    net, labels = tensors(), idx("labels-idx1", 8)
    active = (idx("images-idx3", 16).reshape(-1, 64) > 7).astype(float)
    for layer in (1, 2):
        weights = np.vstack([net[f"W{layer}"], net[f"b{layer}"].reshape(1, -1)])
        built = transfer(weights, joined, pair_in_cell)
        scale = (built * weights).sum() / (built * built).sum()
        u = net["k"][layer - 1] * scale * np.hstack([active, np.ones((len(active), 1))]) @ built
        active = 1 / (1 + np.exp(-u))
    return int((u.argmax(1) == labels).sum())


for name, joined, pair_in_cell in [("PER_TILE", False, True), ("JOINED", True, True), ("SINGLE_DEVICES", False, False)]:
    print(name, correct(joined, pair_in_cell))
