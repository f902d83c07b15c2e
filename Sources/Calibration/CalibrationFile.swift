package import Digests
package import Files
internal import StrictJSON

/// A calibration as a file: `{"scriptorium_calibration":1,"digest":…,"calibration":{…}}`.
///
/// The digest is the SHA-256 of the bytes of the last member, by which a damaged file is known and a
/// calibration is named elsewhere.
package struct CalibrationFile: Sendable {
    package let calibration: Calibration
    package let digest: ContentDigest

    /// Rises when a member changes what it means.
    package static let version = 1
    /// Far more than a calibration has, and little enough to read at once.
    private static let bytesMax = 16 << 20
    private static let knotsMax = 100_000
    private static let replicatesMax = 2_000
    private static let termsMax = 100

    package init(_ calibration: Calibration) {
        self.calibration = calibration
        digest = SHA256Hasher.digest(of: Self.body(calibration))
    }

    /// - Throws: if the disk refuses.
    package func write(to path: String) throws(FileError) {
        try AtomicFile.write(bytes, to: path)
    }

    /// The file's bytes.
    package var bytes: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("scriptorium_calibration", Self.version)
        json.member("digest", digest.hex)
        json.key("calibration")
        json.raw(Self.body(calibration))
        json.endObject()
        return json.bytes + [0x0A]
    }

    /// Reads a file.
    ///
    /// - Throws: `CalibrationError` if it is no calibration, is damaged or is of a later version;
    ///   `FileError` if it cannot be read.
    package init(path: String) throws {
        guard let bytes = try OpenFile(path).contents(bytesMax: Self.bytesMax) else {
            throw CalibrationError(
                "\(path) is longer than \(Self.bytesMax >> 20) MiB, which no calibration is")
        }
        try self.init(bytes: bytes, path: path)
    }

    /// - Parameter path: for messages.
    /// - Throws: `CalibrationError`, as ``init(path:)``.
    package init(bytes: [UInt8], path: String) throws(CalibrationError) {
        func refused(_ what: String) -> CalibrationError {
            CalibrationError("\(path): \(what); scriptorium calibrate writes such files")
        }
        let object: JSONObject?
        do throws(JSONError) {
            object = try JSONParser.parse(bytes, bytesMax: Self.bytesMax, depthMax: 12).object
        } catch {
            throw refused("\(error)")
        }
        guard let object, let version = object["scriptorium_calibration"]?.int else {
            throw refused("this is no calibration")
        }
        guard version == Self.version else {
            throw CalibrationError(
                "\(path) is a calibration of version \(version), and this program reads version "
                    + "\(Self.version); calibrate again, or take the program that wrote it")
        }
        guard let member = object.members.first(where: { $0.key == "calibration" }),
            let body = member.value.object,
            let hex = object["digest"]?.string, let stated = ContentDigest(hex: hex)
        else { throw refused("it has no digest or no calibration") }
        digest = SHA256Hasher.digest(of: Array(bytes[member.valueRange]))
        guard digest == stated else {
            throw refused("it is not what was written: its digest is another")
        }
        guard let calibration = Self.read(body) else {
            throw refused("a number or name in it is missing or out of range")
        }
        self.calibration = calibration
    }

    // MARK: Writing

    private static func body(_ calibration: Calibration) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("normalizer", calibration.normalizer)
        json.member("group_field", calibration.groupField)
        json.key("rows")
        write(calibration.rows, to: &json)
        json.key("spread")
        json.beginObject()
        json.member("dispersion", calibration.spread.dispersion)
        json.member("group_variance", calibration.spread.groupVariance)
        if let variance = calibration.spread.domainVariance {
            json.member("domain_variance", variance)
        }
        json.key("scores")
        write(calibration.spread.scores, to: &json)
        json.key("replicates")
        json.beginArray()
        for replicate in calibration.spread.replicates { write(replicate, to: &json) }
        json.endArray()
        json.endObject()
        if let words = calibration.words {
            json.key("words")
            write(words, to: &json)
        }
        write(calibration.seen, to: &json)
        write(calibration.measured, to: &json)
        json.endObject()
        return json.bytes
    }

    private static func write(_ model: ErrorModel, to json: inout JSONWriter) {
        json.beginObject()
        json.member("name", model.name)
        json.member("method", model.method.rawValue)
        json.member("bias", model.score.bias)
        json.key("terms")
        json.beginArray()
        for term in model.score.terms {
            json.beginObject()
            json.member("name", term.name)
            json.member("mean", term.mean)
            json.member("scale", term.scale)
            json.member("weight", term.weight)
            json.endObject()
        }
        json.endArray()
        json.key("scores")
        write(model.map.scores, to: &json)
        json.key("values")
        write(model.map.values, to: &json)
        json.endObject()
    }

    private static func write(_ seen: Calibration.Seen, to json: inout JSONWriter) {
        json.key("seen")
        json.beginObject()
        json.member("rows", seen.rows)
        json.member("words", seen.words)
        json.member("hours", seen.hours)
        json.member("groups", seen.groups)
        json.key("languages")
        json.beginArray()
        for language in seen.languages { json.value(language) }
        json.endArray()
        json.key("domains")
        json.beginArray()
        for domain in seen.domains {
            json.beginObject()
            json.member("name", domain.name)
            json.member("rows", domain.rows)
            json.member("words", domain.words)
            json.member("error_rate", domain.errorRate)
            json.member("expected_error_rate", domain.expectedErrorRate)
            json.member("calibration_error", domain.calibrationError)
            if let rate = domain.leftOutErrorRate { json.member("left_out_error_rate", rate) }
            json.endObject()
        }
        json.endArray()
        json.key("ranges")
        json.beginArray()
        for range in seen.ranges {
            json.beginObject()
            json.member("name", range.name)
            json.member("low", range.low)
            json.member("high", range.high)
            json.endObject()
        }
        json.endArray()
        if let likeness = seen.likeness {
            json.key("likeness")
            write(likeness, to: &json)
        }
        json.endObject()
    }

    private static func write(_ likeness: Likeness, to json: inout JSONWriter) {
        json.beginObject()
        json.key("names")
        json.beginArray()
        for name in likeness.names { json.value(name) }
        json.endArray()
        for (name, numbers) in [
            ("means", likeness.means), ("scales", likeness.scales),
            ("whitening", likeness.whitening),
        ] {
            json.key(name)
            write(numbers, to: &json)
        }
        json.member("limit", likeness.limit)
        json.endObject()
    }

    private static func write(_ measured: Calibration.Measured, to json: inout JSONWriter) {
        json.key("measured")
        json.beginObject()
        json.member("folds", measured.folds)
        json.member("error_rate", measured.errorRate)
        json.member("calibration_error", measured.calibrationError)
        if let error = measured.wordCalibrationError {
            json.member("word_calibration_error", error)
        }
        for (name, areas) in [
            ("row_areas", measured.rowAreas), ("word_areas", measured.wordAreas),
        ] {
            json.key(name)
            json.beginArray()
            for area in areas {
                json.beginObject()
                json.member("name", area.name)
                json.member("area", area.area)
                json.endObject()
            }
            json.endArray()
        }
        json.endObject()
    }

    private static func write(_ numbers: [Double], to json: inout JSONWriter) {
        json.beginArray()
        for number in numbers { json.value(number) }
        json.endArray()
    }

    // MARK: Reading

    private static func read(_ body: JSONObject) -> Calibration? {
        guard let normalizer = body["normalizer"]?.string,
            let groupField = body["group_field"]?.string,
            let rows = body["rows"]?.object.flatMap({ model($0, RowPredictors.names) }),
            let spread = body["spread"]?.object.flatMap(spread),
            let seen = body["seen"]?.object.flatMap(seen),
            seen.ranges.map(\.name) == rows.score.terms.map(\.name),
            let measured = body["measured"]?.object.flatMap(measured)
        else { return nil }
        var words: ErrorModel?
        if let object = body["words"]?.object {
            guard let model = model(object, WordPredictors.names) else { return nil }
            words = model
        }
        return Calibration(
            normalizer: normalizer, groupField: groupField, rows: rows, spread: spread,
            words: words, seen: seen, measured: measured)
    }

    private static func model(_ object: JSONObject, _ known: [String]) -> ErrorModel? {
        guard let name = object["name"]?.string,
            let method = object["method"]?.string.flatMap(ErrorModel.Method.init),
            let bias = object["bias"]?.double,
            let list = object["terms"]?.array, (1...termsMax).contains(list.count),
            let scores = numbers(object["scores"], knotsMax),
            let values = numbers(object["values"], knotsMax),
            IsotonicMap.isUsable(scores: scores, values: values), values[0] >= 0
        else { return nil }
        var terms: [LinearScore.Term] = []
        for item in list {
            guard let item = item.object, let name = item["name"]?.string, known.contains(name),
                let mean = item["mean"]?.double, let scale = item["scale"]?.double, scale > 0,
                let weight = item["weight"]?.double
            else { return nil }
            terms.append(LinearScore.Term(name: name, mean: mean, scale: scale, weight: weight))
        }
        guard Set(terms.map(\.name)).count == terms.count else { return nil }
        return ErrorModel(
            name: name, score: LinearScore(terms: terms, bias: bias), method: method,
            map: IsotonicMap(scores: scores, values: values))
    }

    private static func spread(_ object: JSONObject) -> ErrorSpread? {
        guard let dispersion = object["dispersion"]?.double, dispersion >= 0,
            let groupVariance = object["group_variance"]?.double, groupVariance >= 0,
            let scores = numbers(object["scores"], knotsMax),
            let list = object["replicates"]?.array, list.count <= replicatesMax
        else { return nil }
        var replicates: [[Double]] = []
        for item in list {
            guard let values = numbers(item, knotsMax),
                IsotonicMap.isUsable(scores: scores, values: values), values[0] >= 0
            else { return nil }
            replicates.append(values)
        }
        let domainVariance = object["domain_variance"]?.double
        guard domainVariance ?? 0 >= 0 else { return nil }
        return ErrorSpread(
            scores: scores, replicates: replicates, dispersion: dispersion,
            groupVariance: groupVariance, domainVariance: domainVariance)
    }

    private static func seen(_ object: JSONObject) -> Calibration.Seen? {
        var seen = Calibration.Seen()
        guard let rows = object["rows"]?.int, let words = object["words"]?.int,
            let hours = object["hours"]?.double, let groups = object["groups"]?.int,
            let languages = object["languages"]?.array, let domains = object["domains"]?.array,
            let ranges = object["ranges"]?.array, ranges.count <= termsMax
        else { return nil }
        (seen.rows, seen.words, seen.hours, seen.groups) = (rows, words, hours, groups)
        seen.languages = languages.compactMap(\.string)
        for item in domains {
            guard let item = item.object, let name = item["name"]?.string,
                let rows = item["rows"]?.int, let words = item["words"]?.int,
                let rate = item["error_rate"]?.double,
                let expected = item["expected_error_rate"]?.double,
                let error = item["calibration_error"]?.double
            else { return nil }
            var domain = Calibration.Domain(name: name)
            (domain.rows, domain.words, domain.errorRate) = (rows, words, rate)
            (domain.expectedErrorRate, domain.calibrationError) = (expected, error)
            domain.leftOutErrorRate = item["left_out_error_rate"]?.double
            seen.domains.append(domain)
        }
        for item in ranges {
            guard let item = item.object, let name = item["name"]?.string,
                let low = item["low"]?.double, let high = item["high"]?.double
            else { return nil }
            seen.ranges.append(Calibration.Range(name: name, low: low, high: high))
        }
        if let object = object["likeness"]?.object {
            guard let likeness = likeness(object) else { return nil }
            seen.likeness = likeness
        }
        return seen
    }

    private static func likeness(_ object: JSONObject) -> Likeness? {
        guard let list = object["names"]?.array, list.count <= termsMax,
            let means = numbers(object["means"], termsMax),
            let scales = numbers(object["scales"], termsMax),
            let whitening = numbers(object["whitening"], termsMax * termsMax),
            let limit = object["limit"]?.double
        else { return nil }
        let names = list.compactMap(\.string)
        let likeness = Likeness(
            names: names, means: means, scales: scales, whitening: whitening, limit: limit)
        let isKnown = names.allSatisfy(RowPredictors.names.contains)
        return isKnown && names.count == list.count && likeness.isUsable ? likeness : nil
    }

    private static func measured(_ object: JSONObject) -> Calibration.Measured? {
        var measured = Calibration.Measured()
        guard let folds = object["folds"]?.int, let rate = object["error_rate"]?.double,
            let error = object["calibration_error"]?.double,
            let rows = object["row_areas"].flatMap(areas),
            let words = object["word_areas"].flatMap(areas)
        else { return nil }
        (measured.folds, measured.errorRate, measured.calibrationError) = (folds, rate, error)
        measured.wordCalibrationError = object["word_calibration_error"]?.double
        (measured.rowAreas, measured.wordAreas) = (rows, words)
        return measured
    }

    private static func areas(_ value: JSONValue) -> [Calibration.Area]? {
        guard let list = value.array else { return nil }
        var areas: [Calibration.Area] = []
        for item in list {
            guard let item = item.object, let name = item["name"]?.string,
                let area = item["area"]?.double
            else { return nil }
            areas.append(Calibration.Area(name: name, area: area))
        }
        return areas
    }

    private static func numbers(_ value: JSONValue?, _ countMax: Int) -> [Double]? {
        guard let list = value?.array, list.count <= countMax else { return nil }
        var numbers: [Double] = []
        numbers.reserveCapacity(list.count)
        for item in list {
            guard let number = item.double else { return nil }
            numbers.append(number)
        }
        return numbers
    }
}
