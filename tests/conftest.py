"""Fixtures for all tests: real servers, started only for those tests that ask for them."""

from collections.abc import Iterator

import pytest
import redis
from botocore import session

from tests import browser, valkeys
from tests.servers import S3, Servers

LARGE = {"cluster", "postgres_url", "migrated_url", "s3"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts one of the larger servers is slow."""
    for item in items:
        if LARGE & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")


@pytest.fixture(scope="session", autouse=True)
def _models_read_once() -> Iterator[None]:
    """Each session of botocore reads megabytes of models anew; here there are hundreds."""
    loader = session.create_loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "create_loader", lambda *_: loader)
        yield


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The real servers of this pytest worker."""
    started = Servers()
    yield started
    started.stop()


@pytest.fixture
def valkey_url(servers: Servers) -> str:
    """A real Valkey, empty."""
    url = servers.valkey.url
    with redis.Redis.from_url(url) as client:
        client.flushall()
    return url


@pytest.fixture(scope="session")
def cluster(servers: Servers) -> valkeys.Group:
    """A real Cluster of three Valkeys."""
    started = valkeys.cluster(servers.folder / "cluster")
    servers.running.append(started)
    return started


@pytest.fixture
def cluster_url(cluster: valkeys.Group) -> str:
    """A real Cluster, empty."""
    cluster.flush()
    return cluster.url


@pytest.fixture
def postgres_url(servers: Servers) -> Iterator[str]:
    """A fresh, empty database on a real PostgreSQL."""
    with servers.database() as url:
        yield url


@pytest.fixture
def migrated_url(servers: Servers) -> Iterator[str]:
    """A fresh database with all our tables."""
    with servers.database(template=servers.migrated) as url:
        yield url


@pytest.fixture
def s3(servers: Servers) -> S3:
    """A fresh bucket on a real S3 service."""
    return servers.s3.bucket()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it plainly where browser tests could not run."""
    if reason := browser.available():
        terminalreporter.write_line(f"Browser tests were skipped. {reason}")
