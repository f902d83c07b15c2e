/// A model on a hub: `hf:owner/name[@revision]`.
package struct ModelReference: Hashable, Sendable, CustomStringConvertible {
    package let owner: String
    package let name: String
    /// A branch, tag or commit.
    package let revision: String

    /// What a model's name begins with to be looked for on a hub and not on disk.
    package static let prefix = "hf:"

    /// Reads `hf:owner/name[@revision]`; the revision is `main` if none is given.
    package init(_ text: String) throws(HubError) {
        func invalid(_ message: String) -> HubError {
            HubError(
                .invalidReference,
                "\(text): \(message); write hf:owner/name or hf:owner/name@revision")
        }
        guard text.hasPrefix(Self.prefix) else { throw invalid("does not begin with hf:") }
        let parts = text.dropFirst(Self.prefix.count)
            .split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let names = (parts.first ?? "").split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, names.allSatisfy({ Self.isName($0) }) else {
            throw invalid("is not an owner and a name of letters, digits, '-', '_' and '.'")
        }
        let revision = parts.count == 2 ? parts[1] : "main"
        guard Self.isRevision(revision) else { throw invalid("has an unusable revision") }
        owner = String(names[0])
        name = String(names[1])
        self.revision = String(revision)
    }

    package var description: String { "hf:\(repository)@\(revision)" }

    /// `owner/name`.
    package var repository: String { "\(owner)/\(name)" }

    /// Whether the revision is a full commit id, which never changes its meaning.
    var isPinned: Bool { Self.isCommit(revision) }

    static func isCommit(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 40 && text.utf8.allSatisfy(isLowerHexadecimal)
    }

    /// The characters that hubs allow; none of them means anything to a file system or URL.
    private static func isName(_ text: Substring) -> Bool {
        (1...96).contains(text.utf8.count) && text.utf8.allSatisfy(isNameByte)
            && !text.hasPrefix(".") && !text.contains("..") && !text.contains("--")
    }

    private static func isRevision(_ text: Substring) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= 200
            && parts.allSatisfy {
                !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("..")
                    && $0.utf8.allSatisfy(isNameByte)
            }
    }
}

/// A letter, digit, `-`, `_` or `.`.
func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        true
    default: false
    }
}

func isLowerHexadecimal(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
}
