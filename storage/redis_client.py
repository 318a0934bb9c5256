"""Connections to Redis: to one server, to the master that Sentinels name, or to a Cluster."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode

CLUSTER, SENTINEL = "redis+cluster", "redis+sentinel"
PORTS = {CLUSTER: 6379, SENTINEL: 26379}
AT_ONCE = 64
Dial = Callable[[], Awaitable[Any]]


def connect(url: str, connections: int = 16, timeout: float = 5.0) -> Redis:
    """A client for short calls: binary answers, a bounded pool, an end to waiting.

    `redis+sentinel://one:26379,two:26379/name` leads to the master of that name,
    `redis+cluster://one:6379,two:6379` to a Cluster. Raises ValueError for a wrong address.
    """
    scheme = urlsplit(url).scheme
    if scheme == CLUSTER:
        return _cluster(_hosts(url), timeout, **_account(url))
    if scheme == SENTINEL:
        return _guarded(url, timeout)
    pool = BlockingConnectionPool.from_url(
        url, max_connections=connections, timeout=timeout, socket_timeout=timeout
    )
    return Redis.from_pool(pool)


def patient(redis: Redis) -> Redis:
    """A second client to the same place for reads that block."""
    if is_cluster(redis):
        nodes = cast(Any, redis).nodes_manager
        account = {each: nodes.connection_kwargs.get(each) for each in ("username", "password")}
        hosts = [(node.host, int(node.port)) for node in nodes.startup_nodes.values()]
        return _cluster(hosts, None, **account)
    pool = redis.connection_pool
    # redis-py's five seconds of socket time-out would break every longer BLPOP.
    options = {**pool.connection_kwargs, "socket_timeout": None}
    return Redis.from_pool(
        ConnectionPool(connection_class=pool.connection_class, max_connections=4, **options)
    )


def is_cluster(redis: object) -> bool:
    """Whether its keys are spread over several servers."""
    return isinstance(redis, RedisCluster)


def dialer(redis: Redis, key: str) -> Dial:
    """Makes new connections to the server that holds `key` at that moment."""

    async def dial() -> Any:
        connection = await _on_cluster(redis, key) if is_cluster(redis) else _alone(redis)
        await connection.connect()
        return connection

    return dial


def _alone(redis: Any) -> Any:
    return redis.connection_pool.make_connection()


async def _on_cluster(redis: Any, key: str) -> Any:
    await redis.initialize()
    # Whoever dials again has been cut off, or sent away: the slots may have moved.
    await redis.nodes_manager.initialize()
    node = redis.get_node_from_key(key)
    return node.connection_class(**node.connection_kwargs)


class _Cluster(RedisCluster):
    """A client that waits for its turn: redis-py's hangs up on all when one too many asks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._few = asyncio.Semaphore(AT_ONCE)

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        async with self._few:
            return await super().execute_command(*args, **kwargs)


def _cluster(hosts: Sequence[tuple[str, int]], timeout: float | None, **account: Any) -> Redis:
    nodes = [ClusterNode(host, port) for host, port in hosts]
    # 0: else every fifth MOVED cuts off all that is under way. The new place is learnt anyhow.
    client = _Cluster(startup_nodes=nodes, socket_timeout=timeout, reinitialize_steps=0, **account)
    return cast(Redis, client)  # it has the same commands


def _guarded(url: str, timeout: float) -> Redis:
    name = urlsplit(url).path.strip("/")
    if not name:
        raise ValueError(f"{SENTINEL}://host:port,…/name must name the master")
    make: Any = Sentinel  # redis-py has no types for it
    sentinel = make(_hosts(url), sentinel_kwargs={"socket_timeout": 1.0})
    found: Redis = sentinel.master_for(name, socket_timeout=timeout, **_account(url))
    return found


def _hosts(url: str) -> list[tuple[str, int]]:
    parts = urlsplit(url)
    hosts = [each.partition(":") for each in parts.netloc.rpartition("@")[2].split(",")]
    try:
        return [(host, int(port or PORTS[parts.scheme])) for host, _, port in hosts]
    except ValueError:
        raise ValueError(f"{parts.scheme}://host:port,host:port is how it is written") from None


def _account(url: str) -> dict[str, str | None]:
    user, _, word = urlsplit(url).netloc.rpartition("@")[0].partition(":")
    return {"username": unquote(user) or None, "password": unquote(word) or None}
