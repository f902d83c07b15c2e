/// The front end of Parakeet: a centred short-time Fourier transform, Slaney's mel filters, normalised over the
/// utterance.
///
/// As transformers' `ParakeetFeatureExtractor`, in float64.
package struct ParakeetFrontEnd: Sendable {
    /// What `preprocessor_config.json` says; the defaults are those of the published models.
    package struct Settings: Hashable, Sendable {
        package var bins = 80
        package var hopSamples = 160
        package var transformSize = 512
        package var windowSamples = 400
        package var preemphasis = 0.97

        package init() {}

        /// What is wrong with the settings; nil for nothing.
        package var problem: String? {
            if !(1...256).contains(bins) { return "feature_size \(bins)" }
            if !(64...8_192).contains(transformSize) || transformSize & (transformSize - 1) != 0 {
                return "n_fft \(transformSize), which is not a power of two from 64 to 8192"
            }
            if !(2...transformSize).contains(windowSamples) {
                return "win_length \(windowSamples)"
            }
            if !(1...transformSize).contains(hopSamples) { return "hop_length \(hopSamples)" }
            if !(0...1).contains(preemphasis) { return "preemphasis \(preemphasis)" }
            return nil
        }
    }

    package let settings: Settings
    /// Of the length of the transform, zero at its ends.
    private let window: [Double]
    private let spectrum: PowerSpectrum
    private let filters: MelFilters

    /// - Precondition: the settings have no problem.
    package init(_ settings: Settings = Settings()) {
        precondition(settings.problem == nil, "settings that can be computed")
        self.settings = settings
        var window = [Double](repeating: 0, count: settings.transformSize)
        let start = (settings.transformSize - settings.windowSamples) / 2
        for (offset, value) in MelFeatures.hann(settings.windowSamples).enumerated() {
            window[start + offset] = value
        }
        self.window = window
        spectrum = PowerSpectrum(size: settings.transformSize)
        filters = MelFilters(
            slaney: settings.bins, size: settings.transformSize, sampleRate: 16_000)
    }

    /// Samples below which no frame is valid.
    package var samplesMin: Int { settings.hopSamples }

    /// Rows of a waveform of `samples` samples, of which the last is never valid.
    package func rows(ofSamples samples: Int) -> Int {
        samples < samplesMin ? 0 : 1 + samples / settings.hopSamples
    }

    /// Bytes that are held while the features of a waveform are computed.
    package func bytes(ofSamples samples: Int) -> Int {
        rows(ofSamples: samples) * settings.bins
            * (MemoryLayout<Double>.size + MemoryLayout<Float>.size)
    }

    /// - Parameters:
    ///   - samples: at 16 kHz, not normalised.
    ///   - step: is called every few seconds of audio.
    /// - Returns: nil for less than ``samplesMin`` samples. A single valid frame, which has no spread and for
    ///   which the reference divides by zero, is zero, as its distance from its mean is.
    package func callAsFunction(
        _ samples: UnsafeBufferPointer<Float>, step: () -> Void = {}
    ) -> MelFeatures? {
        guard samples.count >= samplesMin else { return nil }
        let bins = settings.bins
        let valid = samples.count / settings.hopSamples
        // Frames that are not valid are zero whatever they hold.
        let logarithms = logarithms(samples, frames: valid, step: step)
        let moments = MelFeatures.moments(logarithms, rows: valid, bins: bins)
        var values = [Float](repeating: 0, count: rows(ofSamples: samples.count) * bins)
        for bin in 0..<bins {
            let (mean, squares) = moments[bin]
            let deviation = (squares / Double(max(1, valid - 1))).squareRoot() + 1e-5
            for row in 0..<valid {
                values[row * bins + bin] = Float((logarithms[row * bins + bin] - mean) / deviation)
            }
        }
        return MelFeatures(values: values, width: bins, validRows: valid)
    }

    /// [frames, bins]; frame t is centred on sample t × hop.
    private func logarithms(
        _ samples: UnsafeBufferPointer<Float>, frames: Int, step: () -> Void
    ) -> [Double] {
        let size = settings.transformSize
        let bins = settings.bins
        var frame = [Double](repeating: 0, count: size)
        var power = [Double](repeating: 0, count: size / 2 + 1)
        var scratch = [Double](repeating: 0, count: size)
        var logarithms = [Double](repeating: 0, count: frames * bins)
        let least = 0x1p-24
        for index in 0..<frames {
            if index.isMultiple(of: MelFeatures.framesPerStep) { step() }
            let start = index * settings.hopSamples - size / 2
            // Each sample less a share of the one before it; zeros stand outside.
            var previous = samples.indices.contains(start - 1) ? Double(samples[start - 1]) : 0
            for offset in 0..<size {
                guard samples.indices.contains(start + offset) else {
                    frame[offset] = 0
                    continue
                }
                let sample = Double(samples[start + offset])
                frame[offset] = (sample - settings.preemphasis * previous) * window[offset]
                previous = sample
            }
            spectrum(frame, into: &power, scratch: &scratch)
            logarithms.withUnsafeMutableBufferPointer { logarithms in
                guard let row = logarithms.baseAddress.map({ $0 + index * bins }) else { return }
                filters(power, into: row)
                for bin in 0..<bins { row[bin] = PortableMath.log(row[bin] + least) }
            }
        }
        return logarithms
    }
}
