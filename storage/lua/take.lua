-- The longest-waiting conversation; ARGV: now, lease until, most.
while true do
  local id = redis.call('ZRANGEBYSCORE', READY, '-inf', now, 'LIMIT', 0, 1)[1]
  if not id then return false end
  if redis.call('EXISTS', named('in', id)) == 1 then
    return take_turn(id, tonumber(ARGV[2]), tonumber(ARGV[3]))
  end
  redis.call('ZREM', READY, id)
end
