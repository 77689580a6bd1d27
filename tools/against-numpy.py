#!/usr/bin/env python3
"""One Monte Carlo draw of a binarized and a float 784-16-10 network over 10,000 MNIST pictures: imcost against NumPy, float64, one core.

usage: tools/against-numpy.py IMCOST MNIST
       IMCOST  the release binary, MNIST a folder with the IDX files (.gz)

NumPy: devices drawn and classes found for each draw (`single`), or the first layers of 20 draws in one product (`shared`). imcost: the time of
a run of 1020 draws less that of 20, by 1000; so both leave out reading files. The runs take turns; the fastest of each counts.
"""
import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
import gzip
import json
import struct
import subprocess
import sys
import time

import numpy as np

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
R_LOW, R_HIGH = 8488.26, 3 * 8488.26
SPREAD = 0.1
NETWORKS = {
    "binarized": ("b_bin_784x16x10_bin01_s0", "mlp-784-16-10-analog", lambda p: (p > 127).astype(float)),
    "float": ("a_float_784x16x10_gray01_s0", "mlp-784-16-10-float", lambda p: p / 255.0),
}


def idx(path, header):
    return np.frombuffer(gzip.open(path).read()[header:], np.uint8)


def tensors(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    kinds = {"I8": np.int8, "F32": np.float32, "F64": np.float64}
    found = {}
    for name, entry in json.loads(data[8 : 8 + size]).items():
        if name != "__metadata__":
            start, end = (8 + size + at for at in entry["data_offsets"])
            found[name] = np.frombuffer(data[start:end], kinds[entry["dtype"]]).astype(float).reshape(entry["shape"])
    return found


def draw(weights, rng):
    """Weights of a layer with its devices drawn, in units of the trained ones."""
    largest = np.abs(weights).max()
    low, high = 1 / R_LOW, 1 / R_HIGH
    pair = []
    for sign in (1, -1):
        nominal = high + (low - high) * np.maximum(sign * weights, 0) / largest
        pair.append(nominal / np.maximum(1 + SPREAD * rng.standard_normal(weights.shape), 0.1))
    return (pair[0] - pair[1]) * largest / (low - high)


def classes(sums, second, gains):
    hidden = 1 / (1 + np.exp(-gains[0] * sums))
    return (gains[1] * (hidden @ second[:-1] + second[-1])).argmax(1)


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(imcost, mnist):
    pixels = idx(f"{mnist}/t10k-images-idx3-ubyte.gz", 16).reshape(-1, 784)
    labels = idx(f"{mnist}/t10k-labels-idx1-ubyte.gz", 8)
    for what, (network, architecture, inputs) in NETWORKS.items():
        weights = tensors(f"{HERE}/tests/data/mnist/{network}.safetensors")
        first = np.vstack([weights["W1"], weights["b1"]])
        second = np.vstack([weights["W2"], weights["b2"]])
        gains = weights.get("k", np.ones(2))
        rows = np.hstack([inputs(pixels), np.ones((len(pixels), 1))])
        rng = np.random.default_rng(1)

        def single():
            return (classes(rows @ draw(first, rng), draw(second, rng), gains) == labels).sum()

        def shared():
            drawn = [(draw(first, rng), draw(second, rng)) for _ in range(20)]
            sums = rows @ np.hstack([one for one, _ in drawn])
            return [(classes(sums[:, 16 * i : 16 * i + 16], two, gains) == labels).sum() for i, (_, two) in enumerate(drawn)]

        def run(draws):
            command = [imcost, "accuracy", f"{HERE}/arch/{architecture}.yaml", "--ideal-neuron", "--ideal-crossbar"]
            command += ["--weights", f"{HERE}/tests/data/mnist/{network}.safetensors", "--data", mnist, "--threads", "1"]
            command += ["--set", f"imperfections.resistance_gaussian={SPREAD}", "--draws", str(draws), "--format", "json"]
            return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

        times = {"single": [], "shared": [], "few": [], "many": []}
        for _ in range(7):
            times["single"].append(min(seconds(single) for _ in range(5)))
            times["shared"].append(seconds(shared) / 20)
            times["few"].append(seconds(lambda: run(20)))
            times["many"].append(seconds(lambda: run(1020)))
        best = {name: 1e3 * min(values) for name, values in times.items()}
        best["imcost"] = (best.pop("many") - best.pop("few")) / 1000
        mean = run(200)["accuracy_mean"]
        check = np.mean([single() for _ in range(20)]) / len(labels)
        print(f"{what}: ms for a draw of {len(labels)} pictures: " + ", ".join(f"{k} {v:.2f}" for k, v in best.items()))
        print(f"  imcost is {best['single'] / best['imcost']:.1f}x faster than single, {best['shared'] / best['imcost']:.1f}x than shared")
        print(f"  mean accuracy {mean:.4f} (imcost, 200 draws), {check:.4f} (NumPy, 20 draws)")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
