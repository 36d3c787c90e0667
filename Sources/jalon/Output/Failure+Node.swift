import JalonCore
import JalonNode

/// Why a node does not start, or ended.
extension Failure {
    init(node error: NodeError) {
        switch error {
        case .halted: self.init("E_HALTED", error.description, status: .verificationFailed)
        case .implausibleTime: self.init("E_CLOCK", error.description, status: .failed)
        case .lostLedger: self.init("E_SOLE_VALIDATOR", error.description, status: .refused)
        case .notValidator, .genesis, .otherNetwork, .observerNeverRejoins:
            self.init("E_CONFIGURATION", error.description, status: .usage)
        }
    }

    init(core error: CoreError) {
        self.init(
            "E_DAMAGED",
            error.description,
            next: "Check the data folder: jalon verify --data FOLDER",
            status: .verificationFailed
        )
    }
}
