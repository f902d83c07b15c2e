internal import CKernels
internal import SpeechTypes

/// What a lane's samples are like, as a whole.
///
/// Samples are added one after the other, so nothing depends on how they were read. Holds a few
/// kilobytes, however long the lane is. docs/numerics.md defines each number.
package struct AudioFeatures: Hashable, Sendable {
    package private(set) var samples = 0
    private var clipped = 0
    private var squares = 0.0
    private var levels = WindowLevels()
    private var spectrum = EnergySpectrum()
    /// Of the window that has begun.
    private var windowSquares = 0.0
    private var windowSamples = 0

    /// A window of the level: 20 ms.
    private static let windowSamplesMax = FrameClock.sampleRate / 50
    /// What a sample of a clipped recording has at least, 1 being full scale.
    private static let clippedMagnitude: Float = 0.99

    package init() {}

    /// - Parameter block: at 16 kHz, 1 being full scale.
    package mutating func append(_ block: [Float]) {
        for sample in block {
            if abs(sample) >= Self.clippedMagnitude { clipped += 1 }
            let value = Double(sample)
            windowSquares += value * value
            windowSamples += 1
            if windowSamples == Self.windowSamplesMax { endWindow() }
        }
        samples += block.count
        spectrum.append(block)
    }

    private mutating func endWindow() {
        levels.add(meanSquare: windowSquares / Double(windowSamples))
        squares += windowSquares
        windowSquares = 0
        windowSamples = 0
    }

    /// Seconds of the lane; nil where there are no samples.
    package var seconds: Double? {
        samples > 0 ? Double(samples) / Double(FrameClock.sampleRate) : nil
    }

    /// Names and values; nil values where there are no samples.
    package var fields: [FeatureField] {
        var whole = self
        if whole.windowSamples > 0 { whole.endWindow() }
        let count = Double(samples)
        let isEmpty = samples == 0
        return [
            FeatureField("silence_share", whole.levels.silentShare, decimals: 6),
            FeatureField("clipped_share", isEmpty ? nil : Double(clipped) / count, decimals: 6),
            FeatureField(
                "level_dbfs", isEmpty ? nil : Decibels.ofMeanSquare(whole.squares / count),
                decimals: 2),
            FeatureField("bandwidth_hz", isEmpty ? nil : spectrum.bandwidthHertz, decimals: 0),
        ]
    }
}

/// Levels over full scale.
enum Decibels {
    /// What digital silence has.
    static let least = -120.0

    static func ofMeanSquare(_ square: Double) -> Double {
        // Samples of floating point may be anything.
        square > 1e-12 ? ck_decibels(min(square, 1e80)) : least
    }
}

/// How many windows have which level, in steps of half a decibel.
struct WindowLevels: Hashable, Sendable {
    /// By half decibels over -120 dBFS, rounded down; the last one has all above 0.
    private var windows = [Int](repeating: 0, count: 241)
    private var count = 0

    /// The loud part of a recording is the tenth of its windows that is loudest.
    private static let loudShare = 10
    /// Windows are silent that are 30 dB below all of the loud part.
    private static let silentSteps = 60
    /// So are those below -60 dBFS.
    private static let silentStep = 120

    mutating func add(meanSquare: Double) {
        let steps = (Decibels.ofMeanSquare(meanSquare) - Decibels.least) * 2
        windows[min(max(0, Int(steps.rounded(.down))), windows.count - 1)] += 1
        count += 1
    }

    /// Nil where there are no windows.
    var silentShare: Double? {
        guard count > 0 else { return nil }
        var louder = 0
        var loud = windows.count
        while louder * Self.loudShare < count {
            loud -= 1
            louder += windows[loud]
        }
        let silent = windows.indices.reduce(0) { sum, step in
            step < Self.silentStep || step <= loud - Self.silentSteps ? sum + windows[step] : sum
        }
        return Double(silent) / Double(count)
    }
}
