import JalonAPI
import JalonNetwork

/// Names the errors of a node that can't listen, wherever in it they come from.
package enum ListenFailure {
    /// The stable code of an error of listening; `nil` for another error.
    package static func code(of error: any Error) -> String? {
        switch error {
        case NetworkError.addressInUse, APIServerError.addressInUse: "E_PORT_IN_USE"
        case is NetworkError, is APIServerError: "E_LISTEN"
        default: nil
        }
    }
}
