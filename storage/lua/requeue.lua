-- Sends a given-up effect once more; ARGV: now, id, ref of the new attempt, its fingerprint,
-- say (1) or job (0), sealed, how long the fingerprint is remembered.
local id, ref, seen = ARGV[2], ARGV[3], named('seen', ARGV[2])
if redis.call('ZADD', seen, 'NX', now, ARGV[4]) == 0 then return 0 end
redis.call('PEXPIRE', seen, ARGV[7])
redis.call('HSET', named('fx', id), ref, ARGV[6])
if ARGV[5] == '1' then
  redis.call('RPUSH', named('say', id), ref .. ':k')
  if not later(OUT, id) then redis.call('ZADD', OUT, 'NX', now, id) end
else
  redis.call('ZADD', OUT, now, id .. '.' .. ref)
end
ring()
return 1
