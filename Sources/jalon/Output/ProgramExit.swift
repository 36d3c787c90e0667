/// How the process ends; scripts rely on the numbers.
enum ProgramExit: Int32, CaseIterable, Sendable {
    case ok = 0
    /// This machine is in the way: a folder in use, a port that is taken, a disk, or a bug.
    case failed = 1
    /// The arguments, a configuration or an input file is wrong.
    case usage = 2
    /// A rule of the ledger refused it; nothing was recorded.
    case refused = 3
    /// A copy of the ledger is not what it should be.
    case verificationFailed = 4
    /// No node answered, or it can't now; nothing was recorded.
    case unreachable = 5
    /// Sent, and not final in the time that was given: it may yet be recorded.
    case notConfirmed = 6
}
