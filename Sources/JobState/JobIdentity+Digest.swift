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

    /// One `name:bytes:value` line a field, in this order and ended by LF; `bytes` is the value's
    /// length in UTF-8, so no value can be taken for another field.
    package func canonicalForm(arithmetic resolved: String? = nil) -> String {
        var fields: [(name: String, value: String)] = [
            ("format", "scriptorium job 1"),
            ("protocol", String(protocolMajor)),
            ("manifest", manifestDigest.hex),
            ("rows", String(rowCount)),
        ]
        if let part { fields.append(("part", part.text)) }
        fields += [
            ("model", modelDigest.hex),
            ("engine", String(engineNumber)),
            ("arithmetic", resolved ?? arithmetic),
        ]
        fields += options.fields.map { ("option." + $0.name, $0.value) }
        return fields.map { "\($0.name):\($0.value.utf8.count):\($0.value)\n" }.joined()
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
            case .engine: engineNumber != recorded.engineNumber
            case .options: options != recorded.options
            case .arithmetic:
                arithmetic != Self.automaticArithmetic
                    && arithmetic != (facts?.arithmetic ?? recorded.arithmetic)
            }
        }
    }
}
