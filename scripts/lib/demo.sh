# Example data: the files of demo/, sent through the API and the command line. Sourced by quickstart; expects
# $state, $root, cli and address. What is done is remembered in $state/demo, one file per step, so that the
# loading can be repeated.

# demo_send STEP PATH FILE: posts a JSON file once and keeps the answer in $state/demo/STEP.
demo_send() {
	[ ! -e "$state/demo/$1" ] || return 0
	demo_status=$(sed -e "s/@GROUP@/$(cat "$state/demo/group" 2>/dev/null)/" \
		-e "s/@USER@/$(cat "$state/admin.id")/" \
		-e "s/@CUSTOMER@/$(demo_made customer)/" -e "s/@ORDER@/$(demo_made order)/" "$3" |
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

# demo_made NAME: the identifier in the answer to demo/licensing/NAME.json; nothing before it was sent.
demo_made() {
	[ ! -e "$state/demo/licensing-$1" ] ||
		grep -oE "\"$1Id\": *[0-9]+" "$state/demo/licensing-$1" | sed 's/.*[: ]//'
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

# A customer who has ordered a product, and the license for it.
demo_licensing() {
	demo_send licensing-product /v1/products "$root/demo/licensing/product.json"
	demo_send licensing-customer /v1/customers "$root/demo/licensing/customer.json"
	demo_send licensing-order /v1/orders "$root/demo/licensing/order.json"
	demo_send licensing-license /v1/licenses "$root/demo/licensing/license.json"
}

demo_load() {
	note "loading the example data"
	mkdir -p "$state/demo"
	chmod 700 "$state/demo"
	demo_discovery
	demo_credentials
	demo_delegates
	demo_hosting
	demo_licensing
}
