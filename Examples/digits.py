"""Trains a neural network on handwritten digits, as one worker of a population.

Run it with `murmur run --space Examples/digits.yaml … -- python Examples/digits.py`. Each step is
an epoch of the digits that scikit-learn ships. A network has two hidden layers and is trained by
stochastic gradient descent with momentum; its learning rate, momentum, dropout and batch size are
what the population searches. The score is the accuracy on digits that are held out.
"""

from __future__ import annotations

import argparse
import os
import zipfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

# One thread for each worker: the workers are what uses the cores. It is read at the import.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from murmuration import CheckpointError, Value, Worker, preemptible, restored, writing

Floats = NDArray[np.float32]

LAYERS = (64, 256, 128, 10)
# The same digits are held out by every worker, whatever its member.
SPLIT_SEED = 20_170_703
HELD_OUT = 899


class Network:
    """A multilayer perceptron with its optimizer's state."""

    def __init__(self, weights: list[Floats], velocities: list[Floats]) -> None:
        self.weights = weights
        self.velocities = velocities

    @staticmethod
    def fresh(seed: int) -> Network:
        random = np.random.default_rng(seed)
        weights: list[Floats] = []
        for inputs, outputs in pairwise(LAYERS):
            # He's initialisation keeps the variance through rectified layers.
            scale = np.sqrt(2 / inputs)
            weights.append((scale * random.standard_normal((inputs, outputs))).astype(np.float32))
            weights.append(np.zeros(outputs, np.float32))
        return Network(weights, [np.zeros_like(weight) for weight in weights])

    @staticmethod
    def load(path: str) -> Network:
        try:
            with np.load(path) as saved:
                count = len(saved.files) // 2
                return Network(
                    [saved[f"weight{index}"] for index in range(count)],
                    [saved[f"velocity{index}"] for index in range(count)],
                )
        except (KeyError, ValueError, zipfile.BadZipFile) as error:
            raise CheckpointError(f"{path} holds no network: {error}") from error

    def save(self, path: Path | str) -> None:
        arrays = {f"weight{index}": weight for index, weight in enumerate(self.weights)}
        arrays |= {f"velocity{index}": each for index, each in enumerate(self.velocities)}
        with writing(path) as temporary:
            np.savez(temporary, **arrays)  # type: ignore[arg-type]

    def accuracy(self, images: Floats, labels: NDArray[np.int64]) -> float:
        return float((self._forward(images)[-1].argmax(axis=1) == labels).mean())

    def train(
        self,
        images: Floats,
        labels: NDArray[np.int64],
        hyperparameters: Mapping[str, Value],
        random: np.random.Generator,
    ) -> float:
        """One epoch; returns the mean loss."""
        rate = np.float32(hyperparameters["learning_rate"])
        momentum = np.float32(hyperparameters["momentum"])
        dropout = float(hyperparameters["dropout"])
        size = int(hyperparameters["batch_size"])
        order = random.permutation(len(images))
        losses = []
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            # A rate that is far too high overflows; its member scores badly and copies another.
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                loss, gradients = self._gradients(images[chosen], labels[chosen], dropout, random)
                for weight, velocity, gradient in zip(
                    self.weights, self.velocities, gradients, strict=True
                ):
                    velocity *= momentum
                    velocity -= rate * gradient
                    weight += velocity
            losses.append(loss)
        return float(np.mean(losses))

    def _forward(
        self, images: Floats, dropout: float = 0.0, random: np.random.Generator | None = None
    ) -> list[Floats]:
        """The outputs of every layer, the last one without the softmax."""
        outputs = [images]
        last = len(self.weights) - 2
        for index in range(0, len(self.weights), 2):
            sums = outputs[-1] @ self.weights[index] + self.weights[index + 1]
            if index < last:
                sums = np.maximum(sums, 0)
                if random is not None and dropout > 0:
                    kept = random.random(sums.shape, np.float32) >= dropout
                    sums *= kept / np.float32(1 - dropout)
            outputs.append(sums)
        return outputs

    def _gradients(
        self,
        images: Floats,
        labels: NDArray[np.int64],
        dropout: float,
        random: np.random.Generator,
    ) -> tuple[float, list[Floats]]:
        outputs = self._forward(images, dropout, random)
        sums = outputs[-1] - outputs[-1].max(axis=1, keepdims=True)
        odds = np.exp(sums)
        chances = odds / odds.sum(axis=1, keepdims=True)
        rows = np.arange(len(labels))
        loss = float(-np.log(chances[rows, labels] + 1e-12).mean())
        errors = chances
        errors[rows, labels] -= 1
        errors /= len(labels)
        gradients: list[Floats] = []
        for layer in reversed(range(len(self.weights) // 2)):
            inputs = outputs[layer]
            gradients[:0] = [inputs.T @ errors, errors.sum(axis=0)]
            if layer > 0:
                # A unit that is 0, by the rectifier or by dropout, passes nothing back.
                scale = np.float32(1 / (1 - dropout))
                errors = (errors @ self.weights[2 * layer].T) * (inputs > 0) * scale
        return loss, gradients


def digits() -> tuple[Floats, NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Images and labels to train on, then those that are held out."""
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(images))
    images = (images[order] / 16).astype(np.float32)
    labels = labels[order].astype(np.int64)
    return images[HELD_OUT:], labels[HELD_OUT:], images[:HELD_OUT], labels[:HELD_OUT]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Trains digits as one worker of a population.")
    parser.add_argument(
        "--checkpoints",
        type=Path,
        help="where checkpoints are written; all workers must see it (default: the run's)",
    )
    parser.add_argument(
        "--delete-released",
        action="store_true",
        help="delete the checkpoints that nothing needs any more",
    )
    return parser.parse_args()


def main() -> None:
    given = arguments()
    images, labels, unseen, truth = digits()
    with (
        preemptible(),
        Worker(checkpoints=given.checkpoints, delete_released=given.delete_released) as worker,
    ):

        def fresh() -> Network:
            return Network.fresh(worker.member)

        model = restored(worker, Network.load, fresh)
        while worker.training:
            step = worker.target_step
            random = np.random.default_rng([worker.member, worker.step])
            loss = 0.0
            for _ in range(worker.step, step):
                loss = model.train(images, labels, worker.hyperparameters, random)
            path = worker.checkpoint_path(".npz")
            model.save(path)
            score = model.accuracy(unseen, truth)
            directive = worker.report(step, score, checkpoint=path, metrics={"loss": loss})
            print(f"member {directive.member}, step {step}: {score:.4f}, {directive.action}")
            if directive.loads:
                model = restored(worker, Network.load, fresh)
        print(worker.stop_reason)


if __name__ == "__main__":
    main()
