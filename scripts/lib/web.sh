# The console, whose pages are put together with Node.js. Sourced after packages.sh and build.sh.

packages_web='nodejs npm'

# web_build DIRECTORY LOG: makes the console in a build directory. The tree of a release has brought it, and needs no
# Node.js. Where there is none, Debian's is installed.
web_build() {
	[ ! -f "$root/pages/console/index.html" ] || return 0
	if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
		# shellcheck disable=SC2086 # one word per package
		(packages_install "$2" $packages_web) || return 1
	fi
	rm -f "$2"
	logged "$2" build_make "$1" web npm_flags=--omit=dev
}

# web_folder DIRECTORY: where the console of that build is; nothing where there is none.
web_folder() {
	for web_place in "$1/pages/console" "$root/pages/console"; do
		[ ! -f "$web_place/index.html" ] || {
			printf '%s\n' "$web_place"
			return 0
		}
	done
}
