internal import Digests
internal import StrictJSON

/// Reads the fields of a message's meta: a flat object whose values are integers, texts, flags and
/// arrays of integers or texts.
///
/// Fields it is not asked for are ignored.
struct MetaReader {
    /// Integers on the wire are those that every JSON reader holds exactly.
    static let integerMax = 1 << 53

    private let object: JSONObject

    init(_ bytes: UnsafeRawBufferPointer, limits: ClusterLimits) throws(ProtocolError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(bytes, bytesMax: limits.metaBytesMax, depthMax: 2)
        } catch {
            throw ProtocolError(.json, "the meta is not strict flat JSON: \(error)")
        }
        guard let object = value.object else {
            throw ProtocolError(.json, "the meta is not a JSON object")
        }
        self.object = object
    }

    /// Whether the message has the field: those of a higher minor may be missing.
    func has(_ name: String) -> Bool { object[name] != nil }

    func int(
        _ name: String, _ range: ClosedRange<Int> = 0...integerMax
    ) throws(ProtocolError) -> Int {
        guard let value = object[name]?.int, range.contains(value) else {
            throw ProtocolError(
                .field, "\(name) is not an integer in \(range.lowerBound)...\(range.upperBound)")
        }
        return value
    }

    func bool(_ name: String) throws(ProtocolError) -> Bool {
        guard let value = object[name]?.bool else {
            throw ProtocolError(.field, "\(name) is not true or false")
        }
        return value
    }

    func text(_ name: String, bytesMax: Int) throws(ProtocolError) -> String {
        guard let value = object[name]?.string, value.utf8.count <= bytesMax else {
            throw ProtocolError(.field, "\(name) is not a text of at most \(bytesMax) bytes")
        }
        return value
    }

    func ints(
        _ name: String, countMax: Int, _ range: ClosedRange<Int> = 0...integerMax
    ) throws(ProtocolError) -> [Int] {
        let values = try array(name, countMax: countMax)
        var integers: [Int] = []
        integers.reserveCapacity(values.count)
        for value in values {
            guard let integer = value.int, range.contains(integer) else {
                throw ProtocolError(
                    .field,
                    "\(name) holds what is no integer in \(range.lowerBound)...\(range.upperBound)")
            }
            integers.append(integer)
        }
        return integers
    }

    func texts(
        _ name: String, countMax: Int, bytesMax: Int
    ) throws(ProtocolError) -> [String] {
        let values = try array(name, countMax: countMax)
        var texts: [String] = []
        texts.reserveCapacity(values.count)
        for value in values {
            guard let text = value.string, text.utf8.count <= bytesMax else {
                throw ProtocolError(.field, "\(name) holds what is no text of \(bytesMax) bytes")
            }
            texts.append(text)
        }
        return texts
    }

    func digest(_ name: String) throws(ProtocolError) -> ContentDigest {
        guard let digest = ContentDigest(hex: try text(name, bytesMax: 64)) else {
            throw ProtocolError(.field, "\(name) is not 64 hexadecimal digits")
        }
        return digest
    }

    func digests(_ name: String, countMax: Int) throws(ProtocolError) -> [ContentDigest] {
        var digests: [ContentDigest] = []
        for text in try texts(name, countMax: countMax, bytesMax: 64) {
            guard let digest = ContentDigest(hex: text) else {
                throw ProtocolError(.field, "\(name) holds what is not 64 hexadecimal digits")
            }
            digests.append(digest)
        }
        return digests
    }

    func shortDigest(_ name: String) throws(ProtocolError) -> ShortDigest {
        guard let digest = ShortDigest(hex: try text(name, bytesMax: 32)) else {
            throw ProtocolError(.field, "\(name) is not 32 hexadecimal digits")
        }
        return digest
    }

    func shortDigests(_ name: String, countMax: Int) throws(ProtocolError) -> [ShortDigest] {
        let values = try array(name, countMax: countMax)
        var digests: [ShortDigest] = []
        digests.reserveCapacity(values.count)
        for value in values {
            guard let digest = value.string.flatMap({ ShortDigest(hex: $0) }) else {
                throw ProtocolError(.field, "\(name) holds what is not 32 hexadecimal digits")
            }
            digests.append(digest)
        }
        return digests
    }

    /// One of a closed list of words.
    func word<Word: RawRepresentable>(
        _ name: String, _ type: Word.Type
    ) throws(ProtocolError) -> Word where Word.RawValue == String {
        guard let text = object[name]?.string, let word = Word(rawValue: text) else {
            throw ProtocolError(.field, "\(name) is not a word that is known here")
        }
        return word
    }

    func words<Word: RawRepresentable>(
        _ name: String, _ type: Word.Type, countMax: Int
    ) throws(ProtocolError) -> [Word] where Word.RawValue == String {
        var words: [Word] = []
        for value in try array(name, countMax: countMax) {
            guard let text = value.string, let word = Word(rawValue: text) else {
                throw ProtocolError(.field, "\(name) holds a word that is not known here")
            }
            words.append(word)
        }
        return words
    }

    private func array(_ name: String, countMax: Int) throws(ProtocolError) -> [JSONValue] {
        guard let values = object[name]?.array, values.count <= countMax else {
            throw ProtocolError(.field, "\(name) is not an array of at most \(countMax) values")
        }
        return values
    }
}

/// Refuses parallel arrays of different lengths.
func requireEqualCounts(_ names: String, _ counts: Int...) throws(ProtocolError) {
    guard counts.allSatisfy({ $0 == counts[0] }) else {
        throw ProtocolError(.field, "\(names) differ in length")
    }
}
