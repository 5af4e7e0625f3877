"""Trains the network of digits_torch.py with several processes that are one worker of a population.

Run it with `murmur run --workers 1 --space Examples/digits_torch.yaml -- torchrun --standalone
--nproc-per-node 2 Examples/digits_ddp.py`. Each process trains on its share of every batch, and
PyTorch averages their gradients (DistributedDataParallel). Rank 0 scores and saves.
"""

from __future__ import annotations

import torch
import torch.distributed as dist
from digits_torch import BATCH, HELD_OUT, Training
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from murmuration import preemptible, restored
from murmuration.adapters.torch import load, save
from murmuration.distributed import DistributedWorker


class SharedTraining(Training):
    """A network that every process has, and whose gradients are averaged over them."""

    def __init__(self, member: int) -> None:
        super().__init__(member)
        self.shared = DistributedDataParallel(self.network)
        # Every process has to draw the same batches, whatever else it draws.
        self.chance = torch.Generator().manual_seed(member)

    @staticmethod
    def load(path: str, member: int) -> SharedTraining:
        training = SharedTraining(member)
        load(path, training.network, training.optimizer)
        return training

    def epoch(self) -> float:
        """Trains on each digit once, each process on its share, and returns the last loss."""
        self.network.train()
        order = torch.randperm(len(self.images) - HELD_OUT, generator=self.chance)
        for batch in (HELD_OUT + order).split(BATCH):
            chosen = batch[dist.get_rank() :: dist.get_world_size()]
            answers = self.shared(self.images[chosen])
            loss = nn.functional.cross_entropy(answers, self.labels[chosen])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
        return float(loss)


def main() -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    with preemptible(), DistributedWorker() as worker:

        def next_training() -> SharedTraining:
            return restored(
                worker,
                lambda path: SharedTraining.load(path, worker.member),
                lambda: SharedTraining(worker.member),
            )

        training = next_training()
        while worker.training:
            training.use(worker.hyperparameters)
            for _ in range(worker.step, worker.target_step):
                training.epoch()
            step, score, path = worker.target_step, 0.0, worker.checkpoint_path(".pt")
            if worker.rank == 0:
                score = training.accuracy()
                save(path, training.network, training.optimizer)
            directive = worker.report(step, score, path)
            print(f"rank {worker.rank}, member {directive.member}, step {step}: {directive.action}")
            if directive.loads:
                training = next_training()
        print(worker.stop_reason)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
