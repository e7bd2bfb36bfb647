# shellcheck shell=bash
# For scripts that start a server of their own and put load on it. Source it after scripts/house.sh.
: "${root:?}" "${logs:?}"

folder=$(mktemp -d)
server=
port=

stop_server() {
  [[ -z $server ]] || kill -KILL "$server" 2>/dev/null || true
  [[ -z $server ]] || wait "$server" 2>/dev/null || true
  server=
}
trap 'stop_server; rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM

# find_programs TARGET…: sets `bin` and `downbeat`, and builds those that BENCH_BIN and DOWNBEAT_BIN
# do not name.
find_programs() {
  bin=${BENCH_BIN:-$root/build/native-release/bin}
  # shellcheck disable=SC2034 # it is for those who source this
  downbeat=${DOWNBEAT_BIN:-$bin/downbeat}
  [[ -z ${BENCH_BIN:-} ]] || return 0
  require build || exit 1
  build native-release downbeat "$@" >"$logs/load-build.log" 2>&1 || {
    show_end_of "$logs/load-build.log"
    exit 1
  }
}

# raise_file_limit NUMBER: allows this many open files, or ends the script.
raise_file_limit() {
  [[ $(ulimit -n) == unlimited ]] || (($(ulimit -n) >= $1)) || ulimit -n "$1" 2>/dev/null || {
    echo "This needs $1 open files, and 'ulimit -n' is $(ulimit -n)."
    exit 2
  }
}

# start_program COMMAND…: sets `server` and `port` once it listens.
start_program() {
  # Emptied here and not by the server's shell, which may be slower than the first look at the file.
  : >"$folder/server"
  "$@" >>"$folder/server" 2>&1 3>&- &
  server=$!
  for _ in {1..300}; do
    port=$(grep -om1 'listening on http://[^ ]*' "$folder/server" | grep -oE '[0-9]+$' || true)
    [[ -z $port ]] || return 0
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  echo "$1 does not listen: $(<"$folder/server")"
  return 1
}

# answers PATH: whether the server answers with 200 within ten seconds.
answers() {
  local line
  exec 4<>"/dev/tcp/127.0.0.1/$port" || return 1
  printf 'GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' "$1" >&4
  read -r -t 10 line <&4
  exec 4>&-
  [[ $line == 'HTTP/1.1 200'* ]]
}
