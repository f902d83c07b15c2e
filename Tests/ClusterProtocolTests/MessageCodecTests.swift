internal import ClusterProtocol
internal import Digests
internal import SpeechTypes
internal import Testing

@Suite("Reading messages")
struct MessageCodecTests {
    private func error(_ frame: [UInt8]) -> ProtocolError.Code? {
        do throws(ProtocolError) {
            _ = try MessageCodec.decode(frame)
            return nil
        } catch {
            return error.code
        }
    }

    private func frame(_ meta: String, kind: UInt8 = 41, payload: [UInt8] = []) -> [UInt8] {
        MessageCodec.frame(kind: kind, meta: Array(meta.utf8), payload: payload)
    }

    @Test("a message reads back as what was written", arguments: SampleMessages.all)
    func roundTrip(message: ClusterMessage) throws {
        #expect(try MessageCodec.decode(MessageCodec.encode(message)) == message)
    }

    @Test("files for decoding are named on both sides of the handshake, and nowhere without them")
    func artefacts() throws {
        let digest = SHA256Hasher.digest(of: [1])
        var hello: Hello?
        for case .worker(.hello(let sample)) in SampleMessages.all { hello = sample }
        let sample = try #require(hello)
        func text(_ message: ClusterMessage) -> String {
            String(decoding: MessageCodec.encode(message), as: UTF8.self)
        }
        #expect(!text(.worker(.hello(sample))).contains("artefactNames"))
        var other = sample
        other.identity.furtherArtefacts = ["language_model": digest, "hotwords": digest]
        #expect(
            text(.worker(.hello(other))).contains(#""artefactNames":["hotwords","language_model"]"#)
        )
        for message in [
            ClusterMessage.worker(.hello(other)),
            .coordinator(.rejected(Rejected(code: .model, sentence: "no", artefacts: []))),
            .coordinator(
                .rejected(
                    Rejected(
                        code: .model, sentence: "no",
                        artefacts: [
                            ArtefactFile(
                                name: "lexicon", digest: digest, fileName: "a.lex", byteCount: 9)
                        ]))),
        ] {
            #expect(try MessageCodec.decode(MessageCodec.encode(message)) == message)
        }
    }

    @Test("results name objects where audio was fetched, and nothing of them for files")
    func objects() throws {
        var found: Results?
        for case .worker(.results(let sample)) in SampleMessages.all where found == nil {
            found = sample
        }
        var results = try #require(found)
        #expect(
            !String(decoding: MessageCodec.encode(.worker(.results(results))), as: UTF8.self)
                .contains("objects"))
        results.rows[0].object = "1234 bytes, etag \"a\""
        let message = ClusterMessage.worker(.results(results))
        #expect(try MessageCodec.decode(MessageCodec.encode(message)) == message)
    }

    @Test(
        "spans and what rows are joined of are in a lease that has such, and nothing of them in others"
    )
    func parts() throws {
        var lease = Lease(session: 7, lease: 3, isAlone: false, rows: [])
        func row(_ ordinal: Int, _ part: RowPart? = nil) -> LeaseRow {
            LeaseRow(
                ordinal: ordinal, rowDigest: SampleMessages.rowDigest, audioMilliseconds: 9,
                raw: Array("row \(ordinal)".utf8), part: part)
        }
        func text() -> String {
            String(decoding: MessageCodec.encode(.coordinator(.lease(lease))), as: UTF8.self)
        }
        lease.rows = [row(1), row(2)]
        #expect(!text().contains("span") && !text().contains("join"))
        lease.rows = [
            row(1), row(40, .span(RowSpan(firstWindow: 20, endWindow: 40))),
            row(2, .join([[1, 2], [], [3]])),
            row(41, .span(RowSpan(firstWindow: 40, endWindow: nil))), row(3, .join([[9]])),
        ]
        let message = ClusterMessage.coordinator(.lease(lease))
        #expect(try MessageCodec.decode(MessageCodec.encode(message)) == message)

        func refused(_ old: String, _ new: String) -> Bool {
            let frame = MessageCodec.encode(message)
            let count = Int(frame[8]) + Int(frame[9]) << 8
            let meta = String(
                decoding: frame[MessageCodec.headerBytes..<MessageCodec.headerBytes + count],
                as: UTF8.self)
            #expect(meta.contains(old))
            let other = MessageCodec.frame(
                kind: MessageKind.lease.rawValue, meta: Array(meta.replacing(old, with: new).utf8),
                payload: Array(frame[(MessageCodec.headerBytes + count)...]))
            return error(other) != nil
        }
        #expect(refused(#""spanEnds":[-1,40,"#, #""spanEnds":[-1,20,"#))
        #expect(refused(#""spanFirsts":[-1,20,-1,40,-1]"#, #""spanFirsts":[-1,20,-1,40]"#))
        #expect(refused(#""joinCounts":[0,0,3,0,1]"#, #""joinCounts":[0,0,3,0,2]"#))
        #expect(refused(#""joinLengths":[2,0,1,1]"#, #""joinLengths":[2,0,1,2]"#))

        var hello: Hello?
        for case .worker(.hello(let sample)) in SampleMessages.all { hello = sample }
        var able = try #require(hello)
        #expect(!able.identity.computesSpans)
        able.identity.computesSpans = true
        let said = ClusterMessage.worker(.hello(able))
        #expect(try MessageCodec.decode(MessageCodec.encode(said)) == said)
    }

    @Test("fields that a later minor adds are passed over")
    func laterFieldsAreIgnored() throws {
        let later = frame("{\"session\":7,\"mood\":\"good\",\"tags\":[1,2]}")
        #expect(try MessageCodec.decode(later) == .coordinator(.drain(session: 7)))
        let minor = MessageCodec.frame(
            kind: 41, meta: Array("{\"session\":7}".utf8), payload: [], minor: 9)
        #expect(try MessageCodec.decode(minor) == .coordinator(.drain(session: 7)))
    }

    @Test("another major is told apart from damage, so that its sender can be told")
    func otherMajor() {
        let other = MessageCodec.frame(kind: 41, meta: [], payload: [], major: 2)
        #expect(error(other) == .version)
    }

    @Test("damage, wrong lengths and unknown kinds are refused")
    func refusals() {
        var damaged = frame("{\"session\":7}")
        damaged[30] ^= 1
        #expect(error(damaged) == .checksum)
        #expect(error(Array(frame("{\"session\":7}").dropLast())) == .header)
        #expect(error(frame("{\"session\":7}") + [0]) == .header)
        #expect(error(Array("SCTM".utf8)) == .tooShort)
        #expect(error([]) == .tooShort)
        #expect(error(Array(repeating: 65, count: 24)) == .magic)
        for reserved: UInt8 in [0, 9, 40, 255] {
            #expect(error(frame("{}", kind: reserved)) == .kind)
        }
        #expect(error(frame("{\"session\":7}", payload: [1])) == .payload)
        var nonzero = frame("{\"session\":7}")
        nonzero[7] = 1
        #expect(error(nonzero) == .header)
    }

    @Test("lengths are refused before anything of that size is allocated")
    func hugeLengths() {
        var huge = frame("{\"session\":7}")
        for offset in 8..<16 { huge[offset] = 0xff }
        #expect(error(huge) == .tooLarge)
        var limits = ClusterLimits()
        limits.frameBytesMax = 30
        #expect(throws: ProtocolError.self) {
            try MessageCodec.decode(frame("{\"session\":7}"), limits: limits)
        }
    }

    @Test(
        "a field that is missing, of another type or out of bounds is refused",
        arguments: [
            "{}", "{\"session\":\"7\"}", "{\"session\":-1}", "{\"session\":1.5}",
            "{\"session\":9007199254740993}", "{\"session\":null}", "{\"session\":[7]}",
        ])
    func wrongFields(meta: String) {
        #expect(error(frame(meta)) == .field)
    }

    @Test(
        "meta that is not one strict flat object is refused",
        arguments: [
            "", "7", "{\"session\":7", "{\"session\":7,\"session\":7}", "{\"session\":7} 1",
            "{\"a\":[[1]],\"session\":7}", "{\"a\":{\"b\":{}},\"session\":7}",
        ])
    func wrongMeta(meta: String) {
        #expect(error(frame(meta)) == .json)
    }

    @Test("parallel arrays of different lengths and payloads that do not fit them are refused")
    func mismatches() throws {
        let lease = """
            {"session":7,"lease":1,"isAlone":false,"ordinals":[1],"rowDigests":["\
            \(SampleMessages.rowDigest.hex)"],"audioMilliseconds":[5],"rawLengths":[3]}
            """
        #expect(throws: Never.self) {
            try MessageCodec.decode(frame(lease, kind: 35, payload: [1, 2, 3]))
        }
        #expect(error(frame(lease, kind: 35, payload: [1, 2])) == .payload)
        #expect(error(frame(lease, kind: 35, payload: [1, 2, 3, 4])) == .payload)
        let uneven = lease.replacing("\"audioMilliseconds\":[5]", with: "\"audioMilliseconds\":[]")
        #expect(error(frame(uneven, kind: 35, payload: [1, 2, 3])) == .field)
    }
}
