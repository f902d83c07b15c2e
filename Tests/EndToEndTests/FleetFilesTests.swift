import Foundation
import TestProcesses
import Testing

/// The short part of what `make test-slurm` and its likes do with the real engines.
@Suite("The files of cluster/", .timeLimit(.minutes(5)))
struct FleetFilesTests {
    private static let cluster = Program.root.appendingPathComponent("cluster")

    /// Paths below `cluster/` with one of these endings.
    private static func files(_ endings: [String]) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: cluster.path)
            .filter { path in endings.contains { path.hasSuffix($0) } }.sorted()
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: cluster.appendingPathComponent(path), encoding: .utf8)
    }

    /// The long options of all commands of the program.
    private static func options() throws -> Set<String> {
        let help = try Program.run(["--experimental-dump-help"])
        try #require(help.status == 0)
        let names = help.output.matches(of: /"name" : "([a-z][a-z-]+)"/).map { String($0.1) }
        return Set(names)
    }

    @Test("bash reads every script")
    func syntax() throws {
        let scripts = try Self.files([".sh", ".sbatch"])
        #expect(scripts.count >= 9)
        for script in scripts {
            let path = Self.cluster.appendingPathComponent(script).path
            let run = try StartedProcess.run("bash", ["-n", path], mixesErrors: true)
            #expect(run.status == 0, "\(String(decoding: run.output, as: UTF8.self))")
        }
    }

    @Test("engines give the program no option that it does not have, on its line or by a variable")
    func optionsExist() throws {
        let options = try Self.options()
        #expect(options.contains("listen") && options.contains("coordinator-key"))
        var seen = 0
        for file in try Self.files([".yaml", ".service", ".hcl", ".json", ".env"])
        where !file.hasPrefix("grafana/") {
            let text = try Self.text(file)
            // Comments speak of other programs, too.
            let lines = text.split(separator: "\n").filter {
                !$0.drop { $0 == " " }.hasPrefix("#")
            }
            for match in lines.joined(separator: "\n").matches(of: /--([a-z][a-z-]+)/) {
                seen += 1
                #expect(options.contains(String(match.1)), "\(file): \(match.0)")
            }
            for match in text.matches(of: /SCRIPTORIUM_([A-Z_]+)/) {
                seen += 1
                let option = match.1.lowercased().replacing("_", with: "-")
                #expect(options.contains(option), "\(file): \(match.0)")
            }
        }
        #expect(seen > 40)
    }

    @Test("completions are made for three shells, and bash reads its own")
    func completions() throws {
        for shell in ["bash", "zsh", "fish"] {
            let made = try Program.run(["--generate-completion-script", shell])
            #expect(made.status == 0 && made.output.contains("transcribe"), "\(shell)")
            guard shell == "bash" else { continue }
            let script = try Scratch()
            try Data(made.output.utf8).write(to: URL(filePath: script.path("completion")))
            let run = try StartedProcess.run("bash", ["-n", script.path("completion")])
            #expect(run.status == 0)
        }
    }

    /// What the scripts ask of Slurm, on one machine: jobs begin at once and run beside each other.
    private static let slurm = [
        "sbatch": """
        array="" output=/dev/null
        while [ $# -gt 0 ]; do
            case $1 in
                --array=*) array=${1#--array=} ;;
                --output=*) output=${1#--output=} ;;
                --*) ;;
                *) break ;;
            esac
            shift
        done
        number=$(($(cat "$SLURM_STATE/last" 2>/dev/null || echo 7000) + 1))
        echo "$number" > "$SLURM_STATE/last"
        begin() {
            local log=${output//%A/$number}
            log=${log//%a/${SLURM_ARRAY_TASK_ID:-}}
            SLURM_JOB_ID=$number SLURM_CPUS_PER_TASK=1 setsid bash "$@" \\
                > "$log" 2>&1 < /dev/null &
            echo $! >> "$SLURM_STATE/processes"
        }
        if [ -n "$array" ]; then
            export SLURM_ARRAY_JOB_ID=$number
            for ((SLURM_ARRAY_TASK_ID = ${array%-*}; SLURM_ARRAY_TASK_ID <= ${array#*-}; \\
                SLURM_ARRAY_TASK_ID++)); do
                export SLURM_ARRAY_TASK_ID
                begin "$@"
            done
        else
            begin "$@"
        fi
        echo "$number;cluster"
        """,
        "squeue": "true",
        "scancel": "echo \"$@\" >> \"$SLURM_STATE/cancelled\"",
        "scontrol": "echo 'NodeName=here NodeAddr=127.0.0.1 State=IDLE'",
        "hostname": "echo 127.0.0.1",
    ]

    @Test(
        "submit.sh makes keys, a coordinator and an array of workers, whose output is that of one machine"
    )
    func slurmRecipe() throws {
        let scratch = try Scratch()
        let bin = scratch.path("bin")
        let state = scratch.path("state")
        for folder in [bin, state] {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        }
        for (name, body) in Self.slurm {
            let path = "\(bin)/\(name)"
            try Data("#!/usr/bin/env bash\nset -eu\n\(body)\n".utf8)
                .write(to: URL(filePath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let environment = [
            "PATH": "\(bin):\(path)", "SLURM_STATE": state,
            "SCRIPTORIUM": Program.executable.path,
        ]
        let manifest = "\(Examples.folder)/digits.jsonl"
        let output = scratch.path("out.jsonl")
        let submit = Self.cluster.appendingPathComponent("slurm/submit.sh").path
        let submitted = try StartedProcess.run(
            "bash",
            [
                submit, manifest, "-o", output, "--workers", "2", "--cpus", "1", "--model",
                Examples.model, "--", "--quiet",
            ],
            environment: environment, mixesErrors: true)
        let said = String(decoding: submitted.output, as: UTF8.self)
        try #require(submitted.status == 0, "\(said)")
        #expect(said.contains("Submitted job 7001: the coordinator."))
        #expect(said.contains("7002_0 to 7002_1"))

        // All three scripts end by themselves.
        let processes = try String(contentsOfFile: "\(state)/processes", encoding: .utf8)
            .split(separator: "\n").compactMap { Int32($0) }
        #expect(processes.count == 3)
        let deadline = Date().addingTimeInterval(240)
        while processes.contains(where: { kill($0, 0) == 0 }), Date() < deadline {
            Thread.sleep(forTimeInterval: 0.1)
        }
        for process in processes where kill(process, 0) == 0 { kill(-process, SIGKILL) }
        let log = try String(contentsOfFile: "\(output).fleet/coordinator.log", encoding: .utf8)
        let finished = try? String(contentsOfFile: "\(output).fleet/finished", encoding: .utf8)
        #expect(finished == "0\n", "\(log)")

        let alone = scratch.path("alone.jsonl")
        let local = try Program.run(
            ["transcribe", manifest, "--model", Examples.model, "-o", alone, "--quiet"])
        #expect(local.status == 0)
        #expect(
            try Data(contentsOf: URL(filePath: output))
                == Data(contentsOf: URL(filePath: alone)))
    }

    @Test("submit.sh says what is wrong with its line before anything is submitted")
    func slurmMistakes() throws {
        let submit = Self.cluster.appendingPathComponent("slurm/submit.sh").path
        for (arguments, sentence) in [
            ([], "give a MANIFEST"), (["none.jsonl", "-o", "out.jsonl"], "there is no none.jsonl"),
            (["--wokers", "3"], "there is no option --wokers"),
        ] {
            let run = try StartedProcess.run("bash", [submit] + arguments, mixesErrors: true)
            #expect(run.status == 64)
            #expect(String(decoding: run.output, as: UTF8.self).contains(sentence))
        }
    }
}
