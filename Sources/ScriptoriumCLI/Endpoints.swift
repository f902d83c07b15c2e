/// The coordinators that a worker knows, in the order in which it tries them.
struct Endpoints: Hashable {
    private(set) var list: [String]

    /// - Parameter slot: decides where to begin, so that a fleet spreads over the coordinators; nil to
    ///   begin with the first.
    init(_ endpoints: [String], slot: String?) {
        list = endpoints
        guard let slot, !endpoints.isEmpty else { return }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in slot.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let start = Int(hash % UInt64(endpoints.count))
        list = Array(endpoints[start...] + endpoints[..<start])
    }

    /// Puts those before `endpoint`, which do not answer, behind it.
    mutating func begin(with endpoint: String) {
        guard let place = list.firstIndex(of: endpoint) else { return }
        list = Array(list[place...] + list[..<place])
    }

    /// What is left when the first is left for good, or for another time.
    func after(forGood: Bool) -> [String] {
        forGood ? Array(list.dropFirst()) : Array(list.dropFirst()) + list.prefix(1)
    }
}
