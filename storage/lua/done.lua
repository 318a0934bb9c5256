-- An effect was carried out; ARGV: now, id, ref, lease until, say (1) or job (0), open part
-- of its log entry, message id ('': none here), whose, how long that is kept.
local id, ref, is_say = ARGV[2], ARGV[3], ARGV[5] == '1'
if ARGV[7] ~= '' then name_sent(ARGV[7], ARGV[8], ARGV[9]) end
local blob = drop(id, ref, is_say)
if not blob or not is_say then return false end
redis.call('RPUSH', LOG, ARGV[6] .. blob)
return take_say(id, ARGV[4])
