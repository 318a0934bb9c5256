-- Removes all of one conversation; ARGV: now, id.
local id = ARGV[2]
for _, field in ipairs(redis.call('HKEYS', named('fx', id))) do
  redis.call('ZREM', OUT, id .. '.' .. field)
end
redis.call('ZREM', OUT, id)
redis.call('ZREM', READY, id)
redis.call('ZREM', P .. 'dirty', id)
redis.call('DEL', named('c', id), named('in', id), named('fx', id), named('say', id), named('seen', id))
