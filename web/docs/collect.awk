# Words of a section for the search, each once and in small letters; for words.awk and operations.awk.

function collect(line, words, count, i)
{
	line = tolower(line)
	gsub(/[^a-z0-9_\200-\377]+/, " ", line)
	count = split(line, words, " ")
	for (i = 1; i <= count; i++) {
		if (length(words[i]) > 1 && !(words[i] in seen)) {
			seen[words[i]] = 1
			collected = collected " " words[i]
		}
	}
}

# What was collected, and an empty list for the next section.
function collection(all)
{
	all = substr(collected, 2)
	collected = ""
	split("", seen)
	return all
}
