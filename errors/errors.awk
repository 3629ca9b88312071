# Writes the file FOLDER/NAME.html for each line of bodies.table. The contents are JSON; the names are the only ones that
# lighttpd looks for.

BEGIN {
	FS = "\t"
}

!/^#/ {
	file = folder "/" $1 ".html"
	printf "%s", $2 >file
	close(file)
}
