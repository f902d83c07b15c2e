import Foundation
import Testing
import Threading

@Suite("What must not stay if a process is ended")
struct ExitCleanupTests {
    @Test("the end of the process removes what is not settled, and only that")
    func ends() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "leftover-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        await #expect(processExitsWith: .exitCode(75)) { [folder = folder as String] in
            var held: [ExitCleanup] = []
            for name in ["half", "whole", "failed"] {
                let path = "\(folder)/\(name)"
                close(open(path, O_CREAT | O_WRONLY, 0o600))
                held.append(ExitCleanup { unlink(path) })
            }
            held[1].cancel {}
            struct Refusal: Error {}
            #expect(throws: Refusal.self) { try held[2].cancel { throw Refusal() } }
            ExitCleanup.exitProcess(status: 75)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["whole"])
    }

    @Test("what begins is registered before the process can end; what does not is nothing")
    func begins() async {
        await #expect(processExitsWith: .exitCode(9)) {
            let nothing: ExitCleanup? = ExitCleanup(beginning: { nil })
            #expect(nothing == nil)
            let begun = DispatchSemaphore(value: 0)
            let end = try DedicatedThread { () -> Void in
                begun.wait()
                ExitCleanup.exitProcess(status: 3)
            }
            // The end comes while this begins, and must wait for its removal to be known.
            let cleanup: ExitCleanup? = ExitCleanup(beginning: {
                begun.signal()
                // Nothing tells that the other thread has come to its wait: an end that did not wait
                // would be over by now.
                usleep(100_000)
                return { _exit(9) }
            })
            end.join()
            withExtendedLifetime(cleanup) {}
        }
    }

    @Test("what was held and let go is forgotten")
    func forgets() async {
        await #expect(processExitsWith: .exitCode(3)) {
            do {
                let cleanup = ExitCleanup(remove: { _exit(9) })
                withExtendedLifetime(cleanup) {}
            }
            ExitCleanup.exitProcess(status: 3)
        }
    }
}

@Suite("How far long work is")
struct WorkMeterTests {
    @Test("only what was announced is counted")
    func units() {
        let meter = WorkMeter()
        meter.advance(5, .rows)
        #expect(meter.reading == nil)
        meter.begin("reading", .bytes)
        meter.expect(100, .bytes)
        meter.expect(7, .rows)
        meter.advance(40, .bytes)
        meter.advance(3, .rows)
        #expect(meter.reading?.done == 40)
        #expect(meter.reading?.total == 100)
        #expect(meter.reading?.fraction == 0.4)
        meter.begin("joining", .bytes, total: 500)
        meter.expect(100, .bytes)
        #expect(meter.reading?.total == 500, "parts are parts of a whole that was given")
        #expect(meter.reading?.done == 0)
        meter.end()
        #expect(meter.reading == nil)
    }

    @Test("the time left follows from what this run did, and is not guessed from nothing")
    func remaining() {
        let meter = WorkMeter()
        meter.begin("downloading", .bytes, total: 1_000, doneBefore: 500)
        #expect(meter.reading?.remainingMilliseconds(after: 10_000) == nil)
        meter.advance(100, .bytes)
        #expect(meter.reading?.remainingMilliseconds(after: 10_000) == 40_000)
        #expect(meter.reading?.remainingMilliseconds(after: 1_000) == nil)
        meter.begin("listing", .rows)
        meter.advance(1_000, .rows)
        #expect(meter.reading?.fraction == nil)
        #expect(meter.reading?.remainingMilliseconds(after: 10_000) == nil)
    }
}
