internal import ErrorRates
internal import JobVerification
internal import Processes
internal import TranscriptRows

extension OutputEvaluation {
    /// Scores each segment of an STM file with the words whose times lie in it.
    mutating func evaluateSegments(of stm: STMFile) throws {
        let first = try HypothesisWords(ofOutput: request.output, for: stm)
        let second = try request.other.map { try HypothesisWords(ofOutput: $0, for: stm) }
        rowsOutsideReferences = first.rowsOutsideReferences
        for (index, segment) in stm.segments.enumerated() {
            if segment.isIgnored {
                segmentsIgnored += 1
                continue
            }
            var utterance = EvaluatedUtterance(
                place: [
                    ("file", .text(segment.file)), ("channel", .text(segment.channel)),
                    ("speaker", .text(segment.speaker)), ("begin", .number(segment.begin)),
                    ("end", .number(segment.end)),
                ], score: try score(segment, first.words[index], stm))
            utterance.audioSeconds = segment.end - segment.begin
            utterance.group = request.by.map { Self.value(of: $0, segment) ?? Self.noName }
            let block = request.blocks.flatMap { Self.value(of: $0, segment) }
            utterance.block = Array((block ?? "segment \(index)").utf8)
            try add(
                utterance,
                other: try second.map { try score(segment, $0.words[index], stm) })
        }
    }

    private func score(
        _ segment: STMFile.Segment, _ words: [String], _ stm: STMFile
    ) throws -> TextComparison.Score {
        do throws(NetworkAlignment.TooLong) {
            return try request.comparison.score(reference: segment.text, hypothesis: words)
        } catch {
            throw VerificationError(
                ExitStatus.usage,
                "the segment in line \(segment.line) of \(stm.path) is too long for its "
                    + "alternatives; cut it into some")
        }
    }

    private static func value(of field: String, _ segment: STMFile.Segment) -> String? {
        switch field {
        case "speaker": segment.speaker
        case "file": segment.file
        case "channel": segment.channel
        default: nil
        }
    }
}
