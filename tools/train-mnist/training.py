"""Adam, seeded, on one thread; latent weights between -1 and 1."""
import time

import jax
import jax.numpy as jnp
import numpy as np

import networks

BATCH = 256
# Volts that no amplifier reaches.
NO_RAIL = 1e9


def start(seed, shapes):
    keys = jax.random.split(jax.random.PRNGKey(seed), len(shapes))
    return {
        "latent": [jax.random.uniform(key, (rows + 1, columns), minval=-0.5, maxval=0.5) for key, (rows, columns) in zip(keys, shapes)],
        # Of the logarithm, so that they stay positive.
        "k": jnp.asarray([-0.5 * np.log(rows) for rows, _ in shapes]),
        # How sharp a class is to be told from amplifier outputs; used by training alone.
        "sharp": jnp.asarray(2.0),
    }


def cross_entropy(outputs, labels):
    return -jnp.take_along_axis(jax.nn.log_softmax(outputs), labels[:, None], 1).mean()


def adam(parameters, gradients, state, step, rate):
    m, v = state
    mean = lambda b: lambda old, new: b * old + (1 - b) * new
    m = jax.tree.map(mean(0.9), m, gradients)
    v = jax.tree.map(lambda old, g: 0.999 * old + 0.001 * g * g, v, gradients)
    move = lambda p, a, b: p - rate * (a / (1 - 0.9**step)) / (jnp.sqrt(b / (1 - 0.999**step)) + 1e-8)
    return jax.tree.map(move, parameters, m, v), (m, v)


def train(inputs, labels, parameters, views, epochs, rate, seed, wired_every=None, rail=None, report=None):
    """`views` are functions of (inputs, layers, k, sharp, key, wired, rail) to outputs, each with its share of the loss."""

    def loss(parameters, x, y, key, wired, rail):
        layers = [networks.signs(latent) for latent in parameters["latent"]]
        k, sharp = jnp.exp(parameters["k"]), jnp.exp(parameters["sharp"])
        keys = jax.random.split(key, len(views))
        return sum(share * cross_entropy(view(x, layers, k, sharp, one, wired, rail), y) for (view, share), one in zip(views, keys))

    @jax.jit
    def update(parameters, state, x, y, key, wired, rail, step, rate):
        value, gradients = jax.value_and_grad(loss)(parameters, x, y, key, wired, rail)
        parameters, state = adam(parameters, gradients, state, step, rate)
        parameters["latent"] = [latent.clip(-1, 1) for latent in parameters["latent"]]
        return parameters, state, value

    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state, order = (zeros, zeros), np.random.default_rng(seed)
    rail = NO_RAIL if rail is None else rail
    steps, step, wired, begun = epochs * (len(labels) // BATCH), 0, None, time.time()
    for epoch in range(epochs):
        total, shuffled = 0.0, order.permutation(len(labels))
        for at in range(0, len(labels) - BATCH + 1, BATCH):
            if wired_every and step % wired_every == 0:
                wired = networks.corrections([np.where(np.asarray(latent) >= 0, 1, -1) for latent in parameters["latent"]])
            batch = shuffled[at : at + BATCH]
            now = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            step += 1
            key = jax.random.PRNGKey(seed * 1_000_003 + step)
            parameters, state, value = update(parameters, state, inputs[batch], labels[batch], key, wired, rail if step % 2 else NO_RAIL, step, now)
            total += value
        if report:
            report(epoch, float(total) / (len(labels) // BATCH), parameters, time.time() - begun)
    return parameters


def right(outputs, labels):
    return int((np.asarray(outputs).argmax(1) == labels).sum())


def in_parts(view, inputs, size=1000):
    return np.concatenate([np.asarray(view(inputs[at : at + size])) for at in range(0, len(inputs), size)])


def layers_of(parameters):
    return [jnp.where(latent >= 0, 1.0, -1.0) for latent in parameters["latent"]]
