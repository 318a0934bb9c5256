-- The state before the last turn, then what that turn took; false: too late. ARGV: now, id.
local kept = redis.call('LRANGE', named('undo', ARGV[2]), 0, -1)
if tonumber(kept[1] or 0) <= now then return false end
table.remove(kept, 1)
return kept
