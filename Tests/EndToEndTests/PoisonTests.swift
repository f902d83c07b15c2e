import Foundation
import TestProcesses
import Testing

/// A library that kills any process which opens audio with "poison" in its name: a decoder bug,
/// as real as one can be made on purpose.
private struct PoisonedDecoder {
    let library: String

    init(in scratch: Scratch) throws {
        let source = scratch.path("poison.c")
        library = scratch.path("poison.so")
        let code = """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <stdio.h>
            #include <stdlib.h>
            #include <string.h>
            #include <unistd.h>
            void *sf_open_fd(int descriptor, int mode, void *info, int close_it) {
                char link[64], path[4096];
                snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
                ssize_t count = readlink(link, path, sizeof path - 1);
                path[count < 0 ? 0 : count] = 0;
                if (strstr(path, "poison")) abort();
                void *(*next)(int, int, void *, int) = dlsym(RTLD_NEXT, "sf_open_fd");
                return next(descriptor, mode, info, close_it);
            }
            """
        try Data(code.utf8).write(to: URL(fileURLWithPath: source))
        let compiler = try StartedProcess.run(
            "clang", ["-shared", "-fPIC", "-o", library, source, "-ldl"])
        try #require(compiler.status == 0, "clang comes with Swift")
    }
}

@Suite("A row that kills workers")
struct PoisonTests {
    @Test("it is quarantined, and its neighbours are transcribed")
    func poison() throws {
        let scratch = try Scratch()
        let decoder = try PoisonedDecoder(in: scratch)
        let rows = try Record.parseInputs(Examples.manifest)
        let clip = try #require(rows.first?.audioPath)
        let poisoned = scratch.path("poison.\(clip.split(separator: ".").last ?? "wav")")
        try FileManager.default.copyItem(atPath: "\(Examples.folder)/\(clip)", toPath: poisoned)
        var lines = rows.prefix(12).map {
            "{\"audio_filepath\":\"\(Examples.folder)/\($0.audioPath ?? "")\",\"text\":\"\($0.text ?? "")\"}"
        }
        lines.insert("{\"audio_filepath\":\"\(poisoned)\"}", at: 6)
        let manifest = scratch.path("rows.jsonl")
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: manifest))
        let out = scratch.path("out.jsonl")
        let result = try Program.run(
            [
                "transcribe", manifest, "--model", Examples.model, "-o", out, "--workers", "2",
                "--threads", "1",
            ],
            // What the language does of its own at a crash takes so long that a worker could say anything.
            environment: ["LD_PRELOAD": decoder.library, "SWIFT_BACKTRACE": "enable=no"])
        #expect(result.status == 3, "\(result.errors)")
        let records = try Record.read(out)
        #expect(records.count == 13)
        #expect(records[6].status == "quarantined")
        #expect(records[6].error?.code == "quarantined.crash")
        for (index, record) in records.enumerated() where index != 6 {
            #expect(record.status == "transcribed", "row \(index)")
        }
    }
}
