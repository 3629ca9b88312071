# The list of what is on a page, from its headings of the second and third level; nothing where there are fewer than two.

/^<h[23] id="/ {
	split($0, quoted, "\"")
	title = $0
	sub(/<a class="here".*/, "", title)
	gsub(/<\/?(h[23]|a)[^>]*>/, "", title)
	count++
	levels[count] = substr($0, 3, 1)
	entries[count] = "<a href=\"#" quoted[2] "\">" title "</a>"
}

END {
	if (count < 2)
		exit
	print "<nav class=\"aside contents\" aria-label=\"On this page\">"
	print "<details open><summary>On this page</summary>"
	print "<ul>"
	for (i = 1; i <= count; i++) {
		printf "<li>%s", entries[i]
		if (i < count && levels[i + 1] > levels[i])
			print "\n<ul>"
		else
			print "</li>"
		if (levels[i] == 3 && (i == count || levels[i + 1] == 2))
			print "</ul></li>"
	}
	print "</ul>"
	print "</details>"
	print "</nav>"
}
