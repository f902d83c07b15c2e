import Foundation
import ReservedPorts
import TestProcesses
import Testing

@Suite("Coordinator and workers over tcp")
struct TCPClusterTests {
    @Test("two workers on loopback, started before their coordinator, give the bytes of transcribe")
    func twoWorkers() throws {
        let scratch = try Scratch()
        let alone = scratch.path("alone.jsonl")
        #expect(
            try Program.run([
                "transcribe", Examples.manifest, "--model", Examples.model, "-o", alone,
            ])
            .status == 0)
        let endpoint = try ReservedPort().endpoint
        let workers = try (0..<2).map { index in
            try Program.Running([
                "work", "--connect", endpoint, "--insecure-plaintext", "--model", Examples.model,
                "--threads", "1", "--slot", "test/\(index)",
            ])
        }
        let out = scratch.path("out.jsonl")
        let coordinator = try Program.Running([
            "coordinate", Examples.manifest, "--model", Examples.model, "-o", out, "--listen",
            endpoint, "--insecure-plaintext",
        ])
        var status: Program.Result?
        try coordinator.holdUntil(workers: workers.count, ofOutput: out) {
            status = try Program.run([
                "status", "--connect", endpoint, "--json", "--insecure-plaintext",
            ])
        }
        let result = coordinator.wait()
        #expect(result.status == 0, "\(result.errors)")
        for worker in workers {
            let end = worker.wait()
            #expect(end.status == 0, "\(end.errors)")
        }
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: out))
                == Data(contentsOf: URL(fileURLWithPath: alone)))
        let told = try #require(status)
        #expect(told.status == 0 && told.output.contains("\"rows\":"), "\(told.errors)")
    }

    @Test("plain tcp has to be asked for in full")
    func plaintext() throws {
        let scratch = try Scratch()
        let result = try Program.run(
            [
                "coordinate", Examples.manifest, "-o", scratch.path("out.jsonl"), "--listen",
                "tcp://127.0.0.1:0", "--keys", scratch.path("no-keys"),
            ])
        #expect(result.status == 64)
        #expect(result.errors.contains("--insecure-plaintext"))
        #expect(result.errors.contains("scriptorium keys new"))
        let worker = try Program.run(["work", "--connect", "tcp://127.0.0.1:7100"])
        #expect(worker.status == 64)
        #expect(worker.errors.contains("--coordinator-key"))
    }

    @Test("a worker with another model is turned away and says why")
    func otherModel() throws {
        let scratch = try Scratch()
        // The same weights with another name for a symbol are another model.
        let other = scratch.path("other")
        try FileManager.default.copyItem(atPath: Examples.model, toPath: other)
        let vocabulary = "\(other)/vocab.json"
        let text = try String(contentsOfFile: vocabulary, encoding: .utf8)
        try Data(text.replacingOccurrences(of: "\"Z\"", with: "\"z\"").utf8)
            .write(to: URL(fileURLWithPath: vocabulary))
        let endpoint = try ReservedPort().endpoint
        let coordinator = try Program.Running([
            "coordinate", Examples.manifest, "--model", Examples.model, "-o",
            scratch.path("out.jsonl"), "--listen", endpoint, "--insecure-plaintext",
        ])
        let worker = try Program.run([
            "work", "--connect", endpoint, "--insecure-plaintext", "--model", other, "--threads",
            "1",
        ])
        #expect(worker.status == 65)
        #expect(worker.errors.contains("model"), "\(worker.errors)")
        coordinator.process.send(SIGTERM)
        #expect(coordinator.wait().status == 75)
    }
}
