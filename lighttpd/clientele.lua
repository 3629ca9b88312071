-- Headers of errors that lighttpd answers itself: settings can only add headers to all answers alike. mod_magnet runs
-- this at the beginning of each answer; those of the application have a request id.

local reads = { GET = true, HEAD = true, OPTIONS = true }
local request = lighty.r
local status = request.req_item.http_status

if status >= 500 and status ~= 501 and not request.resp_header["X-Request-Id"] then
	-- With 503 no process has got the whole of the request. With any other status it may have been carried out, and
	-- nobody is told to repeat that.
	if status == 503 or reads[request.req_attr["request.method"]] then
		request.resp_header["Retry-After"] = "1"
	else
		request.resp_header["Outcome"] = "unknown"
	end
end
