"""One way to PostgreSQL: psycopg 3 under SQLAlchemy's asynchronous engine."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def database_url(url: str) -> URL:
    """The same database, named so that SQLAlchemy takes psycopg 3."""
    return make_url(url).set(drivername="postgresql+psycopg")


def open_engine(url: str, *, size: int = 5) -> AsyncEngine:
    """Connections to the record, opened when first needed and checked before use."""
    # Parameters are hidden: an error's text may end up in a log.
    return create_async_engine(
        database_url(url),
        pool_size=size,
        max_overflow=size,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": 5},
    )
