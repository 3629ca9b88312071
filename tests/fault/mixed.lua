-- Mixed requests for wrk: reads, writes, refusals and hostile bodies of every family.
local key, group, user = "@KEY@", "@GROUP@", "@USER@"
local number = 0

local function json(path, body)
	return wrk.format("POST", path, { ["x-api-key"] = key, ["Content-Type"] = "application/json" }, body)
end

local function xml(path, body)
	return wrk.format("POST", path, { ["x-api-key"] = key, ["Content-Type"] = "application/xml" }, body)
end

local function get(path, accept)
	return wrk.format("GET", path, { ["x-api-key"] = key, ["Accept"] = accept or "application/json" })
end

local requests = {
	function() return get("/hosting/api/client/0000000") end,
	function() return get("/hosting/api/client/by-username/nobody", "application/xml") end,
	function() return get("/api/v1/admin/clients/" .. user) end,
	function() return get("/api/v1/admin/clients", "text/xml") end,
	function() return get("/api/delegategroups/1") end,
	function() return get("/api/delegategroups/1/clients?searchTerm=x") end,
	function() return get("/there/is/nothing") end,
	function() return get("/v1/products") end,
	function()
		return json("/api/ClientHello", '{"ClientCode":"m' .. number % 20 .. '","ClientGroupId":"' .. group ..
			'","AppName":"a","AppVersion":"' .. number .. '"}')
	end,
	function() return json("/api/ClientHello", "{}") end,
	function() return json("/api/ClientHello", string.rep("[", 300)) end,
	function() return json("/api/ClientHello", "[" .. string.rep("{},", 12000) .. "{}]") end,
	function() return xml("/api/ClientHello", "<!DOCTYPE a><a/>") end,
	function() return xml("/api/ClientHello", string.rep("<a>", 300)) end,
	function() return json("/hosting/api/client", '{"username":"","emailAddress":"x"}') end,
	function() return json("/api/v1/admin/clients", '{"Name":"' .. string.rep("x", 40000) .. '"}') end,
}

request = function()
	number = number + 1
	return requests[number % #requests + 1]()
end
