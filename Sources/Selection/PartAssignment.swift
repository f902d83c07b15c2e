/// Which part each speaker or recording goes to: all of its rows to one, so that nothing that is trained
/// on is tested with.
struct PartAssignment {
    private let seed: UInt64
    private let shares: [Double]
    private var parts: [UInt64: UInt8] = [:]
    private let isDealt: Bool

    /// Of more groups than this each is drawn by itself, which takes no memory.
    static let dealtMax = 200_000

    /// - Parameter weights: milliseconds of each group; nil where there are more than are dealt.
    init(_ weights: [UInt64: Int]?, shares: [Double], seed: UInt64) {
        self.seed = seed
        self.shares = shares
        isDealt = weights != nil
        guard let weights else { return }
        let order = weights.keys.sorted {
            let (left, right) = (KeyHash.mixed($0 ^ seed), KeyHash.mixed($1 ^ seed))
            return (left, $0) < (right, $1)
        }
        let total = Double(weights.values.reduce(0, +))
        var filled = [Double](repeating: 0, count: shares.count)
        var members = [[UInt64]](repeating: [], count: shares.count)
        for key in order {
            // To the part that lacks most of what it should have.
            let part = shares.indices.max {
                let (left, right) = (
                    shares[$0] * total - filled[$0], shares[$1] * total - filled[$1]
                )
                return (left, -$0) < (right, -$1)
            }
            guard let part else { continue }
            filled[part] += Double(weights[key] ?? 0)
            members[part].append(key)
        }
        Self.fillEmpty(&members, weights, shares)
        for (part, keys) in members.enumerated() {
            for key in keys { parts[key] = UInt8(part) }
        }
    }

    /// Gives each part that should have something a group, if there is one to spare: the lightest of the
    /// part with the most groups.
    private static func fillEmpty(
        _ members: inout [[UInt64]], _ weights: [UInt64: Int], _ shares: [Double]
    ) {
        for part in members.indices where members[part].isEmpty && shares[part] > 0 {
            let richest = members.indices.max {
                (members[$0].count, -$0) < (members[$1].count, -$1)
            }
            guard let richest, members[richest].count > 1 else { continue }
            let lightest = members[richest].indices.min {
                let (left, right) = (members[richest][$0], members[richest][$1])
                return (weights[left] ?? 0, left) < (weights[right] ?? 0, right)
            }
            guard let lightest else { continue }
            members[part].append(members[richest].remove(at: lightest))
        }
    }

    func part(of group: UInt64) -> UInt8 {
        if isDealt { return parts[group] ?? 0 }
        var rest = Double(KeyHash.mixed(group ^ seed) >> 11) / 0x1p53
        for (part, share) in shares.enumerated() {
            if rest < share { return UInt8(part) }
            rest -= share
        }
        return UInt8(max(0, shares.count - 1))
    }
}
