# Builds the program out of tree. Sourced after common.sh.

# build_configure DIRECTORY ARGUMENT...: makes the directory ready for make; does nothing when it already is,
# with the same arguments. The build's own rules notice a changed configure.ac.
build_configure() {
	build_directory=$1
	shift
	if [ ! -x "$root/configure" ] || [ -n "$(find "$root/configure.ac" -newer "$root/configure")" ]; then
		mkdir -p "$root/m4"
		(cd "$root" && autoreconf -fi) || return 1
	fi
	mkdir -p "$build_directory"
	if [ -f "$build_directory/Makefile" ] &&
		[ "$(cat "$build_directory/configured-with" 2>/dev/null)" = "$*" ]; then
		return 0
	fi
	(cd "$build_directory" && "$root/configure" "$@") || return 1
	printf '%s\n' "$*" >"$build_directory/configured-with"
}

# build_make DIRECTORY TARGET...
build_make() {
	build_directory=$1
	shift
	make -C "$build_directory" -j"$(processors)" "$@"
}
