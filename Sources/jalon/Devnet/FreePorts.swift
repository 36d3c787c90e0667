import Glibc

/// Ports of this machine that nobody listens at.
enum FreePorts {
    /// The next `count` free ports from `first` on.
    static func find(_ count: Int, from first: Int) throws -> [Int] {
        var ports: [Int] = []
        var port = first
        while ports.count < count {
            guard port <= 65_535 else {
                throw Failure("E_PORT_IN_USE", "no \(count) free ports from \(first) on", status: .failed)
            }
            if isFree(port) { ports.append(port) }
            port += 1
        }
        return ports
    }

    static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // As servers do, so that a port whose last connection is just closing counts as free.
        var isReused: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
