import CachesPlatform

extension Supervisor {
    /// Starts the shell with one end of a socket as its standard input and output.
    static func spawn(server: String, channel: borrowing Descriptor) throws(FleetError) -> pid_t {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = unsafe posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }

        unsafe posix_spawn_file_actions_adddup2(&actions, channel.number, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, channel.number, 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        #if !canImport(Darwin)
            unsafe closeOthers(&actions)
        #endif

        // Dispatch's threads block most signals, and a shell waits for its children by SIGCHLD: it starts
        // with none blocked and none ignored.
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        var flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        #if canImport(Darwin)
            flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
        #endif
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        let words = ["sh", "-c", Supervisor.script, "caches-fleet", temporaryFolder, server]
        let settings =
            ["LC_ALL=C"]
            + ["PATH", "HOME", "LD_LIBRARY_PATH"].compactMap { name in
                environmentVariable(name).map { "\(name)=\($0)" }
            }
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        var environment = unsafe settings.map { unsafe strdup($0) } + [nil]
        defer {
            unsafe arguments.forEach { unsafe free($0) }
            unsafe environment.forEach { unsafe free($0) }
        }

        var process: pid_t = 0
        let code = unsafe posix_spawn(&process, "/bin/sh", &actions, &attributes, &arguments, &environment)
        guard code == 0 else { throw .system("Can't start /bin/sh", errno: code) }
        return process
    }

    #if !canImport(Darwin)
        /// Has the child close inherited descriptors beyond the standard ones: a shell that kept a copy of a
        /// connection would hold it open after its owner closed it.
        private static func closeOthers(_ actions: inout posix_spawn_file_actions_t) {
            typealias CloseFrom =
                @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
            // A GNU function, which Swift's Glibc module leaves out, and glibc before 2.34 too.
            if let symbol = unsafe dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") {
                // It is that function's type, by <spawn.h>.
                let closeFrom = unsafe unsafeBitCast(symbol, to: CloseFrom.self)
                _ = unsafe closeFrom(&actions, 3)
            } else {
                // Not as good: another thread may open one more before the child is made.
                for number in openDescriptors() where number > 2 {
                    unsafe posix_spawn_file_actions_addclose(&actions, number)
                }
            }
        }
    #endif

    /// `$TMPDIR`, or `/tmp` where the paths of sockets inside it would become too long.
    private static var temporaryFolder: String {
        let room = LoopbackAddress.maximumPathLength - "/caches-XXXXXX/1000/redis.sock".utf8.count
        guard let folder = environmentVariable("TMPDIR"), folder.hasPrefix("/"), folder.utf8.count <= room
        else { return "/tmp" }
        return folder
    }
}
