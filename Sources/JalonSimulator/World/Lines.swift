import JalonCore
import JalonCrypto
import JalonModel

/// What a transcript says of events, messages and records: one line each.
extension Event {
    /// A number for the kind, for the hash over a run.
    var number: UInt64 {
        switch self {
        case .connected: 16
        case .disconnected: 17
        case .received: 18
        case .verified: 19
        case .submitted: 20
        case .timerFired: 21
        case .diskSpaceChanged: 22
        }
    }

    func line(_ membership: Membership) -> String {
        func name(_ peer: PeerID) -> String { membership.node(of: peer).map(String.init) ?? "?" }
        return switch self {
        case .connected(let peer): "connected with \(name(peer))"
        case .disconnected(let peer): "disconnected from \(name(peer))"
        case .received(let message, let peer): "← \(name(peer)): \(message.line)"
        case .verified(let outcome): "verified \(outcome.result.line)"
        case .submitted(let transactions):
            "submitted \(transactions.map { LeafHash(of: $0).short }.joined(separator: ", "))"
        case .timerFired: "timer"
        case .diskSpaceChanged(let space): "disk space \(space)"
        }
    }
}

extension VerificationOutcome.Result {
    /// A number for the kind, for the hash over a run.
    var number: UInt64 {
        switch self {
        case .vote: 1
        case .certificate: 2
        case .proposal: 3
        case .transactions: 4
        case .evidence: 5
        case .finalization: 6
        case .invalid: 7
        case .standing: 8
        case .readiness: 9
        }
    }

    var line: String {
        switch self {
        case .vote(let vote): vote.value.line
        case .certificate(let certificate): certificate.value.line
        case .proposal(let proposal, let justification):
            "\(proposal.value.line) + \(justification.count) certificates"
        case .transactions(let transactions):
            "\(transactions.count { $0 != nil }) of \(transactions.count) transactions"
        case .evidence: "evidence"
        case .finalization(let certificate): certificate.value.line
        case .standing: "standing"
        case .readiness(let notice): notice.value.line
        case .invalid: "nothing: invalid"
        }
    }
}

extension Vote {
    var line: String {
        kind == .nullify
            ? "nullify v\(view) of \(signer)" : "\(kind) v\(view) \(ballot.block.short) of \(signer)"
    }
}

extension Certificate {
    var line: String {
        switch kind {
        case .notarize: "notarization v\(view) \(block.short)"
        case .nullify: "nullification v\(view)"
        case .finalize: "finalization v\(view) \(block.short)"
        }
    }
}

extension Proposal {
    var line: String {
        "proposal v\(view) \(block.short) h\(header.height) on v\(header.parentView) \(header.parent.short) "
            + "of \(leaves.count), \(justification.nullifications.count) nullifications"
    }
}

extension Block {
    var line: String { "block \(id.short) h\(header.height) v\(header.view) of \(transactions.count)" }
}

extension PeerMessage {
    var line: String {
        switch self {
        case .vote(let vote): vote.line
        case .certificate(let certificate): certificate.line
        case .proposal(let proposal): proposal.line
        case .transactions(let transactions):
            "transactions \(transactions.map { LeafHash(of: $0).short }.joined(separator: " "))"
        case .tip(let tip):
            "tip h\(tip.finalHeight) v\(tip.finalView), view \(tip.view), clock \(tip.clock.line)"
        case .request(let request): request.line
        case .block(let block): block.line
        case .finalBlock(let block, let finalization):
            "final \(block.line)\(finalization == nil ? "" : " with its finalization")"
        case .evidence(let evidence): "evidence against \(evidence.first.signer)"
        case .standingRequest(let request): "asks for the standing\(request.isRejoining ? ", rejoining" : "")"
        case .standing(let standing):
            "\(standing.signer) stands at \(standing.content.entry?.line ?? "the first view"), "
                + "\(standing.content.votes.count) votes of the asker"
        case .readiness(let notice): notice.line
        }
    }
}

extension FetchRequest {
    var line: String {
        switch self {
        case .block(let id): "asks for block \(id.short)"
        case .transactions(let leaves): "asks for \(leaves.count) transactions"
        case .certificates(_, let views):
            "asks for certificates of views \(views.lowerBound) to \(views.upperBound)"
        case .finalBlocks(let height, let count): "asks for \(count) final blocks from h\(height)"
        }
    }
}

extension Record {
    var line: String {
        switch self {
        case .block(let block): block.line
        case .proposal(let proposal): proposal.line
        case .vote(let vote): vote.line
        case .certificate(let certificate): certificate.line
        case .final(let final): "final \(final.block.line)"
        case .rejoin(.required): "has to rejoin"
        case .rejoin(.granted(_, let first, _)): "votes from v\(first) on"
        case .evidence(let pair): "evidence against \(pair.first.signer)"
        }
    }
}

extension ReadinessNotice {
    var line: String { "\(index) ready for epoch \(epoch) at height \(readiness.height)" }
}

extension Timestamp {
    /// Milliseconds since the world began.
    var line: String {
        let start = SimulatedClock.worldStart
        return self < start ? "−\(start.value - value) ms" : "\(value - start.value) ms"
    }
}
