-- Drops log entries that are in the record; ARGV: now, base as read, how many.
-- Another reader trimmed meanwhile: what is first now is not what was read.
if (redis.call('GET', P .. 'log:base') or '0') ~= ARGV[2] then return 0 end
redis.call('LTRIM', LOG, ARGV[3], -1)
redis.call('INCRBY', P .. 'log:base', ARGV[3])
return 1
