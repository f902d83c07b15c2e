# shellcheck shell=bash
# What the scripts of this folder share. FLEET is OUT.fleet, the folder on the shared file system where the
# jobs of one output meet:
#
#   settings          what submit.sh was told, as shell variables
#   coordinator/ worker/ operator/    a key for each role, made on first use
#   address           where the coordinator listens now; it moves when the coordinator's job does
#   finished          the exit status of a coordinator that will not come again
#   coordinator.job workers.jobs      the numbers of the jobs

restarts_max=50        # of one job by Slurm
quick_failures_max=5   # of a program that ends within a minute of its start
address_minutes_max=10 # for which a worker keeps its allocation while there is no coordinator

# What happens first when SIGTERM comes.
when_told=true

say() { echo "$(date -u +%FT%TZ) job ${SLURM_JOB_ID:--}: $*" >&2; }

# Runs a command to its end, and beside it the function $1, which is given the command's process id. Sets
# `status`, and `told` if SIGTERM came meanwhile: `limit` if only this shell got it (--signal=B, shortly
# before the time limit), `end` if every process of the job did.
run_until_told() {
    local beside=$1 companion last=0
    shift
    told=""
    sleep infinity &
    witness=$!
    "$@" &
    child=$!
    trap pass_on TERM
    "$beside" "$child" &
    companion=$!
    while true; do
        status=0
        wait "$child" || status=$?
        kill -0 "$child" 2>/dev/null || break
    done
    # A signal ends `wait` early: asked once more, it tells the status that the child really had.
    wait "$child" 2>/dev/null || last=$?
    [ "$last" -eq 127 ] || status=$last
    trap - TERM
    kill "$witness" "$companion" 2>/dev/null || true
    wait "$witness" "$companion" 2>/dev/null || true
}

# Slurm sends SIGTERM to every process of a job that is cancelled, requeued or preempted, one after the
# other, but before the time limit to the shell alone. The program drains at the first and stops at once at a
# second one, so it is passed on only if a process that does nothing has not got it either within 5 s.
pass_on() {
    local tries
    "$when_told"
    for ((tries = 0; tries < 10; tries++)); do
        if ! kill -0 "$witness" 2>/dev/null; then
            told=end
            return
        fi
        sleep 0.5 || true
    done
    told=limit
    kill -TERM "$child" 2>/dev/null || true
}

# Puts this job back into the queue; ends with status $1.
requeue() {
    local job=${SLURM_JOB_ID:-}
    if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
        job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
    fi
    if [ "${SLURM_RESTART_COUNT:-0}" -ge "$restarts_max" ]; then
        say "status $1, and $restarts_max restarts before it: giving up"
        exit "$1"
    fi
    say "status $1: back into the queue"
    trap '' TERM
    scontrol requeue "$job" || say "Slurm does not requeue this job"
    exit "$1"
}

somebody_listens() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

write_whole() {
    printf '%s\n' "$2" >"$1.$$.new"
    mv "$1.$$.new" "$1"
}

# ---- The coordinator

# An IPv4 address of this node that the others reach: that of INTERFACE, or the one that Slurm uses.
own_address() {
    local name found=""
    if [ -n "${INTERFACE:-}" ]; then
        found=$(ip -4 -o addr show dev "$INTERFACE" | sed -n 's/.* inet \([0-9.]*\).*/\1/p' | head -n 1)
    else
        name=$(scontrol show node "${SLURMD_NODENAME:-$(hostname -s)}" |
            sed -n 's/.*NodeAddr=\([^ ]*\).*/\1/p')
        found=$(getent ahostsv4 "$name" | cut -d ' ' -f 1 | grep -v '^127\.' | head -n 1) || true
        [ -n "$found" ] || found=$(hostname -I | cut -d ' ' -f 1)
    fi
    echo "$found"
}

# A port of $1 where nobody listens. A job begins its search at one place, so that workers find a
# coordinator that was started again on its node where they look for it.
free_port() {
    local port=$((20000 + ${SLURM_JOB_ID:-$$} % 10000)) last
    last=$((port + 100))
    while [ "$port" -lt "$last" ] && somebody_listens "$1" "$port"; do
        port=$((port + 1))
    done
    echo "$port"
}

# Tells the workers where the coordinator is, once it listens. Not before: Slurm may have started it while
# its predecessor, which has the journal and the workers, goes on at a node that Slurm has lost sight of.
publish() {
    until somebody_listens "$host" "$port"; do
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.5
    done
    kill -0 "$1" 2>/dev/null || return 0
    write_whole "$FLEET/address" "tcp://$host:$port"
    say "the coordinator listens at tcp://$host:$port"
}

# Takes the address back if it is still this coordinator's.
withdraw() {
    [ "$(cat "$FLEET/address" 2>/dev/null)" != "tcp://$host:$port" ] || rm -f "$FLEET/address"
}

# Nobody needs to begin any more; what waits in the queue for its turn leaves it.
finish() {
    local job
    write_whole "$FLEET/finished" "$1"
    rm -f "$FLEET/address"
    while read -r job; do
        scancel --quiet --state=PENDING "$job" || true
    done <"$FLEET/workers.jobs" || true
    exit "$1"
}

# The coordinator's life in one allocation. Ends the script.
serve() {
    local began failures=0 waits=0
    host=$(own_address)
    if [ -z "$host" ]; then
        say "this node has no address that others reach: give submit.sh --interface NAME"
        finish 64
    fi
    # Workers, which the coordinator sends away, wait for the next address instead of trying this one.
    when_told=withdraw
    while true; do
        port=$(free_port "$host")
        began=$SECONDS
        # shellcheck disable=SC2153 # PROGRAM and others are the settings.
        run_until_told publish "$PROGRAM" coordinate "$MANIFEST" -o "$OUTPUT" \
            --listen "tcp://$host:$port" --keys "$FLEET/coordinator" \
            "${MODEL_OPTIONS[@]}" "${COORDINATE_OPTIONS[@]}"
        say "the coordinator ended with status $status${told:+, told to ($told)}"
        case $status in
            # Done, wrong use, another job, or cancelled: the same again would end the same.
            0 | 3 | 64 | 65 | 130) finish "$status" ;;
        esac
        if [ -n "$told" ]; then
            [ "$told" = limit ] && requeue "$status"
            exit "$status"
        fi
        if [ "$status" -eq 76 ]; then
            # The journal is in another coordinator's hands: this job's own former life.
            waits=$((waits + 1))
            [ "$waits" -lt 40 ] || requeue "$status"
            sleep 15
            continue
        fi
        [ $((SECONDS - began)) -lt 60 ] || failures=0
        failures=$((failures + 1))
        if [ "$failures" -ge "$quick_failures_max" ]; then
            withdraw
            requeue "$status"
        fi
        sleep "$failures"
    done
}

# ---- A worker

# Ends a worker whose coordinator is elsewhere now, or will not come again.
follow_address() {
    local now
    while true; do
        # A signal for the whole job ends this pause, too, and is no news of the coordinator.
        sleep 5 || return 0
        now=$(cat "$FLEET/address" 2>/dev/null) || now=""
        if [ -n "$now" ] && [ "$now" != "$address" ]; then
            break
        fi
        # A worker that was told of the end has ended by itself by then.
        if [ -e "$FLEET/finished" ]; then
            sleep 10 || return 0
            break
        fi
    done
    kill -TERM "$1" 2>/dev/null || true
}

# Waits for the coordinator's address; fails if there is none for too long.
wait_for_address() {
    local tries=0
    while [ ! -e "$FLEET/finished" ]; do
        address=$(cat "$FLEET/address" 2>/dev/null) || address=""
        [ -z "$address" ] || return 0
        tries=$((tries + 1))
        [ "$tries" -lt $((address_minutes_max * 12)) ] || return 1
        sleep 5
    done
}

# A worker's life in one allocation. Ends the script. $1: the name of its place; $2: `requeue` if its
# place is a job of its own.
work() {
    local began failures=0 key limits=()
    key=$("$PROGRAM" keys show --keys "$FLEET/coordinator" | sed -n 's/^key *//p')
    if [ -n "${SLURM_CPUS_PER_TASK:-}" ]; then
        limits+=(--threads "$SLURM_CPUS_PER_TASK")
    fi
    local memory=${SLURM_MEM_PER_NODE:-}
    if [ -z "$memory" ] && [ -n "${SLURM_MEM_PER_CPU:-}" ]; then
        memory=$((SLURM_MEM_PER_CPU * ${SLURM_CPUS_PER_TASK:-1}))
    fi
    # A sixth stays for ffmpeg and what the batch script takes.
    if [ "${memory:-0}" -gt 0 ] && [ "$2" = requeue ]; then
        limits+=(--memory $((memory * 5 / 6)))
    fi
    while true; do
        if ! wait_for_address; then
            say "no coordinator for $address_minutes_max minutes"
            [ "$2" != requeue ] || requeue 75
            exit 75
        fi
        [ ! -e "$FLEET/finished" ] || exit 0
        began=$SECONDS
        run_until_told follow_address "$PROGRAM" work --connect "$address" \
            --coordinator-key "$key" --keys "$FLEET/worker" --slot "$1" "${limits[@]}" \
            "${MODEL_OPTIONS[@]}" "${WORK_OPTIONS[@]}"
        say "the worker ended with status $status${told:+, told to ($told)}"
        case $status in
            # Done, or nothing that another try would mend.
            0 | 64 | 65) exit "$status" ;;
        esac
        [ ! -e "$FLEET/finished" ] || exit 0
        if [ "$told" = limit ] && [ "$2" = requeue ]; then
            requeue "$status"
        fi
        [ -z "$told" ] || exit "$status"
        # The coordinator may have moved, or be about to: then the next address is waited for here.
        [ "$status" -ne 75 ] || sleep 5
        [ "$(cat "$FLEET/address" 2>/dev/null)" = "$address" ] || continue
        if [ "$status" -eq 75 ] && [ "$2" = requeue ]; then
            requeue "$status"
        fi
        [ $((SECONDS - began)) -lt 60 ] || failures=0
        failures=$((failures + 1))
        [ "$failures" -lt "$quick_failures_max" ] || exit "$status"
        sleep "$failures"
    done
}
