import Foundation
import Glibc
import Processes
import TestProcesses
import Testing

@Suite("Output that cannot be written")
struct StreamTests {
    /// Runs a shell with the program as `$S`; the status of the last command is the shell's.
    private func shell(
        _ script: String, in scratch: Scratch
    ) throws -> (status: Int32, text: String) {
        let environment = [
            "S": Program.executable.path, "M": Examples.manifest, "MODEL": Examples.model,
        ]
        let run = try StartedProcess.run(
            "/bin/sh", ["-c", script], environment: environment, folder: scratch.url.path,
            mixesErrors: true)
        return (run.status, String(decoding: run.output, as: UTF8.self))
    }

    @Test(
        "a full disk ends the command with 74 and a sentence",
        arguments: [
            "transcribe $M --model $MODEL -o - --quiet",
            "transcribe $M --model $MODEL --dry-run --quiet", "--help", "--version",
            "help transcribe", "--generate-completion-script bash", "inspect $MODEL",
            "inspect $MODEL --json", "evaluate out.jsonl", "evaluate out.jsonl --json",
            "show out.jsonl", "show out.jsonl 0",
            "status out.jsonl", "status out.jsonl --json", "verify out.jsonl --sample 0",
            "verify out.jsonl --sample 0 --json", "journal inspect out.jsonl",
            "journal inspect out.jsonl --json", "journal verify out.jsonl",
            "journal salvage out.jsonl", "export out.jsonl --now", "keys new --keys keys",
            "keys show --keys known",
        ])
    func fullDisk(command: String) throws {
        let scratch = try Scratch()
        let (status, text) = try shell(
            """
            head -2 "$M" | sed "s|audio/|$(dirname "$M")/audio/|" > rows.jsonl
            case "\(command)" in *out.jsonl*)
              "$S" transcribe rows.jsonl --model "$MODEL" -o out.jsonl --quiet || exit 1;; esac
            case "\(command)" in *known*) "$S" keys new --keys known >&2 || exit 1;; esac
            "$S" \(command) >/dev/full
            """, in: scratch)
        #expect(status == 74, "\(text)")
        #expect(text.contains("writing to standard output failed: No space left on device"))
    }

    @Test("a standard output that is closed is no place for records")
    func closedOutput() throws {
        let scratch = try Scratch()
        let (status, text) = try shell(
            "\"$S\" transcribe \"$M\" --model \"$MODEL\" -o - --quiet >&-", in: scratch)
        #expect(status == 74, "\(text)")
        #expect(text.contains("Bad file descriptor"))
    }

    @Test("a reader that leaves ends the job at once and quietly, as SIGPIPE does")
    func closedPipe() throws {
        let scratch = try Scratch()
        // More than a pipe holds, and far more work than is done before the first record.
        let (status, text) = try shell(
            """
            head -1 "$M" | sed "s|audio/|$(dirname "$M")/audio/|" > row
            i=0; while [ $i -lt 9 ]; do cat row row > two; mv two row; i=$((i+1)); done
            export TMPDIR=$PWD/tmp; mkdir tmp
            { "$S" transcribe row --model "$MODEL" -o - --quiet 3>&-; echo $? >&3; } 3>status \
              | head -1 > first
            cat status; wc -l < first; ls tmp | grep -c scriptorium-
            exit 0
            """, in: scratch)
        #expect(status == 0)
        let words = text.split(whereSeparator: \.isWhitespace)
        #expect(words == ["141", "1", "0"], "\(text)")
    }

    @Test("a reader that is gone before the first record is missed without a write")
    func goneReader() throws {
        let scratch = try Scratch()
        // Nobody works on the job, so that nothing is ever written.
        let (_, text) = try shell(
            """
            { "$S" coordinate "$M" --model "$MODEL" -o - --listen ipc://$PWD/s --quiet 3>&-
              echo $? >&3; } 3>status | true
            cat status
            """, in: scratch)
        #expect(text.trimmingCharacters(in: .whitespacesAndNewlines) == "141")
    }

    @Test("a descriptor that does not block is waited for, and nothing is missing")
    func nonBlocking() throws {
        let scratch = try Scratch()
        let first = try String(contentsOfFile: Examples.manifest, encoding: .utf8)
            .split(separator: "\n")[0]
            .replacingOccurrences(of: "audio/", with: "\(Examples.folder)/audio/")
        let row = first.dropLast() + ",\"pad\":\"" + String(repeating: "x", count: 4_000) + "\"}\n"
        try Data(String(repeating: row, count: 40).utf8)
            .write(to: scratch.url.appending(path: "rows.jsonl"))
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let process = try StartedProcess(
            Program.executable.path,
            [
                "transcribe", scratch.path("rows.jsonl"), "--model", Examples.model, "-o", "-",
                "--quiet",
            ], output: .descriptor(ends[1]))
        close(ends[1])
        var lines = 0
        var chunk = [UInt8](repeating: 0, count: 512)
        while case let count = read(ends[0], &chunk, chunk.count), count > 0 {
            lines += chunk[..<count].count { $0 == 0x0A }
        }
        close(ends[0])
        #expect(process.waitForEnd() == .exited(0))
        #expect(lines == 40)
    }

    @Test("messages that nobody reads do not end a job")
    func goneMessages() throws {
        let scratch = try Scratch()
        let (_, text) = try shell(
            """
            { { "$S" transcribe "$M" --model "$MODEL" -o out.jsonl; echo $? >&3; } 2>&1 >&4 | true; } \
              3>status 4>/dev/null
            cat status; wc -l < out.jsonl
            """, in: scratch)
        #expect(text.split(whereSeparator: \.isWhitespace) == ["0", "40"], "\(text)")
    }

    @Test("only StandardOutput writes to standard output")
    func onlyStandardOutput() throws {
        let sources = Program.root.appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(atPath: sources.path))
        let words = ["print(", "fputs(", "puts(", "FileHandle.standardOutput", "STDOUT_FILENO"]
        // The others say where the programs write that they start.
        let writers = [
            "StandardOutput.swift", "OwnProgram.swift", "WorkerProcess.swift",
            "DecoderProcess.swift",
        ]
        for case let name as String in files where name.hasSuffix(".swift") {
            if writers.contains(where: name.hasSuffix) { continue }
            let text = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
            for line in text.split(separator: "\n") {
                let code = line.split(separator: "//", maxSplits: 1).first ?? ""
                // A name that only ends so is another one: fingerprint(, outputs(.
                for word in words
                where code.ranges(of: word).contains(where: { range in
                    !(code[..<range.lowerBound].last?.isLetter ?? false)
                }) {
                    Issue.record("\(name) has \(word)")
                }
            }
        }
    }
}
