-- Each thread goes through all paths in turn; the end is said as JSON, times in microseconds.
local paths, at, requests = {PATHS}, 0, {}
init = function()
  for n, path in ipairs(paths) do requests[n] = wrk.format("GET", path, {["user-agent"] = "AGENT"}) end
end
request = function() at = at % #requests + 1; return requests[at] end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('\n{"requests": %d, "us": %d, "p50": %d, "p99": %d, "failed": %d}\n', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
