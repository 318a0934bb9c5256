-- Keeps updates of one conversation, each once; ARGV: now, id, lease until (0: no claim),
-- most, how long ids are remembered, the wrapped key, then pairs of id fingerprint and entry.
local id, until_, most, keep = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
-- After Redis was emptied another process may have made another key: what the caller
-- sealed with a remembered one nobody else could open.
if redis.call('HGET', P .. 'keys', 'conversation:' .. id) ~= ARGV[6] then return 'stale' end
local seen, inbox = named('seen', id), named('in', id)
redis.call('ZREMRANGEBYSCORE', seen, '-inf', now - keep)
for i = 7, #ARGV, 2 do
  -- A set, not a high-water mark: providers overtake themselves.
  if redis.call('ZADD', seen, 'NX', now, ARGV[i]) == 1 then
    redis.call('RPUSH', inbox, ARGV[i + 1])
  end
end
redis.call('PEXPIRE', seen, keep)
if redis.call('EXISTS', inbox) == 0 or later(READY, id) then return false end
if until_ > 0 then return take_turn(id, until_, most) end
if redis.call('ZADD', READY, 'NX', now, id) == 1 then ring() end
return false
