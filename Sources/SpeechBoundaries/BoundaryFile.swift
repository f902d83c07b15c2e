package import Manifests
package import SpeechTypes
internal import TranscriptRows

/// Stretches of speech of many recordings in one file: NIST's RTTM, or Kaldi's `segments`.
///
/// What a file is, its first line tells.
package struct BoundaryFile: Sendable {
    /// What is said of one recording.
    struct Recording: Sendable {
        var stretches: [SpeechStretch] = []
        /// Where each stands, from 1.
        var lines: [Int] = []

        mutating func add(_ stretch: SpeechStretch, line: Int) {
            stretches.append(stretch)
            lines.append(line)
        }
    }

    package let path: PathBytes
    /// By the names that the file has for them.
    private(set) var recordings: [String: Recording] = [:]

    /// Stretches at most; a diariser writes one each few seconds.
    static let stretchesMax = 10_000_000
    static let lineBytesMax = 1 << 16

    /// Reads a file, also as `.gz` or `.zst`.
    ///
    /// - Throws: what is wrong, and in which line: what is no line of its form, and stretches of one
    ///   speaker that overlap.
    package init(_ path: PathBytes) throws(ManifestError) {
        self.path = path
        let lines = try LineReader(path, expanding: true)
        var form: BoundaryForm?
        var count = 0
        while let line = try lines.nextRow() {
            guard line.bytes.count <= Self.lineBytesMax,
                let text = String(validating: line.bytes, as: UTF8.self)
            else {
                throw fault(line.number, "longer than any such line, or not UTF-8")
            }
            // NIST's comments.
            if text.hasPrefix(";;") { continue }
            let fields = text.split { $0 == " " || $0 == "\t" || $0 == "\r" }
            let lineForm: BoundaryForm
            if let form {
                lineForm = form
            } else {
                guard let found = BoundaryForm(firstLine: fields) else {
                    throw fault(
                        line.number,
                        "neither RTTM (SPEAKER talk 1 0.50 2.75 <NA> <NA> speaker1 <NA> <NA>) nor "
                            + "Kaldi's segments (utterance recording start end)")
                }
                form = found
                lineForm = found
            }
            do throws(BoundaryForm.Fault) {
                guard let (recording, stretch) = try lineForm.read(fields) else { continue }
                recordings[recording, default: Recording()].add(stretch, line: line.number)
            } catch {
                throw fault(line.number, error.description)
            }
            count += 1
            guard count <= Self.stretchesMax else {
                throw fault(
                    line.number, "more than \(Self.stretchesMax) stretches; give parts of it")
            }
        }
        guard form != nil else { throw fault(nil, "has no line that names a stretch of speech") }
        try refuseContradictions()
    }

    private func refuseContradictions() throws(ManifestError) {
        var first: (line: Int, other: Int, recording: String)?
        for (name, recording) in recordings {
            guard let (one, two) = recording.stretches.firstContradiction() else { continue }
            let lines = [recording.lines[one], recording.lines[two]].sorted()
            if lines[1] < first?.line ?? .max { first = (lines[1], lines[0], name) }
        }
        guard let first else { return }
        throw fault(
            first.line,
            "overlaps with line \(first.other), and both are of one speaker of \(first.recording); "
                + "join them, or name their speakers")
    }

    func fault(_ line: Int?, _ message: String) -> ManifestError {
        ManifestError(.invalid, path.text, line: line, message)
    }
}
