# The private MariaDB of one state directory: durable, kept between starts, reachable through its own socket
# only. Sourced after service.sh; expects $state, $sockets, $run_user.

database_socket() {
	printf '%s/mariadb.sock\n' "$sockets"
}

# database_sql SQL: runs statements as the database's administrator, who is whoever made the data directory.
database_sql() {
	printf '%s\n' "$1" | mariadb --no-defaults --batch --skip-column-names --user="$(id -un)" \
		--socket="$(database_socket)"
}

# database_query FILE...: runs the statements of the files, one after the other, in the program's own database; prints rows
# as they are, with tabulators between columns.
database_query() {
	cat "$@" | mariadb --no-defaults --batch --raw --skip-column-names --default-character-set=utf8mb4 \
		--user="$(id -un)" --socket="$(database_socket)" clientele
}

# database_create: makes the data directory. It becomes visible under its name only when it is whole.
database_create() {
	[ ! -d "$state/db/data" ] || return 0
	rm -rf "$state/db/new"
	# A server empties its folder of temporary files when it starts, those of other servers too: each has its own.
	mkdir -p "$state/db/tmp"
	! is_root || chown "$run_user" "$state/db/tmp"
	set -- --no-defaults --force --datadir="$state/db/new" --tmpdir="$state/db/tmp" --skip-test-db --skip-name-resolve \
		--auth-root-authentication-method=socket --auth-root-socket-user="$(id -un)" \
		--innodb-log-file-size=16M
	! is_root || set -- "$@" --user="$run_user"
	logged "$state/log/mariadb-install.log" mariadb-install-db "$@" || return 1
	mv "$state/db/new" "$state/db/data"
}

database_start() {
	! service_pid mariadbd >/dev/null || return 0
	database_create || return 1
	mkdir -p "$state/db/tmp"
	! is_root || chown "$run_user" "$state/db/tmp"
	service_spawn mariadbd mariadbd --no-defaults --datadir="$state/db/data" --tmpdir="$state/db/tmp" \
		--socket="$(database_socket)" --pid-file="$state/db/mariadbd.pid" --skip-networking \
		--skip-name-resolve --user="$run_user" --log-error="$state/log/mariadb-error.log" \
		--innodb-log-file-size=16M --innodb-buffer-pool-size=128M --performance-schema=0 \
		--character-set-server=utf8mb4 --collation-server=utf8mb4_bin
	wait_until 60 database_sql 'SELECT 1' && return 0
	note "the database does not start:"
	tail -n 20 "$state/log/mariadb-error.log" "$state/log/mariadbd.log" >&2 || true
	return 1
}

# database_account NAME PASSWORD MIGRATE_PASSWORD: the program's own database, the account that serves, and the one
# that may change the schema, as "clientele setup-db" makes them; safe to repeat.
database_account() {
	database_sql "
		CREATE DATABASE IF NOT EXISTS $1 CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
		CREATE USER IF NOT EXISTS '$1'@localhost IDENTIFIED BY '$2';
		ALTER USER '$1'@localhost IDENTIFIED BY '$2';
		CREATE USER IF NOT EXISTS '$1_migrate'@localhost IDENTIFIED BY '$3';
		ALTER USER '$1_migrate'@localhost IDENTIFIED BY '$3';
		GRANT ALL ON $1.* TO '$1_migrate'@localhost;
		REVOKE ALL PRIVILEGES, GRANT OPTION FROM '$1'@localhost;
		GRANT SELECT, INSERT, UPDATE, DELETE ON $1.* TO '$1'@localhost;"
}
