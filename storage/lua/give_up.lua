-- Moves an effect to the dead letters; ARGV: now, id, ref, attempt, say (1) or job (0),
-- open part of the dead letter, open part of the log entry.
local id, ref, is_say = ARGV[2], ARGV[3], ARGV[5] == '1'
if redis.call('HGET', named('fx', id), ref .. ':n') ~= ARGV[4] then return 0 end
local blob = drop(id, ref, is_say)
redis.call('RPUSH', P .. 'dead', ARGV[6] .. blob)
if not is_say then return 1 end
redis.call('RPUSH', LOG, ARGV[7] .. blob)
if redis.call('EXISTS', named('say', id)) == 1 then
  redis.call('ZADD', OUT, now, id)
  ring()
else
  redis.call('ZREM', OUT, id)
end
return 1
