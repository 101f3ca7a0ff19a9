-- What the scripts of WAL Monitor share. A record stands beside each value, under the fence key:
--   row EPOCH POSITION ORDINAL XID [SNAPSHOT]   of a value made of a row; line 2 and on: its tags
--   query EPOCH XMAX RUNNING                    of a query's answer on a primary
--   replayed EPOCH POSITION                     of a query's answer on a replica
-- EPOCH, POSITION, ORDINAL and XMAX are decimal numbers of a fixed width, so they compare as text:
-- a number of Lua holds 53 bits only. Text is compared digit by digit, whatever the locale.

local function record(key)
  local text = redis.call('GET', key)
  if not text then
    return nil
  end
  local head = string.match(text, '^[^\n]*')
  local words = {}
  for word in string.gmatch(head, '%S+') do
    words[#words + 1] = word
  end
  local tags = {}
  for tag in string.gmatch(string.sub(text, #head + 1), '[^\n]+') do
    tags[#tags + 1] = tag
  end
  return { kind = words[1], epoch = words[2], a = words[3], b = words[4], xid = words[5], snapshot = words[6], tags = tags }
end

-- xmax as a number and how many transactions ran: the later of two snapshots of one primary has the
-- larger xmax, or as large a one and fewer that run.
local function sight(snapshot)
  local xmin, xmax, list = string.match(snapshot, '^(%d+):(%d+):([%d,]*)$')
  local _, running = string.gsub(list, '%d+', '')
  return tonumber(xmin), tonumber(xmax), list, running
end

local function compare(one, other)
  local _, max1, _, running1 = sight(one)
  local _, max2, _, running2 = sight(other)
  if max1 ~= max2 then
    return max1 < max2 and -1 or 1
  end
  if running1 ~= running2 then
    return running1 > running2 and -1 or 1
  end
  return 0
end

-- Whether the snapshot sees the work of a transaction, given by the low 32 bits of its number.
local function sees(snapshot, xid)
  local xmin, xmax, list = sight(snapshot)
  local full = xmax + ((tonumber(xid) - xmax + 2147483648) % 4294967296) - 2147483648
  if full >= xmax then
    return false
  end
  return full < xmin or not string.find(',' .. list .. ',', ',' .. string.format('%.0f', full) .. ',', 1, true)
end

-- Puts the value, or takes it away, and its record; an application's lease ends. Answers 1 and the
-- tags that the value had and has no more.
local function put(head, old, value, ttl, fence_ttl, first_tag)
  local tags = {}
  local has = {}
  for i = first_tag, #ARGV do
    tags[#tags + 1] = ARGV[i]
    has[ARGV[i]] = true
  end
  if value then
    if ttl > 0 then
      redis.call('SET', KEYS[1], value, 'PX', ttl)
    else
      redis.call('SET', KEYS[1], value)
    end
  else
    redis.call('DEL', KEYS[1])
  end
  local text = head
  if #tags > 0 then
    text = text .. '\n' .. table.concat(tags, '\n')
  end
  if not value then
    redis.call('SET', KEYS[2], text, 'PX', fence_ttl)
  elseif ttl > 0 then
    redis.call('SET', KEYS[2], text, 'PX', ttl + fence_ttl)
  else
    redis.call('SET', KEYS[2], text)
  end
  redis.call('DEL', KEYS[3])
  local answer = { 1 }
  if old then
    for _, tag in ipairs(old.tags) do
      if not has[tag] then
        answer[#answer + 1] = tag
      end
    end
  end
  return answer
end
