import JalonAPI
import JalonNetwork

/// Names the errors of a node that can't listen, wherever in it they come from.
package enum ListenFailure {
    /// The stable code of an error of listening; `nil` for another error.
    package static func code(of error: any Error) -> String? {
        switch error {
        case NetworkError.addressInUse, APIServerError.addressInUse: "E_PORT_IN_USE"
        case APIServerError.certificate, APIServerError.certificateKey: "E_CERTIFICATE"
        case is NetworkError, is APIServerError: "E_LISTEN"
        default: nil
        }
    }

    /// Whether an error is one of a configuration or a file that it names, and not of this machine.
    package static func isOfConfiguration(_ error: any Error) -> Bool {
        switch error {
        case APIServerError.certificate, APIServerError.certificateKey: true
        default: false
        }
    }
}
