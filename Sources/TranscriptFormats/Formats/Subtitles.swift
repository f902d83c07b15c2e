internal import SubtitleCues
package import TranscriptRows

extension SubtitleFormat {
    /// - Throws: `missing` if a row is too long for one subtitle and has no word times.
    package func check(
        _ segment: TranscriptSegment, _ context: ExportContext
    ) throws(ExportError) {
        guard segment.words == nil, !context.spreadsText else { return }
        let utterance = utterance(segment)
        guard utterance.text.isEmpty || CueBuilder(context.subtitles).fitsOneCue(utterance) else {
            throw ExportError(
                .missing,
                "line \(segment.lineNumber) is too long for one subtitle, and without "
                    + "word_timestamps nothing says where to cut it; transcribe with --timestamps "
                    + "word, or spread its text evenly with --spread")
        }
    }

    /// The subtitles of a recording.
    func cues(of recording: TranscribedRecording, _ context: ExportContext) -> [Cue] {
        CueBuilder(context.subtitles).cues(of: recording.segments.map(utterance))
    }

    private func utterance(_ segment: TranscriptSegment) -> Utterance {
        func timed(_ words: TimedWords) -> [Utterance.Word] {
            words.map {
                Utterance.Word(
                    text: FlatText.flat($0.text),
                    startMilliseconds: segment.start(of: $0).milliseconds,
                    endMilliseconds: segment.end(of: $0).milliseconds)
            }
        }
        var utterance = Utterance(
            startMilliseconds: segment.start.milliseconds,
            endMilliseconds: segment.end.milliseconds, text: FlatText.flat(segment.text),
            words: segment.words.map(timed))
        utterance.characters = segment.characters.map(timed) ?? []
        return utterance
    }
}
