# shellcheck shell=bash
# Sourced through house.sh: what a machine must have, and how to install it.
#
# Looks for the program or header itself and not for a package, so that one from elsewhere counts,
# too. Installs missing packages on Debian 12, and only lists them on other systems.

# One line each:
#   what needs it: build (the server and the C++ tests), wasm, compare (with other compilers), fuzz,
#     npm, browser, python (a client in Python), redis, proxy, tidy, style, coverage
#   how to find it: compiler, tool:NAME[:LEAST VERSION[:VERSION TOO NEW]],
#     header:PATH[|OTHER PATH], boost:LEAST VERSION, file:PATH, clang_library:NAME, daemon:NAME for a program
#     whose package would start it as a service; a ? in front means optional
#   its package in Debian 12
needs=(
  'build    compiler                         g++'
  'build    tool:cmake:3.22                  cmake'
  'build    tool:ninja                       ninja-build'
  'build    ?tool:ccache                     ccache'
  'build    tool:git                         git'
  'build    boost:1.81                       libboost1.81-dev'
  'build    header:openssl/ssl.h             libssl-dev'
  'build    header:sqlite3.h                 libsqlite3-dev'
  'build    header:hiredis/hiredis.h         libhiredis-dev'
  'build    tool:openssl                     openssl'
  'build    header:nlohmann/json.hpp         nlohmann-json3-dev'
  'build    header:spdlog/spdlog.h           libspdlog-dev'
  'build    header:CLI/CLI.hpp               libcli11-dev'
  'build    header:catch2/catch.hpp|catch2/catch_all.hpp  catch2'
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
  'python   file:/usr/lib/python3/dist-packages/socketio/__init__.py  python3-socketio'
  'python   file:/usr/lib/python3/dist-packages/websocket/__init__.py  python3-websocket'
  'python   file:/usr/lib/python3/dist-packages/requests/__init__.py  python3-requests'
  'redis    daemon:redis-server              redis-server'
  'proxy    daemon:nginx                     nginx-light'
  'proxy    daemon:haproxy                   haproxy'
  'tidy     tool:clang-tidy:14:15            clang-tidy'
  'style    tool:clang-format:14:15          clang-format'
  'style    tool:shellcheck                  shellcheck'
  'coverage tool:gcovr                       gcovr'
)

# require PURPOSE…: installs what is missing for these purposes, where possible. If something is
# still missing, prints it and fails.
require() {
  find_missing "$@"
  ((${#missing[@]} > 0)) || return 0

  local -a as_root
  if ! is_debian 12 || ! find_root; then
    say_missing
    return 1
  fi

  if ! install_packages '' "${packages[@]}" || ! install_daemons "${daemons[@]}"; then
    say_missing
    return 1
  fi

  find_missing "$@"
  if ((${#missing[@]} > 0)); then
    say "Installed, and still not found; is another version earlier in PATH ($PATH)?"
    say_missing
    return 1
  fi
}

# can_have PURPOSE…: whether everything for these purposes is there or can be installed without
# asking for a password.
can_have() {
  local -a as_root
  find_missing "$@"
  ((${#missing[@]} == 0)) || { is_debian 12 && find_root </dev/null; }
}

# Sets `missing` to what is required and missing, and `packages` and `daemons` to what to install.
find_missing() {
  local line purpose probe package
  missing=() packages=() daemons=()
  for line in "${needs[@]}"; do
    read -r purpose probe package <<<"$line"
    [[ " $* " == *" $purpose "* ]] || continue
    is_there "${probe#\?}" && continue
    if [[ $probe == daemon:* ]]; then daemons+=("$package"); else packages+=("$package"); fi
    [[ $probe == \?* ]] || missing+=("$line")
  done
}

is_there() {
  local kind what least too_new
  IFS=: read -r kind what least too_new <<<"$1"
  case $kind in
    compiler) [[ -n $(type -P "${CXX:-c++}" g++ clang++) ]] ;;
    tool) type -P "$what" >/dev/null && { [[ -z $least ]] || is_version "$what" "$least" "$too_new"; } ;;
    # Debian installs them in a folder that is not in every user's PATH.
    daemon) PATH=$PATH:/usr/local/sbin:/usr/sbin type -P "$what" >/dev/null ;;
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

# The same folders as in toolchains/libraries.cmake, in the same order.
header_path() {
  local folder path
  local -a paths
  IFS='|' read -ra paths <<<"$1"
  for path in "${paths[@]}"; do
    for folder in /usr/include /usr/local/include; do
      if [[ -e $folder/$path ]]; then
        echo "$folder/$path"
        return 0
      fi
    done
  done
  return 1
}

is_boost() {
  local header number
  header=$(header_path boost/version.hpp) || return 1
  number=$(awk '$1 == "#define" && $2 == "BOOST_VERSION" { print $3; exit }' "$header")
  at_least "$((number / 100000)).$((number / 100 % 1000))" "$1"
}

# is_debian [RELEASE]
is_debian() {
  [[ -r /etc/os-release ]] || return 1
  (
    # shellcheck source=/dev/null
    . /etc/os-release
    [[ ${ID:-} == debian && ${VERSION_ID:-} == "${1:-${VERSION_ID:-}}" ]]
  )
}

# Sets `as_root` to the prefix for commands that need root. sudo may ask for a password only at a
# terminal.
find_root() {
  as_root=()
  ((EUID != 0)) || return 0
  type -P sudo >/dev/null || return 1
  as_root=(sudo)
  sudo -n true 2>/dev/null || [[ -t 0 && -t 2 ]]
}

# install_packages PATH PACKAGE…: PATH is for the scripts of the packages; '' for the usual one.
install_packages() {
  local path=$1 log=${logs:?}/install.log
  shift
  (($# > 0)) || return 0
  local -a apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get -y -o DPkg::Lock::Timeout=300 -o "DPkg::Path=$path")
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

# install_daemons PACKAGE…: the same for packages that would start a service now and at each boot.
# Only the programs are installed: PATH hides the commands with which the packages' scripts start
# services.
install_daemons() {
  (($# > 0)) || return 0
  local folder command status=0
  folder=$(mktemp -d)
  for command in deb-systemd-helper deb-systemd-invoke invoke-rc.d update-rc.d; do
    ln -s /bin/true "$folder/$command"
  done
  chmod 755 "$folder"
  install_packages "$folder:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "$@" ||
    status=1
  rm -r "$folder"
  return "$status"
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
}

describe() {
  local kind what least too_new
  IFS=: read -r kind what least too_new <<<"$1"
  case $kind in
    compiler) echo 'a C++20 compiler' ;;
    boost) echo "Boost $what or later" ;;
    header) echo "the header <${what//|/> or <}>" ;;
    clang_library) echo "clang's lib$what" ;;
    *) echo "$what${least:+ $least${too_new:+.x}}$([[ -z $least || -n $too_new ]] || echo ' or later')" ;;
  esac
}

# The name in this release of Debian for a package of Debian 12.
package_here() {
  if is_debian 13 && [[ $1 == libboost1.81-dev ]]; then
    echo libboost-dev
  else
    echo "$1"
  fi
}
