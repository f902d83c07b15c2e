internal import AudioFormats
internal import AudioInput
internal import Manifests
package import SpeechTypes
package import TranscriptRows

/// Fingerprints of rows, whose recordings are read where they lie; one value serves all threads.
package struct RecordingFingerprints: Sendable {
    /// Why a row has no fingerprint.
    package struct Unreadable: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    private let root: PathBytes
    private let reader = AudioReader()

    private static let samplesPerRead = 1 << 16

    /// - Parameter root: where relative paths start; absolute.
    /// - Throws: if there is no library.
    package init(root: PathBytes) throws(FingerprintLibraryMissing) {
        self.root = root
        _ = try FingerprintMaker()
    }

    /// - Parameters:
    ///   - duration: nil to the end of the recording.
    ///   - channel: nil for a mix of all.
    /// - Throws: if this machine cannot read it, and why.
    package func fingerprint(
        of audio: PathBytes, start: MediaTime, duration: MediaTime?, channel: Int?
    ) throws(Unreadable) -> [UInt32] {
        guard let path = path(of: audio) else {
            throw Unreadable(description: "\(audio.text) is no file of this machine")
        }
        do {
            var maker = try FingerprintMaker()
            let span = AudioSource(
                path: path.text, offsetSeconds: Double(start.nanoseconds) / 1e9,
                durationSeconds: duration.map { Double($0.nanoseconds) / 1e9 })
            let stream = try reader.open(
                span, of: try AudioFile(opening: path),
                channels: channel.map { .index($0) } ?? .mix)
            var samples: [[Float]] = [[]]
            while try stream.read(Self.samplesPerRead, into: &samples) > 0 {
                maker.append(samples[0])
                samples[0].removeAll(keepingCapacity: true)
            }
            return maker.finish()
        } catch {
            throw Unreadable(description: "\(error)")
        }
    }

    private func path(of audio: PathBytes) -> PathBytes? {
        if let file = AudioLocation.file(ofAddress: audio) { return file }
        let isElsewhere =
            audio.bytes.isEmpty || AudioLocation.isCommand(audio)
            || AudioLocation.scheme(of: audio) != nil
        return isElsewhere ? nil : root.joined(audio)
    }
}
