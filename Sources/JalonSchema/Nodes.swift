extension API {
    /// How what a node told last compares with the chain of the answering node.
    package enum NodeAgreement: String, Codable, CaseIterable, Hashable, Sendable {
        /// Its last block is the answering node's last block, and so is its state.
        case same
        /// Its last block is in the chain of the answering node, which has later ones.
        case behind
        /// Its last block is above the answering node's head.
        case ahead
        /// It told another block for a height that the answering node holds: one of the two is wrong.
        case differs
        /// It told nothing, or is not connected.
        case unknown
    }

    /// A node as the answering node sees it.
    ///
    /// What it tells comes over its authenticated connection every five seconds; it is its own word, and no proof.
    package struct NetworkNode: Codable, Hashable, Sendable {
        /// The id of its node key.
        package var key: String
        /// Whose it is; absent for a mirror.
        package var member: String?
        /// Whether it seals blocks now.
        package var isValidator: Bool
        /// Whether it is the answering node.
        package var isSelf: Bool
        package var isConnected: Bool
        /// The last block that it told of.
        package var height: UInt64?
        package var block: String?
        package var agreement: NodeAgreement
        /// Blocks that it lacked longer than a message takes, when it told; 0 for one that keeps up.
        package var blocksBehind: UInt64
        /// The view that it is in.
        package var view: UInt64?
        /// By how many milliseconds its clock is ahead of the answering node's; negative where it is late.
        package var skew: Int64?
        /// Milliseconds since it told.
        package var heardAgo: UInt64?
        /// Validators that it hears itself, it included.
        package var hears: Int?

        package init(
            key: String,
            member: String? = nil,
            isValidator: Bool,
            isSelf: Bool = false,
            isConnected: Bool,
            height: UInt64? = nil,
            block: String? = nil,
            agreement: NodeAgreement = .unknown,
            blocksBehind: UInt64 = 0,
            view: UInt64? = nil,
            skew: Int64? = nil,
            heardAgo: UInt64? = nil,
            hears: Int? = nil
        ) {
            (self.key, self.member, self.isValidator, self.isSelf) = (key, member, isValidator, isSelf)
            (self.isConnected, self.height, self.block) = (isConnected, height, block)
            (self.agreement, self.blocksBehind, self.view) = (agreement, blocksBehind, view)
            (self.skew, self.heardAgo, self.hears) = (skew, heardAgo, hears)
        }
    }

    /// The nodes of the network as one of them sees it: `GET /v1/nodes`.
    package struct NodeList: Codable, Hashable, Sendable {
        /// The answering node's head.
        package var height: UInt64
        package var block: String
        package var stateRoot: String
        /// The view that it is in.
        package var view: UInt64
        /// The member that proposes in that view.
        package var leader: String?
        /// The member that proposes in the view after it.
        package var nextLeader: String?
        /// Validators whose last block is in the answering node's chain, which includes its own where it votes.
        package var agreeing: Int
        /// Validators.
        package var validators: Int
        /// Other nodes that serve the same pages, by their addresses, as configured.
        package var others: [String]
        /// Validators first, each by member.
        package var nodes: [NetworkNode]

        package init(
            height: UInt64,
            block: String,
            stateRoot: String,
            view: UInt64,
            leader: String? = nil,
            nextLeader: String? = nil,
            agreeing: Int,
            validators: Int,
            others: [String] = [],
            nodes: [NetworkNode]
        ) {
            (self.height, self.block, self.stateRoot, self.view) = (height, block, stateRoot, view)
            (self.leader, self.nextLeader) = (leader, nextLeader)
            (self.agreeing, self.validators, self.others) = (agreeing, validators, others)
            self.nodes = nodes
        }
    }
}
