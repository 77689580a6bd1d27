"""Random small networks and what PyTorch makes of them in double precision: the files of tests/data/networks.

    python3 tools/small-networks.py tests/data/networks

Each network is written twice: here, and as the architecture of its name there. Seeded.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

PICTURES = 6


class Windows(nn.Module):
    """Strides, padding, dilation, kernels that are no squares; windows that leave the input."""

    size = (11, 9)

    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 4, 3, stride=2, padding=1)
        self.c2 = nn.Conv2d(4, 6, (3, 2), dilation=(2, 1), padding=(2, 1))
        self.c3 = nn.Conv2d(6, 5, 3, stride=(1, 2), padding=(1, 2), dilation=(1, 2), bias=False)
        self.f = nn.Linear(20, 3)

    def forward(self, x):
        x = F.relu(self.c1(x))
        x = F.max_pool2d(torch.tanh(self.c2(x)), 3, stride=2, ceil_mode=True)
        x = F.leaky_relu(self.c3(x))
        x = F.avg_pool2d(x, (2, 1), stride=(2, 1), padding=(1, 0), ceil_mode=True)
        return self.f(x.flatten(1))


class Groups(nn.Module):
    """Groups of channels, depthwise convolutions, pooling over padding."""

    size = (8, 8)

    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 3, padding=1)
        self.c2 = nn.Conv2d(6, 9, 3, groups=3)
        self.d = nn.Conv2d(9, 18, 3, padding=1, groups=9)
        self.f = nn.Linear(18 * 4 * 4, 4)

    def forward(self, x):
        x = torch.tanh(self.c1(x))
        x = F.hardswish(self.c2(x))
        x = F.softplus(self.d(x))
        x = F.avg_pool2d(x, 3, stride=2, padding=1, ceil_mode=True)
        return self.f(x.flatten(1))


class Graph(nn.Module):
    """Sums, products, layers side by side, parts of layers, tokens."""

    size = (6, 8)

    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 4, 3, padding=1)
        self.a = nn.Conv2d(4, 4, 3, padding=1)
        self.gate = nn.Conv2d(4, 4, 1)
        self.t = nn.Linear(10, 7)
        self.f = nn.Linear(7 + 4, 5)

    def forward(self, x):
        c1 = F.gelu(self.c1(x))
        s = F.relu6(F.silu(self.a(c1)) + c1)
        gate = torch.sigmoid(self.gate(s.mean((2, 3), keepdim=True)))
        gated = gate * s
        up = F.interpolate(F.avg_pool2d(gated, 2), scale_factor=2, mode="nearest")
        side = torch.cat([up, c1[:, 1:3], s], 1)
        tokens = side.flatten(2).transpose(1, 2)
        t = F.mish(self.t(tokens)).mean(1)
        return self.f(torch.cat([t, gated.mean((2, 3))], 1))


class Batch(nn.Module):
    """Batch normalization after a convolution, a depthwise one and a dense layer; a normalization that is not folded."""

    size = (8, 8)

    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 3, stride=2, padding=1, bias=False)
        self.n1 = nn.BatchNorm2d(6)
        self.d = nn.Conv2d(6, 6, 3, padding=1, groups=6, bias=False)
        self.n2 = nn.BatchNorm2d(6)
        self.n3 = nn.BatchNorm2d(6)
        self.f1 = nn.Linear(6, 8)
        self.n4 = nn.BatchNorm1d(8)
        self.f2 = nn.Linear(8, 3)

    def forward(self, x):
        x = F.relu(self.n1(self.c1(x)))
        y = F.hardsigmoid(self.n2(self.d(x)))
        x = self.n3(F.elu(x + y))
        return self.f2(torch.sigmoid(self.n4(self.f1(x.mean((2, 3))))))


def randomize(network, generator):
    """Weights of a size that no function is at its end; statistics of normalizations as of a training."""
    for name, tensor in network.state_dict().items():
        if not tensor.is_floating_point():
            continue
        fan = tensor[0].numel() if tensor.dim() > 1 else 4
        values = torch.randn(tensor.shape, generator=generator, dtype=torch.float64) * (2.0 / fan) ** 0.5
        if name.endswith("running_var"):
            values = 0.2 + values.abs()
        tensor.copy_(values)


def crossbars(folder):
    """Weights of layers that can be written in several ways, and pictures for them; no outputs."""
    generator = torch.Generator().manual_seed(7)
    shapes = {"whole": (12, 1, 6, 6), "one": (4, 12, 1, 1), "small": (6, 1, 3, 3), "place": (5, 6, 1, 1), "end": (4, 5), "flat": (4, 216)}
    tensors = {}
    for name, shape in shapes.items():
        fan = int(np.prod(shape[1:]))
        tensors[f"{name}.weight"] = 3 * torch.randn(shape, generator=generator, dtype=torch.float64) / fan**0.5
        tensors[f"{name}.bias"] = 0.5 * torch.randn(shape[:1], generator=generator, dtype=torch.float64)
    save_file(tensors, folder / "crossbars.safetensors")
    pixels = torch.randint(0, 256, (150, 6, 6), generator=generator).numpy().astype(np.uint8)
    labels = torch.randint(0, 4, (150,), generator=generator).numpy()
    np.savez_compressed(folder / "crossbars-pictures.npz", images=pixels, labels=labels)


def main(folder):
    folder = Path(folder)
    crossbars(folder)
    for seed, kind in enumerate([Windows, Groups, Graph, Batch]):
        generator = torch.Generator().manual_seed(seed)
        network = kind().double().eval()
        with torch.no_grad():
            randomize(network, generator)
            pixels = torch.randint(0, 256, (PICTURES, 1, *kind.size), generator=generator)
            outputs = network(pixels.double() / 255)
        name = kind.__name__.lower()
        tensors = {k: v.contiguous() for k, v in network.state_dict().items() if v.is_floating_point()}
        save_file(tensors, folder / f"{name}.safetensors")
        if name == "groups":
            np.savez(folder / f"{name}.npz", **{k: v.numpy() for k, v in tensors.items()})
        pictures = pixels[:, 0].numpy().astype(np.uint8)
        np.savez_compressed(folder / f"{name}-pictures.npz", images=pictures, labels=outputs.argmax(1).numpy())
        (folder / f"{name}.json").write_text(json.dumps(outputs.tolist()) + "\n")
        print(name, outputs[0].tolist())


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    main(*sys.argv[1:])
