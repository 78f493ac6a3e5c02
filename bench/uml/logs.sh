#!/usr/bin/env bash
# Makes the logs uml-*.txt on a real kernel that runs as a program (User Mode Linux): logs.sh TREE FOLDER
# TREE is a whole kernel tree, which gets a test driver for the time of the build; FOLDER gets the kernel and the logs.
# Wants root, gcc make flex bison bc libelf-dev e2fsprogs util-linux; some minutes on two cores. This machine's files are the guest's root, read-only.
set -euo pipefail
tree=$(realpath "${1:?usage: logs.sh TREE FOLDER}")
mkdir -p "${2:?usage: logs.sh TREE FOLDER}"
out=$(realpath "$2")
here=$(realpath "$(dirname "$0")")

build() {
  cp "$tree/drivers/misc/Makefile" "$out/Makefile.misc"
  trap 'cp "$out/Makefile.misc" "$tree/drivers/misc/Makefile"; rm -f "$tree/drivers/misc/pm_refuse.c"' EXIT
  cp "$here/pm_refuse.c" "$tree/drivers/misc/"
  echo 'obj-y += pm_refuse.o' >>"$tree/drivers/misc/Makefile"
  make -s -C "$tree" ARCH=um O="$out" defconfig
  local on=()
  for option in SUSPEND PM PM_DEBUG PM_ADVANCED_DEBUG PM_SLEEP_DEBUG PM_SLEEP HOSTFS EXT4_FS PROC_FS SYSFS TMPFS DEVTMPFS DEBUG_FS \
    FTRACE PRINTK_TIME NOTIFIER_ERROR_INJECTION PM_NOTIFIER_ERROR_INJECT FAULT_INJECTION LOCKDEP PROVE_LOCKING; do on+=(-e "$option"); done
  "$tree/scripts/config" --file "$out/.config" "${on[@]}"
  make -s -C "$tree" ARCH=um O="$out" olddefconfig
  make -s -C "$tree" ARCH=um O="$out" -j"$(nproc)" linux
}

# case NAME COMMANDS: boots, runs the commands as init, and keeps what stands between the marks.
run_case() {
  local name=$1 script=$out/$1.sh
  {
    printf '%s\n' '#!/bin/sh' 'mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t tmpfs tmpfs /tmp' \
      'mount -t debugfs none /sys/kernel/debug; mount -t tracefs none /sys/kernel/tracing; mount -t devtmpfs none /dev' \
      'echo 1 >/sys/power/pm_debug_messages; echo none >/sys/power/pm_test; dmesg -c >/dev/null' "$2" \
      'echo LOG-BEGIN; dmesg --color=never; echo LOG-END' \
      'echo TRACE-BEGIN; cat /sys/kernel/tracing/trace; echo TRACE-END; poweroff -f'
  } >"$script"
  chmod +x "$script"
  timeout 90 "$out/linux" mem=256M rootfstype=hostfs rootflags=/ ro init="$script" con=null con0=fd:0,fd:1 \
    no_console_suspend ubda="$out/disk.img" </dev/null >"$out/$name.out" 2>&1 &
  local job=$!
  # Whoever sleeps is woken.
  [ "$name" != uml-s2idle ] || { sleep 10; pkill -USR1 -o -f "^$out/linux mem" || true; }
  wait "$job" || true
  sed -n '/LOG-BEGIN/,/LOG-END/p' "$out/$name.out" | grep -v 'LOG-' >"$out/$name.txt" || true
  sed -n '/TRACE-BEGIN/,/TRACE-END/p' "$out/$name.out" | grep suspend_resume >"$out/$name-trace.txt" || true
}

[ -x "$out/linux" ] || build
dd if=/dev/zero of="$out/disk.img" bs=1M count=32 status=none
mkfs.ext4 -q -F "$out/disk.img"
sleeps='echo freeze >/sys/power/state'
run_case uml-s2idle "echo 1 >/sys/kernel/tracing/events/power/suspend_resume/enable; $sleeps"
run_case uml-device-refuses "echo 1 >/sys/module/pm_refuse/parameters/refuse; $sleeps"
run_case uml-notifier-refuses "echo devices >/sys/power/pm_test; echo -12 >/sys/kernel/debug/notifier-error-inject/pm/actions/PM_SUSPEND_PREPARE/error; $sleeps"
run_case uml-pm-test-devices "echo devices >/sys/power/pm_test; $sleeps"
run_case uml-user-froze-a-filesystem "mkdir -p /tmp/d; mount -t ext4 /dev/ubda /tmp/d; dmesg -c >/dev/null; echo freezer >/sys/power/pm_test; fsfreeze -f /tmp/d; $sleeps"
ls -l "$out"/uml-*.txt
