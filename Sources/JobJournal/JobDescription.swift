package import Coordination
internal import Digests
internal import SpeechTypes

/// What makes a job this job, as names and values that can be compared one by one.
package struct JobDescription: Hashable, Sendable {
    package struct Part: Hashable, Sendable {
        package let name: String
        package let value: String
    }

    package let parts: [Part]

    /// The part of a job that has all of its manifest.
    static let whole = "1/1"

    package init(_ identity: JobIdentity) {
        var parts = [
            Part(name: "protocol", value: String(identity.protocolMajor)),
            Part(name: "manifest", value: identity.manifestDigest.hex),
            Part(name: "rows", value: String(identity.rowCount)),
            Part(name: "part", value: identity.part?.text ?? Self.whole),
            Part(name: "model", value: identity.modelDigest.hex),
            Part(name: "engine", value: String(identity.engineNumber)),
            Part(name: "arithmetic", value: identity.arithmetic),
        ]
        for field in identity.options.fields {
            parts.append(Part(name: "option.\(field.name)", value: field.value))
        }
        self.parts = parts
    }

    /// What differs from the job that a journal was made for, with the remedy; nil if nothing does.
    func difference(from stored: [String: String]) -> String? {
        var differences: [String] = []
        // Journals that say nothing of parts are of whole jobs.
        let stored = stored.merging(["part": Self.whole]) { said, _ in said }
        for part in parts where stored[part.name] != part.value {
            switch part.name {
            // A change of the rows shows in their digest, which says nothing to people.
            case "manifest" where stored["rows"] == parts.first { $0.name == "rows" }?.value:
                differences.append("rows of the input have changed")
            case "manifest":
                break
            case "model":
                differences.append("another model")
            default:
                let before = stored[part.name] ?? "nothing"
                differences.append("\(Self.words(part.name)) is \(part.value), was \(before)")
            }
        }
        guard !differences.isEmpty else { return nil }
        return "the job folder was made for another job: \(differences.joined(separator: "; ")). "
            + "Ask for what it was made for to go on, choose another output name, "
            + "or give --overwrite to begin again"
    }

    private static func words(_ name: String) -> String {
        if name.hasPrefix("option.") {
            return "--" + name.dropFirst(7).replacing("_", with: "-")
        }
        switch name {
        case "rows": return "the number of rows"
        case "part": return "--part"
        case "engine": return "the engine's number"
        default: return name
        }
    }
}
