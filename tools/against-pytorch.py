#!/usr/bin/env python3
"""One draw of a LeNet-5 of real weights over 10,000 MNIST pictures on one core: imcost, in float64 with its devices drawn, beside PyTorch, in float32
with the weights as they were trained.

usage: tools/against-pytorch.py IMCOST MNIST
       IMCOST  the release binary, MNIST a folder with the IDX files (.gz)

imcost: a run of 11 draws less that of one, by 10, so that reading files is left out; the two columns of a pair are read and converted apart, which is twice
PyTorch's sums. Processor time, which other programs stretch less; the runs take turns and the fastest of each counts.
"""
import gzip
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

HERE = Path(__file__).resolve().parent.parent
DESIGN = HERE / "arch/lenet5-float.yaml"
ROUNDS = 3


def idx(path, header):
    return np.frombuffer(gzip.open(path).read()[header:], np.uint8)


def forward(w, x):
    """PyTorch's LeNet-5."""
    x = F.max_pool2d(F.relu(F.conv2d(x, w["conv.c1.weight"], w["conv.c1.bias"], padding=2)), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, w["conv.c2.weight"], w["conv.c2.bias"])), 2).flatten(1)
    x = F.relu(F.linear(x, w["fc.0.weight"], w["fc.0.bias"]))
    return F.linear(F.relu(F.linear(x, w["fc.1.weight"], w["fc.1.bias"])), w["fc.2.weight"], w["fc.2.bias"])


def pytorch(w, pictures):
    """Processor time of all pictures, and their classes."""
    start = time.process_time()
    with torch.no_grad():
        classes = torch.cat([forward(w, block).argmax(1) for block in pictures.split(500)])
    return time.process_time() - start, classes


def imcost(program, mnist, draws):
    """Processor time of a run."""
    command = [program, "accuracy", str(DESIGN), "--data", mnist, "--threads", "1", "--quiet", "--draws", str(draws)]
    command += ["--set", "imperfections.resistance_gaussian=2%"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def main(program, mnist):
    torch.set_num_threads(1)
    w = load_file(HERE / "arch/weights/lenet5-float.safetensors")
    pixels = idx(f"{mnist}/t10k-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28).astype(np.float32) / 255
    labels = torch.from_numpy(idx(f"{mnist}/t10k-labels-idx1-ubyte.gz", 8).astype(np.int64))
    pictures = torch.from_numpy(pixels)
    theirs, ours = [], []
    for _ in range(ROUNDS):
        seconds, classes = pytorch(w, pictures)
        theirs.append(seconds)
        ours.append((imcost(program, mnist, 11) - imcost(program, mnist, 1)) / 10)
    correct = int((classes == labels).sum())
    print(f"PyTorch {torch.__version__}, float32, one thread: {min(theirs):.2f} s, {correct} of {len(labels)} correct")
    print(f"imcost, float64, one thread: {min(ours):.2f} s a draw, each column of a pair by its own converter")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
