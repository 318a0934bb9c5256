-- An effect was carried out; ARGV: now, id, ref, lease until, say (1) or job (0), open part
-- of its log entry, message id ('': none here), whose, how long that is kept, the question
-- that it asked ('': none), the provider's number of its bubble.
local id, ref, is_say = ARGV[2], ARGV[3], ARGV[5] == '1'
local talk = named('c', id)
if ARGV[10] ~= '' and redis.call('HEXISTS', talk, 'fence') == 1
  and redis.call('HGET', talk, 'asked') ~= ARGV[10] then
  redis.call('HSET', talk, 'asked', ARGV[10], 'shown', ARGV[11])
end
if ARGV[7] ~= '' then name_sent(ARGV[7], ARGV[8], ARGV[9]) end
local blob = drop(id, ref, is_say)
if not blob or not is_say then return false end
redis.call('RPUSH', LOG, ARGV[6] .. blob)
return take_say(id, ARGV[4])
