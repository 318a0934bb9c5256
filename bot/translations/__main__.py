"""`python -m bot.translations check | update | status | out LANGUAGE | in LANGUAGE FILE`."""

import sys
from pathlib import Path

import typer

from bot.translations import catalogs, sheet
from bot.translations.faults import problems
from bot.translations.report import write_report
from flows.data import LANGUAGES

app = typer.Typer(add_completion=False, help="The catalogs in locales/.")


@app.command()
def check() -> None:
    """Print every problem; fails when there is one."""
    found = [line for language in LANGUAGES for line in problems(language)]
    typer.echo("\n".join(found), nl=bool(found))
    if found:
        raise typer.Exit(1)
    whole = sum(told["complete"] for told in catalogs.status().values())
    texts = len(catalogs.words(catalogs.read("en")))
    typer.echo(f"{whole} of {len(LANGUAGES)} languages complete: {texts} texts each, nothing wrong")


@app.command()
def update() -> None:
    """Bring every catalog to the keys of the English one."""
    catalogs.update()


@app.command()
def status() -> None:
    """Write docs/translations.md."""
    write_report()


@app.command("out")
def export(language: str) -> None:
    """Print a spreadsheet (CSV) for a translator or reviewer."""
    sys.stdout.buffer.write(sheet.export(language))


@app.command("in")
def bring_in(language: str, file: Path) -> None:
    """Take a spreadsheet back; nothing is taken where something in it is wrong."""
    wrong = sheet.bring_in(language, file.read_bytes())
    typer.echo("\n".join(wrong), err=True, nl=bool(wrong))
    raise typer.Exit(bool(wrong))


if __name__ == "__main__":
    app()
