-- A checkpoint is in the record; ARGV: now, id, rev, how long an idle state stays here.
local talk = named('c', ARGV[2])
if redis.call('HGET', talk, 'rev') ~= ARGV[3] then return 0 end
redis.call('ZREM', P .. 'dirty', ARGV[2])
redis.call('HSET', talk, 'idle', 1)
redis.call('PEXPIRE', talk, ARGV[4])
return 1
