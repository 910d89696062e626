# Over 200 lines: the contract of the room is read as a whole.
"""The contract of the room: what a field, a predictor and a trained model are.

A predictor (one file in `predictors/`) declares what it asks for and how it learns. Training gives a `Trained`:
a `Model`, which carries its own input schema, and a card, which says how good it is. Everything above (serving,
commands, API, forms) sees only these types.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from platform_core.errors import FieldProblem, RecordInvalid

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from ml_services.champions.holdout import Lock
    from ml_services.champions.rival import Rival
    from ml_services.champions.rows import KnownRows

Kind = Literal["number", "category", "yes_no", "date", "text", "series", "integer"]
Grain = Literal["row", "series", "text"]
Task = Literal["binary", "classes", "value", "cluster", "series", "polarity", "tags", "composite"]
Evidence = Literal["provisional", "standard", "full"]
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a predictor, in the words of the person who fills it in.

    `required`: the key (or column) must be there. `nullable`: its value may be null or blank, meaning unknown.
    `choices`: the values known; a value outside them is refused only where `closed`.
    `missing`: spellings that mean "unknown" in this company's data, beside the usual ones.
    `truthy`: for yes_no, the spelling in `choices` that means yes.
    `personal`: says who somebody is; redacted wherever records are kept.
    """

    name: str
    kind: Kind
    description: str = ""
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    closed: bool = False
    truthy: str = ""
    required: bool = True
    nullable: bool = False
    missing: tuple[str, ...] = ()
    personal: bool = False
    example: Any = None


@dataclass(frozen=True, slots=True)
class Output:
    """One field of an answer. `kind` is a JSON type; `parts` are the keys of an object, or of each array item."""

    name: str
    kind: Literal["number", "string", "boolean", "object", "array", "integer"]
    description: str = ""
    unit: str = ""
    nullable: bool = False
    choices: tuple[str, ...] = ()
    parts: tuple[Output, ...] = ()


@dataclass(frozen=True, slots=True)
class Banded:
    """An answer that puts a probability into one of a few bands. `output`: the answer's field that names it; `names`:
    the bands, least likely first, one more than there are cuts; `setting`: the training option that gives the cuts."""

    output: str
    names: tuple[str, ...]
    setting: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The rows that the card's figures rest on: `truth` 0/1 and `said`, their calibrated probabilities, both (n,);
    `rows`: their positions in the file, where they were held out; `weight`: for how much of a fresh row each counts in
    an interval (`decisions.intervals.WEIGHTS`)."""

    truth: npt.NDArray[np.float64]
    said: npt.NDArray[np.float64]
    rows: npt.NDArray[np.int64] | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Reject:
    """A row of a table that could not be answered. `position` counts from 0 within the table given."""

    position: int
    column: str
    value: str
    reason: str


@dataclass(slots=True)
class TableAnswer:
    """Answers to a table: `positions` of the rows answered, ascending; one array per answer column, as long as
    `positions`, named as in the API with nested names joined by `_` and without the `prediction_` prefix; and
    the rejects. Every row of the table is in `positions` or has at least one reject, never both."""

    positions: npt.NDArray[np.int64]
    columns: dict[str, pa.Array]
    rejects: list[Reject]


class Model(ABC):
    """A trained (or trainless) model with its schema. Instances are what the artifact holds: picklable, no open
    files, no Django."""

    fields: tuple[Field, ...]

    @property
    def cuts(self) -> tuple[float, ...] | None:
        """The probabilities that part its bands; None where it has none."""
        return None

    def with_cuts(self, cuts: tuple[float, ...] | None) -> Model:
        """The same model, answering by these cuts; None: by those it was trained with."""
        return self

    def warm(self) -> None:
        """Builds whatever a first answer would have to wait for; called when a serving process loads the model."""
        return

    @abstractmethod
    def answer(self, record: Record, *, explain: bool) -> dict[str, Any]:
        """The answer's own fields, with `raw` and `reasons` where `explain`. Raises RecordInvalid naming every bad
        field."""

    def answers(self, records: Sequence[Record], *, explain: bool) -> list[dict[str, Any] | RecordInvalid]:
        """Many records in order; a bad one gives its RecordInvalid in its place. Models that can do a whole
        matrix at once override this."""
        results: list[dict[str, Any] | RecordInvalid] = []
        for record in records:
            try:
                results.append(self.answer(record, explain=explain))
            except RecordInvalid as problem:
                results.append(problem)
        return results

    @abstractmethod
    def answer_table(self, table: pa.Table, *, explain: bool) -> TableAnswer:
        """The same for a table whose text columns hold the file's own spellings."""


Progress = Callable[[str, float, str], None]
"""`progress(stage, fraction of the whole run in [0, 1], detail)`; called often, must be cheap."""


def silent(stage: str, fraction: float, detail: str = "") -> None:
    """The progress of nobody watching."""


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What to learn from: the file as read, all its columns, and its identity. `facts`: what the card says of it
    beyond that."""

    table: pa.Table
    name: str
    sha256: str
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How to learn. `declared`: train on the predictor's own `inputs` only (the sample models do), so that the
    version's schema is the declared one; otherwise on the file's own columns. `begun`: the `time.perf_counter()` from
    which the budget counts, for callers that read a file first; None: when learning begins. Not `hurried`: the budget
    is planned by and stops nothing, so that a busy machine makes the same model. `rival`: the version that
    serves, with which the new one is to be compared: its hold-out is then chosen so that both can be judged."""

    target: str = ""
    positive: str = ""
    id_column: str = ""
    time_column: str = ""
    exclude: tuple[str, ...] = ()
    allow_leaky: tuple[str, ...] = ()
    budget_s: float = 60.0
    begun: float | None = None
    hurried: bool = True
    seed: int = 42
    declared: bool = False
    previous: Model | None = None
    rival: Rival | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exam:
    """The rows that a new version was judged on, as in the file; their truth; what it said of them before it had
    learned from them; and what the version that serves knows of them."""

    table: pa.Table
    truth: npt.NDArray[np.float64]
    said: npt.NDArray[np.float64]
    lock: Lock


@dataclass(slots=True)
class Trained:
    """The result of a training. `card` is JSON-ready and has at least the keys that API.md names; `evidence` is
    the level that every answer carries. `judged`: of a yes/no task. `grounds` (of row predictors, never kept): what the
    figures were taken from, see `card_facts.Grounds`. `proof`: the same recipe, which has never seen the hold-out;
    `known`: the rows learned from; these and `exam` are None where there is nothing to compare by."""

    model: Model
    card: dict[str, Any]
    evidence: Evidence
    judged: Judged | None = None
    grounds: Any = None
    proof: Model | None = None
    known: KnownRows | None = None
    exam: Exam | None = None


class Predictor(ABC):
    """One thing that can be predicted. Subclasses are found by `registry` in `predictors/`, one a file."""

    name: ClassVar[str]
    title: ClassVar[str]
    question: ClassVar[str]
    grain: ClassVar[Grain]
    task: ClassVar[Task]
    route: ClassVar[Literal["predict", "nlp"]] = "predict"
    target: ClassVar[str] = ""
    inputs: ClassVar[tuple[Field, ...]]
    outputs: ClassVar[tuple[Output, ...]]
    sample_file: ClassVar[str] = ""
    """The file of sample_data/ that the shared sample model learns from; empty where nothing is learned."""
    parts: ClassVar[tuple[str, ...]] = ()
    """For a composite: the predictors whose answers it joins."""
    banded: ClassVar[Banded | None] = None
    cost: ClassVar[int] = 1
    """What one record draws from the limits, where a usual prediction is 1."""

    @abstractmethod
    def train(self, data: TrainingData, options: TrainingOptions, progress: Progress = silent) -> Trained:
        """Learns from `data`. Raises TrainingRefused with what is wrong and what to do."""

    def untrained(self) -> Model | None:
        """The model that serves before anything was trained, or None: then the endpoint answers 503."""
        return None

    def compose(self, parts: Mapping[str, Model]) -> Model:
        """For a composite: the model that asks each of `parts` (by predictor name) and joins their answers."""
        raise NotImplementedError(f"{self.name} has no parts")

    def sample_options(self) -> TrainingOptions:
        """How the sample model learns from `sample_file`."""
        return TrainingOptions(target=self.target, declared=True, budget_s=5.0)


__all__ = [
    "Banded",
    "Evidence",
    "Exam",
    "Field",
    "FieldProblem",
    "Grain",
    "Judged",
    "Kind",
    "Model",
    "Output",
    "Predictor",
    "Progress",
    "Record",
    "RecordInvalid",
    "Reject",
    "TableAnswer",
    "Task",
    "Trained",
    "TrainingData",
    "TrainingOptions",
    "silent",
]
