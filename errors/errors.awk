# Writes the file FOLDER/SHAPE-STATUS.html for each line of statuses.table and each shape of an error body, and
# FOLDER/SHAPE-write-STATUS.html for methods that write. The contents are JSON; the names are the only ones that lighttpd
# looks for.

function write_error(name, body)
{
	file = folder "/" name ".html"
	printf "%s", body >file
	close(file)
}

# One file for each shape. The fields are those of statuses.table.
function write_errors(name, fields, message)
{
	message = "\"" fields[5] "\""
	write_error("discovery-" name, "{\"Message\":" message "}")
	write_error("credentials-" name, "{\"Error\":{\"ErrorCode\":\"" fields[2] "\",\"ErrorReason\":" message "},\"ResponseData\":null}")
	write_error("camel_case-" name, "{\"message\":" message "}")
	write_error("oauth-" name, "{\"error\":\"" fields[4] "\",\"error_description\":" message "}")
	write_error("licensing-" name, "{\"success\":false,\"code\":" fields[3] ",\"message\":" message ",\"errors\":{}}")
}

BEGIN {
	FS = "\t"
	# After these, a web server does not know what the application has done.
	after["500"] = after["502"] = after["504"] = 1
	write_error("plain-403", "{\"Message\":\"Please use https.\"}")
}

/^unknown/ {
	split($0, unknown)
}

/^[0-9]/ {
	split($0, known)
	write_errors($1, known)
	if ($1 in after)
		write_errors("write-" $1, unknown)
	else
		write_errors("write-" $1, known)
}
