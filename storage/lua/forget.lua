-- Removes all of one conversation; ARGV: now, id, the wrapped key of what is to go or ''.
local id = ARGV[2]
if ARGV[3] ~= '' then
  -- Asked again after the person has begun anew: what they say now stays.
  local name = 'conversation:' .. id
  local key = redis.call('HGET', P .. 'keys', name)
  if key and key ~= ARGV[3] then return end
  redis.call('HDEL', P .. 'keys', name)
  redis.call('SREM', P .. 'keys:new', name)
end
for _, field in ipairs(redis.call('HKEYS', named('fx', id))) do
  redis.call('ZREM', OUT, id .. '.' .. field)
end
redis.call('ZREM', OUT, id)
redis.call('ZREM', READY, id)
redis.call('ZREM', P .. 'dirty', id)
redis.call('DEL', named('c', id), named('in', id), named('fx', id), named('say', id), named('seen', id),
  named('undo', id), named('flood', id))
