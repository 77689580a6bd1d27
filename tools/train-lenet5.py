"""Trains the binarized LeNet-5 of arch/lenet5.yaml on MNIST: weights and biases of -1 and +1, a gain for each layer, logistic neurons, mean pooling.

    python3 tools/train-lenet5.py MNIST arch/weights/lenet5.safetensors

MNIST is the folder with its four IDX files. Signs are trained straight-through (arXiv 1308.3432), on the training part; the test part is only counted.
Seeded, on one thread; another version of PyTorch rounds otherwise, and trains another network of the same kind.
"""

import gzip
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

EPOCHS = 10


def idx(path):
    """An IDX file of bytes."""
    data = gzip.decompress(Path(path).read_bytes())
    sizes = np.frombuffer(data, ">u4", data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(sizes)


def part(folder, name):
    """Pictures as the rows see them, 0 or 1, and their classes."""
    pictures = (idx(f"{folder}/{name}-images-idx3-ubyte.gz") > 127).astype(np.float32)
    return torch.from_numpy(pictures)[:, None], torch.from_numpy(idx(f"{folder}/{name}-labels-idx1-ubyte.gz").astype(np.int64))


class Sign(torch.autograd.Function):
    """-1 or +1; a slope of one, so that what is between learns."""

    @staticmethod
    def forward(ctx, x):
        return torch.where(x < 0, -1.0, 1.0)

    @staticmethod
    def backward(ctx, slope):
        return slope


class Binary(nn.Module):
    """A layer of signs whose sum is multiplied by one gain."""

    def __init__(self, shape, fan):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-0.5, 0.5))
        self.bias = nn.Parameter(torch.empty(shape[0]).uniform_(-0.5, 0.5))
        self.log_gain = nn.Parameter(torch.tensor(float(np.log(4.0 / fan**0.5))))

    def signs(self):
        return Sign.apply(self.weight), Sign.apply(self.bias), self.log_gain.exp()


class Conv(Binary):
    def forward(self, x, padding):
        weight, bias, gain = self.signs()
        return gain * F.conv2d(x, weight, bias, padding=padding)


class Dense(Binary):
    def forward(self, x):
        weight, bias, gain = self.signs()
        return gain * F.linear(x, weight, bias)


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = Conv((6, 1, 5, 5), 25), Conv((16, 6, 5, 5), 150)
        self.f1, self.f2, self.f3 = Dense((120, 400), 400), Dense((84, 120), 120), Dense((10, 84), 84)

    def forward(self, x):
        x = F.avg_pool2d(torch.sigmoid(self.c1(x, 2)), 2)
        x = F.avg_pool2d(torch.sigmoid(self.c2(x, 0)), 2).flatten(1)
        return self.f3(torch.sigmoid(self.f2(torch.sigmoid(self.f1(x)))))


def train(network, pictures, labels):
    """Adam with a rate that falls to nothing."""
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    batches = (len(labels) + 127) // 128
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * batches)
    for epoch in range(EPOCHS):
        for chosen in torch.randperm(len(labels)).split(128):
            loss = F.cross_entropy(network(pictures[chosen]), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            with torch.no_grad():
                for layer in network.children():
                    layer.weight.clamp_(-1, 1)
                    layer.bias.clamp_(-1, 1)
        print(f"epoch {epoch + 1}: loss {loss.item():.3f}", flush=True)


def main(folder, weights):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    network = LeNet5()
    train(network, *part(folder, "train"))
    tensors = {}
    with torch.no_grad():
        for name, layer in network.named_children():
            weight, bias, gain = layer.signs()
            tensors |= {f"{name}.weight": weight.to(torch.int8), f"{name}.bias": bias.to(torch.int8), f"{name}.gain": gain.reshape(1)}
        pictures, labels = part(folder, "t10k")
        correct = sum(int((network(p).argmax(1) == l).sum()) for p, l in zip(pictures.split(500), labels.split(500)))
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, weights)
    print(f"{correct} of {len(labels)} pictures of the test part")


if __name__ == "__main__":
    main(*sys.argv[1:])
