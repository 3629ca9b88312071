#!/bin/sh
# pages: makes the pages of /docs/ from the Markdown files: pages.sh SOURCE OUTPUT [reference]
#
# SOURCE is the folder of the source tree. With "reference" there is a page with all operations, for which the
# console must stand beside the pages, and the others lead to it. Nothing in a page is loaded from another host, and nothing stands in it that a strict
# Content-Security-Policy refuses: styles and scripts have files of their own.
set -eu
export LC_ALL=C

docs=$1/docs
web=$1/web/docs
output=$2
reference=${3:-}
lowdown=${LOWDOWN:-lowdown}
guides='start moving console activation licensing verify credentials oauth discovery delegates hosting errors'
documents='api license-formats query-language operations webservers security'
parts=$output/.parts

# path NAME: its Markdown file.
path() {
	if [ -f "$docs/guide/$1.md" ]; then
		echo "$docs/guide/$1.md"
	else
		echo "$docs/$1.md"
	fi
}

# title NAME: the page's first heading, as HTML.
title() {
	case $1 in
	index) echo Documentation ;;
	reference) echo 'Reference of all operations' ;;
	*) sed -n '/^# /{s/^# //;s/&/\&amp;/g;s/</\&lt;/g;p;q;}' "$(path "$1")" ;;
	esac
}

# body NAME: its text as HTML, in which links between Markdown files lead to pages.
body() {
	if [ "$1" = reference ]; then
		cat "$web/reference.html"
		return
	fi
	"$lowdown" -T html --html-no-skiphtml --html-no-escapehtml "$(path "$1")" |
		sed -E 's#href="(\.\./)?(guide/)?([a-z-]+)\.md#href="\3.html#g' |
		awk -v folder="$docs/guide" -v styles="$output/style.css" \
			-v errors="$docs/guide/errors.md" -f "$web/body.awk"
}

# address NAME
address() {
	[ "$1" = index ] && echo ./ || echo "$1.html"
}

# links CURRENT NAME...: a list of those pages.
links() {
	current=$1
	shift
	echo '<ul>'
	for other in "$@"; do
		[ "$other" = "$current" ] && mark=' aria-current="page"' || mark=''
		echo "<li><a href=\"$(address "$other")\"$mark>$(title "$other")</a></li>"
	done
	echo '</ul>'
}

# beside CURRENT: what leads to all pages.
beside() {
	echo '<nav class="aside pages" aria-label="Pages">'
	echo '<details open><summary>Pages</summary>'
	# shellcheck disable=SC2086 # one word per page
	links "$1" index $guides $reference $documents
	echo '</details>'
	echo '</nav>'
}

# around NAME: the pages before and behind it.
around() {
	before=''
	found=''
	echo '<nav class="around" aria-label="Next and previous page">'
	for other in index $guides $reference $documents; do
		if [ -n "$found" ]; then
			echo "<a rel=\"next\" href=\"$(address "$other")\"><small>Next</small>$(title "$other")</a>"
			break
		elif [ "$other" = "$1" ]; then
			found=1
			[ -z "$before" ] ||
				echo "<a rel=\"prev\" href=\"$(address "$before")\"><small>Previous</small>$(title "$before")</a>"
		fi
		before=$other
	done
	echo '</nav>'
}

# page NAME: it as a whole, with the head of the start page.
page() {
	body "$1" >"$parts/body"
	sed -e '/<div class="page">/q' "$parts/template" |
		sed "s#<title>.*</title>#<title>$(title "$1" | sed 's/[&#\\]/\\&/g') – Clientele</title>#"
	beside "$1"
	awk -f "$web/contents.awk" "$parts/body"
	echo '<main id="content" tabindex="-1">'
	cat "$parts/body"
	around "$1"
	printf '</main>\n</div>\n</body>\n</html>\n'
	if [ "$1" != reference ]; then
		awk -v page="$(address "$1")" -f "$web/collect.awk" -f "$web/words.awk" "$parts/body" >>"$parts/words"
	fi
}

rm -rf "$output"
mkdir -p "$output" "$parts"
cp "$docs/openapi.json" "$docs/openapi-3.0.json" "$web/site.js" "$output/"
if [ -n "$reference" ]; then
	cp "$web"/*.js "$output/"
	awk -f "$web/collect.awk" -f "$web/operations.awk" "$docs/openapi.json" >"$parts/words"
fi
cp "$web/style.css" "$output/"
sed -e "/<!-- search -->/r $web/search.html" -e '/<!-- search -->/d' "$docs/index.html" >"$parts/template"
# shellcheck disable=SC2086 # one word per page
for name in $guides $reference $documents; do
	page "$name" >"$output/$name.html"
done
# shellcheck disable=SC2086
{
	echo '<h2>Guides</h2>'
	links index $guides
	echo '<h2>Reference</h2>'
	links index $reference $documents
} >"$parts/links"
beside index >"$parts/beside"
around index >"$parts/around"
sed -e "/<!-- pages -->/r $parts/links" -e '/<!-- pages -->/d' -e "/<div class=\"page\">/r $parts/beside" "$parts/template" |
	awk -v around="$parts/around" '/^<\/main>/ { while ((getline line <around) > 0) print line } { print }' >"$output/index.html"
{
	printf '[\n'
	sed '$!s/$/,/' "$parts/words"
	printf ']\n'
} >"$output/search.json"
rm -r "$parts"
