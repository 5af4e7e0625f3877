"""Trains a small network on handwritten digits with JAX and Optax, as one worker of a population.

Run it with `murmur run --space Examples/digits_jax.yaml -- python Examples/digits_jax.py`. Each
step is an epoch of Adam. Its learning rate and first decay, and how much labels are smoothed, are
what the population searches; the score is the accuracy on digits that are held out.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import optax
from sklearn.datasets import load_digits

from murmuration import Worker, preemptible, restored
from murmuration.adapters.jax import load, save, set_hyperparameters

# The same digits are held out by every worker, whatever its member.
SPLIT_SEED = 20_170_703
HELD_OUT = 899
BATCH = 32
LAYERS = (64, 128, 10)

# Injected hyperparameters are part of the optimizer's state, and may change while it trains.
optimizer = optax.inject_hyperparams(optax.adam)(learning_rate=0.001, b1=0.9)


def fresh(member: int) -> tuple[Any, Any]:
    """A network's parameters and its optimizer's state."""
    key = jax.random.key(member)
    parameters = []
    for inputs, outputs in pairwise(LAYERS):
        key, own = jax.random.split(key)
        weights = jnp.sqrt(2 / inputs) * jax.random.normal(own, (inputs, outputs))
        parameters.append({"weights": weights, "biases": jnp.zeros(outputs)})
    return parameters, optimizer.init(parameters)


def answers(parameters: Any, images: Any) -> Any:
    for layer in parameters[:-1]:
        images = jax.nn.relu(images @ layer["weights"] + layer["biases"])
    return images @ parameters[-1]["weights"] + parameters[-1]["biases"]


def loss_of(parameters: Any, images: Any, labels: Any, smoothing: Any) -> Any:
    wanted = optax.smooth_labels(jax.nn.one_hot(labels, LAYERS[-1]), smoothing)
    return optax.softmax_cross_entropy(answers(parameters, images), wanted).mean()


def train(model: tuple[Any, Any], images: Any, labels: Any, smoothing: Any, key: Any) -> Any:
    """The model after one pass over the digits, and its mean loss."""

    def batch(model: tuple[Any, Any], chosen: Any) -> tuple[Any, Any]:
        parameters, state = model
        loss, gradients = jax.value_and_grad(loss_of)(
            parameters, images[chosen], labels[chosen], smoothing
        )
        updates, state = optimizer.update(gradients, state, parameters)
        return (optax.apply_updates(parameters, updates), state), loss

    count = len(images) // BATCH
    order = jax.random.permutation(key, len(images))[: count * BATCH].reshape(count, BATCH)
    model, losses = jax.lax.scan(batch, model, order)
    return model, losses.mean()


epoch = jax.jit(train)


def main() -> None:
    images, labels = load_digits(return_X_y=True)
    order = jax.random.permutation(jax.random.key(SPLIT_SEED), len(images))
    images, labels = jnp.asarray(images / 16, jnp.float32)[order], jnp.asarray(labels)[order]

    with preemptible(), Worker() as worker:

        def next_model() -> tuple[Any, Any]:
            template = fresh(worker.member)
            return restored(worker, partial(load, template=template), lambda: template)

        model = next_model()
        while worker.training:
            values = worker.hyperparameters
            model = set_hyperparameters(
                model, {"learning_rate": values["learning_rate"], "b1": values["b1"]}
            )
            for step in range(worker.step, worker.target_step):
                key = jax.random.fold_in(jax.random.key(worker.member), step)
                model, loss = epoch(
                    model, images[HELD_OUT:], labels[HELD_OUT:], values["smoothing"], key
                )
            right = answers(model[0], images[:HELD_OUT]).argmax(axis=1) == labels[:HELD_OUT]
            step, score = worker.target_step, float(right.mean())
            path = worker.checkpoint_path(".npz")
            save(path, model)
            directive = worker.report(step, score, path, metrics={"loss": loss})
            print(f"member {directive.member}, step {step}: {score:.4f}, {directive.action}")
            if directive.loads:
                model = next_model()
        print(worker.stop_reason)


if __name__ == "__main__":
    main()
