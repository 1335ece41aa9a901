# shellcheck shell=bash
# Sourced by quickstart and test: headings, and what the machine must have installed.

step() {
  printf '\n==> %s\n' "$*"
}

fail() {
  printf 'error: %s\n' "$@" >&2
  exit 1
}

# Whether a JDK (with a compiler) of version 17 or newer is what Maven will use.
has_jdk() {
  local javac version
  if [[ -n ${JAVA_HOME:-} ]]; then
    javac=$JAVA_HOME/bin/javac
  else
    javac=$(command -v javac) || return 1
  fi
  [[ -x $javac ]] || return 1
  version=$("$javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
  [[ -n $version ]] && ((version >= 17))
}

has_maven() {
  command -v mvn >/dev/null
}

# Whether the dynamic linker finds a library: by its path, or by its file name in the usual folders.
has_library() {
  local folder
  [[ $1 == /* ]] && { [[ -e $1 ]]; return; }
  for folder in /usr/lib /usr/lib64 /usr/lib/*-linux-gnu /usr/local/lib; do
    [[ -e $folder/$1 ]] && return 0
  done
  command -v ldconfig >/dev/null && ldconfig -p 2>/dev/null | grep -qF "$1 "
}

# The ICD loader, as the libraries are found at run time.
has_opencl_loader() {
  has_library libOpenCL.so.1 || [[ $(uname -s) == Darwin ]]
}

# At least one driver that the loader knows and that is there: a removed package leaves its .icd file behind.
has_opencl_driver() {
  local icd library
  for icd in "${OCL_ICD_VENDORS:-/etc/OpenCL/vendors}"/*.icd; do
    [[ -r $icd ]] || continue
    library=$(<"$icd")
    [[ -n $library ]] && has_library "$library" && return 0
  done
  [[ $(uname -s) == Darwin ]]
}

# Names of the Debian packages that are missing, one a line.
missing_packages() {
  has_jdk || echo openjdk-17-jdk-headless
  has_maven || echo maven
  has_opencl_loader || echo ocl-icd-libopencl1
  has_opencl_driver || echo pocl-opencl-icd
}

# Installs what is missing where that is allowed without asking anybody; otherwise says what to install.
install_missing() {
  local packages
  step "Checking for a JDK 17, Maven and OpenCL"
  mapfile -t packages < <(missing_packages)
  if ((${#packages[@]} == 0)); then
    echo "All there."
    return
  fi
  echo "Missing: ${packages[*]}"
  if ! command -v apt-get >/dev/null; then
    fail "Install with this system's package manager: a JDK 17 or newer, Maven 3.8 or newer, the OpenCL ICD loader and an OpenCL driver (PoCL). On Debian: apt-get install ${packages[*]}"
  fi
  install_packages "${packages[@]}"
  mapfile -t packages < <(missing_packages)
  if ((${#packages[@]} != 0)); then
    fail "Still missing after the installation: ${packages[*]}. If JAVA_HOME is set, let it name a JDK 17 or newer: JAVA_HOME=${JAVA_HOME:-}"
  fi
}

# Installs Debian packages, as root or where sudo asks for no password.
install_packages() {
  local sudo=()
  if ((EUID != 0)); then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      sudo=(sudo -n)
    else
      fail "Not allowed to install packages. Run: sudo apt-get install $*"
    fi
  fi
  step "Installing $*"
  "${sudo[@]}" apt-get update -qq || echo "warning: apt-get update failed; trying with the package lists that are there" >&2
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
