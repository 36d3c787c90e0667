#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The files and sockets that a process may have open at once.
package enum OpenFiles {
    /// What a node asks for: its API's connections, its peers', and its disk's, with room to spare.
    private static let wanted: rlim_t = 16_384

    /// Raises this process' own limit as far as the system lets it, since the usual 1,024 is less than the readers that
    /// the API takes.
    ///
    /// - Returns: The limit now.
    @discardableResult
    package static func raiseLimit() -> UInt64 {
        #if os(Linux)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < wanted else { return UInt64(limit.rlim_cur) }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        setrlimit(resource, &limit)
        guard getrlimit(resource, &limit) == 0 else { return 0 }
        return UInt64(limit.rlim_cur)
    }
}
