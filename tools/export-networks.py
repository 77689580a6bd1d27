#!/usr/bin/env python3
"""Exports the networks of tools/networks.py to ONNX, whole or without their weights.

usage: tools/export-networks.py FOLDER [--whole] [--lenet5 FILE.safetensors] [NAME ...]
       FOLDER   gets NAME.onnx of the TorchScript exporter and NAME-dynamo.onnx of the newer one, and shapes.csv, the sizes of
                what every layer gives as onnx.shape_inference has them
       --whole  keeps the weights; without it, tensors of more than 1000 elements keep name, type and size alone, as if they lay in
                a file beside the model that is not there

It needs torch, torchvision, onnx, onnxscript, safetensors, and for some networks transformers and timm.
"""
import argparse
import io
import sys
import traceback
import warnings
from pathlib import Path

import onnx
import torch

from networks import NETWORKS

warnings.filterwarnings("ignore")


def export(module, inputs, dynamo, opset):
    if dynamo:
        return torch.onnx.export(module, inputs, dynamo=True, opset_version=18, verbose=False).model_proto
    file = io.BytesIO()
    # Batch normalisations and constants stay where they are, so that the importer has them to fold.
    torch.onnx.export(module, inputs, file, dynamo=False, opset_version=opset, do_constant_folding=opset != 14,
                      training=torch.onnx.TrainingMode.PRESERVE if opset == 14 else torch.onnx.TrainingMode.EVAL)
    return onnx.load_from_string(file.getvalue())


def tensors(graph):
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR:
                yield attribute.t


def strip(model):
    for tensor in tensors(model.graph):
        count = 1
        for size in tensor.dims:
            count *= size
        if count <= 1000:
            continue
        for field in ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data"):
            tensor.ClearField(field)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        del tensor.external_data[:]
        tensor.external_data.add(key="location", value="left-out.bin")


def tidy(model):
    """Without what only a debugger reads."""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    model.doc_string = model.graph.doc_string = ""
    del model.graph.value_info[:]
    for node in model.graph.node:
        node.doc_string = ""
        scopes = [p.value for p in node.metadata_props if p.key == "pkg.torch.onnx.name_scopes"]
        del node.metadata_props[:]
        for value in scopes:
            node.metadata_props.add(key="pkg.torch.onnx.name_scopes", value=value)
    for value in [*model.graph.input, *model.graph.output, *model.graph.initializer]:
        value.doc_string = ""
        if hasattr(value, "metadata_props"):
            del value.metadata_props[:]


def shapes(name, model):
    """The sizes of what convolutions, products, pools and recurrent layers give."""
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    known = {v.name: v.type.tensor_type.shape for v in [*inferred.graph.value_info, *inferred.graph.output]}
    kinds = {"Conv", "ConvTranspose", "Gemm", "MatMul", "MaxPool", "AveragePool", "GlobalAveragePool", "LSTM", "GRU"}
    for node in inferred.graph.node:
        if node.op_type in kinds and node.output[0] in known:
            sizes = [str(d.dim_value) if d.HasField("dim_value") else "?" for d in known[node.output[0]].dim]
            yield f"{name},{node.op_type},{node.name},{' '.join(sizes)}"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--whole", action="store_true")
    arguments.add_argument("--lenet5", type=Path)
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    lines = ["file,operator,node,sizes"]
    for name in given.names or NETWORKS:
        torch.manual_seed(1)
        module, inputs = NETWORKS[name]()
        module.eval()
        if name == "lenet5" and given.lenet5:
            import safetensors.torch
            module.load_state_dict(safetensors.torch.load_file(given.lenet5))
        if name == "tiny":
            for tensor in [module.bn.weight, module.bn.bias, module.bn.running_mean, module.bn.running_var]:
                torch.nn.init.uniform_(tensor, 0.5, 1.5)
        old = 14 if name in ("tiny", "unet", "densenet121", "gpt2-block", "encoder") else 17
        for dynamo in (False, True):
            file = given.folder / f"{name}{'-dynamo' if dynamo else ''}.onnx"
            try:
                model = export(module, inputs, dynamo, old)
            except Exception as error:  # An exporter that cannot is no reason to leave out the other networks.
                print(f"{file.name}: {type(error).__name__}: {str(error)[:300]}", file=sys.stderr)
                continue
            tidy(model)
            lines += shapes(file.name, model)
            if not given.whole and name != "tiny":
                strip(model)
            file.write_bytes(model.SerializeToString())
            print(f"{file.name}: {file.stat().st_size} bytes, {len(model.graph.node)} nodes", flush=True)
    (given.folder / "shapes.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
