-- The oldest log entries, after the number of those trimmed so far; ARGV: now, limit.
return {redis.call('GET', P .. 'log:base') or '0', redis.call('LRANGE', LOG, 0, ARGV[2] - 1)}
