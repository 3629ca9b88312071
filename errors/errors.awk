# Writes the file FOLDER/SHAPE-STATUS.html for each line of statuses.table and each shape of an error body. The
# contents are JSON; the names are the only ones that lighttpd looks for.

function write_error(shape, status, body)
{
	file = folder "/" shape "-" status ".html"
	printf "%s", body >file
	close(file)
}

BEGIN {
	FS = "\t"
	write_error("plain", 403, "{\"Message\":\"Please use https.\"}")
}

/^[0-9]/ {
	message = "\"" $5 "\""
	write_error("discovery", $1, "{\"Message\":" message "}")
	write_error("credentials", $1, "{\"Error\":{\"ErrorCode\":\"" $2 "\",\"ErrorReason\":" message "},\"ResponseData\":null}")
	write_error("camel_case", $1, "{\"message\":" message "}")
	write_error("oauth", $1, "{\"error\":\"" $4 "\",\"error_description\":" message "}")
	write_error("licensing", $1, "{\"success\":false,\"code\":" $3 ",\"message\":" message ",\"errors\":{}}")
}
