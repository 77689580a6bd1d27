"""Trains the small ResNet of arch/digits-resnet.yaml on the shipped 8 x 8 digits, and writes what PyTorch makes of some pictures.

    python3 tools/train-resnet.py data/digits arch/weights/digits-resnet.safetensors tests/data/networks/digits-resnet.json

Seeded, on one thread; another version of PyTorch rounds otherwise, and trains another network of the same kind. The test part is only counted.
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

EPOCHS = 60
SHOWN = 20


def idx(path):
    """An IDX file of bytes."""
    data = gzip.decompress(Path(path).read_bytes())
    sizes = np.frombuffer(data, ">u4", data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(sizes)


def part(folder, name):
    """Pictures, 0 to 1, and their classes."""
    pictures = idx(f"{folder}/{name}-images-idx3-ubyte.gz").astype(np.float32) / 16
    return torch.from_numpy(pictures)[:, None], torch.from_numpy(idx(f"{folder}/{name}-labels-idx1-ubyte.gz").astype(np.int64))


class ResNet(nn.Module):
    """A convolution, two blocks with a sum each, the mean of every channel, a dense layer."""

    def __init__(self):
        super().__init__()
        conv = lambda i, o, k=3, s=1: nn.Conv2d(i, o, k, stride=s, padding=k // 2, bias=False)
        self.first, self.first_norm = conv(1, 16), nn.BatchNorm2d(16)
        self.a1, self.a1_norm, self.b1, self.b1_norm = conv(16, 16), nn.BatchNorm2d(16), conv(16, 16), nn.BatchNorm2d(16)
        self.a2, self.a2_norm, self.b2, self.b2_norm = conv(16, 32, 3, 2), nn.BatchNorm2d(32), conv(32, 32), nn.BatchNorm2d(32)
        self.skip2, self.skip2_norm = conv(16, 32, 1, 2), nn.BatchNorm2d(32)
        self.last = nn.Linear(32, 10)

    def forward(self, x):
        x = F.relu(self.first_norm(self.first(x)))
        y = F.relu(self.a1_norm(self.a1(x)))
        x = F.relu(self.b1_norm(self.b1(y)) + x)
        y = F.relu(self.a2_norm(self.a2(x)))
        x = F.relu(self.b2_norm(self.b2(y)) + self.skip2_norm(self.skip2(x)))
        return self.last(x.mean((2, 3)))


def train(network, pictures, labels):
    """Adam with a rate that falls to nothing; pictures moved by a pixel."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    batches = (len(labels) + 63) // 64
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * batches)
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(labels)).split(64):
            down, along = torch.randint(0, 3, (2,)).tolist()
            moved = F.pad(pictures[chosen], (1, 1, 1, 1))[:, :, down : down + 8, along : along + 8]
            loss = F.cross_entropy(network(moved), labels[chosen], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def main(folder, weights, shown):
    torch.set_num_threads(1)
    torch.manual_seed(1)
    network = ResNet()
    network.train()
    train(network, *part(folder, "train"))
    network.eval()
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items() if tensor.is_floating_point()}
    save_file(tensors, weights)
    pictures, labels = part(folder, "t10k")
    with torch.no_grad():
        outputs = network.double()(pictures.double())
        correct = int((outputs.argmax(1) == labels).sum())
    Path(shown).write_text(json.dumps(outputs[:SHOWN].tolist()) + "\n")
    print(f"{correct} of {len(labels)} pictures of the test part")


if __name__ == "__main__":
    main(*sys.argv[1:])
