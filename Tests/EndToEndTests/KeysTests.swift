import Foundation
import ReservedPorts
import Testing

@Suite("Keys, as the cluster's page tells it")
struct KeysTests {
    /// Makes a machine's key; the public half.
    private func newKey(_ folder: String) throws -> String {
        let result = try Program.run(["keys", "new", "--keys", folder])
        #expect(result.status == 0, "\(result.errors)")
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test("two workers on loopback, each with its own key, give the bytes of transcribe")
    func recipe() throws {
        let scratch = try Scratch()
        let alone = scratch.path("alone.jsonl")
        let transcribe = [
            "transcribe", Examples.manifest, "--model", Examples.model, "-o", alone,
        ]
        #expect(try Program.run(transcribe).status == 0)
        let here = scratch.path("coordinator")
        let coordinatorKey = try newKey(here)
        let endpoint = try ReservedPort().endpoint
        let workers = try (1...2).map { number in
            let folder = scratch.path("worker-\(number)")
            let allowed = try Program.run([
                "keys", "allow", "worker-\(number)", try newKey(folder), "--keys", here,
            ])
            #expect(allowed.status == 0, "\(allowed.errors)")
            return try Program.Running([
                "work", "--connect", endpoint, "--coordinator-key", coordinatorKey, "--keys",
                folder, "--model", Examples.model, "--threads", "1", "--slot", "test/\(number)",
            ])
        }
        let out = scratch.path("out.jsonl")
        let coordinator = try Program.Running([
            "coordinate", Examples.manifest, "--model", Examples.model, "-o", out, "--listen",
            endpoint, "--keys", here,
        ])
        try coordinator.holdUntil(workers: workers.count, ofOutput: out)
        let result = coordinator.wait()
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("--connect \(endpoint) --coordinator-key \(coordinatorKey)"))
        for worker in workers {
            let end = worker.wait()
            #expect(end.status == 0, "\(end.errors)")
        }
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: out))
                == Data(contentsOf: URL(fileURLWithPath: alone)))
    }

    @Test("a worker of two coordinators knows each by a key of its own")
    func keyOfEach() throws {
        let scratch = try Scratch()
        let folder = scratch.path("worker")
        let workerKey = try newKey(folder)
        // Short rows: nobody starts the worker again if a busy machine makes it look stuck.
        let rows = scratch.path("rows.jsonl")
        let clips = try Record.parseInputs(Examples.manifest).prefix(6).compactMap(\.audioPath)
        let lines = clips.map { "{\"audio_filepath\":\"\(Examples.folder)/\($0)\"}\n" }
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: rows))
        var arguments = [
            "work", "--keys", folder, "--model", Examples.model, "--threads", "1", "--slot",
            "test/1",
        ]
        let coordinators = try (1...2).map { part in
            let here = scratch.path("coordinator-\(part)")
            let endpoint = try ReservedPort().endpoint
            arguments += ["--connect", endpoint, "--coordinator-key", try newKey(here)]
            let allowed = ["keys", "allow", "worker", workerKey, "--keys", here]
            #expect(try Program.run(allowed).status == 0)
            return try Program.Running([
                "coordinate", rows, "--model", Examples.model, "-o",
                scratch.path("part-\(part).jsonl"), "--part", "\(part)/2", "--listen", endpoint,
                "--keys", here,
            ])
        }
        let odd = try Program.run(arguments + ["--connect", "tcp://127.0.0.1:9"])
        #expect(odd.status == 64 && odd.errors.contains("2 --coordinator-key for 3 --connect"))
        let worker = try Program.Running(arguments)
        for coordinator in coordinators {
            let end = coordinator.wait()
            #expect(end.status == 0, "\(end.errors)")
        }
        let end = worker.wait()
        #expect(end.status == 0, "\(end.errors)")
    }

    @Test("keys are shown and revoked by their names, and secrets are never printed")
    func showAndRevoke() throws {
        let scratch = try Scratch()
        let folder = scratch.path("keys")
        let key = try newKey(folder)
        let other = try newKey(scratch.path("other"))
        for (name, role) in [("worker-1", "worker"), ("anna", "operator")] {
            #expect(
                try Program.run([
                    "keys", "allow", name, other, "--role", role, "--keys", folder,
                ]).status == 0)
        }
        let shown = try Program.run(["keys", "show", "--keys", folder])
        let secret = try String(contentsOfFile: "\(folder)/secret.key", encoding: .utf8)
        #expect(
            shown.output == """
                key     \(key)
                folder  \(folder)
                allows  anna      operator  \(other)
                allows  worker-1  worker    \(other)

                """)
        #expect(!shown.output.contains(secret.prefix(64)))
        let revoked = try Program.run(["keys", "revoke", "anna", "--keys", folder])
        #expect(revoked.status == 0 && revoked.errors.contains("still allowed as worker-1"))
        let again = try Program.run(["keys", "revoke", "anna", "--keys", folder])
        #expect(again.status == 64 && again.errors.contains("not allowed here"))
        let twice = try Program.run(["keys", "new", "--keys", folder])
        #expect(twice.status == 64 && twice.errors.contains("has a key"))
        let odd = try Program.run(["keys", "allow", "x", "12", "--keys", folder])
        #expect(odd.status == 64)
    }
}
