#!/usr/bin/env bash
# Runs random networks through the engine (tests/engine/trials.cpp), built in ways that see what the usual tests cannot:
#   tools/sanitize.sh address   AddressSanitizer and UndefinedBehaviorSanitizer
#   tools/sanitize.sh thread    ThreadSanitizer
#   tools/sanitize.sh aarch64   for another processor, under qemu-user
#   tools/sanitize.sh calls     AddressSanitizer under random calls from Python (tests/engine/hostile_calls.py)
#   tools/sanitize.sh           the first two
# A build may be told what to run instead of the trials: tools/sanitize.sh address --spoil memory
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source tools/setup.sh
PATH="$PWD/.venv/bin:$PATH" # CMake and ninja may be there only

TRIALS=${TRIALS:-40}
CALLS=${CALLS:-200000}

# build NAME [CMake arguments]: build/trials-NAME/trials
build() {
    local folder=build/trials-$1
    shift
    cmake -S . -B "$folder" -G Ninja -D RANVIER_TRIALS=ON "$@" >"$folder.log" 2>&1 &&
        cmake --build "$folder" >>"$folder.log" 2>&1 || {
        tail -n 40 "$folder.log" >&2
        stop "The trials could not be built; the whole output is in $folder.log."
    }
}

# run NAME COMMAND...: the trials on every level that COMMAND can run here, or what was asked for instead
run() {
    local name=$1 level
    shift
    if ((${#asked[@]})); then
        "$@" "${asked[@]}"
        return
    fi
    for level in $("$@" --levels); do
        RANVIER_LEVEL=$level "$@" "$TRIALS" >"build/trials-$name/$level.txt"
        echo "$name, level $level: $TRIALS trials of float and double, the same bits for 1 to 4 threads, no report"
    done
}

# At -O1, which keeps the frames that a report names; -O3 takes minutes to compile with these.
build_with_checks() {
    need_compiler
    build "$1" -D CMAKE_BUILD_TYPE=Sanitize -D CMAKE_CXX_FLAGS="-O1 -g -fno-omit-frame-pointer $2"
}

address() {
    build_with_checks address "-fsanitize=address,undefined -fno-sanitize-recover=all"
    run address build/trials-address/trials
}

thread() {
    build_with_checks thread "-fsanitize=thread"
    # ThreadSanitizer wants addresses that are not spread at random more than it knows.
    TSAN_OPTIONS="halt_on_error=1 ${TSAN_OPTIONS:-}" run thread setarch "$(uname -m)" -R build/trials-thread/trials
}

aarch64() {
    local tool
    for tool in aarch64-linux-gnu-g++ qemu-aarch64; do
        command -v $tool >/dev/null ||
            stop "There is no $tool here: apt-get install g++-aarch64-linux-gnu qemu-user"
    done
    build aarch64 -D CMAKE_SYSTEM_NAME=Linux -D CMAKE_SYSTEM_PROCESSOR=aarch64 \
        -D CMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -D CMAKE_EXE_LINKER_FLAGS=-static
    run aarch64 qemu-aarch64 build/trials-aarch64/trials
}

# The Python module itself, with the runtime of the sanitizer loaded before Python, and that of C++, whose exceptions it
# follows.
calls() {
    need_compiler
    local folder=build/calls python=.venv/bin/python package
    package=$folder/package
    cmake -S . -B $folder -G Ninja -D CMAKE_BUILD_TYPE=Sanitize -D RANVIER_LEVELS=native \
        -D Python_EXECUTABLE="$PWD/$python" -D CMAKE_INSTALL_PREFIX="$PWD/$folder/installed" \
        -D CMAKE_CXX_FLAGS="-O1 -g -fno-omit-frame-pointer -fsanitize=address" >$folder.log 2>&1 &&
        cmake --build $folder >>$folder.log 2>&1 || {
        tail -n 40 $folder.log >&2
        stop "The module could not be built; the whole output is in $folder.log."
    }
    rm -rf $package && mkdir -p $package
    cp -r src/ranvier $package/ && rm -f $package/ranvier/_engine*.so
    cp $folder/_engine*.so $package/ranvier/
    ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1" PYTHONPATH=$package \
        LD_PRELOAD="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libstdc++.so)" \
        $python tests/engine/hostile_calls.py "${asked[0]:-$CALLS}" "${asked[1]:-0}"
}

mkdir -p build
asked=("${@:2}")
case ${1:-} in
address | thread | aarch64 | calls) "$1" ;;
"")
    address
    thread
    ;;
*)
    sed -n 's/^# //p' "$0" >&2
    exit 2
    ;;
esac
