package import RowFeatures
internal import SpeechTypes

/// What a job knows of audio that it does not read: how long it was by the frames of its log-probabilities,
/// and what was written of it when it was read.
package struct KnownAudio: Sendable {
    private let stored: StoredAudioFeatures?
    /// At 16 kHz; nil where nothing is to be known.
    private let samplesPerFrame: Int?

    /// Of jobs that go by no calibration.
    package static let nothing = KnownAudio(stored: nil, samplesPerFrame: nil)

    private init(stored: StoredAudioFeatures?, samplesPerFrame: Int?) {
        self.stored = stored
        self.samplesPerFrame = samplesPerFrame
    }

    /// - Parameter features: the file that was written when the audio was read; nil for none.
    /// - Throws: if it cannot be opened.
    package init(
        features: String?, samplesPerFrame: Int
    ) throws(StoredAudioFeatures.Fault) {
        stored = try features.map { path throws(StoredAudioFeatures.Fault) in
            try StoredAudioFeatures(path: path)
        }
        self.samplesPerFrame = samplesPerFrame
    }

    /// - Parameter frames: of each lane's log-probabilities.
    /// - Returns: one for each lane; empty where nothing is to be known.
    /// - Throws: as ``StoredAudioFeatures/lanes(of:count:)``.
    package func lanes(
        of row: Int, frames: [Int]
    ) throws(StoredAudioFeatures.Fault) -> [LaneAudio] {
        guard let samplesPerFrame else { return [] }
        var lanes = frames.map { _ in LaneAudio() }
        if let stored { lanes = try stored.lanes(of: row, count: frames.count) }
        for (lane, count) in frames.enumerated() where count > 0 {
            lanes[lane].seconds =
                Double(count) * Double(samplesPerFrame) / Double(FrameClock.sampleRate)
        }
        return lanes
    }
}
