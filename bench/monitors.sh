#!/usr/bin/env bash
# Holds every shipped monitor against the kernel's own tool: monitors.sh TREE
# TREE is a kernel tree with tools/verification/rvgen (7.x). Wants gcc, Python 3.12 or later with lark (PYTHON names another), and bpftrace if it is there (BPFTRACE).
# bpftrace is given each script with its probes replaced, since its own look for a tracepoint in the running kernel; that says it is well formed, not that it attaches.
set -euo pipefail
tree=$(realpath "${1:?usage: monitors.sh TREE}")
here=$(realpath "$(dirname "$0")/..")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
thawproof() { node "$here/dist/src/cli/main.js" "$@"; }
rvgen() { "${PYTHON:-python3}" "$tree/tools/verification/rvgen" monitor "$@" >"$out/rvgen.log" 2>&1 || { cat "$out/rvgen.log"; exit 1; }; }

compiles() { # NAME HEADER…: the generated header, with what the kernel gives it
  printf '#include <stdbool.h>\n#define RV_MON_GLOBAL 0\n#define RV_MON_PER_CPU 1\n#define RV_MON_PER_TASK 2\n#define RV_MON_PER_OBJ 3\n#include "%s.h"\n' "$1" >"$1/try.c"
  gcc -Wall -Werror -Wno-unused -fsyntax-only "$1/try.c"
}

cd "$out"
while read -r name scope; do
  thawproof monitor pm-core "$name" --format dot --out "$name.dot"
  cmp "$name.dot" "$here/specs/monitors/$name.dot"
  rvgen -c da -s "$name.dot" -t "$scope" -n "$name"
  compiles "$name"
  echo "$name: rvgen accepts it as $scope, its header compiles"
  if command -v "${BPFTRACE:-bpftrace}" >/dev/null; then
    sed -E 's/^tracepoint:.*/interval:s:1/; s/str\(args->[a-z_]+\)/str(0)/g; s/args->[a-z_]+/cpu/g; s/print\(kstack\)/print(1)/' "$here/specs/monitors/$name.bt" >"$name.bt"
    ulimit -l unlimited 2>/dev/null || true
    if "${BPFTRACE:-bpftrace}" -d "$name.bt" >"$name.ast" 2>&1 || grep -q '^Program' "$name.ast"; then
      if grep -E 'ERROR: |syntax error' "$name.ast" | grep -v RLIMIT; then exit 1; fi
      echo "$name: bpftrace reads it"
    else
      cat "$name.ast"
      exit 1
    fi
  fi
done <<<"pm_phases global
pm_suspend per_task
pm_device per_obj"
for event in dpm_prepare dpm_suspend dpm_suspend_late dpm_suspend_noirq dpm_resume_noirq dpm_resume_early dpm_resume dpm_complete thaw_processes; do
  thawproof monitor pm-core pm_suspend --format ltl --after "$event" --out "after_$event.ltl"
  rvgen -c ltl -s "after_$event.ltl" -t per_task -n "after_$event"
  states=$(sed -n '/enum ltl_buchi_state/,/RV_NUM/p' "after_$event/after_$event.h" | grep -c 'S[0-9]*,')
  [ "$states" -le 32 ]
  echo "after $event: rvgen makes $states states of the formula"
done
