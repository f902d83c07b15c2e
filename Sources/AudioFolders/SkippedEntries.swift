package import SpeechTypes

/// Why something below a folder that is an input gives no row.
package enum SkipReason: String, CaseIterable, Hashable, Sendable {
    /// No decoder knows its content, and its name is not that of a recording.
    case notAudio = "not_audio"
    case hidden
    /// A link that leads out of the folder.
    case linkOutside = "link_outside"
    /// A link to a folder.
    case linkToFolder = "link_to_folder"
    /// A link to nothing.
    case brokenLink = "broken_link"
    /// A link to a folder that it lies in, or through too many links.
    case linkLoop = "link_loop"
    /// A pipe, a socket or a device.
    case specialFile = "special_file"
    /// A file or folder that cannot be opened.
    case unreadable
    /// Recognised by its content, in a job that an earlier version of this program began by names.
    case earlierList = "earlier_list"

    /// What a sentence says of `count` of them.
    func words(_ count: Int) -> String {
        let (isOne, s) = (count == 1, count == 1 ? "" : "s")
        return switch self {
        case .notAudio: "\(count) that no decoder knows"
        case .hidden: "\(count) hidden"
        case .linkOutside: "\(count) link\(s) out of the folder (--follow-links takes them)"
        case .linkToFolder: "\(count) link\(s) to folders (--follow-links takes them)"
        case .brokenLink: "\(count) link\(s) to nothing"
        case .linkLoop: "\(count) link\(s) in a circle or too deep"
        case .specialFile: "\(count) that \(isOne ? "is no file" : "are no files") (pipes, devices)"
        case .unreadable: "\(count) that cannot be read"
        case .earlierList:
            "\(count) that the version which began this job did not know as audio (--reconcile takes "
                + "them)"
        }
    }
}

/// What was left out of the folders of a command: how many of each kind, and the first of them.
package struct SkippedEntries: Hashable, Sendable {
    /// One kind.
    package struct Kind: Hashable, Sendable {
        package var count = 0
        /// The first of them, ``examplesMax`` at most.
        package var examples: [PathBytes] = []
    }

    package private(set) var kinds: [SkipReason: Kind] = [:]

    package static let examplesMax = 3

    package init() {}

    package var isEmpty: Bool { kinds.isEmpty }

    /// The kinds that there are, in a fixed order.
    package var sorted: [(reason: SkipReason, kind: Kind)] {
        SkipReason.allCases.compactMap { reason in kinds[reason].map { (reason, $0) } }
    }

    package mutating func add(_ reason: SkipReason, _ path: PathBytes) {
        kinds[reason, default: Kind()].count += 1
        if kinds[reason, default: Kind()].examples.count < Self.examplesMax {
            kinds[reason, default: Kind()].examples.append(path)
        }
    }

    package mutating func add(_ other: SkippedEntries) {
        for (reason, kind) in other.kinds {
            kinds[reason, default: Kind()].count += kind.count
            let room = Self.examplesMax - kinds[reason, default: Kind()].examples.count
            kinds[reason, default: Kind()].examples += kind.examples.prefix(room)
        }
    }

    /// All of it in a sentence: `left out of the folders: 2 that no decoder knows (a.jpg, b.txt)`.
    package var sentence: String {
        let kinds = sorted.map { reason, kind in
            let names = kind.examples.map(Self.shown).joined(separator: ", ")
            let more = kind.count > kind.examples.count ? ", …" : ""
            return "\(reason.words(kind.count)): \(names)\(more)"
        }
        return "left out of the folders: " + kinds.joined(separator: "; ")
    }

    /// A name as it may stand in a line of a terminal.
    private static func shown(_ path: PathBytes) -> String {
        String(
            String.UnicodeScalarView(
                path.text.unicodeScalars.map { scalar in
                    scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
                }))
    }
}
