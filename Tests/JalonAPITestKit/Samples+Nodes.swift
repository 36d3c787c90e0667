package import JalonSchema

extension Samples {
    /// Seven validators of which some are connected: the third is behind, the fourth contradicts, the last is a mirror.
    package static func nodes(at height: UInt64, connected: Int) -> API.NodeList {
        let members = ["cn-hn", "cn-hb", "cn-he", "cn-js", "cn-gz", "cn-bj", "cn-hi"]
        var nodes = members.enumerated().map { index, member in
            let isConnected = index < connected
            let agreement: API.NodeAgreement = isConnected ? index == 2 ? .behind : .same : .unknown
            return API.NetworkNode(
                key: digest(UInt64(500 + index)),
                member: member,
                isValidator: true,
                isSelf: index == 0,
                isConnected: isConnected,
                height: isConnected ? height : nil,
                block: isConnected ? digest(height) : nil,
                agreement: agreement,
                blocksBehind: agreement == .behind ? 4 : 0,
                view: height + 1,
                skew: isConnected ? Int64(index) * -40 : nil,
                heardAgo: isConnected ? 2_000 : nil,
                hears: connected
            )
        }
        nodes.append(
            API.NetworkNode(key: digest(600), isValidator: false, isConnected: true, agreement: .differs)
        )
        return API.NodeList(
            height: height,
            block: digest(height),
            stateRoot: digest(height + 1_000),
            view: height + 1,
            leader: "cn-hn",
            nextLeader: "cn-he",
            agreeing: connected,
            validators: 7,
            nodes: nodes
        )
    }
}
