import StrictJSON
import Testing

@Suite("Strict JSON")
struct JSONParserTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue {
        try JSONParser.parse(Array(text.utf8))
    }

    private func code(_ bytes: [UInt8], depthMax: Int = 64, bytesMax: Int = 1 << 20) -> JSONError
        .Code?
    {
        do throws(JSONError) {
            _ = try JSONParser.parse(bytes, bytesMax: bytesMax, depthMax: depthMax)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("members keep their order and their place in the text")
    func ranges() throws {
        let text = #"{ "b" : [1, 2] ,"a":"x" }"#
        let object = try #require(try parse(text).object)
        #expect(object.members.map(\.key) == ["b", "a"])
        let bytes = Array(text.utf8)
        let member = try #require(object.member("b"))
        #expect(String(decoding: bytes[member.valueRange], as: UTF8.self) == "[1, 2]")
        #expect(String(decoding: bytes[member.keyRange], as: UTF8.self) == #""b""#)
    }

    @Test("escapes, surrogate pairs and text outside ASCII are decoded")
    func strings() throws {
        #expect(try parse(#""a\n\t\"\\\/\u00e9\ud83d\ude00é""#).string == "a\n\t\"\\/é😀é")
    }

    @Test("numbers keep their text and know what they are")
    func numbers() throws {
        #expect(try parse("9007199254740992").int == 1 << 53)
        #expect(try parse("9007199254740993").int == nil)
        #expect(try parse("1.5e2").int == 150)
        #expect(try parse("1.5").int == nil)
        #expect(try parse("1e999").double == nil)
        #expect(try parse("-0.25").double == -0.25)
    }

    @Test(
        "what strict JSON forbids is refused",
        arguments: [
            "", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "NaN", "Infinity", "-Infinity", "01", "1.",
            ".5", "+1", "1 2", "{\"a\" 1}", "[1 2]", "\"\u{1}\"", #""\x""#, #""\ud800""#,
            #""\udc00""#, #""\ud800\u0041""#, "\"abc", "tru", "nulL", "{1:2}", "[", "\u{FEFF}{}",
        ])
    func refused(text: String) {
        #expect(code(Array(text.utf8)) == .syntax)
    }

    @Test("a key that stands twice is refused in small objects and in large ones")
    func duplicates() {
        #expect(code(Array(#"{"a":1,"a":2}"#.utf8)) == .duplicateKey)
        let many = (0..<100).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        #expect(code(Array("{\(many)}".utf8)) == nil)
        #expect(code(Array("{\(many),\"k5\":0}".utf8)) == .duplicateKey)
        #expect(code(Array("{\(many),\"k99\":0}".utf8)) == .duplicateKey)
    }

    @Test("a key is found in small objects and in large ones")
    func lookup() throws {
        let many = (0..<100).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        let object = try #require(try parse("{\(many)}").object)
        for index in 0..<100 { #expect(object["k\(index)"]?.int == index) }
        #expect(object["missing"] == nil)
    }

    @Test("bytes that are not UTF-8 are refused")
    func invalidUTF8() {
        #expect(code([0x22, 0xFF, 0x22]) == .invalidUTF8)
        #expect(code([0x22, 0xC0, 0x80, 0x22]) == .invalidUTF8)
        #expect(code([0x22, 0xED, 0xA0, 0x80, 0x22]) == .invalidUTF8)
    }

    @Test("depth and size have limits")
    func limits() {
        let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
        #expect(code(deep) == .tooDeep)
        #expect(code(Array("[[1]]".utf8), depthMax: 2) == nil)
        #expect(code(Array("[[1]]".utf8), depthMax: 1) == .tooDeep)
        #expect(code(Array("[1,2,3]".utf8), bytesMax: 6) == .tooLarge)
    }

    @Test("what the writer wrote the parser reads")
    func roundTrip() throws {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("text \"quoted\"\u{1}\n")
        writer.value("é😀\\")
        writer.key("list")
        writer.beginArray()
        writer.value(1)
        writer.value(0.1)
        writer.value(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.endArray()
        writer.endObject()
        let object = try #require(try JSONParser.parse(writer.bytes).object)
        #expect(object["text \"quoted\"\u{1}\n"]?.string == "é😀\\")
        let list = try #require(object["list"]?.array)
        #expect(list[0].int == 1 && list[1].double == 0.1 && list[2].bool == true)
        #expect(list[3].isNull && list[4].object?.members.isEmpty == true)
    }

    @Test(
        "canonically equivalent keys are different keys, as their bytes are", arguments: [0, 40])
    func equivalentKeys(others: Int) throws {
        let pairs = [
            ("\u{E9}", "e\u{301}"), ("\u{3A9}", "\u{2126}"), ("\u{8C48}", "\u{F900}"),
            (";", "\u{37E}"), ("K", "\u{212A}"),
        ]
        for (one, other) in pairs {
            // Many members are looked up by table.
            let more = (0..<others).map { ",\"k\($0)\":0" }.joined()
            let text = "{\"\(one)\":1,\"\(other)\":2\(more)}"
            let object = try #require(try JSONParser.parse(Array(text.utf8)).object)
            #expect(object[one]?.int == 1 && object[other]?.int == 2)
            #expect(object.member("x") == nil)
            #expect(throws: JSONError.self) {
                try JSONParser.parse(Array("{\"\(one)\":1\(more),\"\(one)\":2}".utf8))
            }
        }
    }

    @Test("texts are exact if their bytes are the same")
    func exactStrings() {
        #expect(Set([ExactString("\u{E9}"), ExactString("e\u{301}")]).count == 2)
        #expect(Set([ExactString("a"), ExactString("a"[...])]).count == 1)
        #expect(!"e\u{301}\u{323}".hasSameBytes(as: "e\u{323}\u{301}"))
    }

    @Test("damaged text never traps", arguments: UInt64(0)..<4)
    func mutations(seed: UInt64) {
        let valid = Array(
            #"{"a":[1,2.5e-3,{"b":"\u00e9\ud83d\ude00x"}],"c":null,"d":[[],{}],"e":true}"#.utf8)
        var random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next(_ bound: Int) -> Int {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return Int(random % UInt64(bound))
        }
        for _ in 0..<5_000 {
            var bytes = valid
            for _ in 0...next(3) {
                switch next(3) {
                case 0: bytes[next(bytes.count)] = UInt8(next(256))
                case 1: bytes.remove(at: next(bytes.count))
                default: bytes.insert(UInt8(next(256)), at: next(bytes.count))
                }
            }
            _ = code(bytes)
        }
    }
}
