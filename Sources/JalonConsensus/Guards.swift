/// One rule of consensus, of the core or of its order of writing, as far as it can be left out by itself.
///
/// A node keeps all of them. Only the simulator makes cores without one, to show that its faults and its oracle notice:
/// `jalon-sim mutants`. A rule that no run can tell from its absence is no guard but an assertion.
package enum Guard: UInt8, CaseIterable, Hashable, Sendable {
    // MARK: Votes and certificates

    /// n − f votes decide, not one less.
    case quorum
    /// The first proposal of a view is the one that counts.
    case firstProposal
    /// No notarize after an own nullify.
    case notarizeBeforeNullify
    /// No finalize after an own nullify.
    case finalizeWithoutNullify
    /// A new certificate goes to everybody once.
    case announce
    /// Votes and certificates of settled views are let go.
    case forgetSettled

    // MARK: Proposals

    /// A proposal counts with its leader's own vote only.
    case leadersVote
    /// The header names the view's leader.
    case leaderInHeader
    /// The parent is certified.
    case parentCertified
    /// Every view between parent and proposal is nullified.
    case wholeGap
    /// The state root is what the block's execution gives.
    case stateRoot
    /// The transactions are those that the header commits to.
    case body
    /// No transaction of a final block stands in another.
    case replayFinal

    // MARK: Nullifying

    /// f + 1 nullifies of a view are joined.
    case joinNullifies
    /// A leader's own nullify is joined.
    case joinLeader
    /// An invalid proposal is nullified at once.
    case nullifyInvalid
    /// A view without a proposal is nullified in time.
    case leaderTimer
    /// A view without a certificate is nullified in time.
    case advanceTimer
    /// A leader that was silent in its view is not waited for again.
    case skipSilent
    /// A skipped leader that votes again is waited for again.
    case unskip
    /// While there is work the timers of a view never restart.
    case steadyTimers
    /// Timers grow while nothing becomes final.
    case backoff
    /// They grow up to a bound.
    case backoffBound

    // MARK: Time

    /// A block is later than its parent.
    case timeAfterParent
    /// No vote for a block whose time has not come.
    case timeNotAhead
    /// Such a block is waited for, not refused.
    case timeWaits
    /// A fresh block is not old.
    case timeNotStale
    /// A leader's time is never ahead of the median of the clocks it sees.
    case medianTime
    /// A jump of the own clock is believed only where f + 1 validators see that time.
    case jumpConfirmed
    /// Who votes for a fresh block sees about its time.
    case votersConfirm

    // MARK: Durable before sending

    /// An own notarize.
    case notarizeDurable
    /// An own nullify.
    case nullifyDurable
    /// An own finalize.
    case finalizeDurable
    /// An own proposal.
    case proposalDurable
    /// The block that is voted for.
    case blockDurable
    /// The notarization that a finalize rests on.
    case notarizationDurable
    /// The nullification by which a view was entered.
    case nullificationDurable
    /// The finalization that an applied block rests on.
    case finalizationDurable
    /// What a turn makes durable comes before what it sends.
    case writeFirst

    // MARK: Starting

    /// Own votes count again after a restart.
    case ownVotesRetallied
    /// No vote before f + 1 peers said which votes of this node they hold.
    case startCheck
    /// A forgotten own vote that comes to light means to rejoin.
    case forgottenVote
    /// Who rejoins votes from the second view after the greatest it heard of.
    case rejoinMargin
    /// Who rejoins hears 2f + 1 others first.
    case rejoinAnswers
    /// No vote while the disk is nearly full.
    case diskSpace

    // MARK: Getting on

    /// What an unresolved view may lack is sent again.
    case retry
    /// Waiting transactions are sent again.
    case resend
    /// Who votes in a view that was left is told how it ended.
    case help
    /// A peer at the same final tip in an earlier view gets the entry certificate.
    case tipHelp
    /// A missing piece is asked of one peer after the other.
    case fetchOthers
    /// A block whose named transactions do not come is asked for whole.
    case fetchWhole
    /// The transactions of a block that became final a moment ago are still sent to who asks for them.
    case recentKept
    /// Who asks for transactions that are themselves on their way gets them when they come.
    case askersKept
    /// A transaction that was being checked when a proposal named it goes to that proposal's block.
    case checkedOffered
    /// Who is behind asks for final blocks.
    case sync
    /// A final block makes its ancestors final.
    case finalAncestors
    /// Transactions of blocks that will never be final wait again.
    case readmit
    /// Transactions of unfinal blocks wait here too.
    case keepUnfinal
    /// Votes and proposals are relayed to peers that do not hear their signer.
    case relay
    /// So are transactions.
    case relayTransactions

    // MARK: Resting

    /// Only a transaction that executes is work.
    case includable
    /// A tip is work only 2Δ after its notarization.
    case unfinalTipWaits
    /// A block a day is made even without work.
    case heartbeat
    /// Contradicting votes are kept and told.
    case evidence

    // MARK: Members

    /// Who holds most of a full mempool gives way to one that holds less.
    case mostGivesWay
    /// A block that can't hold all is filled by the members in turns.
    case memberTurns
    /// A tip tells the machine's clock, also where this node does not believe it yet.
    case machineClock

    // MARK: Epochs

    /// The closing height shifts the rotation of leaders.
    case rotationOffset
    /// At the start of an epoch peers are asked for votes of this node in it.
    case epochCheck
    /// The next validators in the header are those of the state after the block.
    case nextValidators
    /// A closing block that is not final is work.
    case closingIsWork
    /// A closing block has no child in its epoch.
    case closingHasNoChild
    /// A leader proposes a closing block that is not final again, byte for byte, instead of building on it.
    case closingAgain
    /// No other block is proposed again.
    case onlyClosingAgain
    /// What consensus makes of a finalization that sync brought is done before the blocks under it are applied.
    case finalizationFirst
    /// Who rejoins when the epoch changes rejoins in the next one.
    case rejoinInNextEpoch
    /// Votes count in their own epoch.
    case voteOfEpoch
    /// So do certificates.
    case certificateOfEpoch
    /// So do proposals.
    case proposalOfEpoch
    /// Readiness is of one epoch, and over with it.
    case readinessOfEpoch
    /// Only a node that may vote is ready.
    case readinessSettled
    /// An epoch starts with a quorum that is ready, not one less.
    case readinessQuorum
    /// Who says to be ready is passed on.
    case readinessPassedOn
    /// Questions of standing pass through nodes that do not vote.
    case standingPassedOn
    /// An answer to it goes back once.
    case answersPassedOnce
    /// Transactions pass through nodes that do not vote.
    case transactionsPassedOn
    /// What a tip says of another epoch's views and validators is not compared.
    case tipOfEpoch
    /// Who is in an older epoch asks for final blocks at once.
    case syncToEpoch

    // MARK: Other nodes' programs and ledgers

    /// No block is made or voted for by rules that this program does not know.
    case rulesKnown
    /// A program stops before the first final block that would need such rules.
    case rulesHalt
    /// Who tells that its ledger begins after the block asked for is not waited for.
    case firstBlockNoted

    /// Whether only a network whose validators change can tell it from its absence.
    package var isOfEpochs: Bool { rawValue >= Guard.rotationOffset.rawValue }
}

/// Which guards are on; all of them but in a simulated mutant.
package struct Guards: Hashable, Sendable {
    private var off: UInt128 = 0

    /// All of them.
    package static let all = Guards()

    private init() {}

    /// All guards but one, for the simulator.
    package init(without guarding: Guard) {
        off = 1 << UInt128(guarding.rawValue)
    }

    /// Whether a guard is on.
    package subscript(guarding: Guard) -> Bool { off & (1 << UInt128(guarding.rawValue)) == 0 }

    /// Whether every guard is on.
    package var isWhole: Bool { off == 0 }
}
