-- Puts an effect off; ARGV: now, id, ref, attempt, due, say (1) or job (0).
local id, ref, fx = ARGV[2], ARGV[3], named('fx', ARGV[2])
-- Not the latest attempt: the lease ran out, and the effect is another's now.
if redis.call('HGET', fx, ref .. ':n') ~= ARGV[4] then return 0 end
if ARGV[6] == '1' then
  redis.call('HDEL', fx, 'held', 'by')
  redis.call('ZADD', OUT, ARGV[5], id)
else
  redis.call('ZADD', OUT, ARGV[5], id .. '.' .. ref)
end
ring()
return 1
