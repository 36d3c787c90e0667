import JalonCodec
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState

extension API.Head {
    init(_ snapshot: LedgerSnapshot) {
        self.init(
            height: snapshot.height.value,
            block: snapshot.block.hex,
            stateRoot: snapshot.state.root.hex,
            logSize: snapshot.frontier.size,
            logRoot: snapshot.frontier.root.hex,
            epoch: snapshot.context.epoch.value,
            view: snapshot.blockView.value,
            timestamp: snapshot.timestamp.value
        )
    }
}

extension API.Header {
    /// `validators` are those in force now: another epoch's leader is named by its index alone.
    init(_ header: BlockHeader, id: BlockID, validators: ValidatorSet) {
        let leader = header.validatorsHash == validators.hash ? validators[header.leader]?.member.text : nil
        self.init(
            id: id.hex,
            height: header.height.value,
            chain: header.chain.hex,
            epoch: header.epoch.value,
            view: header.view.value,
            parentView: header.parentView.value,
            parent: header.parent.hex,
            timestamp: header.timestamp.value,
            leader: header.leader.value,
            leaderMember: leader,
            logSize: header.logSize,
            logRoot: header.logRoot.hex,
            bodyByteCount: header.bodyByteCount,
            stateRoot: header.stateRoot.hex,
            validatorsHash: header.validatorsHash.hex,
            nextValidatorsHash: header.nextValidatorsHash.hex,
            encoded: Hex.encode(header.encoded)
        )
    }
}

extension API.BlockEntry {
    init(_ transaction: Transaction, position: Int, state: LedgerState) {
        let body = try? transaction.content.get()
        let type = try? CBORDecoder(transaction.body).peekText(atKey: "type", maximum: 64)
        self.init(
            id: transaction.id.hex,
            position: position,
            type: body?.type.rawValue ?? type ?? "",
            issuer: transaction.issuer.text,
            subject: transaction.subject.text,
            summary: body.map { API.LocalizedText(Summary($0, state: state)) },
            isFictional: body?.isFictional ?? false
        )
    }
}

extension API.LocalizedText {
    init(_ summary: Summary) {
        self.init(zh: summary.zh, en: summary.en, fr: summary.fr)
    }
}
