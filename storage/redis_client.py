"""Connections to Redis: one pool for short calls, one for reads that block."""

from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis


def connect(url: str, connections: int = 16, timeout: float = 5.0) -> Redis:
    """A client for short calls: binary answers, a bounded pool, an end to waiting."""
    pool = BlockingConnectionPool.from_url(
        url, max_connections=connections, timeout=timeout, socket_timeout=timeout
    )
    return Redis.from_pool(pool)


def patient(redis: Redis) -> Redis:
    """A second client to the same server for reads that block."""
    pool = redis.connection_pool
    # redis-py's five seconds of socket time-out would break every longer BLPOP.
    options = {**pool.connection_kwargs, "socket_timeout": None}
    return Redis.from_pool(
        ConnectionPool(connection_class=pool.connection_class, max_connections=4, **options)
    )
