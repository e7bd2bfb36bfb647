# shellcheck shell=bash
# Sourced by ./run and ./test: functions to print, install and build. File descriptor 3 is the
# terminal of the user, even while output goes to a log.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$root/build/logs
mkdir -p "$logs"

# shellcheck source-path=SCRIPTDIR source=needs.sh
source "$root/scripts/needs.sh"

say() { printf '%s\n' "$*" >&3; }

show_end_of() {
  tail -n 40 "$1" | sed 's/^/    | /' >&3
  say "    (all of it: ${1#"$root"/})"
}

# build PRESET TARGET…: builds the targets. Two jobs at most: one of Beast's files needs 2 GB of
# memory under a sanitizer, and small machines have no more.
build() {
  local preset=$1
  shift
  local log=$logs/configure-$preset.log
  if ! cmake -S "$root" --preset "$preset" >"$log" 2>&1 3>&-; then
    cat "$log" >&2
    return 1
  fi
  cmake --build "$root/build/$preset" --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-2}" --target "$@" 3>&-
}

# npm_install FOLDER: installs the packages of its lockfile, unless they are installed already.
npm_install() {
  local folder=$root/$1
  local lock=$folder/package-lock.json installed=$folder/node_modules/.installed-lock.json
  if [[ ! -f $lock ]]; then
    echo "$1 has no package-lock.json." >&2
    return 1
  fi
  ! cmp -s "$lock" "$installed" || return 0
  say "Installing npm packages: $1"
  (cd "$folder" && npm ci --no-audit --no-fund </dev/null 3>&-) || return 1
  mkdir -p "$folder/node_modules"
  cp "$lock" "$installed"
}
