import Diagnosis
import Testing

@Suite("What is made of facts about a machine")
struct JudgementTests {
    private let gibibyte = 1 << 30

    @Test("a processor is judged by what can be computed on it")
    func processor() {
        var facts = ProcessorFacts(
            name: "Some CPU", processors: 8, processorsForUs: 2,
            arithmetic: "fp32/avx2/onednn-2.6", refusal: nil)
        #expect(facts.finding.verdict == .good)
        #expect(facts.finding.fact.contains("2 of 8 processors"))
        facts.arithmetic = "fp32/portable/openblas-0.3"
        #expect(facts.finding.verdict == .warning)
        facts.arithmetic = nil
        facts.refusal = "install it"
        #expect(facts.finding.verdict == .problem)
        #expect(facts.finding.remedy == "install it")
    }

    @Test("the kernel's text names the processor, where it does")
    func processorName() {
        #expect(
            ProcessorFacts.name(in: "processor\t: 0\nmodel name\t: A  CPU: fast\nmodel name\t: B\n")
                == "A  CPU: fast")
        #expect(ProcessorFacts.name(in: "processor : 0\nmodel name\n") == nil)
        #expect(
            ProcessorFacts.name(in: "CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n")
                == "ARM processor, implementer 0x41, part 0xd0c")
    }

    @Test("memory is judged by what a worker of the model needs")
    func memory() {
        var facts = MemoryFacts(
            totalBytes: 8 * gibibyte, availableBytes: 4 * gibibyte, limitBytes: nil, needBytes: nil)
        #expect(facts.finding.verdict == .good)
        facts.needBytes = 2 * gibibyte
        #expect(facts.finding.verdict == .good)
        facts.needBytes = 3 * gibibyte
        #expect(facts.finding.verdict == .warning)
        #expect(facts.finding.remedy?.contains("--memory 4096") == true)
        facts.needBytes = 5 * gibibyte
        #expect(facts.finding.verdict == .problem)
        facts.limitBytes = 4 * gibibyte
        #expect(facts.finding.remedy?.contains("limit") == true)
    }

    @Test("packed weights that are not kept are a warning, since work is possible without them")
    func keptWeights() {
        var facts = KeptWeightsFacts(
            folder: "/home/a/.cache/scriptorium/weights", files: 2, byteCount: 361 << 20,
            byteCountMax: 16 * gibibyte)
        #expect(facts.finding.verdict == .good)
        #expect(facts.finding.fact.contains("361 of at most 16384 MiB"))
        facts.refusal = "packed weights are not kept: /home/a: No space left on device"
        #expect(facts.finding.verdict == .warning)
        #expect(facts.finding.fact == facts.refusal)
        #expect(KeptWeightsFacts(folder: nil).finding.verdict == .warning)
    }

    @Test("libraries are those that a job leans on, by the files in memory")
    func libraries() {
        let maps = """
            7f00-7f01 r-xp 00000000 08:01 123 /usr/lib/x86_64-linux-gnu/libdnnl.so.2.6
            7f01-7f02 r--p 00000000 08:01 123 /usr/lib/x86_64-linux-gnu/libdnnl.so.2.6
            7f02-7f03 r-xp 00000000 08:01 124 /usr/lib/libsndfile.so.1.0.35
            7f02-7f03 r-xp 00000000 08:01 124 /usr/lib/libother.so.1
            7f03-7f04 rw-p 00000000 00:00 0
            7f04-7f05 r-xp 00000000 00:00 0 [vdso]
            """
        let loaded = LibraryFacts.loaded(in: maps)
        #expect(loaded == ["libdnnl.so.2.6", "libother.so.1", "libsndfile.so.1.0.35"])
        let whole = LibraryFacts(loaded: loaded, ffmpeg: "/usr/bin/ffmpeg").findings
        #expect(whole.allSatisfy { $0.verdict == .good })
        #expect(whole[0].fact == "libdnnl.so.2.6, libsndfile.so.1.0.35")
        let less = LibraryFacts(loaded: ["libsndfile.so.1"], ffmpeg: nil).findings
        #expect(less.map(\.verdict) == [.warning, .warning])
        #expect(less.allSatisfy { $0.remedy?.contains("apt-get install") == true })
    }

    @Test("a disk is judged by what kind it is, its room and its syncs")
    func disk() {
        var facts = DiskFacts(folder: "/srv")
        facts.freeBytes = 9 * gibibyte
        facts.syncMilliseconds = 2.04
        facts.bytesPerSecond = 3e8
        #expect(facts.finding.verdict == .good)
        #expect(facts.finding.fact.contains("2.0 ms") && facts.finding.fact.contains("300 MB/s"))
        facts.syncMilliseconds = 80
        #expect(facts.finding.verdict == .warning)
        facts.syncMilliseconds = 2
        facts.freeBytes = gibibyte / 2
        #expect(facts.finding.remedy?.contains("room") == true)
        facts.freeBytes = 9 * gibibyte
        facts.kind = .network("NFS")
        #expect(facts.finding.fact.contains("NFS") && facts.finding.verdict == .warning)
        facts.kind = .inMemory
        #expect(facts.finding.verdict == .warning)
        facts.refusal = "Permission denied"
        #expect(facts.finding.verdict == .problem)
    }

    @Test("a folder is measured, and one that takes no file is a problem")
    func measured() {
        let facts = DiskFacts.measured("/tmp")
        #expect(facts.refusal == nil)
        #expect((facts.syncMilliseconds ?? -1) > 0 && (facts.bytesPerSecond ?? 0) > 0)
        #expect(DiskFacts.measured("/no/such/folder").finding.verdict == .problem)
    }

    @Test("keys, ports, coordinators, open files and the clock are each judged")
    func cluster() {
        var facts = ClusterFacts(
            keys: .present(publicKey: "ab12", allowed: 3), descriptors: 65_536,
            clockSeconds: 1_800_000_000, isClockKept: true)
        facts.ports = [.init(endpoint: "tcp://127.0.0.1:7100", refusal: nil)]
        facts.peers = [.init(endpoint: "tcp://10.0.0.5:7100", isReachable: true)]
        #expect(facts.findings.allSatisfy { $0.verdict == .good && $0.remedy == nil })
        facts.keys = .refused("secret.key may be read by others")
        facts.ports[0].refusal = "Address already in use"
        facts.peers[0].isReachable = false
        facts.descriptors = 1_024
        facts.isClockKept = false
        #expect(
            facts.findings.map(\.verdict) == [.problem, .warning, .problem, .warning, .warning])
        #expect(facts.findings.allSatisfy { $0.remedy != nil })
        facts.keys = .none(folder: "/keys")
        #expect(facts.findings[0].verdict == .good)
        facts.clockSeconds = 12
        #expect(facts.findings.last?.fact.contains("12 s") == true)
    }

    @Test("a model is good when the same clip gives the same bits each time")
    func model() {
        var facts = ModelFacts(
            path: "m", trial: nil, refusal: "m: no such file", hasSpeechNetwork: true)
        #expect(facts.findings.map(\.verdict) == [.problem])
        #expect(facts.findings[0].fact == "m: no such file")
        facts.trial = .init(
            arithmetic: "fp32/avx2/onednn-2.6", modelDigest: String(repeating: "a", count: 64),
            canaryDigests: ["b", "b"], speed: 12.3, seconds: 2)
        #expect(facts.findings.map(\.verdict) == [.good, .good])
        facts.trial?.canaryDigests = ["b", "c"]
        facts.hasSpeechNetwork = false
        #expect(facts.findings.map(\.verdict) == [.good, .problem, .warning])
    }
}
