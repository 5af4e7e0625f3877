"""The adapters with the libraries themselves; those that are not installed are left out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support.libraries import JAX, PYTORCH, SKLEARN, installed

from murmuration import CheckpointError, InvalidError


def test_importing_the_package_imports_no_library() -> None:
    libraries = {"sklearn", "joblib", "torch", "jax", "optax", "numpy"}
    code = f"import sys, murmuration, murmuration.adapters; print({libraries} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("adapter", "library", "name"),
    [("sklearn", "joblib", "scikit-learn"), ("torch", "torch", "PyTorch"), ("jax", "jax", "JAX")],
)
def test_a_missing_library_is_said_in_a_sentence(adapter: str, library: str, name: str) -> None:
    # `None` in the table of modules makes an import fail like a missing one, but for its name.
    hide = (
        "import sys, importlib.abc\n"
        "class Hidden(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name == {library!r}: raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
        f"import murmuration.adapters.{adapter}\n"
    )
    done = subprocess.run([sys.executable, "-c", hide], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        f"murmuration.errors.LibraryError: {name} is not installed: "
        f"install it with pip install 'murmuration[{adapter}]'."
    )


@pytest.fixture
def damaged(tmp_path: Path) -> list[Path]:
    """Files that are no checkpoints: missing, empty, cut off, of something else."""
    empty, text, cut = tmp_path / "empty", tmp_path / "text", tmp_path / "cut"
    empty.touch()
    text.write_text("This is no checkpoint.")
    cut.write_bytes(b"PK\x03\x04" + bytes(100))
    return [tmp_path / "missing", empty, text, cut, tmp_path]


# --------------------------------------------------------------------------------- scikit-learn


class TestSklearn:
    @pytest.fixture
    def adapter(self) -> ModuleType:
        installed("sklearn", SKLEARN)
        from murmuration.adapters import sklearn

        return sklearn

    @pytest.fixture
    def data(self) -> tuple[Any, Any]:
        numpy = installed("numpy", SKLEARN)
        features = numpy.random.default_rng(1).normal(size=(60, 4))
        return features, (features[:, 0] > 0).astype(int)

    def test_an_estimator_goes_on_as_if_it_had_not_been_saved(
        self, adapter: ModuleType, data: tuple[Any, Any], tmp_path: Path
    ) -> None:
        from sklearn.linear_model import SGDClassifier

        features, labels = data
        model = SGDClassifier(random_state=1).partial_fit(features, labels, classes=[0, 1])
        adapter.save(tmp_path / "m", model)
        copy = adapter.load(tmp_path / "m", {"alpha": 0.5})
        assert (copy.alpha, model.alpha) == (0.5, 0.0001)
        copy.set_params(alpha=0.0001)
        for each in (model, copy):
            each.partial_fit(features, labels)
        assert (copy.coef_ == model.coef_).all()

    @pytest.mark.parametrize("solver", ["sgd", "adam"])
    def test_a_new_learning_rate_of_a_perceptron_has_an_effect(
        self, adapter: ModuleType, solver: str, data: tuple[Any, Any]
    ) -> None:
        from sklearn.neural_network import MLPClassifier

        features, labels = data
        model = MLPClassifier((3,), solver=solver, alpha=0.0, random_state=1)
        model.partial_fit(features, labels, classes=[0, 1])
        adapter.set_hyperparameters(model, {"learning_rate_init": 1e-300})
        before = [layer.copy() for layer in model.coefs_]
        if solver == "sgd":
            # What it has in momentum moves it without a learning rate.
            adapter.set_hyperparameters(model, {"momentum": 0.0})
        model.partial_fit(features, labels)
        for layer, earlier in zip(model.coefs_, before, strict=True):
            assert abs(layer - earlier).max() < 1e-100

    def test_a_parameter_that_it_has_not_is_named(self, adapter: ModuleType) -> None:
        from sklearn.linear_model import SGDClassifier

        with pytest.raises(InvalidError, match="SGDClassifier has no parameter 'rate'; it has al"):
            adapter.set_hyperparameters(SGDClassifier(), {"rate": 1})

    def test_what_is_no_estimator_can_be_declined(
        self, adapter: ModuleType, damaged: list[Path]
    ) -> None:
        for path in damaged:
            with pytest.raises(CheckpointError, match="holds no estimator"):
                adapter.load(path)


# -------------------------------------------------------------------------------------- PyTorch


class TestTorch:
    @pytest.fixture
    def torch(self) -> Any:
        return installed("torch", PYTORCH)

    @pytest.fixture
    def adapter(self, torch: Any) -> ModuleType:
        from murmuration.adapters import torch as adapter

        return adapter

    def make(self, torch: Any, rate: float, width: int = 3, **options: Any) -> tuple[Any, Any]:
        module = torch.nn.Linear(width, 2)
        optimizer = torch.optim.SGD(module.parameters(), lr=rate, momentum=0.9, **options)
        return module, optimizer

    def step(self, torch: Any, module: Any, optimizer: Any) -> None:
        optimizer.zero_grad()
        module(torch.ones(1, module.in_features)).sum().backward()
        optimizer.step()

    def test_weights_and_momentum_are_restored_and_the_explored_rate_stays(
        self, torch: Any, adapter: ModuleType, tmp_path: Path
    ) -> None:
        donor, its_optimizer = self.make(torch, rate=0.5)
        self.step(torch, donor, its_optimizer)
        adapter.save(tmp_path / "m.pt", donor, its_optimizer, {"epoch": 3, "t": torch.ones(2)})
        module, optimizer = self.make(torch, rate=0.01)
        extra = adapter.load(tmp_path / "m.pt", module, optimizer)
        assert (extra["epoch"], extra["t"].tolist()) == (3, [1.0, 1.0])
        assert torch.equal(module.weight, donor.weight)
        momentum = [optimizer.state[each]["momentum_buffer"] for each in module.parameters()]
        expected = [its_optimizer.state[each]["momentum_buffer"] for each in donor.parameters()]
        assert all(map(torch.equal, momentum, expected))
        assert optimizer.param_groups[0]["lr"] == 0.01
        # The next step goes as far as the explored rate says.
        before = module.bias.clone()
        self.step(torch, module, optimizer)
        assert torch.allclose(before - module.bias, torch.full((2,), 0.01 * 1.9))

    def test_hyperparameters_are_set_after_the_state_is_loaded(
        self, torch: Any, adapter: ModuleType, tmp_path: Path
    ) -> None:
        module, optimizer = self.make(torch, rate=0.5)
        adapter.save(tmp_path / "m.pt", module, optimizer)
        adapter.load(tmp_path / "m.pt", module, optimizer, {"lr": 0.25, "momentum": 0.5})
        assert optimizer.param_groups[0]["lr"] == 0.25
        assert optimizer.param_groups[0]["momentum"] == 0.5
        with pytest.raises(InvalidError, match="SGD has no option 'learning_rate'; it has damp"):
            adapter.set_hyperparameters(optimizer, {"learning_rate": 0.1})

    def test_a_rate_that_is_a_tensor_stays_the_same_tensor(
        self, torch: Any, adapter: ModuleType, tmp_path: Path
    ) -> None:
        rate = torch.tensor(0.5)
        module = torch.nn.Linear(3, 2)
        optimizer = torch.optim.Adam(module.parameters(), lr=rate, foreach=False)
        adapter.save(tmp_path / "m.pt", module, optimizer)
        adapter.load(tmp_path / "m.pt", module, optimizer, {"lr": 0.25})
        assert optimizer.param_groups[0]["lr"] is rate
        assert rate.item() == 0.25

    def test_a_module_without_an_optimizer_is_enough(
        self, torch: Any, adapter: ModuleType, tmp_path: Path
    ) -> None:
        module, optimizer = self.make(torch, rate=0.5)
        adapter.save(tmp_path / "m.pt", module)
        other, _ = self.make(torch, rate=0.5)
        assert adapter.load(tmp_path / "m.pt", other) == {}
        assert torch.equal(module.weight, other.weight)
        with pytest.raises(CheckpointError, match="saved without an optimizer"):
            adapter.load(tmp_path / "m.pt", module, optimizer)

    def test_what_is_no_state_of_the_model_can_be_declined(
        self, torch: Any, adapter: ModuleType, damaged: list[Path], tmp_path: Path
    ) -> None:
        module, optimizer = self.make(torch, rate=0.5)
        wide, its_optimizer = self.make(torch, rate=0.5, width=4)
        adapter.save(tmp_path / "wide.pt", wide, its_optimizer)
        torch.save([1, 2], tmp_path / "list.pt")
        for path in (*damaged, tmp_path / "wide.pt", tmp_path / "list.pt"):
            with pytest.raises(CheckpointError, match="holds no state of this model"):
                adapter.load(path, module, optimizer)

    def test_no_code_of_a_file_runs(self, torch: Any, adapter: ModuleType, tmp_path: Path) -> None:
        class Trap:
            def __reduce__(self) -> tuple[Any, ...]:
                return (Path.touch, (tmp_path / "trapped",))

        module, _ = self.make(torch, rate=0.5)
        torch.save({"module": module.state_dict(), "extra": Trap()}, tmp_path / "trap.pt")
        with pytest.raises(CheckpointError):
            adapter.load(tmp_path / "trap.pt", module)
        assert not (tmp_path / "trapped").exists()


# ------------------------------------------------------------------------------------------ JAX


class TestJax:
    @pytest.fixture
    def jax(self) -> Any:
        return installed("jax", JAX)

    @pytest.fixture
    def optax(self) -> Any:
        return installed("optax", JAX)

    @pytest.fixture
    def adapter(self, jax: Any) -> ModuleType:
        from murmuration.adapters import jax as adapter

        return adapter

    def test_each_kind_of_leaf_is_restored_as_it_was(
        self, jax: Any, adapter: ModuleType, tmp_path: Path
    ) -> None:
        jnp, numpy = jax.numpy, installed("numpy", JAX)
        tree = {
            "weights": [jnp.arange(6.0).reshape(2, 3), jnp.ones(2, jnp.bfloat16) / 3],
            "key": jax.random.key(5),
            "old key": jax.random.PRNGKey(5),
            "count": 3,
            "rate": 0.5,
            "flag": True,
            "nothing": None,
            "host": numpy.arange(3, dtype=numpy.int64),
            "empty": jnp.zeros((0, 4)),
        }
        template = {
            "weights": [jnp.zeros((2, 3)), jnp.zeros(2, jnp.bfloat16)],
            "key": jax.random.key(0),
            "old key": jax.random.PRNGKey(0),
            "count": 0,
            "rate": 0.0,
            "flag": False,
            "nothing": None,
            "host": numpy.zeros(3, dtype=numpy.int64),
            "empty": jnp.zeros((0, 4)),
        }
        adapter.save(tmp_path / "m.npz", tree)
        found = adapter.load(tmp_path / "m.npz", template)
        for each in (found, tree):
            each["key"] = jax.random.key_data(each["key"])
        same = jax.tree_util.tree_map(
            lambda one, other: (
                type(one) is type(other)
                and numpy.asarray(one).dtype == numpy.asarray(other).dtype
                and bool((numpy.asarray(one) == numpy.asarray(other)).all())
            ),
            found,
            tree,
        )
        assert all(jax.tree_util.tree_leaves(same)), same
        assert found["nothing"] is None
        assert isinstance(found["weights"][0], jax.Array)

    def test_the_optimizers_state_is_restored_and_explored_values_stay(
        self, jax: Any, optax: Any, adapter: ModuleType, tmp_path: Path
    ) -> None:
        jnp = jax.numpy

        def model(rate: float) -> tuple[Any, Any, Any]:
            # Injected hyperparameters may be deep inside a chain of optimizers.
            optimizer = optax.chain(
                optax.clip(1.0), optax.inject_hyperparams(optax.adam)(learning_rate=rate, b1=0.8)
            )
            parameters = {"w": jnp.ones(3)}
            return optimizer, parameters, optimizer.init(parameters)

        optimizer, parameters, state = model(0.5)
        updates, state = optimizer.update({"w": jnp.arange(3.0)}, state, parameters)
        parameters = optax.apply_updates(parameters, updates)
        adapter.save(tmp_path / "m.npz", (parameters, state))

        _, fresh, its_state = model(0.01)
        found, found_state = adapter.load(tmp_path / "m.npz", (fresh, its_state))
        assert (found["w"] == parameters["w"]).all()
        assert float(found_state[1].hyperparams["learning_rate"]) == pytest.approx(0.01)
        learnt, expected = found_state[1].inner_state, state[1].inner_state
        assert jax.tree_util.tree_all(
            jax.tree_util.tree_map(lambda one, other: (one == other).all(), learnt, expected)
        )
        assert int(found_state[1].count) == 1

        set_too = adapter.load(tmp_path / "m.npz", (fresh, its_state), {"learning_rate": 0.25})
        values = set_too[1][1].hyperparams
        assert float(values["learning_rate"]) == 0.25
        assert float(values["b1"]) == pytest.approx(0.8)
        assert values["learning_rate"].dtype == its_state[1].hyperparams["learning_rate"].dtype
        # The explored rate is the one that the next step is made with.
        step, _ = optimizer.update({"w": jnp.ones(3)}, set_too[1], set_too[0])
        slower, _ = optimizer.update({"w": jnp.ones(3)}, found_state, found)
        assert jnp.allclose(step["w"], 25 * slower["w"])

    def test_a_value_that_is_not_injected_is_named(
        self, jax: Any, optax: Any, adapter: ModuleType
    ) -> None:
        state = optax.inject_hyperparams(optax.sgd)(learning_rate=0.1).init(jax.numpy.ones(2))
        with pytest.raises(InvalidError, match="has 'lr'; there are: learning_rate"):
            adapter.set_hyperparameters(state, {"lr": 0.1})
        with pytest.raises(InvalidError, match="there are: none"):
            adapter.set_hyperparameters({"w": jax.numpy.ones(2)}, {"lr": 0.1})

    def test_what_is_nothing_like_the_template_can_be_declined(
        self, jax: Any, adapter: ModuleType, damaged: list[Path], tmp_path: Path
    ) -> None:
        jnp, numpy = jax.numpy, installed("numpy", JAX)
        template = {"w": jnp.ones(3)}
        others = [{"v": jnp.ones(3)}, {"w": jnp.ones(4)}, {"w": jnp.ones(3, int)}, [jnp.ones(3)]]
        for index, other in enumerate(others):
            adapter.save(tmp_path / f"{index}.npz", other)
            damaged.append(tmp_path / f"{index}.npz")
        # An array of objects is a pickle, which would run code.
        numpy.savez(tmp_path / "pickle.npz", names=numpy.array(["['w']"], object), leaf0=1)
        for path in (*damaged, tmp_path / "pickle.npz"):
            with pytest.raises(CheckpointError, match="holds nothing like the template"):
                adapter.load(path, template)

    def test_what_is_no_array_is_not_saved(self, adapter: ModuleType, tmp_path: Path) -> None:
        with pytest.raises(CheckpointError, match=r"The leaf \['f'\] is of type object"):
            adapter.save(tmp_path / "m.npz", {"f": object()})
        assert list(tmp_path.iterdir()) == []
