/// How many votes decide (protocol, section 4).
public enum Quorum {
    /// f = ⌊(n − 1)/3⌋, the validators that may be faulty.
    public static func faultTolerance(validatorCount n: Int) -> Int {
        precondition(n >= 1, "a validator set is never empty")
        return (n - 1) / 3
    }

    /// q = n − f.
    ///
    /// Not 2f + 1: where n ≠ 3f + 1 two quorums of 2f + 1 may meet in faulty validators alone.
    public static func size(validatorCount n: Int) -> Int {
        n - faultTolerance(validatorCount: n)
    }
}
