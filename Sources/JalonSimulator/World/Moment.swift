/// A moment of the simulated world: microseconds since it began.
package struct Moment: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let microseconds: UInt64

    package init(microseconds: UInt64) {
        self.microseconds = microseconds
    }

    /// When the world begins.
    package static let start = Moment(microseconds: 0)

    package static func < (left: Moment, right: Moment) -> Bool { left.microseconds < right.microseconds }

    package static func + (moment: Moment, span: Span) -> Moment {
        Moment(microseconds: moment.microseconds + span.microseconds)
    }

    /// How long ago `earlier` was; zero where it is not earlier.
    package func since(_ earlier: Moment) -> Span {
        Span(microseconds: microseconds > earlier.microseconds ? microseconds - earlier.microseconds : 0)
    }

    /// Seconds with six decimals.
    package var description: String {
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
    }

    /// A length of simulated time.
    package struct Span: Hashable, Comparable, Sendable {
        package let microseconds: UInt64

        package init(microseconds: UInt64) {
            self.microseconds = microseconds
        }

        package static let zero = Span(microseconds: 0)

        package static func milliseconds(_ count: UInt64) -> Span { Span(microseconds: count * 1_000) }

        package static func seconds(_ count: UInt64) -> Span { Span(microseconds: count * 1_000_000) }

        package static func < (left: Span, right: Span) -> Bool { left.microseconds < right.microseconds }
    }
}
