# What every script of `thawproof reproduce` has: how commands are run, here or on the machine that sleeps; what is needed, undone, collected, judged.
# shellcheck shell=sh
DRY=no
case "${1:-}" in
--dry-run) DRY=yes ;;
"") ;;
*) echo "usage: $0 [--dry-run]" >&2; exit 2 ;;
esac
HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
if [ "$DRY" = yes ]; then WORK=/tmp; else WORK=${WORK:-$(mktemp -d)}; fi
export WORK
KNOWN=''
UNDO=''

say() { printf '%s\n' "$*"; }
# here COMMAND: on this machine; there COMMAND: on the one that sleeps.
here() { if [ "$DRY" = yes ]; then say "would: $1"; else sh -c "$1"; fi; }
there() {
  if [ "$DRY" = yes ]; then say "would, on the machine that sleeps: $1"
  elif [ -n "${GUEST:-}" ]; then printf '%s\n' "WORK=/tmp; $KNOWN$1" | ssh "$GUEST" sh -s
  else sh -c "$1"; fi
}
# known NAME VALUE: a variable that commands there use.
known() { KNOWN="$KNOWN export $1='$2';"; }
# attempt PLACE COMMAND: what begins it may well fail, that is what is looked for.
attempt() { "$@" || say "it returned $?"; }
by_hand() { say "by hand: $1"; if [ "$DRY" = no ]; then say 'then press Enter'; read -r _; fi; }
qmp() {
  if [ "$DRY" = yes ]; then say "would, to QEMU: $1"; return 0; fi
  printf '%s\n' '{"execute":"qmp_capabilities"}' "$1" | socat -t 2 - "UNIX-CONNECT:$QMP"
}
# need PLACE TEST WHAT
need() { if [ "$DRY" = yes ]; then say "needs: $3"; elif ! "$1" "$2"; then say "missing: $3" >&2; exit 2; fi; }
# later PLACE COMMAND: what undoes an act, the last one first.
later() { UNDO=$(printf '%s %s\n%s' "$1" "$2" "$UNDO"); }
undo() {
  printf '%s\n' "$UNDO" | while IFS= read -r line; do
    case "$line" in
    'here '*) here "${line#here }" </dev/null || true ;;
    'there '*) there "${line#there }" </dev/null || true ;;
    esac
  done
  UNDO=''
}
trap undo EXIT
trap 'exit 130' INT TERM
collect_begin() {
  there 'echo "thawproof: begins" > /dev/kmsg'
  there 'cd /sys/kernel/tracing 2>/dev/null || exit 0; echo > trace; echo 1 > events/power/suspend_resume/enable; echo 1 > tracing_on'
  later there 'cd /sys/kernel/tracing 2>/dev/null || exit 0; echo 0 > events/power/suspend_resume/enable'
}
collect_end() {
  if [ "$DRY" = yes ]; then there 'dmesg'; there 'cat /sys/kernel/tracing/trace'; return 0; fi
  there 'dmesg' | sed -n '/thawproof: begins/,$p' >"$WORK/dmesg.txt"
  there 'cat /sys/kernel/tracing/trace 2>/dev/null || true' >"$WORK/trace.txt"
}
judge() {
  undo
  if [ "$DRY" = yes ]; then say "would: thawproof $*"; return 0; fi
  cp "$HERE/run.json" "$WORK" && cd "$WORK" && ${THAWPROOF:-thawproof} "$@"
}
