# What the scripts of this folder share. Sourced, never run.

# The root of the repository, and where what is downloaded is kept between runs.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${CARGO_TARGET_DIR:-$root/target}/brokers

# Ends the script with a message.
fail() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# Prints a port of the loopback interface on which nobody listens. It is below those that systems give to
# connections, so that none of those takes it before the broker does.
free_port() {
    local port
    while port=$((10240 + RANDOM % 22000)); do
        if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

# Waits until something listens on port $1 of the loopback interface, for as long as process $2 lives, $3 seconds at most.
wait_for_port() {
    local end=$((SECONDS + $3))
    until (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
        kill -0 "$2" 2>/dev/null && ((SECONDS < end)) || return 1
        sleep 0.1
    done
}

# Ends with a message that names $1's log. The broker is stopped.
fail_with_log() {
    echo "${0##*/}: $2; the end of $1/log:" >&2
    tail -n 20 "$1/log" >&2 || true
    "$root/tests/brokers/stop" "$1"
    exit 1
}

# Sees to program $1, which Debian's package $2 brings. $3, if given, is the variable that names what to use instead.
need() {
    command -v "$1" >/dev/null && return
    install_package "$1" "$2" "${3:+, or name what is to be used in $3}"
    command -v "$1" >/dev/null || fail "$2 brings no \`$1\`"
}

# Says that $1 is missing, which Debian's package $2 brings, and installs it where that is permitted. $3 is what else helps.
install_package() {
    if ! command -v apt-get >/dev/null || [[ $(id -u) != 0 ]]; then
        fail "\`$1\` is missing. Install it (Debian: apt-get install $2)$3."
    fi
    echo "installing $2, since \`$1\` is missing" >&2
    # The package of a server starts it as a service of the system. No test needs that.
    local policy=/usr/sbin/policy-rc.d written=
    if [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        written=$policy
    fi
    local done=yes
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$2"; } \
        >&2 </dev/null || done=
    [[ -z $written ]] || rm -f "$written"
    [[ -n $done ]] || fail "$2 cannot be installed. Install it yourself$3."
}
