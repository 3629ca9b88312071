#!/bin/sh
# pages: makes the pages of /docs/ from the Markdown files: pages.sh SOURCE OUTPUT
#
# SOURCE is the folder docs of the source tree. Nothing in a page is loaded from another host.
set -eu

source=$1
output=$2
lowdown=${LOWDOWN:-lowdown}
guides='start activation licensing verify credentials oauth discovery delegates hosting errors'
documents='api license-formats query-language operations webservers security'

escape() {
	sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g'
}

# title FILE: its first heading.
title() {
	sed -n '/^# /{s/^# //p;q;}' "$1" | escape
}

# Links between Markdown files become links between pages, and pictures stand in the page itself.
body() {
	"$lowdown" -T html --html-no-skiphtml --html-no-escapehtml "$1" |
		sed -E 's#href="(\.\./)?(guide/)?([a-z-]+)\.md#href="\3.html#g' |
		awk -v folder="$(dirname "$1")" '
			match($0, /<img src="[a-z]+\.svg"/) {
				picture = folder "/" substr($0, RSTART + 10, RLENGTH - 11)
				while ((getline line <picture) > 0)
					print line
				close(picture)
				next
			}
			{ print }'
}

# page FILE: that Markdown file as a page, with the style of the start page.
page() {
	cat <<END
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$(title "$1") – Clientele</title>
$(sed -n '/<style>/,/<\/style>/p' "$source/index.html")
</head>
<body>
<nav><a href="./">Clientele</a> · <a href="start.html">First steps</a> · <a href="api.html">API</a></nav>
$(body "$1")
</body>
</html>
END
}

# convert HEADING FOLDER NAME...: makes those pages, and prints links to them.
convert() {
	printf '<h2>%s</h2>\n<ul>\n' "$1"
	folder=$2
	shift 2
	for name in "$@"; do
		page "$folder/$name.md" >"$output/$name.html"
		printf '<li><a href="%s.html">%s</a></li>\n' "$name" "$(title "$folder/$name.md")"
	done
	printf '</ul>\n'
}

rm -rf "$output"
mkdir -p "$output"
cp "$source/openapi.json" "$output/"
# shellcheck disable=SC2086 # one word per page
{
	convert Guides "$source/guide" $guides
	convert Reference "$source" $documents
} >"$output/links"
sed -e "/<!-- pages -->/r $output/links" -e '/<!-- pages -->/d' "$source/index.html" >"$output/index.html"
rm "$output/links"
