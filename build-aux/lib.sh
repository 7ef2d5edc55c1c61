# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The PG Mirror authors
#
# What build-aux/test and build-aux/quickstart share: finding and installing what is missing, and
# building. Sourced with the root of the checkout as the working folder.

say () { printf '%s\n' "$*"; }

die () { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# One line a need: how to see that it is there, the package on Debian and Ubuntu, on Fedora.
NEEDS='
has cc;has g++|build-essential|gcc-c++
has pkg-config|pkg-config|pkgconf-pkg-config
has meson|meson|meson
has ninja|ninja-build|ninja-build
has msgfmt|gettext|gettext
has_lib glib-2.0 2.74|libglib2.0-dev|glib2-devel
has_lib json-glib-1.0 1.6|libjson-glib-dev|json-glib-devel
has_lib libpq 15|libpq-dev|libpq-devel
has_server|postgresql|postgresql-server
has psql;has pg_dump|postgresql-client|postgresql
has python3|python3|python3
has setpriv|util-linux|util-linux
'

# What the window takes beside that, …
GUI_NEEDS='
has_lib gtk4 4.8|libgtk-4-dev|gtk4-devel
has_lib libadwaita-1 1.2|libadwaita-1-dev|libadwaita-devel
has_lib libsecret-1 0.20|libsecret-1-dev|libsecret-devel
has_file /usr/share/icons/Adwaita/index.theme|adwaita-icon-theme|adwaita-icon-theme
'

# … and what testing it takes.
GUI_TEST_NEEDS='
has Xvfb|xvfb|xorg-x11-server-Xvfb
has dbus-run-session|dbus|dbus-daemon
has_atspi|at-spi2-core gir1.2-atspi-2.0 python3-gi|at-spi2-core python3-gobject
has xdotool|xdotool|xdotool
has gnome-keyring-daemon|gnome-keyring|gnome-keyring
has gdbus|libglib2.0-bin|glib2
has desktop-file-validate|desktop-file-utils|desktop-file-utils
has appstreamcli|appstream|appstream
has_file /usr/share/fonts/opentype/cantarell|fonts-cantarell|abattis-cantarell-fonts
has_svg_loader|librsvg2-common|librsvg2
'

has_file () { [ -e "$1" ]; }

has_atspi ()
{
  /usr/bin/python3 -c 'import gi; gi.require_version("Atspi", "2.0"); from gi.repository import Atspi' \
    2> /dev/null && [ -e /usr/libexec/at-spi-bus-launcher ]
}

has_svg_loader ()
{
  local loader

  for loader in /usr/lib{,64,/*}/gdk-pixbuf-2.0/*/loaders/*svg*; do
    [ ! -e "$loader" ] || return 0
  done
  return 1
}

has () { command -v "$1" > /dev/null; }

has_lib () { has pkg-config && pkg-config --exists "$1 >= $2"; }

has_server () { [ -n "$(find_server_bindir)" ]; }

# The newest installed server's folder of programs, or nothing.
find_server_bindir ()
{
  local bindir

  if [ -n "${TEST_PG_BINDIR-}" ]; then
    say "$TEST_PG_BINDIR"
    return
  fi
  for bindir in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -rV); do
    if [ -x "$bindir/initdb" ]; then
      say "$bindir"
      return
    fi
  done
  if has initdb; then dirname "$(command -v initdb)"; fi
}

# list_missing COLUMN: the packages of that column whose need is not met
list_missing ()
{
  local line checks check

  while IFS= read -r line; do
    [ -n "$line" ] || continue
    IFS=';' read -ra checks <<< "${line%%|*}"
    for check in "${checks[@]}"; do
      # The words of a check are its arguments.
      # shellcheck disable=SC2086
      if ! $check; then
        cut -d '|' -f "$1" <<< "$line"
        break
      fi
    done
  done <<< "$NEEDS"
}

as_root ()
{
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif has sudo; then
    sudo "$@"
  else
    die "cannot install packages without root or sudo; please install: $missing"
  fi
}

# Debian starts a server of its own with a new server package; neither the tests nor the
# quickstart use it, so a machine that had none does not get one.
without_main_cluster ()
{
  local conf=/etc/postgresql-common/createcluster.d/pg-mirror-setup.conf status=0

  as_root mkdir -p "${conf%/*}"
  say 'create_main_cluster = false' | as_root tee "$conf" > /dev/null
  "$@" || status=$?
  as_root rm -f "$conf"
  return "$status"
}

apt_install ()
{
  local options=(-y -q --no-install-recommends -o Dpkg::Use-Pty=0)

  as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" update &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "${options[@]}" install "$@"
}

install_quietly ()
{
  if has_server; then
    apt_install "$@"
  else
    without_main_cluster apt_install "$@"
  fi
}

# Installs what NEEDS names and the machine lacks. Asks apt for nothing when all is there.
install_needs ()
{
  local missing log

  missing=$(list_missing 2 | sort -u | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  if ! has apt-get; then
    die "please install what is missing and start again; on Fedora: $(list_missing 3 | sort -u | tr '\n' ' ')"
  fi
  say "Installing $missing"
  log=$(mktemp)
  # shellcheck disable=SC2086
  if ! install_quietly $missing > "$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    die "could not install: $missing"
  fi
  rm -f "$log"
  missing=$(list_missing 2 | sort -u | tr '\n' ' ')
  [ -z "$missing" ] || die "too old or not usable here: $missing"
}

# build FOLDER LOG MESON-OPTION…: sets up or brings up to date, and compiles
build ()
{
  local folder=$1 log=$2

  shift 2
  if [ -f "$folder/build.ninja" ]; then
    set -- --reconfigure "$@"
  fi
  if ! meson setup "$folder" "$@" > "$log" 2>&1; then
    # A folder of another meson, compiler or option set.
    rm -rf "$folder"
    [ "${1-}" != --reconfigure ] || shift
    meson setup "$folder" "$@" > "$log" 2>&1 || return 1
  fi
  meson compile -C "$folder" >> "$log" 2>&1
}
