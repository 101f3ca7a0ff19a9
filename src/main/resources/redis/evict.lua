-- Takes a value away by hand or by tag; its record stays, so that nothing older than it can come.
-- KEYS: value, fence, lease. ARGV: 1 a tag that the value must have, or nothing.
-- Answers 1 if it had the tag, 0 if not.
if ARGV[1] ~= '' then
  local old = record(KEYS[2])
  local has = false
  if old then
    for _, tag in ipairs(old.tags) do
      has = has or tag == ARGV[1]
    end
  end
  if not has then
    return 0
  end
end
redis.call('DEL', KEYS[1], KEYS[3])
return 1
