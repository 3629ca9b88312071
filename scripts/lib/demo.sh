# Example data: the files of demo/, sent through the API and the command line, and a past of it. Sourced by quickstart after
# mariadb.sh; expects $state, $root, cli and address. Of single files it is remembered in $state/demo, one file per step,
# that they were sent, so that the loading can be repeated; the files of demo/registry leave out what is there.

# demo_send STEP PATH FILE: posts a JSON file once and keeps the answer in $state/demo/STEP.
demo_send() {
	[ ! -e "$state/demo/$1" ] || return 0
	demo_status=$(sed -e "s/@GROUP@/$(cat "$state/demo/group" 2>/dev/null)/" -e "s/@USER@/$(cat "$state/admin.id")/" "$3" |
		curl --silent --max-time 30 --noproxy '*' --output "$state/demo/$1.new" --write-out '%{http_code}' \
			-H "x-api-key: $(cat "$state/admin.key")" -H 'Content-Type: application/json' \
			--data-binary @- "$(address)$2") || die "demo: no answer to $3"
	case $demo_status in
	200 | 201 | 409) mv "$state/demo/$1.new" "$state/demo/$1" ;;
	*)
		cat "$state/demo/$1.new" >&2
		die "demo: $3 was answered with $demo_status"
		;;
	esac
}

# demo_calls FILE: makes the calls that the statements of the file select, one a row: path and body. One program makes all
# of them over one connection; the first that fails is the last.
demo_calls() {
	demo_folder=$state/demo/calls
	rm -rf "$demo_folder"
	mkdir "$demo_folder"
	database_query "$1" >"$demo_folder/all" || die "demo: $1 could not be run"
	[ -s "$demo_folder/all" ] || return 0
	awk -F '\t' -v address="$(address | sed 's|/$||')" -v key="$(cat "$state/admin.key")" -v folder="$demo_folder" \
		-v name="$(basename "$1" .sql)" '
		NR > 1 { print "next" }
		{
			body = folder "/" NR
			print $2 >body
			close(body)
			print "url = \"" address $1 "\"\ndata-binary = \"@" body "\"\noutput = \"" folder "/answer\""
			# Programs of customers have no key but the user key of their license.
			if ($1 !~ "^/v1/license/")
				print "header = \"x-api-key: " key "\""
			print "header = \"Content-Type: application/json\""
			print "header = \"X-Request-Id: example-" name "-" NR "\""
			print "max-time = 30\nnoproxy = \"*\"\nfail-with-body"
		}' "$demo_folder/all" | curl --silent --show-error --fail-early --config - >&2 || {
		cat "$demo_folder/answer" >&2 || true
		die "demo: a call of $1 failed"
	}
	rm -rf "$demo_folder"
}

# demo_identifier: the first member "id" of the JSON that comes in.
demo_identifier() {
	grep -oE '"id": *"?[^",}]+' | head -n 1 | sed 's/.*[:" ]//'
}

demo_discovery() {
	if [ ! -s "$state/demo/group" ]; then
		cli group list | grep -qF 'Trattoria da Piero' || cli group create 'Trattoria da Piero' >/dev/null
		cli group list | grep -F 'Trattoria da Piero' | first_uuid >"$state/demo/group"
	fi
	for demo_file in "$root"/demo/discovery/*.json; do
		demo_send "hello-$(basename "$demo_file" .json)" /api/ClientHello "$demo_file"
	done
}

demo_credentials() {
	for demo_file in "$root"/demo/credentials/*.json; do
		demo_send "credential-$(basename "$demo_file" .json)" /api/v1/admin/clients "$demo_file"
	done
}

# Each folder of demo/delegates is a group: group.json, and one association per further file.
demo_delegates() {
	if [ ! -e "$state/demo/persons" ]; then
		# Read by the shell, because the program's user may not be able to read the source tree.
		cp "$root/demo/delegates/persons.csv" "$state/run/persons.csv"
		chmod 644 "$state/run/persons.csv"
		cli person import "$state/run/persons.csv" >"$state/demo/persons.new" ||
			{ cat "$state/demo/persons.new" >&2 && die "demo: the persons could not be imported"; }
		rm -f "$state/run/persons.csv"
		mv "$state/demo/persons.new" "$state/demo/persons"
	fi
	for demo_folder in "$root"/demo/delegates/*/; do
		demo_name=$(basename "$demo_folder")
		demo_send "delegates-$demo_name" /api/delegategroups "$demo_folder/group.json"
		demo_group=$(demo_identifier <"$state/demo/delegates-$demo_name")
		for demo_file in "$demo_folder"/client-*.json; do
			demo_send "delegates-$demo_name-$(basename "$demo_file" .json)" \
				"/api/delegategroups/$demo_group/clients" "$demo_file"
		done
	done
}

# Each folder of demo/hosting is an account: client.json, and one domain per further file.
demo_hosting() {
	for demo_folder in "$root"/demo/hosting/*/; do
		demo_name=$(basename "$demo_folder")
		demo_send "hosting-$demo_name" /hosting/api/client "$demo_folder/client.json"
		demo_account=$(curl --silent --fail --max-time 30 --noproxy '*' \
			-H "x-api-key: $(cat "$state/admin.key")" \
			"$(address)/hosting/api/client/by-username/$demo_name" | demo_identifier)
		for demo_file in "$demo_folder"/domain-*.json; do
			demo_send "hosting-$demo_name-$(basename "$demo_file" .json)" \
				"/hosting/api/client/$demo_account/domain" "$demo_file"
		done
	done
}

# Customers and what they have bought, who works here, and a year in which all that was used.
demo_registry() {
	for demo_file in "$root"/demo/registry/[1-4]-*.sql; do
		demo_calls "$demo_file"
	done
	database_query "$root/demo/registry/5-history.sql" "$root/demo/registry/6-records.sql" >&2 ||
		die "demo: the past could not be written"
}

demo_load() {
	note "loading the example data"
	mkdir -p "$state/demo"
	chmod 700 "$state/demo"
	demo_discovery
	demo_credentials
	demo_delegates
	demo_hosting
	demo_registry
}
