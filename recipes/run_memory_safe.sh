#!/bin/sh
# SPDX-License-Identifier: MIT
#
# run_memory_safe.sh - run a large program, such as a GPU pipeline, so that the machine and its SSH survive it
set -eu

name=${0##*/}

usage()
{
    cat <<END
usage: $name COMMAND [WORD...]
       $name GUARD-OPTION... -- COMMAND [WORD...]

Run COMMAND under "memwatch guard", with what saves memory set where it is not set yet. Memory (and that of
a GPU) is told before and after, and whether there is too little swap; at 80, 85 and 90 % of RAM a line is
printed, from 85 % on with those who use most. When programs hardly run any more for lack of memory, or 95 % of
RAM and swap together are in use, COMMAND is ended by SIGTERM before the machine freezes.

  GUARD-OPTION   --memory-max SIZE, --swap-max SIZE, --rule RULE, --log FILE ...: see memwatch(8)
  -h, --help     show this help

Set where unset: OMP_NUM_THREADS (half of the processors, 8 at most), MALLOC_ARENA_MAX=2,
PYTORCH_CUDA_ALLOC_CONF=max_split_size_mb:128. Nothing is deleted, and nothing is asked.

Too little swap is less than half of the RAM (32 GiB at most), see "batch" of "swapctl recommend".

Exit status: that of COMMAND; 6 if it was ended for lack of memory; 2 wrong usage; 125 if it was not started;
126 if it cannot be run; 127 if there is no such command, or no headroom.
END
}

case ${1-} in
-h | --help)
    usage
    exit
    ;;
'')
    usage >&2
    exit 2
    ;;
-*) ;;
*) set -- -- "$@" ;;
esac
# without a command the guard would watch for ever
case " $* " in
*' -- '?*) ;;
*) usage >&2 && exit 2 ;;
esac

threads=$((($(nproc) + 1) / 2))
[ "$threads" -le 8 ] || threads=8
export "OMP_NUM_THREADS=${OMP_NUM_THREADS-$threads}" "MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX-2}" \
    "PYTORCH_CUDA_ALLOC_CONF=${PYTORCH_CUDA_ALLOC_CONF-max_split_size_mb:128}"

# users of many systems have no sbin in their PATH
memwatch=$(PATH=$PATH:/usr/local/sbin:/usr/sbin command -v memwatch) || {
    echo "$name: memwatch: is not installed; run setup_swap.sh --install" >&2
    exit 127
}

top="exec '$memwatch' top --top 5"
exec "$memwatch" guard --workload batch \
    --rule "ram>80% for 5s: warn cooldown 5m until ram<75%" \
    --rule "ram>85% for 5s: warn, $top cooldown 5m until ram<80%" \
    --rule "ram>90% for 5s: warn, $top cooldown 5m until ram<85%" \
    --rule "ram>90% and psi.memory.full.avg10>30% for 5s: warn, $top, stop" \
    --rule "ram>90% and memory>95%: warn, stop" \
    "$@"
