import Batching
import CTCDecoding
import Foundation
import Manifests
import SpeechTypes
import Tensors
import Threading
import Transcription
import WindowCutting

/// The events of a test's rows.
final class Events: Sendable {
    private let list = Guarded<[RowEvent]>([])

    var emit: @Sendable (RowEvent) -> Void {
        { [self] event in list.withLock { $0.append(event) } }
    }

    /// The text of each row that was transcribed.
    var texts: [Int: String] {
        var texts: [Int: String] = [:]
        for case .finished(let row) in all {
            let record = try? JSONSerialization.jsonObject(with: Data(row.record))
            texts[row.ordinal] = (record as? [String: Any])?["pred_text"] as? String ?? "no text"
        }
        return texts
    }

    var failures: [Int: FailedRow] {
        var failures: [Int: FailedRow] = [:]
        for case .failed(let row) in all { failures[row.ordinal] = row }
        return failures
    }

    var finished: [FinishedRow] {
        all.compactMap { if case .finished(let row) = $0 { row } else { nil } }
    }

    var count: Int { list.withLock { $0.count } }

    /// Everything that was said, oldest first.
    ///
    /// The array is copied: of one that shares its buffer, the thread sanitizer does not see the count that
    /// tells the next writer whether the buffer is still shared, and takes that write for a race.
    var all: [RowEvent] { list.withLock { $0.map(\.self) } }
}

/// Rows without audio: windows whose log-probabilities say what is to be read.
enum Sample {
    static let letters = ["_", "a", "b", "c", "d", "e", "f", "|"]
    static let vocabulary = Vocabulary(symbols: letters, blank: 0, wordDelimiter: 7)

    static func recipe(
        _ decoders: (any CTCDecoderFactory)? = nil,
        change: (inout RecognitionOptions) -> Void = { _ in }
    ) throws -> RecordRecipe {
        var options = RecognitionOptions()
        change(&options)
        return try decoders.map {
            RecordRecipe(vocabulary: vocabulary, options: options, decoders: $0)
        } ?? RecordRecipe(vocabulary: vocabulary, options: options)
    }

    static func row(
        _ ordinal: Int, _ recipe: RecordRecipe, _ events: Events, lanes: Int = 1
    ) throws -> RowAssembly {
        let raw = Array("{\"audio_filepath\": \"\(ordinal).wav\"}".utf8)
        let row = RowAssembly(
            ordinal: ordinal, row: try ManifestRow.parse(raw: raw), recipe: recipe,
            emit: events.emit)
        row.begin(lanes: lanes)
        return row
    }

    /// A window that owns all frames but `drop` at its start.
    static func window(_ index: Int, frames: Int, drop: Int = 0) -> ChunkGrid.Window {
        var grid = ChunkGrid(.off)
        _ = grid.append([Float](repeating: 0, count: FrameClock.wav2vec2.samples(ofFrames: frames)))
        guard var window = grid.finish().first else { preconditionFailure("there is a window") }
        window.index = index
        window.framesToDrop = drop
        window.framesToKeep = frames - drop
        return window
    }

    /// Frames in which each letter of `text` is the most probable.
    static func frames(_ text: String) -> Tensor {
        let values = text.flatMap { letter in
            letters.map { $0 == String(letter) ? Float(-0.1) : Float(-4) }
        }
        return Tensor(values, shape: [text.count, letters.count])
    }

    static func ending(windows: [Int]) -> RowAssembly.Ending {
        .init(decodedSeconds: 1, audioDigest: [1, 2, 3], windowsOfLanes: windows)
    }
}

extension DecodeStage {
    /// Adds a window that owns all of `text` but the first `drop` frames.
    func add(
        _ text: String, _ index: Int, of row: RowAssembly, lane: Int = 0, drop: Int = 0
    ) {
        add(
            Sample.frames(text), of: Sample.window(index, frames: text.count, drop: drop), row: row,
            lane: lane)
    }
}
