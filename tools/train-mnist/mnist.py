"""MNIST's pictures from its four IDX files, and networks as safetensors."""
import gzip
import json
import struct
from pathlib import Path

import numpy as np

THRESHOLD = 127


def pictures(folder, part):
    """Pictures (n, 28, 28) of 0 and 1, and labels; `part` is `train` or `t10k`."""
    read = lambda what: gzip.open(Path(folder) / f"{part}-{what}-ubyte.gz").read()
    labels = np.frombuffer(read("labels-idx1")[8:], np.uint8).astype(np.int32)
    pixels = np.frombuffer(read("images-idx3")[16:], np.uint8).reshape(len(labels), 28, 28)
    return pixels, labels


def bits(pixels):
    return (pixels.reshape(len(pixels), -1) > THRESHOLD).astype(np.float32)


def save(path, tensors, about):
    """Signs as I8, all else as F32; by name, so that the same tensors are the same bytes."""
    header, body = {"__metadata__": {key: str(value) for key, value in sorted(about.items())}}, b""
    # The widest type first, so that every tensor begins at a multiple of its own.
    for name in sorted(tensors, key=lambda name: (is_signs(tensors[name]), name)):
        tensor = np.asarray(tensors[name])
        packed = np.ascontiguousarray(tensor, "i1" if is_signs(tensor) else "<f4").tobytes()
        kind = "I8" if is_signs(tensor) else "F32"
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(body), len(body) + len(packed)]}
        body += packed
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)


def is_signs(tensor):
    return bool(np.isin(np.asarray(tensor), (-1, 1)).all())


def load(path):
    raw = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    found = {}
    for name, tensor in header.items():
        if name != "__metadata__":
            start, end = (8 + length + at for at in tensor["data_offsets"])
            kind = {"F32": "<f4", "F64": "<f8", "I8": "i1"}[tensor["dtype"]]
            found[name] = np.frombuffer(raw[start:end], kind).reshape(tensor["shape"]).astype(np.float32)
    return found, header.get("__metadata__", {})
