#!/usr/bin/env python3
"""Trains the binarized networks of `arch/weights/` on MNIST. Seeded; one thread on one kind of machine gives the same bytes again:

    pip install -r tools/train-mnist/requirements.txt
    tools/train-mnist/train.py mlp MNIST net.safetensors --encoding unsigned
    tools/train-mnist/train.py mlp MNIST net.safetensors --encoding bipolar --circuit published
    tools/train-mnist/train.py lenet MNIST lenet.safetensors
    tools/train-mnist/train.py classifier MNIST lenet.safetensors net.safetensors --circuit published
    tools/train-mnist/train.py features MNIST net.safetensors features.npz

MNIST is the folder with its four IDX files. A network is computed in several ways while it is trained, and the losses of all are added:

- always: ideal sums, logistic neurons;
- `--circuit published`: rows at +-VDD, columns that float at difference amplifiers, with wires: once with neurons that drive the next rows,
  once with digital logistic functions and rows at the voltages of converters;
- `--circuit built`: columns at 0 V, the neuron's own curve into the rows that it drives; devices are drawn with a spread for every batch.
"""
import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import jax
import jax.numpy as jnp
import numpy as np

import circuit
import lenet
import mnist
import networks
import training

MLP = [(784, 16), (16, 10)]
# Of the resistances of the circuit that can be built, while it is trained for.
SPREAD = 0.1
# The last amplifier's own voltage counts a little beside the neuron's, which says nothing where it is flat.
STRAIGHT = 0.05


def ideal(x, layers, k, sharp, key, wired, rail):
    return networks.ideal(x, layers, k)


def published_analog(x, layers, k, sharp, key, wired, rail):
    v_in = networks.published_analog(x, networks.published_parts(layers, wired), rail)
    return sharp * (circuit.open_v(v_in) / circuit.VDD - STRAIGHT * v_in)


def published_mixed(x, layers, k, sharp, key, wired, rail):
    return networks.published_mixed(x, networks.published_parts(layers, wired), layers, k, rail)


def built(shapes, activations):
    return lambda x, layers, k, sharp, key, wired, rail: networks.ideal(x, layers, k, key, SPREAD, activations=activations)


def views(kind, shapes):
    if kind == "published":
        return [(ideal, 1.0), (published_analog, 1.0), (published_mixed, 1.0)]
    if kind == "built":
        return [(built(shapes, None), 1.0), (built(shapes, networks.built_curves(shapes)), 1.0)]
    return [(ideal, 1.0)]


def counts(layers, k, inputs, labels, kind, shapes):
    """Pictures right, by each way of computing them."""
    right = lambda view: training.right(training.in_parts(jax.jit(view), inputs), labels)
    found = {"ideal": right(lambda x: networks.ideal(x, layers, k))}
    if kind == "published":
        parts = networks.published_parts(layers, networks.corrections(layers))
        for name, rail in [("", None), (" within the rails", circuit.VDD)]:
            found["analog" + name] = right(lambda x: circuit.open_v(networks.published_analog(x, parts, rail)))
            found["mixed" + name] = right(lambda x: networks.published_mixed(x, parts, layers, k, rail))
    else:
        curves = networks.built_curves(shapes)
        found["neuron's curve"] = right(lambda x: networks.ideal(x, layers, k, activations=curves))
        drawn = lambda seed: lambda x: networks.ideal(x, layers, k, jax.random.PRNGKey(seed), 0.05, activations=curves)
        found["and a spread of 5 %, mean of 5"] = sum(right(drawn(seed)) for seed in range(5)) / 5
    return found


def fit(args, train, test, shapes, before=None):
    """Trains a classifier and says how it does; its tensors."""
    parameters = before or training.start(args.seed, shapes)

    def report(epoch, loss, parameters, seconds):
        layers, k = training.layers_of(parameters), jnp.exp(parameters["k"])
        print(f"epoch {epoch + 1}: loss {loss:.4f}, {training.right(training.in_parts(jax.jit(lambda x: networks.ideal(x, layers, k)), test[0]), test[1])} right, {seconds:.0f} s", flush=True)

    wired_every = args.wired_every if args.circuit == "published" else None
    ways = views(args.circuit, shapes)
    parameters = training.train(*train, parameters, ways, args.epochs, args.rate, args.seed, wired_every, args.rail, report)
    layers, k = training.layers_of(parameters), jnp.exp(parameters["k"])
    found = counts(layers, k, *test, args.circuit, shapes)
    print(f"right of {len(test[1])}:", ", ".join(f"{name} {count}" for name, count in found.items()))
    tensors = {"k": np.asarray(k)}
    for number, cells in enumerate(layers, 1):
        tensors |= {f"W{number}": np.asarray(cells)[:-1], f"b{number}": np.asarray(cells)[-1]}
    return tensors


def about(args, **more):
    kept = ("command", "encoding", "circuit", "seed", "epochs", "rate", "rail")
    return {"trained by": "tools/train-mnist/train.py", "trained on": "MNIST, 60000 pictures"} | {
        name: getattr(args, name) for name in kept if getattr(args, name, None) is not None
    } | more


def mlp(args):
    train, test = (mnist.pictures(args.mnist, part) for part in ("train", "t10k"))
    encode = lambda pixels: mnist.bits(pixels) * 2 - 1 if args.encoding == "bipolar" else mnist.bits(pixels)
    tensors = fit(args, (encode(train[0]), train[1]), (encode(test[0]), test[1]), MLP)
    mnist.save(args.out, tensors, about(args))


def train_lenet(args):
    train, test = (mnist.pictures(args.mnist, part) for part in ("train", "t10k"))

    def report(epoch, loss, parameters):
        inputs = lenet.features(test[0], parameters["conv"]) * 2.0 - 1
        u = networks.ideal(inputs, training.layers_of(parameters), jnp.exp(parameters["k"]))
        print(f"epoch {epoch + 1}: loss {loss:.4f}, {training.right(u, test[1])} right, {inputs.mean():+.3f} of the features on average", flush=True)

    parameters = lenet.train(*train, args.seed, args.epochs, args.rate, report)
    tensors = {name: np.asarray(tensor) for name, tensor in parameters["conv"].items()}
    for number, cells in enumerate(training.layers_of(parameters), 1):
        tensors |= {f"W{number}": np.asarray(cells)[:-1], f"b{number}": np.asarray(cells)[-1]}
    tensors["k"] = np.exp(np.asarray(parameters["k"]))
    mnist.save(args.out, tensors, about(args))


def of_lenet(path):
    """Its convolutions, and its classifier to go on from."""
    tensors, _ = mnist.load(path)
    conv = {name: tensors[name] for name in ("conv1", "conv1_bias", "conv2", "conv2_bias")}
    before = training.start(0, lenet.SHAPES)
    # Halfway to where a sign is held.
    before["latent"] = [jnp.asarray(0.5 * np.vstack([tensors[f"W{n}"], tensors[f"b{n}"].reshape(1, -1)])) for n in (1, 2, 3)]
    before["k"] = jnp.log(jnp.asarray(tensors["k"]))
    return conv, before


def classifier(args):
    conv, before = of_lenet(args.lenet)
    sets = []
    for part in ("train", "t10k"):
        pixels, labels = mnist.pictures(args.mnist, part)
        sets.append((lenet.features(pixels, conv) * np.float32(2) - 1, labels))
    tensors = fit(args, *sets, lenet.SHAPES, before)
    mnist.save(args.out, conv | tensors, about(args, encoding="bipolar", features="signs of a LeNet-5, by conv1 and conv2"))


def features(args):
    """Features of 0 and 1 and labels, as `imcost accuracy --data` takes them."""
    conv, _ = of_lenet(args.weights)
    pixels, labels = mnist.pictures(args.mnist, args.part)
    name = "test" if args.part == "t10k" else "train"
    np.savez_compressed(args.out, **{f"x_{name}": lenet.features(pixels, conv), f"y_{name}": labels.astype(np.uint8)})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command")

    def command(name, run, positional, epochs, rate):
        sub = commands.add_parser(name)
        for argument in ["mnist", *positional]:
            sub.add_argument(argument)
        if epochs:
            sub.add_argument("--seed", type=int, default=0)
            sub.add_argument("--epochs", type=int, default=epochs)
            sub.add_argument("--rate", type=float, default=rate)
        if name in ("mlp", "classifier"):
            sub.add_argument("--circuit", choices=["none", "published", "built"], default="none")
            sub.add_argument("--rail", type=float, help="volts beyond which amplifiers do not go in every other batch")
            sub.add_argument("--wired-every", type=int, default=100, help="steps between two computations of what wires change")
        sub.set_defaults(run=run)
        return sub

    command("mlp", mlp, ["out"], 20, 5e-3).add_argument("--encoding", choices=["unsigned", "bipolar"], default="unsigned")
    command("lenet", train_lenet, ["out"], 12, 3e-3)
    command("classifier", classifier, ["lenet", "out"], 8, 3e-3)
    command("features", features, ["weights", "out"], None, None).add_argument("--part", choices=["t10k", "train"], default="t10k")
    args = parser.parse_args()
    args.run(args)


main()
