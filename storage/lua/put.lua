-- Keeps updates of one conversation, each once; ARGV: now, id, lease until (0: no claim),
-- most, how long ids are remembered, the wrapped key, words taken a minute, then pairs of id
-- fingerprint and entry. Answers "flood" at the first update of a minute that was too many.
local id, until_, most, keep = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
-- After Redis was emptied another process may have made another key: what the caller
-- sealed with a remembered one nobody else could open.
if redis.call('HGET', P .. 'keys', 'conversation:' .. id) ~= ARGV[6] then return 'stale' end
local seen, inbox = named('seen', id), named('in', id)
redis.call('ZREMRANGEBYSCORE', seen, '-inf', now - keep)
local lately, flood = redis.call('ZCOUNT', seen, now - 60000, '+inf'), false
for i = 8, #ARGV, 2 do
  -- A set, not a high-water mark: providers overtake themselves.
  if redis.call('ZADD', seen, 'NX', now, ARGV[i]) == 1 then
    lately = lately + 1
    if lately > tonumber(ARGV[7]) and string.byte(ARGV[i + 1]) == 76 then
      flood = true
    else
      redis.call('RPUSH', inbox, ARGV[i + 1])
    end
  end
end
redis.call('PEXPIRE', seen, keep)
if flood and redis.call('SET', named('flood', id), '1', 'NX', 'PX', 60000) then
  if redis.call('EXISTS', inbox) == 1 then
    redis.call('ZADD', READY, 'NX', now, id)
    ring()
  end
  return 'flood'
end
if redis.call('EXISTS', inbox) == 0 or later(READY, id) then return false end
if until_ > 0 then return take_turn(id, until_, most) end
if redis.call('ZADD', READY, 'NX', now, id) == 1 then ring() end
return false
