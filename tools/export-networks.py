#!/usr/bin/env python3
"""Exports the networks of tools/networks.py to ONNX, whole or without their weights.

usage: tools/export-networks.py FOLDER [NAME ...] [--whole] [--wrong] [--lenet5 FILE.safetensors]
       FOLDER   gets NAME.onnx of the TorchScript exporter and NAME-dynamo.onnx of the newer one, of some
                NAME-qdq.onnx with quantised values, and shapes.csv, the sizes of
                what layers give as onnxruntime computes them
       --wrong  writes the files of the folder `wrong` instead, which cannot be imported or of which the tensors are looked at
       --whole  keeps the weights; without it, tensors of more than 16 numbers (1000 whole ones) keep name, type and size alone, as if they lay in
                a file beside the model that is not there

It needs torch, torchvision, onnx, onnxruntime, onnxscript, safetensors, and for some networks transformers and timm.
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


def quantised(model, inputs):
    """The same with 8-bit words around every operation, as onnxruntime writes it."""
    import tempfile

    from onnxruntime import quantization

    class Pictures(quantization.CalibrationDataReader):
        def __init__(self):
            self.left = iter([{model.graph.input[0].name: torch.rand(inputs[0].shape).numpy()} for _ in range(4)])

        def get_next(self):
            return next(self.left, None)

    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder) / name) for name in ("float.onnx", "words.onnx")]
        onnx.save(model, files[0])
        quantization.quantize_static(*files, Pictures(), quant_format=quantization.QuantFormat.QDQ, per_channel=True)
        return onnx.load(files[1])


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
        if count <= (1000 if tensor.data_type in (onnx.TensorProto.INT64, onnx.TensorProto.INT32) else 16):
            continue
        for field in ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data"):
            tensor.ClearField(field)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        del tensor.external_data[:]
        tensor.external_data.add(key="location", value="left-out.bin")


def shorten(model):
    """Values by numbers, and no names for what only changes sizes: a file of a test says no more than it must."""
    kept = {value.name for value in [*model.graph.input, *model.graph.output, *model.graph.initializer]}
    names = {}
    for node in model.graph.node:
        for index, value in enumerate(node.output):
            if value and value not in kept:
                names[value] = f"v{len(names)}"
                node.output[index] = names[value]
        for index, value in enumerate(node.input):
            node.input[index] = names.get(value, value)
        if node.op_type in ("Constant", "Identity", "Cast", "Shape", "Unsqueeze", "Squeeze", "Reshape", "Transpose"):
            node.name = ""
            del node.metadata_props[:]


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


def shapes(name, model, inputs):
    """The sizes of what convolutions, products, pools and recurrent layers give, as onnxruntime computes them."""
    import onnxruntime

    kinds = {"Conv", "ConvTranspose", "Gemm", "MatMul", "MaxPool", "AveragePool", "GlobalAveragePool", "LSTM", "GRU"}
    nodes = [node for node in model.graph.node if node.op_type in kinds]
    wide = onnx.ModelProto.FromString(model.SerializeToString())
    del wide.graph.output[:]
    wide.graph.output.extend(onnx.ValueInfoProto(name=node.output[0]) for node in nodes)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(wide.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = {value.name: array.numpy() for value, array in zip(session.get_inputs(), inputs)}
    for node, value in zip(nodes, session.run(None, given)):
        yield f"{name},{node.op_type},{node.name},{' '.join(map(str, value.shape))}"


def made(folder, name, nodes, inputs, outputs, stored=(), opset=17):
    graph = onnx.helper.make_graph(nodes, name, inputs, outputs, initializer=list(stored))
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)], ir_version=8)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())


def wrong(folder):
    """Files that are no networks."""
    from onnx import TensorProto as T
    from onnx.helper import make_node as node, make_tensor as tensor, make_tensor_value_info as value

    folder.mkdir(parents=True, exist_ok=True)
    x, y = value("x", T.FLOAT, [1, 3, 8, 8]), value("y", T.FLOAT, None)
    relu = [node("Relu", ["x"], ["y"], name="/relu/Relu")]
    made(folder, "opset-9", relu, [x], [y], opset=9)
    made(folder, "no-layers", [node("Identity", ["x"], ["y"])], [x], [y])
    unknown = [node("ScatterND", ["x", "i", "u"], ["a"], name="/dec/Scatter"), node("ScatterND", ["a", "i", "u"], ["b"], name="/dec/Scatter_1"),
               node("NonMaxSuppression", ["b"], ["c"], name="/boxes/NonMaxSuppression"), node("Frobnicate", ["c"], ["d"]), node("Relu", ["d"], ["y"])]
    stored = [tensor("i", T.INT64, [1, 1], [0]), tensor("u", T.FLOAT, [1], [0.0])]
    made(folder, "unknown-operators", unknown, [x], [y], stored)
    kernel = tensor("k.weight", T.FLOAT, [4, 3, 3, 3], [0.0] * 108)
    conv = [node("Conv", ["x", "k.weight"], ["y"], name="/k/Conv", pads=[1, 1, 1, 1])]
    made(folder, "open-sizes", conv, [value("x", T.FLOAT, ["batch", 3, "height", "width"])], [y], [kernel])
    made(folder, "two-inputs", [node("Add", ["x", "z"], ["s"], name="/Add"), node("Relu", ["s"], ["y"])], [x, value("z", T.FLOAT, [1, 3, 8, 8])], [y])
    cut = [node("Slice", ["x", "from", "to", "axis"], ["s"], name="/crop/Slice"), node("Relu", ["s"], ["y"])]
    one = lambda name, number: tensor(name, T.INT64, [1], [number])
    made(folder, "rows-of-a-map", cut, [x], [y], [one("from", 2), one("to", 6), one("axis", 2)])
    numbers = [0, 1, 2, 100]
    raw = [(T.FLOAT, "f4"), (T.DOUBLE, "f8"), (T.FLOAT16, "f2"), (T.INT8, "i1"), (T.UINT8, "u1"), (T.INT16, "i2"), (T.INT32, "i4"), (T.INT64, "i8")]
    import numpy as np
    types = [tensor(f"raw-{kind}", type, [2, 2], np.array(numbers, "<" + kind).tobytes(), raw=True) for type, kind in raw]
    upper = (np.array(numbers, "<f4").view("<u4") >> 16).astype("<u2")
    types += [tensor("raw-bfloat16", T.BFLOAT16, [2, 2], upper.tobytes(), raw=True)]
    types += [tensor(f"field-{type}", type, [2, 2], numbers) for type in (T.FLOAT, T.DOUBLE, T.INT32, T.INT64, T.INT8, T.FLOAT16)]
    made(folder, "types", relu, [x], [y], types)
    (folder / "beside.bin").write_bytes(np.array([9, 1, 2, 3], "<f4").tobytes())
    beside = []
    for name, place in [("inside", dict(location="beside.bin", offset=4, length=12)), ("outside", dict(location="../beside.bin")),
                        ("absolute", dict(location="/etc/hosts")), ("missing", dict(location="left-out.bin")),
                        ("beyond", dict(location="beside.bin", offset=8)), ("short", dict(location="beside.bin", length=8))]:
        one = onnx.TensorProto(name=name, data_type=T.FLOAT, dims=[3], data_location=T.EXTERNAL)
        for key, text in place.items():
            one.external_data.add(key=key, value=str(text))
        beside.append(one)
    made(folder, "beside", relu, [x], [y], beside)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--whole", action="store_true")
    arguments.add_argument("--wrong", action="store_true")
    arguments.add_argument("--lenet5", type=Path)
    given = arguments.parse_args()
    if given.wrong:
        return wrong(given.folder / "wrong")
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
            inputs = (torch.rand(1, 4, 4, 4) - 0.5,)
            columns = [inputs[0].flatten().tolist(), module(*inputs).flatten().tolist()]
            rows = [",".join(f"{column[i]:.9g}" for column in columns if i < len(column)) for i in range(64)]
            (given.folder / "tiny.csv").write_text("\n".join(["input,output", *rows]) + "\n")
        old = 14 if name in ("tiny", "unet", "gpt2-block", "encoder") else 17
        for way in ("", "-dynamo", "-qdq")[: 3 if name in ("lenet5", "resnet18") else 2]:
            file = given.folder / f"{name}{way}.onnx"
            try:
                model = export(module, inputs, way == "-dynamo", old)
                model = quantised(model, inputs) if way == "-qdq" else model
            except Exception as error:  # An exporter that cannot is no reason to leave out the other networks.
                print(f"{file.name}: {type(error).__name__}: {str(error)[:300]}", file=sys.stderr)
                continue
            tidy(model)
            lines += shapes(file.name, model, inputs)
            if not given.whole and name != "tiny":
                strip(model)
                shorten(model)
            file.write_bytes(model.SerializeToString())
            print(f"{file.name}: {file.stat().st_size} bytes, {len(model.graph.node)} nodes", flush=True)
    (given.folder / "shapes.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
