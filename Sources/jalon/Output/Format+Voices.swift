import JalonSchema

extension API.Cosignatures {
    /// For example `1 of 2: Hubei 湖北 (cn-hb); missing: Hebei 河北 (cn-he)`.
    func words(_ names: MemberNames) -> String {
        var text = "\(signed.count) of \(required)"
        if !signed.isEmpty { text += ": \(names.show(signed))" }
        return text + (missing.isEmpty || isComplete ? "" : "; missing: \(names.show(missing))")
    }
}

extension API.Commitment {
    /// How it stands in one line, after a step in its life: `CN-HB-2020-001 is SUPERSEDED by CN-HE-2020-001`.
    func standing(_ names: MemberNames) -> String {
        var line = "\(id) is \(life.uppercased())"
        if let successor { line += " by \(successor)" }
        if life == "proposed", let joint = jointSignatures, !joint.isComplete {
            line += "; missing: \(names.show(joint.missing))"
        }
        return line
    }

    /// Its life, since when, by whom and why.
    var lifeWords: String {
        var text = life
        if let successor { text += " by \(successor)" }
        guard let lifeChange else { return text }
        text += ", block \(lifeChange.height) by \(lifeChange.issuer)"
        return text + (lifeChange.text.map { ": \($0)" } ?? "")
    }
}

extension API.CommitmentVersion {
    /// For example `2 material (target), block 7 by cn-hn, budget: less money`.
    var line: String {
        var text = "\(number) \(change ?? "original")"
        if !changed.isEmpty { text += " (\(changed.joined(separator: ", ")))" }
        text += ", block \(height) by \(issuer), \(target.text)"
        if let deadline { text += " by \(deadline.date)" }
        if let reasonCode { text += "   \(reasonCode): \(reason ?? "")" }
        return text
    }
}

extension API.LifeStep {
    /// For example `commitment.suspend in block 9 by cn-hn: the budget is open`.
    var line: String {
        var text = "\(type) in block \(height) by \(issuer)"
        if let successor { text += " → \(successor)" }
        return text + (reason.map { ": \($0)" } ?? "")
    }
}

extension API.SignedStep {
    /// Who, where and, where it says something, what.
    var line: String {
        let words = text.map { ": \($0)" } ?? ""
        return "\(issuer) in block \(height)\(isLate ? ", late" : "")\(words)"
    }
}

extension Output {
    /// Names and values under each other.
    func facts(_ rows: [(name: String, value: String?)]) {
        for (name, value) in rows {
            if let value { line("  \(styled(name.padding(to: 13), .dim))\(value)") }
        }
    }
}
