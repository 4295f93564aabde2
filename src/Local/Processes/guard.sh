# Runs a command and ends it when the pipe on stdin closes, which it does however the parent ends: no process outlives it.
# A line on stdin is the name of a signal to send. The guard's exit code is the command's.
# Usage: sh -c "$(cat guard.sh)" guard GRACE_SECONDS COMMAND [ARGUMENT...]
grace=$1
shift

exec 3<&0 </dev/null

# Signals to the whole process group, as a terminal's Ctrl+C, are the parent's to answer: it closes the pipe. Handlers, unlike ignored
# signals, are not passed on to the command.
trap : HUP INT QUIT TERM

# In a session of its own the command can be ended with all that it started. macOS has no setsid.
"$(command -v setsid || command -v env)" "$@" 3<&- &
command=$!

send() {
    kill -s "$1" -- "-$command" 2>/dev/null || kill -s "$1" "$command" 2>/dev/null
}

(
    trap : HUP INT QUIT TERM
    # Until the child has become the command it has this shell's handlers, and would swallow a signal. That its session exists says that it
    # has; where there is no setsid, a second does.
    tries=0
    until kill -s 0 -- "-$command" 2>/dev/null || ! kill -0 "$command" 2>/dev/null || [ "$tries" -ge 50 ]; do
        tries=$((tries + 1))
        sleep 0.02
    done
    while read -r signal <&3; do
        send "$signal"
    done
    send CONT
    send TERM
    sleep "$grace" &
    timer=$!
    trap 'kill $timer; exit' USR1
    wait "$timer"
    send KILL
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-

# A signal to the guard ends the wait, not the command. The first wait comes before any check: a command that ended at once has been
# reaped by now, and only wait knows its code.
wait "$command" 2>/dev/null
code=$?
while kill -0 "$command" 2>/dev/null; do
    wait "$command" 2>/dev/null
    code=$?
done

kill -s USR1 "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
# What the command started and left behind.
kill -s KILL -- "-$command" 2>/dev/null
exit "$code"
