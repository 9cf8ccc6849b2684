# shellcheck shell=bash
# Sourced by ./demo and ./test, in the root of the repository: `set_up EXTRAS [GROUP]` makes .venv,
# builds the engine and installs Ranvier in it, and does nothing when that is already done.

PYTHON=${PYTHON:-python3}
VENV=.venv/bin

stop() {
    printf '%s\n' '' "$@" >&2
    exit 1
}

pip_install() {
    "$VENV/python" -m pip install --quiet --disable-pip-version-check --no-input "$@"
}

# How to install something here, by the package manager at hand: debian name, fedora name.
how_to_install() {
    if command -v apt-get >/dev/null; then
        echo "apt-get install $1"
    elif command -v dnf >/dev/null; then
        echo "dnf install $2"
    elif [[ $(uname) == Darwin ]]; then
        echo "xcode-select --install"
    else
        echo "apt-get install $1 (Debian, Ubuntu), dnf install $2 (Fedora)," \
            "or xcode-select --install (macOS)"
    fi
}

need_python() {
    command -v "$PYTHON" >/dev/null ||
        stop "There is no command '$PYTHON', and Ranvier needs Python 3.11 or newer." \
            "Install it ($(how_to_install python3 python3)), or name another: PYTHON=python3.12 $0"
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        stop "'$PYTHON' is $("$PYTHON" --version 2>&1), and Ranvier needs Python 3.11 or newer." \
            "Name another: PYTHON=python3.12 $0"
}

make_venv() {
    # A folder that was moved here, or whose Python has gone, is of no use: start again.
    if ! grep -qsF "$(pwd -P)/.venv" "$VENV/activate" ||
        ! "$VENV/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        need_python
        "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
            stop "'$PYTHON' cannot make a virtual environment: its ensurepip module is missing." \
                "Install it, then run $0 again: $(how_to_install python3-venv python3-pip)"
        "$PYTHON" -m venv --clear --without-pip .venv
    fi
    "$VENV/python" -m pip --version >/dev/null 2>&1 || "$VENV/python" -m ensurepip >/dev/null
}

# Sets CXX, where it is not set, to the first compiler that can build a program of C++20.
need_compiler() {
    local folder compiler
    folder=$(mktemp -d)
    printf '#include <concepts>\nint main() { return std::same_as<int, char>; }\n' >"$folder/probe.cpp"
    local -a candidates=("${CXX:-c++}")
    [[ -n ${CXX:-} ]] || candidates+=(g++ clang++)
    for compiler in "${candidates[@]}"; do
        # Unquoted on purpose: CXX may be a command with arguments, such as "ccache g++".
        # shellcheck disable=SC2086
        if $compiler -std=c++20 "$folder/probe.cpp" -o "$folder/probe" >/dev/null 2>&1; then
            export CXX=$compiler
            rm -r "$folder"
            return
        fi
    done
    rm -r "$folder"
    if [[ -n ${CXX:-} ]]; then
        stop "CXX is '$CXX', which cannot compile C++20, and Ranvier's engine is built here." \
            "Name another compiler, or none: env -u CXX $0"
    fi
    stop "No C++20 compiler was found (tried c++, g++, clang++), and Ranvier's engine is built here." \
        "Install one, then run $0 again: $(how_to_install g++ gcc-c++)" \
        "If there is one under another name: CXX=/path/to/it $0"
}

need_python_headers() {
    local folder
    folder=$("$VENV/python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
    [[ -f $folder/Python.h ]] ||
        stop "Python's header files are missing ($folder/Python.h), and Ranvier's engine is built here." \
            "Install them, then run $0 again: $(how_to_install python3-dev python3-devel)"
}

# What an installation depends on. Python sources are not in it: they are used where they lie.
fingerprint() {
    {
        pwd -P
        echo "${RANVIER_LEVELS:-native}"
        "$VENV/python" --version
        find pyproject.toml CMakeLists.txt engine bindings -type f | LC_ALL=C sort | xargs cksum
    } | cksum
}

# The requirements of a dependency group; the pip that Python brings may be too old for --group.
requirements_of() {
    "$VENV/python" -c 'import sys, tomllib
print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"][sys.argv[1]], sep="\n")' "$1"
}

# set_up EXTRAS [GROUP], for example: set_up app,plot test
# The engine is compiled for this machine's best level of instructions; RANVIER_LEVELS=all adds the others.
set_up() {
    local stamp print needs
    make_venv
    print=$(fingerprint)
    # The stamp of app,plot,test also says that app is there.
    if cat .venv/ranvier-*"$1${2:+,$2}"*.stamp 2>/dev/null | grep -qxF "$print"; then
        return
    fi
    echo "Setting up Ranvier in .venv (a minute or two the first time, seconds after that) ..."
    need_compiler
    need_python_headers
    # Without build isolation the paths in build/ stay the same, so only what changed is compiled.
    # CMake and ninja are among the needs where this machine has none.
    "$VENV/python" -c 'import tomllib
for need in tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"]: print(need)' >.venv/needs.txt
    pip_install --requirement .venv/needs.txt
    needs="from scikit_build_core.build import get_requires_for_build_editable as needs"
    "$VENV/python" -c "$needs; print(*needs(), sep='\n')" >.venv/needs.txt
    pip_install --requirement .venv/needs.txt
    : >.venv/needs.txt
    [[ -z ${2:-} ]] || requirements_of "$2" >.venv/needs.txt
    RANVIER_LEVELS=${RANVIER_LEVELS:-native} pip_install --no-build-isolation --editable ".[$1]" --requirement .venv/needs.txt
    stamp=.venv/ranvier-$1${2:+,$2}.stamp
    echo "$print" >"$stamp"
}
