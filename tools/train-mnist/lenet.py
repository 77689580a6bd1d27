"""LeNet-5 whose 400 features, after the second pooling, are signs: convolutions in float, a binarized classifier behind them."""
import jax
import jax.numpy as jnp
import numpy as np

import networks
import training

SHAPES = [(400, 120), (120, 84), (84, 10)]
BATCH = 128
# Weight of what keeps the mean of each feature near zero: rows that are mostly of one sign have little to say.
BALANCE = 0.1


def start(seed):
    a, b = jax.random.split(jax.random.PRNGKey(1_000_000 + seed))
    uniform = lambda key, shape, inputs: jax.random.uniform(key, shape, minval=-1, maxval=1) / np.sqrt(inputs)
    return {
        "conv1": uniform(a, (6, 1, 5, 5), 25),
        "conv1_bias": jnp.zeros(6),
        "conv2": uniform(b, (16, 6, 5, 5), 150),
        "conv2_bias": jnp.zeros(16),
    }


def pooled(x, kernel, bias, padding):
    x = jax.lax.conv_general_dilated(x, kernel, (1, 1), [(padding, padding)] * 2, dimension_numbers=("NCHW", "OIHW", "NCHW"))
    x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
    return x + bias[None, :, None, None]


def before_signs(pixels, conv):
    """Features of pictures (n, 28, 28) of 0 to 1, place by place, the 16 maps of a place beside each other."""
    x = jax.nn.relu(pooled(pixels[:, None], conv["conv1"], conv["conv1_bias"], 2))
    x = pooled(x, conv["conv2"], conv["conv2_bias"], 0)
    return x.transpose(0, 2, 3, 1).reshape(len(pixels), -1)


def sign(x):
    """-1 or +1, with a gradient where the value is between them (arXiv 1602.02830)."""
    return jnp.clip(x, -1, 1) + jax.lax.stop_gradient(jnp.where(x >= 0, 1.0, -1.0) - jnp.clip(x, -1, 1))


def train(pixels, labels, seed, epochs, rate, report=None):
    """Convolutions and a binarized classifier together."""
    parameters = {"conv": start(seed), **training.start(seed, SHAPES)}

    def loss(parameters, x, y):
        features = sign(before_signs(x / 255.0, parameters["conv"]))
        layers = [networks.signs(latent) for latent in parameters["latent"]]
        u = networks.ideal(features, layers, jnp.exp(parameters["k"]))
        return training.cross_entropy(u, y) + BALANCE * (features.mean(0) ** 2).mean()

    @jax.jit
    def update(parameters, state, x, y, step, rate):
        value, gradients = jax.value_and_grad(loss)(parameters, x, y)
        parameters, state = training.adam(parameters, gradients, state, step, rate)
        parameters["latent"] = [latent.clip(-1, 1) for latent in parameters["latent"]]
        return parameters, state, value

    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state, order = (zeros, zeros), np.random.default_rng(seed)
    steps, step = epochs * (len(labels) // BATCH), 0
    for epoch in range(epochs):
        shuffled, total = order.permutation(len(labels)), 0.0
        for at in range(0, len(labels) - BATCH + 1, BATCH):
            batch = shuffled[at : at + BATCH]
            now = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
            step += 1
            parameters, state, value = update(parameters, state, jnp.asarray(pixels[batch], jnp.float32), labels[batch], step, now)
            total += value
        if report:
            report(epoch, float(total) / (len(labels) // BATCH), parameters)
    return parameters


def features(pixels, conv):
    """0 and 1, as pictures have them; inputs of both signs take them as -1 and +1."""
    view = jax.jit(lambda x: before_signs(x.astype(jnp.float32) / 255.0, conv) >= 0)
    return training.in_parts(view, pixels).astype(np.uint8)
