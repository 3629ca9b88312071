#!/bin/sh
# check-migrations.sh: whether the files of $MIGRATIONS change tables without shutting callers out: each ALTER TABLE
# and CREATE INDEX says ALGORITHM = INSTANT, NOCOPY or INPLACE and LOCK = NONE, so that the server refuses what it
# could only do by a copy or a lock. Files up to $BASELINE made the tables of the first release, when they were empty.
set -eu

BASELINE=004

# faults FILE: a line for each statement that does not say so.
faults() {
	# Comments and quoted text may hold anything; a statement ends with a semicolon.
	sed -e 's/--.*//' -e "s/'[^']*'//g" "$1" | tr '\n\t' '  ' | tr ';' '\n' | tr '[:lower:]' '[:upper:]' |
		grep -E '^ *(ALTER +(ONLINE +)?(IGNORE +)?TABLE|CREATE +(OR +REPLACE +)?(UNIQUE +|FULLTEXT +)?INDEX)' |
		grep -vE 'ALGORITHM *=? *(INSTANT|NOCOPY|INPLACE).*LOCK *=? *NONE|LOCK *=? *NONE.*ALGORITHM *=? *(INSTANT|NOCOPY|INPLACE)' |
		sed -E "s|^ *(.{1,60}).*|$(basename "$1"): \\1...: no ALGORITHM and LOCK = NONE|" || true
}

# The check itself must see what is wrong, and only that.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
cat >"$folder/good.sql" <<'END'
-- ALTER TABLE in a comment;
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(64) DEFAULT 'ALTER TABLE x;');
ALTER TABLE t ADD COLUMN a INT NULL,
	ALGORITHM = INSTANT, LOCK = NONE;
create index i on t (a) algorithm=nocopy lock=none;
END
cat >"$folder/bad.sql" <<'END'
ALTER TABLE t MODIFY a BIGINT;
ALTER TABLE t ADD KEY a (a), ALGORITHM = COPY, LOCK = NONE;
CREATE UNIQUE INDEX i ON t (a) ALGORITHM = NOCOPY;
ALTER TABLE t ADD COLUMN b INT, LOCK = SHARED, ALGORITHM = INPLACE;
END
[ -z "$(faults "$folder/good.sql")" ] || { echo "a good file is refused"; exit 1; }
[ "$(faults "$folder/bad.sql" | wc -l)" -eq 4 ] || { echo "a bad file passes"; faults "$folder/bad.sql"; exit 1; }

found=
for file in $MIGRATIONS; do
	name=$(basename "$file")
	[ "${name%%_*}" -gt "$BASELINE" ] || continue
	found=$found$(faults "$file")
done
[ -z "$found" ] || { printf '%s\n' "$found"; exit 1; }
