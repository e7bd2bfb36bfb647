# shellcheck shell=bash
# Sourced through house.sh: what a machine must have, and how it gets it.
#
# What is there is found by looking for the thing itself, not for a package, so that a tool from
# elsewhere counts too. What is missing is installed on Debian 12; any other system is told.

# One line each:
#   what needs it: build (the server and the C++ tests), wasm, compare (with other compilers), fuzz,
#     npm, browser, style
#   how to see that it is there: compiler, tool:NAME[:LEAST VERSION[:VERSION TOO NEW]],
#     header:PATH, boost:LEAST VERSION, file:PATH, clang_library:NAME; a ? in front means that one
#     can do without
#   the Debian 12 package that brings it
needs=(
  'build    compiler                         g++'
  'build    tool:cmake:3.22                  cmake'
  'build    tool:ninja                       ninja-build'
  'build    ?tool:ccache                     ccache'
  'build    tool:git                         git'
  'build    boost:1.81                       libboost1.81-dev'
  'build    header:nlohmann/json.hpp         nlohmann-json3-dev'
  'build    header:spdlog/spdlog.h           libspdlog-dev'
  'build    header:CLI/CLI.hpp               libcli11-dev'
  'build    header:catch2/catch.hpp          catch2'
  'wasm     tool:emcc:3.1                    emscripten'
  'wasm     file:/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake  emscripten'
  'wasm     tool:node:18.20                  nodejs'
  'wasm     tool:zopfli                      zopfli'
  'compare  tool:g++                         g++'
  'compare  tool:clang++                     clang'
  'fuzz     tool:clang++                     clang'
  'fuzz     clang_library:fuzzer             libclang-rt-14-dev'
  'npm      tool:node:18.20                  nodejs'
  'npm      tool:npm                         npm'
  'npm      ?file:/etc/ssl/certs/ca-certificates.crt  ca-certificates'
  'browser  tool:chromium                    chromium'
  'style    tool:clang-format:14:15          clang-format'
  'style    tool:shellcheck                  shellcheck'
)

# require PURPOSE…: returns when all that these purposes need is there, installing it where that
# can be done; fails after saying what is missing.
require() {
  find_missing "$@"
  ((${#missing[@]} > 0)) || return 0

  local -a as_root
  if ! is_debian 12 || ! find_root; then
    say_missing
    return 1
  fi

  install_packages "${packages[@]}" || {
    say_missing
    return 1
  }

  find_missing "$@"
  if ((${#missing[@]} > 0)); then
    say "Installed, and still not found; is another version earlier in PATH ($PATH)?"
    say_missing
    return 1
  fi
}

# can_have PURPOSE…: whether all that these need is there, or could be installed without a question.
can_have() {
  local -a as_root
  find_missing "$@"
  ((${#missing[@]} == 0)) || { is_debian 12 && find_root </dev/null; }
}

# Sets `missing` to what is missing and must be there, and `packages` to what is worth installing.
find_missing() {
  local line purpose probe package
  missing=() packages=()
  for line in "${needs[@]}"; do
    read -r purpose probe package <<<"$line"
    [[ " $* " == *" $purpose "* ]] || continue
    is_there "${probe#\?}" && continue
    packages+=("$package")
    [[ $probe == \?* ]] || missing+=("$line")
  done
}

is_there() {
  local kind what least too_new
  IFS=: read -r kind what least too_new <<<"$1"
  case $kind in
    compiler) [[ -n $(type -P "${CXX:-c++}" g++ clang++) ]] ;;
    tool) type -P "$what" >/dev/null && { [[ -z $least ]] || is_version "$what" "$least" "$too_new"; } ;;
    header) header_path "$what" >/dev/null ;;
    boost) is_boost "$what" ;;
    file) [[ -e $what ]] ;;
    clang_library) compgen -G "$(clang++ -print-resource-dir)/lib/*/libclang_rt.$what*.a" >/dev/null ;;
    *) return 1 ;;
  esac
}

is_version() {
  [[ $("$1" --version 2>/dev/null) =~ [0-9]+(\.[0-9]+)+ ]] || return 1
  local found=${BASH_REMATCH[0]}
  at_least "$found" "$2" && { [[ -z $3 ]] || ! at_least "$found" "$3"; }
}

# at_least A B: version A is B or newer.
at_least() {
  [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

# The same folders as in toolchains/system_headers.cmake, in the same order.
header_path() {
  local folder
  for folder in /usr/include /usr/local/include; do
    if [[ -e $folder/$1 ]]; then
      echo "$folder/$1"
      return 0
    fi
  done
  return 1
}

is_boost() {
  local header number
  header=$(header_path boost/version.hpp) || return 1
  number=$(awk '$1 == "#define" && $2 == "BOOST_VERSION" { print $3; exit }' "$header")
  at_least "$((number / 100000)).$((number / 100 % 1000))" "$1"
}

# is_debian RELEASE, which may be left out.
is_debian() {
  [[ -r /etc/os-release ]] || return 1
  (
    # shellcheck source=/dev/null
    . /etc/os-release
    [[ ${ID:-} == debian && ${VERSION_ID:-} == "${1:-${VERSION_ID:-}}" ]]
  )
}

# Sets `as_root` to what stands before a command that only root may run. A password can be asked
# for only where somebody sits.
find_root() {
  as_root=()
  ((EUID != 0)) || return 0
  type -P sudo >/dev/null || return 1
  as_root=(sudo)
  sudo -n true 2>/dev/null || [[ -t 0 && -t 2 ]]
}

install_packages() {
  local log=${logs:?}/install.log
  local -a apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get -y -o DPkg::Lock::Timeout=300)
  say "Installing Debian packages: $*"
  {
    "${apt[@]}" update </dev/null ||
      echo 'Some package lists could not be fetched; trying with those that there are.'
    "${apt[@]}" install --no-install-recommends --no-remove "$@" </dev/null
  } >"$log" 2>&1 && return 0
  show_end_of "$log"
  say 'apt-get could not install them.'
  return 1
}

say_missing() {
  local line probe package
  local -a names=()
  say 'Missing on this machine:'
  for line in "${missing[@]}"; do
    read -r _ probe package <<<"$line"
    package=$(package_here "$package")
    names+=("$package")
    say "$(printf '  %-36s Debian package %s' "$(describe "$probe")" "$package")"
  done
  if is_debian 12; then
    say 'As root, or with sudo, this installs it:'
    say "  apt-get update && apt-get install --no-install-recommends ${names[*]}"
  else
    say 'It is installed for you on Debian 12 only. Install it, and start again.'
  fi
  if is_debian 13 && [[ " ${names[*]} " == *' catch2 '* ]]; then
    say 'On Debian 13, catch2 is version 3, which has other headers: take the one header of version'
    say '2.13 instead, to /usr/local/include/catch2/catch.hpp.'
  fi
}

describe() {
  local kind what least too_new
  IFS=: read -r kind what least too_new <<<"$1"
  case $kind in
    compiler) echo 'a C++20 compiler' ;;
    boost) echo "Boost $what or later" ;;
    header) echo "the header <$what>" ;;
    clang_library) echo "clang's lib$what" ;;
    *) echo "$what${least:+ $least${too_new:+.x}}$([[ -z $least || -n $too_new ]] || echo ' or later')" ;;
  esac
}

# The name that this Debian has for a package of Debian 12.
package_here() {
  if is_debian 13 && [[ $1 == libboost1.81-dev ]]; then
    echo libboost-dev
  else
    echo "$1"
  fi
}
