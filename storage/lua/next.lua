-- The effect that is due longest; ARGV: now, lease until.
while true do
  local member = redis.call('ZRANGEBYSCORE', OUT, '-inf', now, 'LIMIT', 0, 1)[1]
  if not member then return false end
  local id, ref = string.match(member, '^([^.]+)%.?(.*)$')
  if ref == '' then
    local say = take_say(id, ARGV[2])
    if say then return say end
  elseif redis.call('HEXISTS', named('fx', id), ref) == 1 then
    redis.call('ZADD', OUT, ARGV[2], member)
    return attempt(id, ref)
  else
    redis.call('ZREM', OUT, member)
  end
end
