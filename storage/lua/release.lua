-- Gives a turn back untouched; ARGV: now, id, fence, due.
local id, talk = ARGV[2], named('c', ARGV[2])
local had = redis.call('HMGET', talk, 'fence', 'open')
if had[1] ~= ARGV[3] or had[2] ~= '1' then return 0 end
redis.call('HSET', talk, 'open', 0)
redis.call('ZADD', READY, ARGV[4], id)
ring()
return 1
