internal import CHostCalls
internal import Certification
internal import ClusterRuntime
internal import ClusterSecurity
internal import Digests
internal import Files
internal import Glibc
internal import HTTPService
package import JobLaunch
internal import ModelLoading
internal import Processes
package import Tensors
internal import Threading
internal import Transcription
internal import WeightCache

/// Looks at a machine as a job would use it.
package struct Doctor {
    package var model: ModelRequest
    package var arithmetic: ArithmeticChoice
    /// Where an output would be.
    package var folder: String
    /// The folder of keys; nil for the user's own.
    package var keys: String?
    /// Where a coordinator would listen.
    package var listen: [String]
    /// Coordinators that should be reachable.
    package var connect: [String]

    package init(
        model: ModelRequest, arithmetic: ArithmeticChoice, folder: String, keys: String?,
        listen: [String], connect: [String]
    ) {
        self.model = model
        self.arithmetic = arithmetic
        self.folder = folder
        self.keys = keys
        self.listen = listen
        self.connect = connect
    }

    private static let canaryMilliseconds = 2_000
    private static let fileBytesMax = 4 << 20

    /// Everything that can be found out; nothing is thrown, as what fails is what is looked for.
    package func report() -> DiagnosisReport {
        // First of all: the library wants to be loaded before there are threads.
        let backend: ComputeBackend?
        var refusal: String?
        let certified = CertifiedBackend.ofThisMachine()
        do throws(ArithmeticError) {
            backend = try certified.activate(arithmetic)
        } catch {
            backend = nil
            refusal = "\(error)"
        }
        let notices = Guarded<[String]>([])
        let (modelFacts, needBytes) = tried(on: backend, refusal) { notice in
            notices.withLock { $0.append(notice) }
        }
        let processor = ProcessorFacts(
            name: ProcessorFacts.name(in: Self.text("/proc/cpuinfo")),
            processors: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
            processorsForUs: MachineResources.cores,
            arithmetic: backend?.arithmetic.description, refusal: refusal)
        let libraries = LibraryFacts(
            loaded: LibraryFacts.loaded(in: Self.text("/proc/self/maps")),
            ffmpeg: Self.programAlongPath("ffmpeg"))
        let classes = ClassFacts(certificates: certified.survey())
        var findings = [processor.finding, classes.finding, Self.memory(needBytes).finding]
        findings += libraries.findings
        findings += modelFacts.findings
        findings.append(Self.keptWeights(notices.withLock { $0.first }).finding)
        findings.append(DiskFacts.measured(folder).finding)
        findings += cluster().findings
        return DiagnosisReport(heading: Self.heading, findings: findings)
    }

    // MARK: The model

    private func tried(
        on backend: ComputeBackend?, _ refusal: String?, tell: @escaping @Sendable (String) -> Void
    ) -> (facts: ModelFacts, needBytes: Int?) {
        var facts = ModelFacts(
            path: model.name ?? "the bundled model", trial: nil, refusal: refusal,
            hasSpeechNetwork: BundledModel.hasSpeechNetwork)
        guard let backend else { return (facts, nil) }
        do {
            facts.path = try model.path(isQuiet: true)
            guard case .network(let loaded) = try model.loadForJob(facts.path, isQuiet: true) else {
                facts.refusal = "\(facts.path) is an alphabet, which computes nothing"
                return (facts, nil)
            }
            let digest = try LongWork.digest(of: loaded)
            let network = try SpeechModel(
                loaded, backend: backend, cache: .ofThisMachine(backend, tell: tell))
            MachineResources.giveMemoryBack()
            let began = MonotonicClock.milliseconds()
            var canaries: [Canary] = []
            repeat {
                canaries.append(try Canary(network))
            } while MonotonicClock.milliseconds() - began < Self.canaryMilliseconds
            facts.trial = ModelFacts.Trial(
                arithmetic: backend.arithmetic.description, modelDigest: digest.hex,
                canaryDigests: canaries.map(\.digest.hex),
                speed: Double(canaries.map(\.speed).max() ?? 0) / 1_000,
                seconds: Double(MonotonicClock.milliseconds() - began) / 1_000)
            return (facts, MachineShare.leastMebibytes(of: network) << 20)
        } catch {
            facts.refusal = "\(error)"
            return (facts, nil)
        }
    }

    /// - Parameter refusal: why those of the model that was tried are not kept.
    private static func keptWeights(_ refusal: String?) -> KeptWeightsFacts {
        guard let folder = WeightFolder.standard() else { return KeptWeightsFacts(folder: nil) }
        let contents = folder.contents
        return KeptWeightsFacts(
            folder: folder.path, files: contents.files, byteCount: contents.byteCount,
            byteCountMax: folder.limits.bytesMax, refusal: refusal)
    }

    // MARK: The machine

    private static func memory(_ needBytes: Int?) -> MemoryFacts {
        let total = text("/proc/meminfo").split(separator: "\n")
            .first { $0.hasPrefix("MemTotal:") }?
            .split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        let limit = Int(text("/sys/fs/cgroup/memory.max").filter { !$0.isWhitespace })
        return MemoryFacts(
            totalBytes: min(total ?? 0, Int.max >> 10) << 10,
            availableBytes: MachineResources.memoryBytes, limitBytes: limit, needBytes: needBytes)
    }

    private func cluster() -> ClusterFacts {
        var keyFacts: ClusterFacts.Keys
        do throws(RuntimeError) {
            let folder = try KeyFolder(keys)
            keyFacts =
                folder.hasSecret
                ? .present(
                    publicKey: "\(try folder.publicKey())",
                    allowed: try folder.allowList().entries.count)
                : .none(folder: folder.path)
        } catch {
            keyFacts = .refused(error.message)
        }
        let kept = scriptorium_clock_is_kept()
        var facts = ClusterFacts(
            keys: keyFacts, descriptors: DescriptorLimit.raise(),
            clockSeconds: ProgramLog.now().seconds, isClockKept: kept < 0 ? nil : kept == 1)
        facts.ports = listen.map { endpoint in
            guard endpoint.hasPrefix("tcp://"),
                let address = HTTPAddress(String(endpoint.dropFirst(6)))
            else {
                return ClusterFacts.Port(
                    endpoint: endpoint,
                    refusal: "not tried: it is not tcp:// with a numeric address and a port")
            }
            return ClusterFacts.Port(
                endpoint: endpoint, refusal: address.listeningError().map { "\($0)" })
        }
        facts.peers = connect.map {
            ClusterFacts.Peer(endpoint: $0, isReachable: EndpointProbe.listens(at: $0))
        }
        return facts
    }

    private static var heading: String {
        var system = utsname()
        uname(&system)
        func field(_ value: some Any) -> String {
            withUnsafeBytes(of: value) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        let name = text("/etc/os-release").split(separator: "\n")
            .first { $0.hasPrefix("PRETTY_NAME=") }?.dropFirst("PRETTY_NAME=".count)
            .filter { $0 != "\"" }
        return
            "scriptorium \(Version.text) on \(name ?? "an unnamed system"), \(field(system.sysname)) "
            + "\(field(system.release)) \(field(system.machine))"
    }

    /// The text of a small file; empty if it cannot be read.
    private static func text(_ path: String) -> String {
        guard let bytes = try? OpenFile(path).contents(bytesMax: fileBytesMax) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func programAlongPath(_ name: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }
            .first { access($0, X_OK) == 0 }
    }
}
