package import Digests
internal import SpeechTypes

/// The canonical form of a job's identity, its digest, and what may differ on resuming.
extension JobIdentity {
    /// What two identities can differ in.
    package enum Part: String, CaseIterable, Hashable, Sendable {
        case `protocol`
        case manifest
        case part
        case model
        case artefacts
        case engine
        case options
        case arithmetic
    }

    /// SHA-256 of ``canonicalForm(arithmetic:)``.
    ///
    /// - Parameter arithmetic: the class that was resolved for the job; nil before there was one.
    package func jobID(arithmetic resolved: String? = nil) -> ContentDigest {
        SHA256Hasher.digest(of: Array(canonicalForm(arithmetic: resolved).utf8))
    }

    /// Whether `id` is the job's name in this form or in an earlier one.
    package func isNamed(_ id: ContentDigest) -> Bool {
        id == jobID() || canonicalForm1.map { SHA256Hasher.digest(of: Array($0.utf8)) } == id
    }

    /// The identity as ``CanonicalFields`` in a fixed order.
    package func canonicalForm(arithmetic resolved: String? = nil) -> String {
        CanonicalFields.text(
            [("format", "scriptorium job 2")] + inputFields + [
                ("recipe", recipe.digest.hex),
                ("engine", String(engineNumber)),
                ("arithmetic", resolved ?? arithmetic),
            ])
    }

    /// What the releases before ``TranscriptRecipe`` took the job's name of: every option is
    /// listed.
    ///
    /// Nil if the job has what that form has no words for.
    private var canonicalForm1: String? {
        guard recipe.artefacts.further.isEmpty, let options = options.fieldsOfForm1 else {
            return nil
        }
        let fields =
            [("format", "scriptorium job 1")] + inputFields + [
                ("model", modelDigest.hex),
                ("engine", String(engineNumber)),
                ("arithmetic", arithmetic),
            ]
        return CanonicalFields.text(fields + options.map { ("option." + $0.name, $0.value) })
    }

    private var inputFields: [(name: String, value: String)] {
        let fields = [
            (name: "protocol", value: String(protocolMajor)),
            ("manifest", manifestDigest.hex),
            ("rows", String(rowCount)),
        ]
        return fields + (part.map { [("part", $0.text)] } ?? [])
    }

    /// What stands in the way of resuming `recorded` with what is asked for now, in fixed order;
    /// empty: go on.
    ///
    /// - Parameter recorded: the identity in the journal.
    /// - Parameter facts: what the first worker fixed, if there was one.
    package func differences(from recorded: JobIdentity, facts: FleetFacts?) -> [Part] {
        Part.allCases.filter { part in
            switch part {
            case .protocol: protocolMajor != recorded.protocolMajor
            case .manifest:
                manifestDigest != recorded.manifestDigest || rowCount != recorded.rowCount
            case .part: self.part != recorded.part
            case .model: modelDigest != recorded.modelDigest
            case .artefacts: recipe.artefacts.further != recorded.recipe.artefacts.further
            case .engine: engineNumber != recorded.engineNumber
            case .options: options != recorded.options
            case .arithmetic:
                arithmetic != Self.automaticArithmetic
                    && arithmetic != (facts?.arithmetic ?? recorded.arithmetic)
            }
        }
    }
}
