package import Digests
package import SpeechTypes

/// What makes a job this job, as names and values that can be compared one by one.
package struct JobDescription: Hashable, Sendable {
    package struct Part: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package let parts: [Part]
    private let identity: JobIdentity

    /// The names that a change of the input changes: `rows` and `manifest` are compared, the others
    /// say where the rows were.
    private static let manifestNames: Set = ["manifest", "rows", "bytes", "folder", "input"]

    package static let optionPrefix = "option."
    package static let artefactPrefix = "artefact."

    /// The part of a job that has all of its manifest.
    package static let whole = "1/1"

    /// - Parameter manifest: where the rows are, and how many bytes they take.
    package init(_ identity: JobIdentity, manifest: ManifestPlace) {
        self.identity = identity
        var parts = [
            Part(name: "protocol", value: String(identity.protocolMajor)),
            Part(name: "manifest", value: identity.manifestDigest.hex),
            Part(name: "rows", value: String(identity.rowCount)),
            Part(name: "bytes", value: String(manifest.byteCount)),
            Part(name: "folder", value: manifest.folder),
            Part(name: "input", value: manifest.path),
            Part(name: "part", value: identity.part?.text ?? Self.whole),
            Part(name: "model", value: identity.modelDigest.hex),
            Part(name: "engine", value: String(identity.engineNumber)),
            Part(name: "arithmetic", value: identity.arithmetic),
        ]
        for artefact in identity.recipe.artefacts.further.sorted(by: { $0.key < $1.key }) {
            parts.append(Part(name: Self.artefactPrefix + artefact.key, value: artefact.value.hex))
        }
        for field in identity.options.fields {
            parts.append(Part(name: Self.optionPrefix + field.name, value: field.value))
        }
        self.parts = parts
    }

    /// How this job and the one that a journal was made for are related.
    package enum Relation: Hashable {
        case same
        /// The same in all but the rows.
        case otherRows(StoredManifest)
        /// Another job; what differs, with the remedy.
        case otherJob(String)
    }

    /// The engine that the job was left with; nil if it is the present one.
    package func formerEngine(_ stored: [String: String]) -> Int? {
        stored["engine"].flatMap { Int($0) }.flatMap { $0 < identity.engineNumber ? $0 : nil }
    }

    package var engineNumber: Int { identity.engineNumber }

    package var hasFeatures: Bool { identity.options.hasFeatures }

    package func relation(to stored: [String: String]) -> Relation {
        var differences = optionDifferences(stored)
        var hasOtherRows = false
        // Journals that say nothing of parts are of whole jobs.
        let stored = stored.merging(["part": Self.whole]) { said, _ in said }
        for part in parts where stored[part.name] != part.value {
            switch part.name {
            case "manifest", "rows": hasOtherRows = true
            case let name where Self.manifestNames.contains(name): break
            case let name where name.hasPrefix(Self.optionPrefix): break
            case "model": differences.append("another model")
            case "engine" where formerEngine(stored) != nil: break
            case "engine":
                differences.append(
                    "it has gone on with engine \(stored["engine"] ?? "unknown"), and this program has "
                        + "engine \(part.value): use the release that it went on with, or a later one"
                )
            default:
                let before = stored[part.name] ?? "nothing"
                differences.append("\(Self.words(part.name)) is \(part.value), was \(before)")
            }
        }
        let own = Set(parts.map(\.name))
        for name in stored.keys.sorted()
        where name.hasPrefix(Self.artefactPrefix) && !own.contains(name) {
            differences.append("\(name.dropFirst(Self.artefactPrefix.count)) is missing")
        }
        let rowsMoved = stored["rows"] != String(identity.rowCount)
        if !differences.isEmpty {
            if hasOtherRows {
                let before = stored["rows"] ?? "unknown"
                differences.append(
                    rowsMoved
                        ? "the number of rows is \(identity.rowCount), was \(before)"
                        : "rows of the input have changed")
            }
            return .otherJob(
                "the job folder was made for another job: \(differences.joined(separator: "; ")). "
                    + "Ask for what it was made for to go on, choose another output name, "
                    + "or give --overwrite to begin again")
        }
        guard hasOtherRows else { return .same }
        guard let manifest = StoredManifest(stored) else {
            return .otherJob("the job folder does not say what it was made for")
        }
        return .otherRows(manifest)
    }

    /// The options that are others now, in words.
    private func optionDifferences(_ stored: [String: String]) -> [String] {
        let unknown = stored.keys.filter { name in
            name.hasPrefix(Self.optionPrefix)
                && !RecognitionOptions.allFields.contains { Self.optionPrefix + $0.name == name }
        }
        return RecognitionOptions.allFields.compactMap { field in
            let now = field.read(identity.options)
            let before = stored[Self.optionPrefix + field.name] ?? field.standard
            return now == before
                ? nil : "\(Self.words(Self.optionPrefix + field.name)) is \(now), was \(before)"
        }
            + unknown.sorted().map {
                "\(Self.words($0)) is not known to this program: use the release that it was given to"
            }
    }

    /// All of it, with what the first worker fixed, if one has.
    package func header(facts: FleetFacts?) -> JobHeader {
        var fields = parts
        fields.append(
            Part(name: "jobID", value: identity.jobID(arithmetic: facts?.arithmetic).hex))
        if let facts {
            fields.append(Part(name: "facts.arithmetic", value: facts.arithmetic))
            fields.append(Part(name: "facts.canary", value: facts.canaryDigest.hex))
            fields.append(Part(name: "facts.slot", value: facts.slot))
            fields.append(Part(name: "facts.engine", value: String(facts.engineNumber)))
        }
        return JobHeader(fields: fields)
    }

    private static func words(_ name: String) -> String {
        if name.hasPrefix("option.") {
            return "--" + name.dropFirst(7).replacing("_", with: "-")
        }
        switch name {
        case "part": return "--part"
        default: return name
        }
    }
}

/// Where a job's rows are.
package struct ManifestPlace: Hashable, Sendable {
    package var byteCount: Int
    /// Where relative paths of the rows start; absolute.
    package var folder: String
    /// The file; absolute.
    package var path: String

    package init(byteCount: Int, folder: String, path: String) {
        self.byteCount = byteCount
        self.folder = folder
        self.path = path
    }
}

/// The rows that a journal was made for.
package struct StoredManifest: Hashable, Sendable {
    /// SHA-256 of the whole manifest.
    package var digest: ContentDigest
    package var rowCount: Int
    /// The part of the manifest that the rows are; nil for all of it.
    package var part: JobPart?
    package var place: ManifestPlace

    package init?(_ stored: [String: String]) {
        guard let digest = stored["manifest"].flatMap({ ContentDigest(hex: $0) }),
            let rowCount = JobHeader.count(stored["rows"]),
            let part = JobPart(stored["part"] ?? JobDescription.whole),
            let byteCount = stored["bytes"].flatMap({ Int($0) }), byteCount >= 0,
            let folder = stored["folder"], let path = stored["input"]
        else { return nil }
        self.digest = digest
        self.rowCount = rowCount
        self.part = part.text == JobDescription.whole ? nil : part
        place = ManifestPlace(byteCount: byteCount, folder: folder, path: path)
    }

    package init?(_ header: JobHeader) {
        self.init(
            Dictionary(
                header.fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        )
    }
}
