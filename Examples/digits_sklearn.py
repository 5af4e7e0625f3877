"""Trains scikit-learn's multilayer perceptron on handwritten digits, as one worker.

Run it with `murmur run --space Examples/digits_sklearn.yaml -- python Examples/digits_sklearn.py`.
Each step is one pass of `partial_fit` over the digits. Learning rate, momentum, penalty and batch
size are what the population searches; the score is the accuracy on digits that are held out.
"""

from __future__ import annotations

import os

# One thread for each worker: the workers are what uses the cores. It is read at the import.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from murmuration import Worker, preemptible, restored
from murmuration.adapters.sklearn import load, save, set_hyperparameters

# The same digits are held out by every worker, whatever its member.
SPLIT_SEED = 20_170_703


def main() -> None:
    images, labels = load_digits(return_X_y=True)
    train, unseen, answers, truth = train_test_split(
        images / 16, labels, test_size=0.5, random_state=SPLIT_SEED
    )
    digits = np.unique(labels)

    with preemptible(), Worker() as worker:

        def fresh() -> MLPClassifier:
            return MLPClassifier((64,), solver="sgd", random_state=worker.member)

        # A pickle runs code, so none is loaded but those of this directory.
        trusted = worker.checkpoint_directory
        model = restored(worker, load, fresh, inside=trusted)
        while worker.training:
            # The names in the space file are the estimator's own. This is done before each
            # training, because a loaded estimator has the hyperparameters of who saved it.
            set_hyperparameters(model, worker.hyperparameters)
            for _ in range(worker.step, worker.target_step):
                model.partial_fit(train, answers, classes=digits)
            score = model.score(unseen, truth)
            path = worker.checkpoint_path(".joblib")
            save(path, model)
            step = worker.target_step
            directive = worker.report(step, score, path, metrics={"loss": model.loss_})
            print(f"member {directive.member}, step {step}: {score:.4f}, {directive.action}")
            if directive.loads:
                model = restored(worker, load, fresh, inside=trusted)
        print(worker.stop_reason)


if __name__ == "__main__":
    main()
