"""Jinja templates that lie in the package. Imports jinja2."""

from collections.abc import Callable

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape


def read_template(package: str, name: str, **filters: Callable[..., str]) -> Template:
    """Return the template ``name`` of a package; in HTML, values are escaped. A missing value is an error."""
    environment = Environment(
        loader=PackageLoader(package, "."),
        autoescape=select_autoescape(["html.jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters
    return environment.get_template(name)
