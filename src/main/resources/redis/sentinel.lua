-- Whether a server kept its data: a sentinel holds the run of the server that it was written in.
-- KEYS: 1 the sentinel. ARGV: 1 the epoch of the log, of a fixed width, 2 what was filled, 3 'set' to
-- write it.
-- Answers 'kept', or why not: 'missing', 'restarted', 'other', 'later'.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local found = redis.call('GET', KEYS[1])
local found_run, found_epoch, found_words = string.match(found or '', '^(%S+) (%d+) (%S+)$')
if found_epoch and found_epoch > ARGV[1] then
  return 'later'
end
if ARGV[3] == 'set' then
  redis.call('SET', KEYS[1], run .. ' ' .. ARGV[1] .. ' ' .. ARGV[2])
  return 'kept'
end
if not found_run then
  return 'missing'
end
if found_run ~= run then
  return 'restarted'
end
return found_epoch == ARGV[1] and found_words == ARGV[2] and 'kept' or 'other'
