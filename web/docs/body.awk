# The body of a page as lowdown makes it: pictures stand in the page itself, with their styles in the file of styles; wide
# tables scroll inside themselves; headings can be linked to, those that are a word of an error by that word, and such words
# lead there from all pages. -v folder=FOLDER of pictures -v styles=FILE -v errors=FILE with a heading for each word

function link_words(line, parts, word)
{
	while (match(line, /<code>[A-Z]+(_[A-Z]+)+<\/code>/)) {
		word = substr(line, RSTART + 6, RLENGTH - 13)
		parts = parts substr(line, 1, RSTART - 1)
		parts = parts (word in words ? "<a href=\"errors.html#" word "\"><code>" word "</code></a>" : "<code>" word "</code>")
		line = substr(line, RSTART + RLENGTH)
	}
	return parts line
}

BEGIN {
	while ((getline line <errors) > 0) {
		if (sub(/^### /, "", line)) {
			gsub(/\\/, "", line)
			words[line] = 1
		}
	}
}

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
!/^<h|<a / { $0 = link_words($0) }
/^<table>/ { print "<div class=\"table\">" }
{ print }
/^<\/table>/ { print "</div>" }
