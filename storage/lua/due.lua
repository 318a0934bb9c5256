-- In how many ms the next turn or effect is due (-1: none is foreseen); ARGV: now.
local soonest = -1
for _, set in ipairs({READY, OUT}) do
  local first = redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')
  local left = first[2] and math.max(tonumber(first[2]) - now, 0)
  if left and (soonest < 0 or left < soonest) then soonest = left end
end
return soonest
