import JalonCrypto
package import JalonModel

extension LedgerState {
    /// The state after the genesis.
    package init(genesis: Genesis) {
        self.init(parameters: genesis.parameters, validators: genesis.validators)
        var paths: [StatePath] = genesis.parameters.leaves.map { .parameter($0.parameter) }
        for member in genesis.members {
            membersByID[member.id] = Shared(MemberRecord(member))
            paths.append(.member(member.id))
            for key in LedgerState.keys(of: member) {
                keysByID[key.key.id] = Shared(key)
                paths.append(.key(key.key.id))
            }
        }
        for validator in genesis.validators.validators {
            keysByID[validator.key.id] = Shared(
                KeyRecord(
                    key: validator.key,
                    member: validator.member,
                    kind: .validator,
                    isActive: true,
                    height: Height(0)
                )
            )
            paths.append(.key(validator.key.id))
        }
        for unit in genesis.units {
            unitsByCode[unit.code] = unit
            paths.append(.unit(unit.code))
        }
        for sector in genesis.sectors {
            sectorsByCode[sector.code] = sector
            paths.append(.sector(sector.code))
        }
        updateTree(at: paths)
    }

    private static func keys(of member: Member) -> [KeyRecord] {
        func record(_ kind: KeyKind) -> (PublicKey) -> KeyRecord {
            { KeyRecord(key: $0, member: member.id, kind: kind, isActive: true, height: Height(0)) }
        }
        return member.authorityKeys.map(record(.authority))
            + [member.recoveryKey].compactMap { $0 }.map(record(.recovery))
            + member.nodes.map(\.key).map(record(.node))
    }
}
