/// The front end of w2v-BERT 2.0: Kaldi's filter banks, normalised over the utterance, two frames a row.
///
/// As transformers' `SeamlessM4TFeatureExtractor`, in float64.
package struct KaldiFrontEnd: Sendable {
    /// Samples of a frame, and from one to the next, at 16 kHz.
    private static let frameSamples = 400
    private static let hopSamples = 160
    private static let transformSize = 512
    private static let leastEnergy = 1.192_092_955_078_125e-07
    /// Samples below which there are no two frames, whose spread could be taken.
    package static let samplesMin = frameSamples + hopSamples

    private let bins: Int
    private let paddingValue: Float
    private let window: [Double]
    private let spectrum = PowerSpectrum(size: transformSize)
    private let filters: MelFilters

    /// - Parameters:
    ///   - bins: `num_mel_bins`; a row has twice as many values.
    ///   - paddingValue: of a frame that is missing to a pair (`padding_value`).
    package init(bins: Int = 80, paddingValue: Float = 1) {
        precondition((1...256).contains(bins), "a number of mel bins")
        self.bins = bins
        self.paddingValue = paddingValue
        window = MelFeatures.hann(Self.frameSamples).map {
            $0 > 0 ? PortableMath.exp(0.85 * PortableMath.log($0)) : 0
        }
        filters = MelFilters(kaldi: bins, size: Self.transformSize, sampleRate: 16_000)
    }

    /// Samples from one row to the next.
    package static let samplesPerRow = 2 * hopSamples

    /// Values of a row.
    package var width: Int { 2 * bins }

    /// Rows of a waveform of `samples` samples.
    package static func rows(ofSamples samples: Int) -> Int {
        samples < samplesMin ? 0 : (frames(ofSamples: samples) + 1) / 2
    }

    /// Rows from the start that are all of audio, of which an odd number of frames has one less.
    package static func validRows(ofSamples samples: Int) -> Int {
        samples < samplesMin ? 0 : frames(ofSamples: samples) / 2
    }

    /// Bytes that are held while the features of a waveform are computed.
    package func bytes(ofSamples samples: Int) -> Int {
        Self.rows(ofSamples: samples) * width
            * (MemoryLayout<Double>.size + MemoryLayout<Float>.size)
    }

    private static func frames(ofSamples samples: Int) -> Int {
        1 + (samples - frameSamples) / hopSamples
    }

    /// - Parameters:
    ///   - samples: at 16 kHz, not normalised.
    ///   - step: is called every few seconds of audio.
    /// - Returns: nil for less than ``samplesMin`` samples.
    package func callAsFunction(
        _ samples: UnsafeBufferPointer<Float>, step: () -> Void = {}
    ) -> MelFeatures? {
        guard samples.count >= Self.samplesMin else { return nil }
        let frames = Self.frames(ofSamples: samples.count)
        let logarithms = logarithms(samples, frames: frames, step: step)
        let moments = MelFeatures.moments(logarithms, rows: frames, bins: bins)
        var values: [Float] = []
        values.reserveCapacity((frames + 1) * bins)
        let scales = moments.map { 1 / ($0.squares / Double(frames - 1) + 1e-7).squareRoot() }
        for frame in 0..<frames {
            for bin in 0..<bins {
                values.append(
                    Float((logarithms[frame * bins + bin] - moments[bin].mean) * scales[bin]))
            }
        }
        let isOdd = !frames.isMultiple(of: 2)
        if isOdd { values += repeatElement(paddingValue, count: bins) }
        return MelFeatures(values: values, width: 2 * bins, validRows: frames / 2)
    }

    /// [frames, bins].
    private func logarithms(
        _ samples: UnsafeBufferPointer<Float>, frames: Int, step: () -> Void
    ) -> [Double] {
        let size = Self.transformSize
        var frame = [Double](repeating: 0, count: size)
        var power = [Double](repeating: 0, count: size / 2 + 1)
        var scratch = [Double](repeating: 0, count: size)
        var logarithms = [Double](repeating: 0, count: frames * bins)
        for index in 0..<frames {
            if index.isMultiple(of: MelFeatures.framesPerStep) { step() }
            let start = index * Self.hopSamples
            var sum = 0.0
            for offset in 0..<Self.frameSamples {
                frame[offset] = Double(samples[start + offset]) * 32_768
                sum += frame[offset]
            }
            let mean = sum / Double(Self.frameSamples)
            var previous = frame[0] - mean
            // The first sample has itself before it.
            frame[0] = (previous - 0.97 * previous) * window[0]
            for offset in 1..<Self.frameSamples {
                let value = frame[offset] - mean
                frame[offset] = (value - 0.97 * previous) * window[offset]
                previous = value
            }
            spectrum(frame, into: &power, scratch: &scratch)
            logarithms.withUnsafeMutableBufferPointer { logarithms in
                guard let row = logarithms.baseAddress.map({ $0 + index * bins }) else { return }
                filters(power, into: row)
                for bin in 0..<bins { row[bin] = PortableMath.log(max(row[bin], Self.leastEnergy)) }
            }
        }
        return logarithms
    }
}
