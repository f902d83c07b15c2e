import Certification
import Files
import TemporaryFolders
import Tensors
import Testing

@Suite("Certificates of arithmetic classes") struct CertificateTests {
    private func certificate(failure: String? = nil) throws -> Certificate {
        Certificate(
            arithmetic: try #require(ArithmeticClass("fp32/avx2/onednn-2.6")),
            library: "12 libdnnl",
            failure: failure, shapes: failure == nil ? ["768x768@48", "40x70@48 fp32"] : [])
    }

    @Test("a certificate reads back what it writes", arguments: [nil, "a \"reason\""])
    func roundTrip(failure: String?) throws {
        let certificate = try certificate(failure: failure)
        #expect(Certificate(json: certificate.json) == certificate)
    }

    @Test(
        "other texts are none",
        arguments: [
            "", "{}", "[]",
            "{\"form\":2,\"class\":\"fp32/avx2/onednn-2.6\",\"library\":\"\",\"shapes\":[]}",
            "{\"form\":1,\"class\":\"fp32\",\"library\":\"\",\"shapes\":[]}",
            "{\"form\":1,\"class\":\"fp32/avx2/onednn-2.6\",\"library\":\"\",\"shapes\":1}",
        ])
    func refused(text: String) { #expect(Certificate(json: Array(text.utf8)) == nil) }

    @Test("it is of one processor and one program, and of no other class")
    func folder() throws {
        let temporary = try TemporaryFolder()
        let cache = CacheFolder(temporary.file("certificates"))
        let folder = CertificateFolder(cache, processor: "a", program: "b")
        let certificate = try certificate()
        var choice = ArithmeticChoice(certificate.arithmetic)
        #expect(folder.certificate(of: choice) == nil)
        folder.store(certificate)
        #expect(folder.certificate(of: choice) == certificate)
        #expect(
            CertificateFolder(cache, processor: "a", program: "c").certificate(of: choice) == nil)
        choice.libraryVersion = "2.7"
        #expect(folder.certificate(of: choice) == nil, "another version is asked for")
        choice.libraryVersion = nil
        #expect(folder.certificate(of: choice) == certificate)
        choice.precision = .int8
        #expect(folder.certificate(of: choice) == nil)
    }

    @Test("of many files the newest stay")
    func eviction() throws {
        let temporary = try TemporaryFolder()
        let cache = CacheFolder(temporary.path)
        for name in ["a", "b", "c"] { #expect(cache.store([1], as: name)) }
        cache.keepNewest(3)
        #expect(try FolderListing.names(in: temporary.path).count == 3)
        cache.keepNewest(1)
        #expect(try FolderListing.names(in: temporary.path).count == 1)
        #expect(cache.contents(of: "none", bytesMax: 1) == nil)
        #expect(CacheFolder("/dev/null/none").store([1], as: "a") == false)
    }

    @Test("a class that fails is not taken, and what is asked for and fails is an error")
    func failing() throws {
        var tried: [ArithmeticChoice] = []
        let backend = CertifiedBackend(
            folder: nil,
            certify: { candidate in
                tried.append(candidate)
                return CertificationProcess.read([], status: 128 + 4, of: candidate)
            })
        let error = #expect(throws: ArithmeticError.self) {
            _ = try backend.activate(ArithmeticChoice(precision: .fp32))
        }
        #expect(error?.code == .uncertified)
        #expect(error?.message.contains("signal 4") == true)
        #expect(tried == ComputeBackend.candidates(for: ArithmeticChoice(precision: .fp32)))
        #expect(tried.count > 1)
    }

    @Test("of all classes of a machine those that fail are told of, too")
    func survey() throws {
        let certificates = CertifiedBackend(
            folder: nil,
            certify: { CertificationProcess.read([], status: 128 + 11, of: $0) }
        ).survey()
        #expect(!certificates.isEmpty && certificates.allSatisfy { $0.failure != nil })
        let sets = Set(certificates.map(\.arithmetic.instructionSet))
        #expect(sets == [.portable] || !sets.contains(.portable))
    }

    @Test("what a trial says is read, and nothing else is believed")
    func answers() throws {
        let candidate = ArithmeticChoice(precision: .fp32, instructionSet: .avx2, library: .oneDNN)
        let certificate = try certificate()
        guard
            case .tried(let read) = CertificationProcess.read(
                certificate.json, status: 0, of: candidate)
        else { throw CancellationError() }
        #expect(read == certificate)
        for (text, status) in [("{\"unavailable\":\"none\"}", Int32(0)), ("x", 0), ("", 64)] {
            guard
                case .unavailable = CertificationProcess.read(
                    Array(text.utf8), status: status, of: candidate)
            else {
                Issue.record("\(text) was believed")
                continue
            }
        }
    }

    @Test(
        "a processor is what its first entry says, and a library is found among a process's files")
    func facts() {
        let text =
            "processor\t: 0\nmodel name\t: A\ncpu MHz\t\t: 1\nflags\t\t: x\n\nprocessor\t: 1\nmodel name\t: B\n"
        #expect(MachineFacts.processor(in: text) == "model name\t: A\nflags\t\t: x")
        let maps = "7f00-7f01 r-xp 0 00:01 7 /usr/lib/x86_64-linux-gnu/libdnnl.so.2.6\n"
        #expect(
            MachineFacts.paths(of: .oneDNN, in: maps + maps)
                == ["/usr/lib/x86_64-linux-gnu/libdnnl.so.2.6"])
        #expect(MachineFacts.paths(of: .openBLAS, in: maps).isEmpty)
    }
}
