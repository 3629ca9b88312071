# Makes the initializers of a C array from common-passwords.txt: each password as its characters and a zero. Those
# that another one with digits or signs behind it covers are left out, since the rule looks at passwords without them.
# The list has ASCII only, and neither quote nor backslash comes through unescaped.
{
	listed[$0] = 1
	order[NR] = $0
}
END {
	for (i = 1; i <= NR; i++) {
		word = order[i]
		sub(/[^a-z]+$/, "", word)
		if (word != order[i] && word != "" && (word in listed))
			continue
		line = ""
		for (j = 1; j <= length(order[i]); j++) {
			character = substr(order[i], j, 1)
			if (character == "'" || character == "\\")
				character = "\\" character
			line = line "'" character "',"
		}
		print line "0,"
	}
}
