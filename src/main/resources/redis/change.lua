-- Writes what a change made of a row, unless the record shows that something later is there.
-- Where nothing is known of a key on a server that has lost its sentinel, something later may be lost:
-- it answers 2, and writes nothing.
-- KEYS: value, fence, lease, and on a server that is no cluster the sentinel. ARGV: 1 epoch, 2 position, 3 ordinal, 4 xid, 5 '1' for a value and '0'
-- for none, 6 the value, 7 its life in ms (0: for ever), 8 the life of a tombstone in ms, then tags.
local old = record(KEYS[2])
if not old and KEYS[4] and ARGV[5] == '1' and redis.call('EXISTS', KEYS[4]) == 0 then
  return { 2 }
end
if old and old.kind == 'row' then
  if old.epoch > ARGV[1] then
    return { 0 }
  end
  if old.epoch == ARGV[1] then
    local theirs, mine = old.a .. old.b, ARGV[2] .. ARGV[3]
    if theirs > mine or (theirs == mine and ARGV[5] == '0') then
      return { 0 }
    end
    if old.snapshot and sees(old.snapshot, ARGV[4]) then
      return { 0 }
    end
  end
end
local head = table.concat({ 'row', ARGV[1], ARGV[2], ARGV[3], ARGV[4] }, ' ')
return put(head, old, ARGV[5] == '1' and ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8]), 9)
