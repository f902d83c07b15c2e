import EngineClasses
import Foundation
import ModelLoading
import Testing
import Threading
import Transcription

@Suite("The clip that every worker computes first")
struct CanaryTests {
    private static let fixtures = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/golden").path

    private func model(_ name: String) throws -> SpeechModel {
        try SpeechModel(
            ModelLoader.load(path: "\(Self.fixtures)/\(name)/checkpoint.pt"),
            backend: EngineClass.ofThisProcess())
    }

    @Test(
        "one model gives one digest, whenever it is loaded and whatever else is computed meanwhile")
    func same() throws {
        let first = try Canary(model("nv_hourglass_short"))
        #expect(first.speed > 0)
        let again = try model("nv_hourglass_short")
        let found = Guarded<[Canary]>([])
        let threads = try (0..<3).map { _ in
            try DedicatedThread {
                guard let canary = try? Canary(again) else { return }
                found.withLock { $0.append(canary) }
            }
        }
        for thread in threads { thread.join() }
        #expect(found.withLock { $0.map(\.digest) } == [first.digest, first.digest, first.digest])
    }

    @Test("another model gives another digest, so that a worker that has the wrong one is found")
    func other() throws {
        let digests = try ["nv_hourglass_short", "nv_hourglass_linear_f4", "nv_mha_pyt"].map {
            try Canary(model($0)).digest
        }
        #expect(Set(digests).count == 3)
    }
}
