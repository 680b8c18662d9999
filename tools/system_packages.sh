#!/bin/sh
# Install what pip cannot: FluidSynth and a good SoundFont, a browser and Node for the tests, Python's
# venv.
#
#   tools/system_packages.sh sound|browser|node|venv
#
# Nothing here is needed for the app to start, so nothing here fails: where a package cannot be
# installed, the command that does it is printed and the set-up goes on.
set -u

say() { printf '%s\n' "$*" >&2; }

has_command() { command -v "$1" >/dev/null 2>&1; }

is_root() { [ "$(id -u)" -eq 0 ]; }

apt_install() { # packages; as root only. The package lists are refreshed only if they do not suffice.
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1 && return 0
    apt-get update >/dev/null 2>&1
    apt-get install -y --no-install-recommends "$@" >/dev/null 2>&1
}

ask_for() { # what it is for, packages of Debian, Fedora, Arch, Homebrew
    if has_command apt-get; then command="apt-get install -y $2"
    elif has_command dnf; then command="dnf install -y $3"
    elif has_command pacman; then command="pacman -S --needed $4"
    elif has_command brew; then say "$1: type  brew install $5"; return
    else say "$1: install $2 (Debian's name) with your system's package manager"; return
    fi
    if is_root; then say "$1: type  $command"; else say "$1: type  sudo $command"; fi
}

provide() { # what it is for, packages of Debian, Fedora, Arch, Homebrew
    if has_command apt-get && is_root; then
        say "Installing $2 ..."
        # shellcheck disable=SC2086  # several packages in one word
        apt_install $2 && return
    elif has_command brew && ! has_command apt-get; then
        say "Installing $5 ..."
        # shellcheck disable=SC2086
        brew install $5 && return
    fi
    ask_for "$@"
}

has_fluidsynth() {
    for folder in /opt/homebrew/lib /usr/local/lib /usr/lib /usr/lib64 /usr/lib/*-linux-gnu; do
        for file in "$folder"/libfluidsynth.so.* "$folder"/libfluidsynth.*dylib; do
            [ -e "$file" ] && return 0
        done
    done
    return 1
}

has_good_soundfont() {
    for file in soundfonts/*.sf[23] \
        /usr/share/sounds/sf[23]/MuseScore_General* /usr/share/sounds/sf[23]/FluidR3* \
        /usr/share/soundfonts/MuseScore_General* /usr/share/soundfonts/FluidR3* \
        /usr/share/soundfonts/GeneralUser*; do
        [ -e "$file" ] && return 0
    done
    return 1
}

sound() {
    has_fluidsynth || provide "To hear the music" libfluidsynth3 fluidsynth-libs fluidsynth fluid-synth
    has_good_soundfont && return
    if has_command apt-get && is_root; then
        say "Installing a SoundFont ..."
        apt_install musescore-general-soundfont-small || apt_install fluidr3mono-gm-soundfont ||
            say "No better SoundFont could be installed; see soundfonts/README.md to add one."
    else
        say "For a better sound, see soundfonts/README.md."
    fi
}

has_browser() {
    for name in chromium chromium-browser google-chrome; do
        has_command "$name" && return 0
    done
    return 1
}

browser() {
    has_browser || provide "To run the browser tests" chromium chromium chromium "--cask chromium"
    has_libatomic || provide "To run the browser tests" libatomic1 libatomic gcc-libs gcc
    needs_ip && provide "To run the test on two machines" iproute2 iproute iproute2 iproute2
}

needs_ip() { # for network namespaces, which only Linux has and only root may make
    [ "$(uname)" = Linux ] && is_root && ! has_command ip
}

has_libatomic() { # Playwright's driver wants it, and a bare Debian lacks it
    [ "$(uname)" = Linux ] || return 0
    for file in /usr/lib/*-linux-gnu/libatomic.so.1 /usr/lib64/libatomic.so.1 /usr/lib/libatomic.so.1; do
        [ -e "$file" ] && return 0
    done
    return 1
}

node() {
    has_command npm || provide "To check the page's scripts" "nodejs npm" "nodejs npm" "nodejs npm" node
}

venv() {
    "${PYTHON:-python3}" -c 'import ensurepip' 2>/dev/null ||
        provide "To create Python environments" python3-venv python3 python python
}

cd "$(dirname "$0")/.." || exit 1
case "${1:-}" in
    sound | browser | node | venv) "$1" ;;
    *) say "usage: tools/system_packages.sh sound|browser|node|venv"; exit 2 ;;
esac
exit 0
