-- Asks a directory for one query after the other, of a file of encoded ones.
local queries = {}
local token = nil
local n = 0

function init(arguments)
  token = arguments[1]
  for line in io.lines(arguments[2]) do queries[#queries + 1] = line end
end

function request()
  n = n % #queries + 1
  return wrk.format("GET", "/search?limit=50&q=" .. queries[n], {["Authorization"] = "Bearer " .. token})
end
