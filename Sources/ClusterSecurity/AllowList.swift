internal import Digests

/// A public key of CURVE: 32 bytes, in text 64 hexadecimal digits.
package struct PublicKey: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Nil unless the text is 64 hexadecimal digits.
    package init?(hex: String) {
        guard let bytes = Hexadecimal.bytes(hex) else { return nil }
        self.init(bytes: bytes)
    }

    package var hex: String { Hexadecimal.text(bytes) }
    package var description: String { hex }
}

/// What the owner of a key may do.
package enum PeerRole: String, CaseIterable, Hashable, Sendable {
    /// Take rows and hand back records.
    case worker
    /// Steer the job: pause, drain, retry, cancel; and ask for its status.
    case `operator`
    /// Ask for the job's status.
    case observer
}

/// Who may talk to a coordinator; everybody else may not.
package struct AllowList: Hashable, Sendable {
    /// One key with one role; a key may have several entries.
    package struct Entry: Hashable, Sendable {
        package var name: String
        package var role: PeerRole
        package var key: PublicKey

        package init(name: String, role: PeerRole, key: PublicKey) {
            self.name = name
            self.role = role
            self.key = key
        }
    }

    /// Ordered by name.
    package let entries: [Entry]
    private let roles: [String: Set<PeerRole>]

    package init(_ entries: [Entry]) {
        self.entries = entries.sorted { $0.name < $1.name }
        var roles: [String: Set<PeerRole>] = [:]
        for entry in entries {
            roles[entry.key.hex, default: []].insert(entry.role)
            if entry.role == .operator { roles[entry.key.hex, default: []].insert(.observer) }
        }
        self.roles = roles
    }

    /// What the owner of a key may do; nothing unless the key is listed.
    package func roles(of hex: String) -> Set<PeerRole> { roles[hex] ?? [] }
}
