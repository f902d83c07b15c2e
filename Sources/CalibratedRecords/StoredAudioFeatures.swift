internal import Files
package import RowFeatures
internal import StrictJSON

/// `OUT.features.jsonl` of an earlier output, for jobs that read log-probabilities in place of its audio:
/// what the audio of each row is like.
///
/// Lines are found by halving, since they stand in the order of their rows: nothing is kept in memory, and
/// a file of many million rows is not read from its start.
package struct StoredAudioFeatures: Sendable {
    /// What is wrong with the file, and where.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    private let path: String
    private let file: OpenFile
    private let byteCount: Int

    /// The features of as many channels as audio may have are shorter.
    private static let lineBytesMax = 1 << 20
    private static let blockBytes = 4_096

    /// - Throws: ``Fault`` if it cannot be opened, or is no file.
    package init(path: String) throws(Fault) {
        self.path = path
        do throws(FileError) {
            file = try OpenFile(path)
        } catch {
            throw Fault(description: "\(error)")
        }
        guard let count = file.byteCount else {
            throw Fault(description: "\(path) has no size, so no line of it can be looked up")
        }
        byteCount = count
    }

    /// What the audio of a row's lane is like; with no values where the file says nothing of it.
    ///
    /// - Throws: ``Fault`` if there is no line of the row, or another thing than features in it.
    package func lanes(of row: Int, count: Int) throws(Fault) -> [LaneAudio] {
        let object = try line(of: row).object
        let channels = object["channels"]?.array?.map(\.object)
        guard channels.map({ $0.count == count }) ?? (count == 1) else {
            throw fault(
                row, "it has features of \(channels?.count ?? 1) channels, and the row has \(count)"
            )
        }
        var lanes: [LaneAudio] = []
        for lane in 0..<count {
            let values = channels.map { $0[lane] } ?? object
            var fields: [FeatureField] = []
            for name in LaneAudio.names {
                switch values?[name] {
                case .number(let number)?: fields.append(FeatureField(name, text: number.text))
                case nil, .null?: fields.append(FeatureField(name, text: "null"))
                default: throw fault(row, "its \(name) is no number")
                }
            }
            lanes.append(LaneAudio(fields: fields))
        }
        return lanes
    }

    /// The bytes of a row's line as those of another row, without a line end.
    ///
    /// - Throws: as ``lanes(of:count:)``.
    package func line(of row: Int, as other: Int) throws(Fault) -> [UInt8] {
        let line = try line(of: row)
        let place = line.object.member("row")?.valueRange ?? 0..<0
        return line.bytes[..<place.lowerBound] + Array("\(other)".utf8)
            + line.bytes[place.upperBound...]
    }

    // MARK: Finding a line

    private func line(of row: Int) throws(Fault) -> (bytes: [UInt8], object: JSONObject) {
        // The line, if there is one, begins within these.
        var (low, high) = (0, byteCount)
        while low < high {
            let start = try lineStart(low + (high - low) / 2, notBefore: low)
            let bytes = try line(at: start)
            guard let object = try? JSONParser.parse(bytes).object, let number = object["row"]?.int
            else { throw fault(row, "at byte \(start) is no line of features") }
            if number == row { return (bytes, object) }
            if number < row { low = start + bytes.count + 1 } else { high = start }
        }
        throw fault(row, "it has no line of that row")
    }

    /// Where the line begins that has the byte at `offset`.
    private func lineStart(_ offset: Int, notBefore low: Int) throws(Fault) -> Int {
        var end = offset
        while end > low {
            let start = max(low, end - Self.blockBytes)
            let block = try bytes(at: start, count: end - start)
            if let place = block.lastIndex(of: 0x0A) { return start + place + 1 }
            end = start
            guard offset - end <= Self.lineBytesMax else { throw isNone(at: end) }
        }
        return low
    }

    private func line(at start: Int) throws(Fault) -> [UInt8] {
        var line: [UInt8] = []
        while true {
            let block = try bytes(at: start + line.count, count: Self.blockBytes)
            if let place = block.firstIndex(of: 0x0A) { return line + block[..<place] }
            line += block
            guard !block.isEmpty, line.count <= Self.lineBytesMax else { throw isNone(at: start) }
        }
    }

    private func bytes(at offset: Int, count: Int) throws(Fault) -> [UInt8] {
        do throws(FileError) {
            return try file.bytes(at: offset, count: count)
        } catch {
            throw Fault(description: "\(error)")
        }
    }

    private func isNone(at byte: Int) -> Fault {
        Fault(description: "\(path): at byte \(byte) is no whole line of features")
    }

    private func fault(_ row: Int, _ what: String) -> Fault {
        Fault(description: "\(path), row \(row): \(what)")
    }
}
