import Foundation

/// Sockets to this machine.
enum Loopback {
    /// The port of an address such as `http://127.0.0.1:28600`.
    static func port(of address: String) throws -> UInt16 {
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw BenchFailure("\(address) has no port")
        }
        return port
    }

    /// A connected socket that sends at once what is written; who asks for it closes it.
    ///
    /// - Throws: ``BenchFailure`` where nobody listens at the port.
    static func connect(to port: UInt16) throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(socket)
            throw BenchFailure("nobody listens at 127.0.0.1:\(port)")
        }
        var isSet: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isSet, socklen_t(MemoryLayout<Int32>.size))
        return socket
    }
}
