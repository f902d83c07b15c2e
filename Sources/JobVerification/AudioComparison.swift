internal import ArchivedAudio
internal import AudioFormats
package import AudioInput
internal import AudioPlaces
internal import Digests
package import Manifests
package import Provenance
package import RemoteAudio
package import SpeechTypes
internal import Synchronization
internal import Threading
package import Transcription

/// All audio of an output, decoded again and held against the digests that were recorded.
package struct AudioComparison {
    /// What was found.
    package struct Result {
        package var rowsRead = 0
        package var differences: [(row: Int, text: String)] = []
        /// Rows whose object is another than the one that was transcribed, or another state of it.
        package var changedObjects: [Int] = []
    }

    /// What becomes of rows whose audio a command writes.
    package enum Commands {
        /// As of any other row whose audio is not there: the job ran none.
        case refuse
        case passOver
        case run(CommandRunner)
    }

    package var commands = Commands.refuse
    /// Fetches what the job fetched; nil where it fetched nothing, or may not here.
    package var sources: RemoteSources?
    /// Rows that were fetched and may not be here.
    package var passesOver: RemoteSources?
    private let archives = ArchiveShelf()
    private let rows: IndexedManifest
    private let channels: ChannelPolicy
    private let digests: RowDigests
    /// Where log-probabilities lie that were read in place of audio; nil where audio was.
    private let logits: LogitsFolder?
    private let reader: AudioReader

    private static let samplesPerRead = 1 << 16

    package init(
        _ rows: IndexedManifest, _ channels: ChannelPolicy, _ digests: RowDigests,
        logits: LogitsFolder? = nil, modelRate: Int = FrameClock.sampleRate
    ) {
        reader = AudioReader(modelRate: modelRate)
        self.logits = logits
        self.rows = rows
        self.channels = channels
        self.digests = digests
    }

    /// Reads on `count` threads.
    ///
    /// - Throws: `ManifestError` if a row cannot be read, `ThreadError` if no thread can be had.
    package func run(threads count: Int) throws -> Result {
        let ranks = RankCounter()
        let result = Guarded(Result())
        let failure = Guarded<(any Error)?>(nil)
        let threads = try (0..<count).map { _ in
            try DedicatedThread {
                while let rank = ranks.next(below: digests.audio.count) {
                    // In the order of work, in which the spans of a recording come together.
                    let row = rows.index.ordinal(atRank: rank)
                    defer { WorkMeter.shared.advance(1, .rows) }
                    guard digests.audio[row] != .zero else { continue }
                    do {
                        guard try !isPassedOver(row) else { continue }
                        var isOtherObject = false
                        let text = try difference(row, &isOtherObject)
                        result.withLock { result in
                            result.rowsRead += 1
                            if isOtherObject { result.changedObjects.append(row) }
                            if let text { result.differences.append((row, text)) }
                        }
                    } catch {
                        failure.withLock { $0 = $0 ?? error }
                        return
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        if let error = failure.withLock({ $0 }) { throw error }
        return result.withLock { result in
            result.differences.sort { $0.row < $1.row }
            result.changedObjects.sort()
            return result
        }
    }

    private func isPassedOver(_ row: Int) throws(ManifestError) -> Bool {
        guard let entry = try? ManifestRow.parse(raw: try rows.raw(of: row)) else { return false }
        if case .passOver = commands, AudioLocation.isCommand(entry.audioPath) { return true }
        let path = ArchiveMember(entry.audioPath)?.archive ?? entry.audioPath
        return passesOver?.admits(path) ?? false
    }

    /// What is not as it was; nil if the samples are the same.
    private func difference(
        _ row: Int, _ isOtherObject: inout Bool
    ) throws(ManifestError) -> String? {
        let raw = try rows.raw(of: row)
        do {
            if let logits {
                let digest = try logits.digest(of: row, channels: channels)
                return ShortDigest(digest) == digests.audio[row]
                    ? nil : "its stored log-probabilities are not those that were read"
            }
            let entry = try ManifestRow.parse(raw: raw)
            var paths = AudioPathPolicy(baseFolder: rows.folder)
            if case .run(let runner) = commands { paths.commands = runner }
            paths.sources = sources
            paths.archives = archives
            if let logits = entry.logitsPath {
                // A job with an alphabet reads these, whatever else the row names.
                let digest = try? StoredLogits.digest(of: logits, paths)
                if digest.map({ ShortDigest($0) == digests.audio[row] }) == true { return nil }
                guard entry.hasAudio else {
                    return "\(logits.text) does not hold the log-probabilities that were read"
                }
            }
            let file = try paths.openRecording(entry.audioPath)
            isOtherObject = digests.isOther(object: file.object, of: row) ?? false
            let stream = try reader.open(
                entry.source(at: file.path), of: file, channels: channels)
            var samples = [[Float]](repeating: [], count: stream.laneCount)
            while try stream.read(Self.samplesPerRead, into: &samples) > 0 {
                for lane in samples.indices { samples[lane].removeAll(keepingCapacity: true) }
            }
            guard let summary = stream.summary, summary.digest == digests.audio[row] else {
                let now = isOtherObject ? "; its object has changed, and is now \(file.object)" : ""
                return "\(file.path) decodes to other audio than was transcribed\(now)"
            }
            return nil
        } catch let error as AudioError {
            return "its audio cannot be read any more: \(error.code.rawValue), \(error.detail)"
        } catch {
            return "its audio cannot be read any more: \(error)"
        }
    }

    /// Gives each rank of the order of work to one thread.
    private final class RankCounter: Sendable {
        private let rank = Atomic<Int>(0)

        func next(below end: Int) -> Int? {
            let own = rank.add(1, ordering: .relaxed).oldValue
            return own < end ? own : nil
        }
    }
}
