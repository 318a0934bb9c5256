-- News of a sent bubble; ARGV: now, message id, open part of the log entry, how long news
-- is kept that came before the bubble was marked as sent.
local whose, early = redis.call('GET', P .. 'sent:' .. ARGV[2]), P .. 'early:' .. ARGV[2]
if whose then
  redis.call('RPUSH', LOG, ARGV[3] .. whose)
else
  redis.call('RPUSH', early, ARGV[3])
  redis.call('PEXPIRE', early, ARGV[4])
end
