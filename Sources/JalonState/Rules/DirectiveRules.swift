import JalonCrypto
import JalonModel

// The rules of directive.issue, .acknowledge and .reply that need the state.

extension Application {
    mutating func direct(_ body: DirectiveIssue, by signer: Signer) throws(Refusal) {
        try checkRole(.directiveIssue, signer)
        guard let addressee = state.member(body.to) else {
            throw Refusal(
                .unknownMember,
                "there is no member \(body.to)" + suggestion(nearest(to: body.to, in: state.membersByID)),
                hint: "See: jalon member list"
            )
        }
        guard addressee.has(.province), addressee.id != signer.member.id else {
            throw Refusal(
                .addressee,
                "a directive goes to another member that is a province, \(shownName(of: addressee)) is none",
                hint: "See: jalon member list"
            )
        }
        if let id = body.about { _ = try commitment(id) }
        let today = state.date(of: context.timestamp)
        guard body.due >= today else {
            throw Refusal(
                .due,
                "due \(body.due) lies before the block's date, \(today)",
                hint: "Give a day that is still to come: --due"
            )
        }
        set(.directive(DirectiveRecord(body, id: transaction.id, provenance: provenance)))
    }

    mutating func acknowledge(_ body: DirectiveAcknowledge, by signer: Signer) throws(Refusal) {
        try checkRole(.directiveAcknowledge, signer)
        let directive = try directive(body.directive, to: body.to, signer)
        if let earlier = directive.acknowledgement {
            throw Refusal(
                .alreadyAcknowledged,
                "the directive \(directive.id) was acknowledged by \(earlier.transaction)",
                hint: "Once is enough. To say something: jalon directive reply \(directive.id)"
            )
        }
        set(.directive(directive.acknowledged(response(to: directive))))
    }

    mutating func reply(_ body: DirectiveReply, by signer: Signer) throws(Refusal) {
        try checkRole(.directiveReply, signer)
        let directive = try directive(body.directive, to: body.to, signer)
        guard directive.replies.count < DirectiveRecord.maximumReplyCount else {
            throw Refusal(
                .tooManyReplies,
                "the directive \(directive.id) has \(directive.replies.count) replies, no more are taken",
                hint: "Ask \(directive.issuer) for a new directive. See: jalon directive show \(directive.id)"
            )
        }
        set(.directive(directive.replied(response(to: directive))))
    }

    /// The directive that the signer is to answer: only its addressee may.
    private func directive(
        _ id: TransactionID,
        to addressee: MemberID,
        _ signer: Signer
    ) throws(Refusal) -> DirectiveRecord {
        guard let directive = state.directive(id), directive.to == addressee else {
            let other = state.directive(id).map { ", it is one to \($0.to)" } ?? ""
            throw Refusal(
                .unknownDirective,
                "\(id) is no directive to \(addressee)\(other)",
                hint: "See: jalon directive list"
            )
        }
        guard directive.to == signer.member.id else {
            throw Refusal(
                .notAddressee,
                "\(signer.shown) may not answer the directive \(id), which is to \(directive.to)",
                hint: "Nothing was recorded. See: jalon directive show \(id)"
            )
        }
        return directive
    }

    /// Late answers are admitted, and flagged.
    private func response(to directive: DirectiveRecord) -> DirectiveResponse {
        DirectiveResponse(
            transaction: transaction.id,
            height: context.height,
            time: context.timestamp,
            isLate: state.date(of: context.timestamp) > directive.due
        )
    }
}
