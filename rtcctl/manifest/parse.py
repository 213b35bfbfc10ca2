"""From YAML's events to trees, in one pass.

No recursion and no composing: depth is counted while events arrive (PyYAML's composer crashes on deep nesting),
aliases are expanded under a limit, and tags, merge keys, duplicate and non-text keys are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from rtcctl.errors import Diagnostic, Place
from rtcctl.manifest.scalars import resolve
from rtcctl.manifest.sources import Source
from rtcctl.manifest.tree import Content, Node, Tree

DEEPEST = 100
MOST_EXPANDED = 100_000
"""Values that the aliases of one file may add up to."""


def parse(source: Source, problems: list[Diagnostic]) -> tuple[list[Tree], bool]:
    """Return a file's documents, empty ones left out, and whether it could be read to its end."""
    import yaml

    from rtcctl.manifest.syntax import explain

    builder = _Builder(source.name, problems)
    handlers: dict[type, Callable[[Any], None]] = {
        yaml.ScalarEvent: builder.scalar,
        yaml.MappingStartEvent: builder.mapping,
        yaml.SequenceStartEvent: builder.sequence,
        yaml.MappingEndEvent: builder.end,
        yaml.SequenceEndEvent: builder.end,
        yaml.AliasEvent: builder.alias,
        yaml.DocumentStartEvent: builder.document,
        yaml.DocumentEndEvent: builder.document_end,
    }
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    whole = False
    try:
        for event in yaml.parse(source.text, Loader=loader):
            handler = handlers.get(event.__class__)
            if handler is not None:
                handler(event)
        whole = True
    except yaml.MarkedYAMLError as error:
        message, line, column, mend = explain(error, source.text)
        problems.append(Diagnostic(message, Place(source.name, line, column), mend=mend))
    except yaml.YAMLError:
        place = Place(source.name, 1, 1)
        problems.append(Diagnostic("this is not valid YAML", place, mend="is it the right file?"))
    except _StopReading:
        pass
    return builder.trees, whole


class _StopReading(Exception):  # noqa: N818  (what was wrong has been reported)
    """The rest of the file can't be judged."""


class _Frame(Struct):
    """A collection that is still open.

    `key` is the entry that is due in a mapping: its name (None: refused) and place. `before` is what had been
    counted when it began, `height` how deep it goes.
    """

    node: Node
    anchor: str | None
    before: int
    key: tuple[str | None, int, int] | None = None
    height: int = 1


class _Anchor(Struct):
    """What an alias repeats; no node while it is still open."""

    node: Node | None = None
    size: int = 1
    height: int = 0


class _Builder(Struct):
    """Keeps the open collections while events come in; each method takes one kind of event."""

    file: str
    problems: list[Diagnostic]
    trees: list[Tree] = field(default_factory=list)
    stack: list[_Frame] = field(default_factory=list)
    anchors: dict[str, _Anchor] = field(default_factory=dict)
    root: Node | None = None
    broken: bool = False
    count: int = 0
    expanded: int = 0

    def document(self, event: Any) -> None:
        self.anchors = {}
        self.broken = False
        self.root = None

    def document_end(self, event: Any) -> None:
        if self.root is not None:
            self.trees.append(Tree(self.root, self.broken))

    def scalar(self, event: Any) -> None:
        mark = event.start_mark
        if event.tag is not None:
            self.refuse_tag(event)
        text = event.value
        value = resolve(text) if event.implicit[0] else text
        self.count += 1
        if self.stack:
            frame = self.stack[-1]
            if frame.key is None and frame.node.value.__class__ is dict:
                frame.key = (self.name_of(value, text, event), mark.line + 1, mark.column + 1)
                return
        elif value is None and not text:
            return
        node = Node(value, mark.line + 1, mark.column + 1)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchor(node)
        self.add(node)

    def mapping(self, event: Any) -> None:
        self.begin(event, {})

    def sequence(self, event: Any) -> None:
        self.begin(event, [])

    def begin(self, event: Any, value: Content) -> None:
        """Open a collection."""
        mark = event.start_mark
        if event.tag is not None:
            self.refuse_tag(event)
        if len(self.stack) >= DEEPEST:
            self.refuse(mark, f"nested more than {DEEPEST} deep", "a manifest needs about ten levels")
            raise _StopReading
        node = Node(value, mark.line + 1, mark.column + 1)
        self.add(node)
        self.stack.append(_Frame(node, event.anchor, self.count))
        self.count += 1
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchor()

    def end(self, event: Any) -> None:
        """Close a collection."""
        frame = self.stack.pop()
        if frame.anchor is not None:
            self.anchors[frame.anchor] = _Anchor(frame.node, self.count - frame.before, frame.height)
        self.raise_height(frame.height)

    def alias(self, event: Any) -> None:
        """Put an anchored value in a second place."""
        mark = event.start_mark
        anchor = self.anchors.get(event.anchor)
        if anchor is None:
            self.refuse(mark, "this alias has no anchor before it in the document", "write the value out")
            raise _StopReading
        if anchor.node is None:
            self.refuse(mark, "this alias stands inside what it repeats", "write the value out")
            raise _StopReading
        self.count += anchor.size
        self.expanded += anchor.size
        if self.expanded > MOST_EXPANDED or len(self.stack) + anchor.height > DEEPEST:
            self.refuse(mark, "aliases blow this file up", "write the values out, or use Kustomize overlays")
            raise _StopReading
        self.raise_height(anchor.height)
        self.add(Node(anchor.node.value, mark.line + 1, mark.column + 1))

    def add(self, node: Node) -> None:
        """Put a value where it is due."""
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        parent = frame.node.value
        if isinstance(parent, list):
            parent.append(node)
        elif isinstance(parent, dict):
            if frame.key is None:
                frame.key = (None, node.line, node.column)
                self.refuse_key(node.line, node.column)
                return
            name, node.key_line, node.key_column = frame.key
            frame.key = None
            if name is not None:
                self.add_member(parent, name, node)

    def add_member(self, parent: dict[str, Node], name: str, node: Node) -> None:
        """Put a value under its key; a key's second value is reported and dropped."""
        first = parent.setdefault(name, node)
        if first is not node:
            place = Place(self.file, node.key_line, node.key_column)
            message = f"this key was given before, in line {first.key_line}"
            self.problems.append(Diagnostic(message, place, mend="keep one of the two"))

    def name_of(self, value: object, text: str, event: Any) -> str | None:
        """Return a key's name; None where the key is refused."""
        mark = event.start_mark
        if event.implicit[0] and text == "<<":
            self.refuse(mark, "merge keys are not supported", "write the members out, or use Kustomize overlays")
            self.broken = True
            return None
        if not isinstance(value, str):
            self.refuse_key(mark.line + 1, mark.column + 1)
            return None
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchor(Node(value, mark.line + 1, mark.column + 1))
        return value

    def raise_height(self, below: int) -> None:
        """Note in the open collection how deep its new part goes."""
        if self.stack and self.stack[-1].height <= below:
            self.stack[-1].height = below + 1

    def refuse_tag(self, event: Any) -> None:
        mend = "remove the tag; quote a value that shall be text"
        self.refuse(event.start_mark, "YAML tags are not supported", mend)

    def refuse_key(self, line: int, column: int) -> None:
        self.broken = True
        place = Place(self.file, line, column)
        self.problems.append(Diagnostic("a key must be text", place, mend="quote it"))

    def refuse(self, mark: Any, message: str, mend: str) -> None:
        self.problems.append(Diagnostic(message, Place(self.file, mark.line + 1, mark.column + 1), mend=mend))
