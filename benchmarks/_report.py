"""What a benchmark tells: figures with their aims, and tables, as Markdown that reads well at a terminal too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["at most", "at least", "exactly"]
Row: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure shall be. One that is `exactly` so is a count: it does not depend on the machine."""

    kind: Kind
    value: float

    def reached(self, value: float) -> bool:
        """Tell whether a value is as it shall be."""
        match self.kind:
            case "at most":
                return value <= self.value
            case "at least":
                return value >= self.value
            case "exactly":
                return value == self.value


@dataclass(frozen=True, slots=True)
class Figure:
    """One result. `unit` is written behind the value: s, ms, MB, calls, or × for a ratio."""

    name: str
    value: float
    unit: str
    aim: Aim | None = None

    @property
    def missed(self) -> bool:
        """Tell whether there is an aim and it was not reached."""
        return self.aim is not None and not self.aim.reached(self.value)

    @property
    def wrong(self) -> bool:
        """Tell whether a count is not what it has to be, on whatever machine."""
        return self.missed and self.aim is not None and self.aim.kind == "exactly"

    def row(self, *, judged: bool) -> Row:
        """Return its line of the table; counts are judged in any case."""
        if self.aim is None:
            return (self.name, number(self.value, self.unit), "", "")
        verdict = ("no" if self.missed else "yes") if judged or self.aim.kind == "exactly" else "not judged"
        return (
            self.name,
            number(self.value, self.unit),
            f"{self.aim.kind} {number(self.aim.value, self.unit)}",
            verdict,
        )


@dataclass(frozen=True, slots=True)
class Table:
    """Measured values as they are; the first row is the head."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a benchmark found. `about` says in a sentence or two what was measured."""

    title: str
    about: str
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def wrong(self) -> bool:
        """Tell whether a count is wrong."""
        return any(figure.wrong for figure in self.figures)

    @property
    def missed(self) -> bool:
        """Tell whether an aim was not reached."""
        return any(figure.missed for figure in self.figures)

    def markdown(self, *, judged: bool) -> str:
        """Return it as a section; `judged` says whether aims of time are judged."""
        parts = [f"## {self.title}", self.about]
        parts += [table(each.rows) for each in self.tables]
        if self.figures:
            head = ("figure", "value", "aim", "reached")
            parts.append(table((head, *(figure.row(judged=judged) for figure in self.figures))))
        parts += self.notes
        return "\n\n".join(parts) + "\n"


def number(value: float, unit: str) -> str:
    """Write a value with as many digits as say something, and its unit."""
    digits = f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:.3g}"
    return f"{digits} {unit}".strip()


def table(rows: Sequence[Row]) -> str:
    """Write rows as a Markdown table whose columns are in line; all but the first are set to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(row: Row) -> str:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        return "| " + " | ".join(cells) + " |"

    rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]) + "|"
    head, *body = rows
    return "\n".join([line(head), rule, *map(line, body)])
