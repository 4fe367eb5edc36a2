extension Supervisor {
    /// The supervisor's program, in the language of every POSIX shell.
    ///
    /// Its arguments are the folder to make the private folder in, and the server program. It first writes
    /// the private folder's path, then one line for each line that it reads:
    ///
    ///     start <folder>        the process number of a new server, or of <folder>/script, if there is one
    ///     kill <process>        "done", when the server has ended
    ///     STOP|CONT <process>   "done", when the signal has been sent
    ///     run <folder>          the exit code of <folder>/script
    ///
    /// `servers` holds the numbers of those that have not been waited for, each between two spaces.
    static let script = #"""
        trap '' HUP INT QUIT TERM PIPE
        umask 077
        folder=$(mktemp -d "$1/caches-XXXXXX" 2>&1) || { echo "$folder"; exit 1; }
        cd "$folder" || exit 1
        echo "$folder"
        servers=' '
        while read -r action what; do
            case $action in
            start)
                if [ -f "$what/script" ]; then
                    (cd "$what" && exec sh script) </dev/null >>"$what/log" 2>&1 &
                else
                    "$2" "$what/redis.conf" </dev/null >>"$what/log" 2>&1 &
                fi
                servers="$servers$! "
                echo $!
                ;;
            kill)
                kill -s KILL "$what"
                wait "$what"
                servers="${servers%% $what *} ${servers#* $what }"
                echo done
                ;;
            run)
                (cd "$what" && exec sh script) </dev/null >"$what/log" 2>&1
                echo $?
                ;;
            *)
                kill -s "$action" "$what"
                echo done
                ;;
            esac
        done
        for server in $servers; do kill -s KILL "$server"; done
        wait
        cd /
        rm -rf "$folder"
        """#
}
