# Installs what is missing from Debian's packages, and nothing else. Sourced after common.sh.

packages_build='gcc libc6-dev make autoconf automake pkg-config libmariadb-dev
	libssl-dev libexpat1-dev libidn2-dev libcrypt-dev libcsv-dev libcurl4-openssl-dev libncurses-dev
	liboath-dev libsqlite3-dev'
# Makes the pages of /docs/.
packages_docs='lowdown'
packages_run='mariadb-server-core mariadb-client-core nginx curl tzdata'
packages_test='libcmocka-dev python3 python3-pytest python3-pytest-xdist python3-aiosmtpd python3-jsonschema python3-jwcrypto openssl
	xmlsec1 wrk galera-4 mariadb-client zstd php-cli php-curl php-guzzlehttp-guzzle mono-mcs mono-runtime
	libmono-system-net-http4.0-cil libmono-system-xml-linq4.0-cil libmono-system-runtime-serialization4.0-cil libnewtonsoft-json5.0-cil
	python3-requests'
packages_webservers='apache2 lighttpd lighttpd-mod-deflate lighttpd-mod-openssl lighttpd-modules-lua'
packages_browser='chromium chromium-driver python3-selenium'
# The peers of tests/bench/run; Node.js comes from wherever it is installed already.
packages_bench='golang-go golang-github-go-sql-driver-mysql-dev php8.2-fpm php8.2-mysql'
packages_package_test='autopkgtest devscripts lintian mmdebstrap piuparts systemd-container'
packages_ci='clang clang-format cppcheck prometheus valgrind xz-utils'

# packages_of_control: the build dependencies of debian/control, where the package is built from it; dpkg-buildpackage
# wants all of them, those of the tests too, and build-essential.
packages_of_control() {
	[ ! -e "$root/debian/control" ] ||
		sed -n '/^Build-Depends:/,/^[^ ]/s/^ \([a-z0-9.+-]*\).*/\1/p' "$root/debian/control" |
		sed 's/-compat$//' | tr '\n' ' '
}

packages_package="build-essential fakeroot xz-utils $(packages_of_control)"

# packages_missing NAME...: prints those that are not installed, and not provided by another that is.
packages_missing() {
	for package in "$@"; do
		state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
		[ "$state" = installed ] ||
			dpkg-query -W -f '${db:Status-Status}, ${Provides},\n' 2>/dev/null |
			grep -qE "^installed,.*[ ,]$package( \\(=[^,]*\\))?," || printf '%s ' "$package"
	done
}

# Installing a server package starts that server unless a policy forbids it. The program run as root here
# sets such a policy, installs, and puts back what was there before, whatever happens. A web server that it
# has brought is not started at the next boot either. One does that at a time, or it would take another's policy for
# what was there before.
packages_installer='
set -eu
policy=/usr/sbin/policy-rc.d
saved=$policy.before-clientele
restore() {
	rm -f "$policy"
	[ ! -e "$saved" ] || mv "$saved" "$policy"
}
# One that is saved already is the real one: a run that was killed has left its own in that place.
[ -e "$saved" ] || [ ! -e "$policy" ] || mv "$policy" "$saved"
trap restore EXIT
trap "exit 130" INT HUP TERM
printf "#!/bin/sh\nexit 101\n" >"$policy"
chmod 755 "$policy"

brought=
for server in nginx apache2 lighttpd; do
	[ -e "/usr/sbin/$server" ] || brought="$brought $server"
done
export DEBIAN_FRONTEND=noninteractive
install() {
	apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}
if ! ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1; then
	apt-get update -o DPkg::Lock::Timeout=300
fi
install "$@" || { apt-get update -o DPkg::Lock::Timeout=300 && install "$@"; }
for server in $brought; do
	[ -e "/usr/sbin/$server" ] || continue
	update-rc.d "$server" disable || true
	rm -f "/etc/systemd/system/multi-user.target.wants/$server.service"
done
'

# packages_install LOG NAME...: installs what is missing of the names.
packages_install() {
	packages_log=$1
	shift
	packages_wanted=$(packages_missing "$@")
	[ -n "$packages_wanted" ] || return 0
	command -v apt-get >/dev/null 2>&1 ||
		die "please install these first (apt-get is not here to do it): $packages_wanted"
	note "installing: $packages_wanted"
	# shellcheck disable=SC2086 # one word per package
	logged "$packages_log" as_root flock --close /run/lock/clientele-packages \
		sh -c "$packages_installer" install-packages $packages_wanted
}
