"""Finds every act there is by the audit line that it writes, so that a list of acts can be held against the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

_WRITERS = ("note", "entry_fields")
PACKAGES = ("portal", "credentials", "pathways")


def names_in_code() -> dict[str, str]:
    """The name of each act in the audit, with the module that writes it; what is put in while running as `{…}`."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        for file in sorted((settings.BASE_DIR / package).rglob("*.py")):
            module = ".".join(file.relative_to(settings.BASE_DIR).with_suffix("").parts)
            for name in _names_in(file):
                found.setdefault(name, module)
    return found


def _names_in(file: Path) -> Iterator[str]:
    content = file.read_text()
    if not any(f"audit.{writer}(" in content for writer in _WRITERS):
        return
    tree = ast.parse(content)
    functions = {each.name: each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
    for function in functions.values():
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and _is_writer(call):
                yield from _said(call.args[0], function, tree)


def _is_writer(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return name in _WRITERS and isinstance(call.func.value, ast.Name) and call.func.value.id == "audit"  # type: ignore[attr-defined]


def _said(given: ast.expr, function: ast.FunctionDef, tree: ast.Module) -> Iterator[str]:
    """The names that an argument may have: itself, or what callers hand on."""
    match given:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(part.value if isinstance(part, ast.Constant) else "{…}" for part in parts)  # type: ignore[misc]
        case ast.Name(id=name):
            parameters = [each.arg for each in function.args.args + function.args.kwonlyargs]
            if name in parameters:
                yield from _handed_on(name, parameters.index(name), function, tree)
            else:
                yield from _assigned(name, function, tree)
        case ast.IfExp(body=one, orelse=other):
            yield from _said(one, function, tree)
            yield from _said(other, function, tree)
        case _:
            raise AssertionError(f"Which act is {ast.unparse(given)} in {function.name}?")


def _handed_on(name: str, place: int, function: ast.FunctionDef, tree: ast.Module) -> Iterator[str]:
    for caller in (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)):
        for call in ast.walk(caller):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == function.name:
                by_name = [each.value for each in call.keywords if each.arg == name]
                for given in by_name or call.args[place : place + 1]:
                    yield from _said(given, caller, tree)


def _assigned(name: str, function: ast.FunctionDef, tree: ast.Module) -> Iterator[str]:
    for statement in [*ast.walk(function), *tree.body]:
        if isinstance(statement, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == name for target in statement.targets
        ):
            yield from _said(statement.value, function, tree)
