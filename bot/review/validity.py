"""Is this FHIR? What `fhir.resources` and our own reading of a bundle have against it."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError


def problems(bundle: dict[str, Any]) -> list[str]:
    """Everything wrong with a bundle, without a word of what it holds; empty when sound."""
    entries = bundle.get("entry") or []
    resources = [one["resource"] for one in entries if _is_entry(one)]
    if bundle.get("resourceType") != "Bundle" or len(resources) != len(entries):
        return ["not a Bundle of resources"]
    found = [fault for one in (bundle, *resources) for fault in _faults(one)]
    return found + _dangling(bundle, entries)


def _is_entry(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("resource"), dict)


def references(value: Any) -> Iterator[str]:
    """Every reference anywhere inside a resource."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def _faults(resource: dict[str, Any]) -> list[str]:
    # Loading the models takes a second: only processes that check pay for it.
    from fhir.resources.R4B import get_fhir_model_class

    kind = str(resource.get("resourceType", ""))[:40]
    try:
        get_fhir_model_class(kind).model_validate(resource)
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False, include_context=False)
        return [f"{kind}: {_place(one['loc'])}: {one['type']}" for one in wrong]
    except (ValueError, LookupError, ImportError):
        return ["unknown resource type"]
    return []


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part)[:40] for part in loc)


def _dangling(bundle: dict[str, Any], entries: list[Any]) -> list[str]:
    urls = [one.get("fullUrl") for one in entries]
    found = ["the same fullUrl twice"] if len(set(urls)) != len(urls) else []
    targets = {one for one in references(bundle) if one.startswith("urn:")}
    return found + ["a reference leads nowhere" for one in sorted(targets) if one not in urls]
