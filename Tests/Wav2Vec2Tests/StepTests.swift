internal import AcousticModels
internal import SpeechTypes
internal import Testing

@Suite("Steps of a computation") struct StepTests {
    /// Steps of one window of so many samples.
    private func steps(_ name: String, samples: Int) throws -> Int {
        let model = try SmallModels.model(name)
        let progress = EngineProgress()
        var random = SeededNumbers(seed: 7)
        _ = try model.logProbabilities(
            of: [AudioWindow(samples: random.waveform(samples: samples))], blank: .none,
            workspace: model.makeWorkspace(progress: progress))
        return progress.steps
    }

    @Test(
        "grow with a recording in one pass, so that none of them takes long",
        arguments: ["plain", "pairs of frames"])
    func grow(name: String) throws {
        let short = try steps(name, samples: 16_000 * 10)
        let long = try steps(name, samples: 16_000 * 80)
        #expect(short > 50 && long > 5 * short)
    }
}
