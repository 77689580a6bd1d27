#!/usr/bin/env python3
"""Multiply-accumulates of the networks of tools/networks.py by two public counters, as tests/data/networks/macs.csv holds them.

usage: tools/count-macs.py > tests/data/networks/macs.csv

torch.utils.flop_counter counts what the kernels do: convolutions and products with stored matrices in one column, products of two
activations in the other; two of its operations are one multiply-accumulate. fvcore counts what a trace of the network has; where it does
not know an operator (recurrent layers) it has no row.
"""
import csv
import logging
import sys
import warnings

import fvcore
import torch
from fvcore.nn import FlopCountAnalysis
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from networks import NETWORKS

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
PRODUCTS = ("bmm", "baddbmm", "scaled_dot_product")


def by_torch(module, inputs):
    counter = FlopCounterMode(display=False)
    # One product after the other, as the files have them; recurrent layers by their own matrices.
    torch.backends.mha.set_fastpath_enabled(False)
    with sdpa_kernel(SDPBackend.MATH), torch.backends.mkldnn.flags(enabled=False), counter, torch.no_grad():
        module(*inputs)
    stored = products = 0
    for operator, count in counter.get_flop_counts()["Global"].items():
        if any(word in str(operator) for word in PRODUCTS):
            products += count
        else:
            stored += count
    return stored // 2, products // 2


def by_fvcore(module, inputs):
    def attention(inputs, outputs):
        query, key = (value.type().sizes() for value in inputs[:2])
        count = 2 * key[-2]
        for size in query:
            count *= size
        return {"attention": count}

    analysis = FlopCountAnalysis(module, inputs).set_op_handle("aten::scaled_dot_product_attention", lambda i, o: sum(attention(i, o).values()))
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    analysis.total()
    if any("lstm" in name or "gru" in name for name in analysis.unsupported_ops()):
        return None
    counts = analysis.by_operator()
    products = counts["matmul"] + counts["bmm"] + counts["einsum"] + counts["scaled_dot_product_attention"]
    return int(counts["conv"] + counts["linear"] + counts["addmm"]), int(products)


def main():
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["network", "counter", "version", "stored", "products"])
    for name, make in NETWORKS.items():
        torch.manual_seed(1)
        module, inputs = make()
        module.eval()
        for counter, version, count in [
            ("torch.utils.flop_counter", torch.__version__.split("+")[0], by_torch),
            ("fvcore", fvcore.__version__, by_fvcore),
        ]:
            try:
                found = count(module, inputs)
            except Exception as error:
                print(f"{name} by {counter}: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
                continue
            if found:
                table.writerow([name, counter, version, *found])
        sys.stdout.flush()


if __name__ == "__main__":
    main()
