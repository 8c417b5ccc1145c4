-- Reports for wrk, each by another person, each under a key of its own; `done` prints one JSON line.

local prefix = "bench-" .. os.time() .. "-" .. math.random(1e9) .. "-"
local count = 0
local report = '{"category":{"scheme":"yicheng","version":"2026","code":"0105"},"place":{"point":{"x":114.02,"y":%f,'
  .. '"system":"GCJ-02"},"address":"9 Spring Street"},"text":"A pole leans over the road, number %d, and it is '
  .. 'getting worse","reporter":{"phone":"138%08d"}}'

function request()
  count = count + 1
  local headers = {
    ["Content-Type"] = "application/json",
    ["X-API-Key"] = "a key for trying",
    ["Idempotency-Key"] = prefix .. string.format("%08d", count),
  }
  return wrk.format("POST", nil, headers, string.format(report, 32.9 + count % 1000 / 10000, count, count))
end

function done(summary, latency, _)
  local wrong = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "wrong": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, wrong, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
  ))
end
