package import JalonModel

/// Makes the genesis of a new network out of its members' files.
package enum NetworkSetup {
    /// Joins members to a network; every rule is checked, and every key's proof was when its file was read.
    ///
    /// - Parameters:
    ///   - members: The members' files.
    ///   - input: Network, parameters, units and sectors.
    ///   - network: The network's id, where the input says none.
    ///   - time: The time of height 0.
    /// - Returns: The genesis, whose hash names the chain.
    /// - Throws: ``SetupError/genesis(_:)``, ``SetupError/validators(_:)`` or
    ///   ``SetupError/invalid(what:found:expected:)``.
    package static func genesis(
        members: [MemberFile],
        input: NetworkInput,
        network: NetworkID? = nil,
        time: Timestamp
    ) throws(SetupError) -> Genesis {
        guard let network = network ?? input.network else {
            throw .invalid(what: "the network's id", found: "missing", expected: "one, given with --network")
        }
        let validators: ValidatorSet
        do {
            validators = try ValidatorSet(
                members.compactMap { file in
                    file.validatorKey.map { Validator(key: $0, member: file.member.id) }
                }
            )
        } catch {
            throw .validators(error)
        }
        do {
            return try Genesis(
                network: network,
                time: time,
                parameters: input.parameters,
                units: input.units,
                sectors: input.sectors,
                members: members.map(\.member),
                validators: validators
            )
        } catch {
            throw .genesis(error)
        }
    }
}
