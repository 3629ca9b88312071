# What quickstart says at its end: where things are, and first calls to paste. Sourced after common.sh, with $state and
# $port set.

welcome_print() {
	address=http://127.0.0.1:$port
	key="x-api-key: \$(cat '$state/admin.key')"
	cat <<END
Clientele is running.

  address       $address/
END
	welcome_console
	cat <<END
  guides        $address/docs/   (first steps: $address/docs/start.html)
  admin key     $(cat "$state/admin.key")   (kept in $state/admin.key)
  command line  $state/clientele help

A customer, a license for it, and the list of licenses:

  curl -s $address/v1/customers -H "$key" -H 'Content-Type: application/json' \\
    -d '{"customer":{"company":"Mara Ltd"}}'
  curl -s $address/v1/licenses -H "$key" -H 'Content-Type: application/json' \\
    -d '{"license":{"licenseeCompany":"Mara Ltd","expireDate":"2030-12-31T23:59:59Z"}}'
  curl -s '$address/v1/licenses?select=licenseId,userKey,expireDate' -H "$key"

An application announces itself and learns who else is in its group:

  curl -s $address/api/ClientHello -H 'Content-Type: application/json' \\
    -d '{"ClientCode":"till-1","ClientGroupId":"$(cat "$state/group.id")","AppName":"Till","AppVersion":"1.0"}'

An administrator creates an API client; its secret is shown once:

  curl -s $address/api/v1/admin/clients -H "$key" \\
    -d "Name=portal-\$(date +%s)" -d Secret=correct-horse-battery -d UserID=$(cat "$state/admin.id")

The hosting accounts, as XML:

  curl -s $address/hosting/api/client -H "$key" -H 'Accept: application/xml'

END
}

# The console, where there is one, and a link that signs in there. It is a credential: anyone who has it may use it.
welcome_console() {
	[ -f "$state/nginx/share/console/index.html" ] || return 0
	say "  console       http://127.0.0.1:$port/console/"
	welcome_link=$("$state/clientele" user sign-in-link "$(cat "$state/admin.id")") || return 0
	say "  sign in       $welcome_link"
	say "                (once, within ten minutes; \"quickstart status\" prints a new one)"
}

# The administrator's command for this instance: welcome_command PROGRAM RUNNER
welcome_command() {
	printf '#!/bin/sh\nexec %s%s --config=%s "$@"\n' "${2:+$2 }" "'$1'" "'$state/clientele.conf'" >"$state/clientele.new"
	chmod 755 "$state/clientele.new"
	mv "$state/clientele.new" "$state/clientele"
}
