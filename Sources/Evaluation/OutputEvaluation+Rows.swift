internal import ErrorRates
internal import JobVerification
internal import Manifests
internal import Processes
internal import StrictJSON
internal import TextNormalizers

extension OutputEvaluation {
    /// Scores each row that has a reference, in one pass.
    mutating func evaluateRows() throws {
        let lengths = try AudioLengths(ofOutput: request.output)
        let others = try request.other.map { path throws(ManifestError) in
            try LineReader(path)
        }
        let reader = try LineReader(request.output)
        var ordinal = -1
        while let line = try reader.nextRow() {
            ordinal += 1
            let row = try object(line, of: request.output)
            let other = try others.map { try partner(of: row, line, in: $0) }
            try evaluate(row, line, ordinal, lengths, other)
        }
        if let others, let line = try others.nextRow() {
            throw different("line \(line.number) of \(request.other ?? "") has no partner")
        }
    }

    private mutating func evaluate(
        _ row: JSONObject, _ line: ManifestLine, _ ordinal: Int, _ lengths: AudioLengths,
        _ other: JSONObject?
    ) throws {
        let comparison = request.comparison
        let reference = row[request.reference]?.string.map(comparison.normalizer.words) ?? []
        guard !reference.isEmpty else {
            rowsWithoutReference += 1
            return
        }
        func score(_ row: JSONObject) -> TextComparison.Score {
            comparison.score(
                words: reference,
                hypothesis: comparison.normalizer.words(row[request.hypothesis]?.string ?? ""),
                listsPairs: request.listsPairs)
        }
        let seconds = lengths.seconds(of: ordinal, row)
        if seconds == nil { rowsWithoutLength += 1 }
        var utterance = EvaluatedUtterance(
            place: Self.place(of: row, line, ordinal), score: score(row))
        utterance.isTranscribed =
            row["status"]?.string == "transcribed" || row["status"] == nil
        utterance.group = request.by.map { Self.name(row[$0]) ?? Self.noName }
        utterance.audioSeconds = seconds ?? 0
        if request.replicates > 0 {
            let block = request.blocks.flatMap { Self.name(row[$0]) }
            utterance.block = block.map { Array($0.utf8) } ?? Array("row \(ordinal)".utf8)
        }
        try add(utterance, other: other.map(score))
    }

    private static func place(
        of row: JSONObject, _ line: ManifestLine, _ ordinal: Int
    ) -> [(name: String, value: EvaluatedUtterance.Value)] {
        var place: [(name: String, value: EvaluatedUtterance.Value)] = [
            ("row", .integer(ordinal)), ("line", .integer(line.number)),
        ]
        for name in ["audio_filepath", "id", "speaker"] {
            if let text = Self.name(row[name]) { place.append((name, .text(text))) }
        }
        if let offset = row["offset"]?.double { place.append(("offset", .number(offset))) }
        return place
    }

    /// The next row of the other output, which must be of the same audio with the same reference.
    private func partner(
        of row: JSONObject, _ line: ManifestLine, in others: LineReader
    ) throws -> JSONObject {
        guard let other = request.other else { preconditionFailure("there is another output") }
        guard let partner = try others.nextRow() else {
            throw different("line \(line.number) of \(request.output) has no partner")
        }
        let object = try object(partner, of: other)
        for name in ["audio_filepath", "audio_filepath_bytes", "offset", "id", request.reference]
        where Self.name(row[name]) != Self.name(object[name]) {
            throw different(
                "line \(line.number) of the first and line \(partner.number) of the second differ "
                    + "in \(name)")
        }
        return object
    }

    private func different(_ what: String) -> VerificationError {
        VerificationError(
            ExitStatus.usage,
            "\(request.output) and \(request.other ?? "") are not outputs of the same rows: \(what); "
                + "compare outputs of one manifest")
    }

    private func object(_ line: ManifestLine, of path: String) throws -> JSONObject {
        do throws(JSONError) {
            if let object = try JSONParser.parse(line.bytes).object { return object }
        } catch {
            throw VerificationError(ExitStatus.usage, "\(path):\(line.number): \(error)")
        }
        throw VerificationError(ExitStatus.usage, "\(path):\(line.number): not a JSON object")
    }

    /// A field's text or number; nil where there is none.
    private static func name(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let flag): flag ? "true" : "false"
        default: nil
        }
    }
}
