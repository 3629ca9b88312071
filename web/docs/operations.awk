# The operations for the search, out of the OpenAPI document as it stands in the source, a member on a line: lines as those of
# words.awk, with the operation as the place. It needs collect.awk.

function member(line)
{
	sub(/^\t*"[^"]*":"/, "", line)
	sub(/",?$/, "", line)
	return line
}

function finish()
{
	if (id == "")
		return
	collect(id " " path " " summary)
	printf "[\"reference.html\",\"%s\",\"%s\",\"%s %s\",\"%s\"]\n", id, summary, toupper(method), path, collection()
	id = ""
}

/^\t"paths":/ { inside = 1; next }
/^\t"/ { finish(); inside = 0 }
!inside { next }
/^\t\t"/ { split($0, parts, "\""); finish(); path = parts[2] }
/^\t\t\t"/ { split($0, parts, "\""); finish(); method = parts[2] }
/^\t\t\t\t"operationId":/ { id = member($0) }
/^\t\t\t\t"summary":/ { summary = member($0) }
/^\t\t\t\t"description":/ { collect(member($0)) }
/^\t\t\t\t\t\t"name":/ && id != "" { collect(member($0)) }
