#!/usr/bin/env bash
# Gradescope runs this once, when it builds the autograder's image.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends bubblewrap python3 python3-venv

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "mlkata needs Python 3.11 or newer, found $(python3 --version): choose the base image Ubuntu 24.04" >&2
    exit 1
fi

python3 -m venv /opt/mlkata
/opt/mlkata/bin/pip install --no-cache-dir --upgrade pip
# Of two builds of one version pip takes that of the index for CPUs, because +cpu sorts after nothing.
/opt/mlkata/bin/pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu "mlkata==@VERSION@"
/opt/mlkata/bin/mlkata --version
