-- The message id of a bubble, where its shard is not the conversation's;
-- ARGV: now, message id, whose, how long that is kept.
name_sent(ARGV[2], ARGV[3], ARGV[4])
