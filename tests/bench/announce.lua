-- wrk -s announce.lua URL: a peer announces itself for one of 1,000 torrents and asks who else has it.
local number = 0

function init()
  math.randomseed(7)
end

function request()
  number = number + 1
  return wrk.format("GET", string.format(
    "/announce?info_hash=aaaaaaaaaaaaaaaa%04d&peer_id=-XX0000-%012d&port=%d&uploaded=0&downloaded=0&left=1&compact=1&numwant=1",
    math.random(0, 999), number % 50, 1024 + number % 50))
end
