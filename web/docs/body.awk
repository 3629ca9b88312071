# The body of a page as lowdown makes it: pictures stand in the page itself, with their styles in the file of styles; wide
# tables scroll inside themselves; headings can be linked to, those that are a word of an error by that word. -v folder=FOLDER of pictures -v styles=FILE

match($0, /<img src="[a-z]+\.svg"/) {
	picture = folder "/" substr($0, RSTART + 10, RLENGTH - 11)
	while ((getline line <picture) > 0) {
		if (line == "<style>")
			styling = 1
		if (!styling)
			print line
		else if (line !~ /^<\/?style>$/)
			print line >>styles
		if (line == "</style>")
			styling = 0
	}
	close(picture)
	close(styles)
	next
}

/^<h[2-4] id="/ {
	title = $0
	gsub(/<[^>]*>/, "", title)
	if (title ~ /^([A-Z]+|[A-Za-z]+(_[A-Za-z]+)+)$/)
		sub(/id="[^"]*"/, "id=\"" title "\"")
	split($0, quoted, "\"")
	gsub(/"/, "\\&quot;", title)
	sub(/<\/h[2-4]>$/, "<a class=\"here\" href=\"#" quoted[2] "\" aria-label=\"Link to: " title "\">#</a>&")
}

/^<th><\/th>$/ { gsub(/th/, "td") }
/^<table>/ { print "<div class=\"table\">" }
{ print }
/^<\/table>/ { print "</div>" }
