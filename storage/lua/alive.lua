-- The caller lives; what dead processes held is due now. ARGV: now, look for dead ones (1, 0),
-- the longest lease, how long somebody must have told without a gap that it lives: else Redis
-- may have been away, and the others could not tell. Answers how many turns and bubbles were
-- freed.
local beating = P .. 'beating'
redis.call('SET', ME, '1', 'PX', ALIVE)
redis.call('SET', beating, now, 'NX')
redis.call('PEXPIRE', beating, ALIVE)
if ARGV[2] ~= '1' or now - redis.call('GET', beating) < tonumber(ARGV[4]) then return 0 end
local freed = 0
local function free(set, id, held, by)
  if held and by and redis.call('EXISTS', by) == 0 then
    redis.call('ZADD', set, now, id)
    freed = freed + 1
  end
end
local function leased(set)
  return redis.call('ZRANGEBYSCORE', set, '(' .. now, now + ARGV[3], 'LIMIT', 0, 500)
end
for _, id in ipairs(leased(READY)) do
  local had = redis.call('HMGET', named('c', id), 'open', 'by')
  free(READY, id, had[1] == '1', had[2])
end
for _, id in ipairs(leased(OUT)) do
  local had = redis.call('HMGET', named('fx', id), 'held', 'by')
  free(OUT, id, had[1], had[2])
end
if freed > 0 then ring() end
return freed
