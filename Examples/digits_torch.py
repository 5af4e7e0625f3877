"""Trains a small network on handwritten digits with PyTorch, as one worker of a population.

Run it with `murmur run --space Examples/digits_torch.yaml -- python Examples/digits_torch.py`.
Each step is an epoch of stochastic gradient descent. Learning rate, momentum, weight decay and
dropout are what the population searches; the score is the accuracy on digits that are held out.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from sklearn.datasets import load_digits
from torch import nn

from murmuration import Value, Worker, preemptible, restored
from murmuration.adapters.torch import load, save, set_hyperparameters

# The same digits are held out by every worker, whatever its member.
SPLIT_SEED = 20_170_703
HELD_OUT = 899
BATCH = 32


class Training:
    """A network, its optimizer, and the digits."""

    def __init__(self, member: int) -> None:
        torch.manual_seed(member)
        self.dropout = nn.Dropout()
        self.network = nn.Sequential(
            nn.Linear(64, 128), nn.ReLU(), self.dropout, nn.Linear(128, 10)
        )
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=0.1, momentum=0.9)
        images, labels = load_digits(return_X_y=True)
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(SPLIT_SEED))
        self.images = torch.tensor(images / 16, dtype=torch.float32)[order]
        self.labels = torch.tensor(labels)[order]

    @staticmethod
    def load(path: str, member: int) -> Training:
        training = Training(member)
        load(path, training.network, training.optimizer)
        return training

    def use(self, hyperparameters: Mapping[str, Value]) -> None:
        """Trains with these from now on: an exploit brings other ones than the checkpoint has."""
        self.dropout.p = float(hyperparameters["dropout"])
        options = {
            "lr": hyperparameters["learning_rate"],
            "momentum": hyperparameters["momentum"],
            "weight_decay": hyperparameters["weight_decay"],
        }
        set_hyperparameters(self.optimizer, options)

    def epoch(self) -> float:
        """Trains on each digit once, and returns the last loss."""
        self.network.train()
        for chosen in (HELD_OUT + torch.randperm(len(self.images) - HELD_OUT)).split(BATCH):
            answers = self.network(self.images[chosen])
            loss = nn.functional.cross_entropy(answers, self.labels[chosen])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
        return float(loss)

    def accuracy(self) -> float:
        self.network.eval()
        with torch.no_grad():
            answers = self.network(self.images[:HELD_OUT]).argmax(dim=1)
        return float((answers == self.labels[:HELD_OUT]).float().mean())


def main() -> None:
    # The workers are what uses the cores.
    torch.set_num_threads(1)
    with preemptible(), Worker() as worker:

        def next_training() -> Training:
            return restored(
                worker,
                lambda path: Training.load(path, worker.member),
                lambda: Training(worker.member),
            )

        training = next_training()
        while worker.training:
            training.use(worker.hyperparameters)
            loss = 0.0
            for _ in range(worker.step, worker.target_step):
                loss = training.epoch()
            step, score = worker.target_step, training.accuracy()
            path = worker.checkpoint_path(".pt")
            save(path, training.network, training.optimizer)
            directive = worker.report(step, score, path, metrics={"loss": loss})
            print(f"member {directive.member}, step {step}: {score:.4f}, {directive.action}")
            if directive.loads:
                training = next_training()
        print(worker.stop_reason)


if __name__ == "__main__":
    main()
