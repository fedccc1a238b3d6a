-- wrk -s lookup.lua URL -- TOKEN PEERS FILES_EACH: look-ups of names at random.
local peers, each

function init(arguments)
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. arguments[1]
  wrk.headers["Content-Type"] = "application/json"
  peers, each = tonumber(arguments[2]), tonumber(arguments[3])
  math.randomseed(7)
end

function request()
  local name = string.format("folder %04d/document number %06d.pdf",
                             math.random(0, peers - 1), math.random(0, each - 1))
  return wrk.format(nil, nil, nil, '{"file_name": "' .. name .. '"}')
end
