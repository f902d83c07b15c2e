internal import ClusterRuntime
package import ClusterSecurity

/// Where a coordinator listens, and the key that it must have; nil where none is needed.
package struct CoordinatorPlace: Hashable {
    package var endpoint: String
    package var key: PublicKey?

    package init(endpoint: String, key: PublicKey?) {
        self.endpoint = endpoint
        self.key = key
    }
}

/// The coordinators that a worker knows, in the order in which it tries them.
package struct Endpoints: Hashable {
    package private(set) var list: [CoordinatorPlace]

    /// - Parameter slot: decides where to begin, so that a fleet spreads over the coordinators; nil to
    ///   begin with the first.
    package init(_ endpoints: [CoordinatorPlace], slot: String?) {
        list = endpoints
        guard let slot, !endpoints.isEmpty else { return }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in slot.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let start = Int(hash % UInt64(endpoints.count))
        list = Array(endpoints[start...] + endpoints[..<start])
    }

    /// Puts those before the one at `index`, which do not answer, behind it.
    package mutating func begin(with index: Int) {
        list = Array(list[index...] + list[..<index])
    }

    /// What is left when the first is left for good, or for another time.
    package func after(forGood: Bool) -> [CoordinatorPlace] {
        forGood ? Array(list.dropFirst()) : Array(list.dropFirst()) + list.prefix(1)
    }
}
