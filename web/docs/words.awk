# The words of a page for its search: a line of JSON for each section, [page, place, title of the page, heading, words].
# It needs collect.awk. -v page=ADDRESS

function text(html)
{
	gsub(/<[^>]*>/, " ", html)
	gsub(/&#47;/, "/", html)
	gsub(/&#8217;|&#39;/, "'", html)
	gsub(/&quot;|&#8220;|&#8221;/, "\"", html)
	gsub(/&lt;/, "<", html)
	gsub(/&gt;/, ">", html)
	gsub(/&amp;/, "\\&", html)
	gsub(/[ \t]+/, " ", html)
	gsub(/^ | $/, "", html)
	return html
}

function quoted(line)
{
	gsub(/\\/, "&&", line)
	gsub(/"/, "\\\"", line)
	return "\"" line "\""
}

function finish(words)
{
	words = collection()
	if (heading != "")
		printf "[%s,%s,%s,%s,%s]\n", quoted(page), quoted(place), quoted(title), quoted(heading), quoted(words)
}

/^<h[1-4] id="/ {
	finish()
	split($0, parts, "\"")
	sub(/<a class="here".*/, "")
	heading = text($0)
	place = parts[2]
	if (/^<h1/) {
		title = heading
		place = ""
	}
	next
}

/^<(title|desc|svg|path|rect|marker|defs)/ { next }
{ collect(text($0)) }
END { finish() }
