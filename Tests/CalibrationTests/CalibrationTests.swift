import Calibration
import ErrorRates
import Foundation
import MeasuredRows
import Testing
import TextNormalizers

/// Outputs whose truth is known: each row has ten words, of which its own error rate are wrong.
enum PlantedOutput {
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            // SplitMix64.
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    static let words = ["ALPHA", "BRAVO", "CHARLIE", "DELTA", "ECHO", "FOXTROT"]

    /// Writes `OUT.jsonl` and its features; entropy says how wrong a row is, the level says nothing.
    ///
    /// - Parameters:
    ///   - excess: more errors a word of every third domain, which nothing tells.
    ///   - rate: errors a word, by entropy from 0 to 1.
    /// - Returns: the output's path.
    static func write(
        rows: Int, seed: UInt64, in folder: URL, speakers: Int = 12, withTimes: Bool = true,
        domains: Int = 2, excess: Double = 0, rate: (Double) -> Double = { $0 * 0.6 }
    ) throws -> String {
        var random = Generator(state: seed)
        var output = "", features = ""
        for row in 0..<rows {
            let entropy = Double.random(in: 0..<1, using: &random)
            let reference = (0..<10).map { _ in
                words[Int.random(in: 0..<words.count, using: &random)]
            }
            var said: [(text: String, confidence: Double)] = []
            for word in reference {
                let more = row % domains % 3 == 0 ? excess : 0
                let isWrong = Double.random(in: 0..<1, using: &random) < rate(entropy) + more
                let blur = Double.random(in: 0..<0.3, using: &random)
                said.append(
                    (isWrong ? "ZULU" : word, isWrong ? 0.4 + blur : 0.65 + blur))
            }
            let text = said.map(\.text).joined(separator: " ")
            let least = said.map(\.confidence).min() ?? 0
            var times = ""
            if withTimes {
                times = said.enumerated().map { index, word in
                    #"{"word":"\#(word.text)","start_offset":\#(index * 20),"#
                        + #""end_offset":\#(index * 20 + 10),"start":\#(Double(index) * 0.4),"#
                        + #""end":\#(Double(index) * 0.4 + 0.2),"#
                        + #""confidence":\#(String(format: "%.4f", word.confidence))}"#
                }.joined(separator: ",")
                times = #","word_timestamps":[\#(times)]"#
            }
            let name = #"speaker-\#(row % speakers)"#
            output +=
                #"{"audio_filepath":"a/\#(row).wav","duration":4.0,"text":"\#(reference.joined(separator: " "))","#
                + #""speaker":"\#(name)","domain":"d\#(row % domains)","pred_text":"\#(text)","#
                + #""confidence":\#(String(format: "%.4f", least)),"status":"transcribed"\#(times)}"#
                + "\n"
            let level = Double.random(in: -40 ..< -10, using: &random)
            features +=
                #"{"row":\#(row),"status":"transcribed","mean_posterior":\#(six(1 - entropy * 0.5)),"#
                + #""least_posterior":0.500000,"mean_margin":0.900000,"least_margin":0.100000,"#
                + #""mean_entropy":\#(six(entropy)),"greatest_entropy":1.000000,"blank_share":0.500000,"#
                + #""symbols_per_second":12.0000,"repetition":0.000000,"silence_share":0.100000,"#
                + #""clipped_share":0.000000,"level_dbfs":\#(String(format: "%.2f", level)),"bandwidth_hz":7000}"#
                + "\n"
        }
        let path = folder.appending(path: "out.jsonl").path
        try Data(output.utf8).write(to: URL(fileURLWithPath: path))
        try Data(features.utf8).write(to: URL(fileURLWithPath: path + ".features.jsonl"))
        return path
    }

    private static func six(_ value: Double) -> String { String(format: "%.6f", value) }

    static func labelled(_ path: String, domain: String? = nil) throws -> LabelledRows {
        var request = LabelledRows.Request(
            output: path, comparison: TextComparison(normalizer: .basic))
        request.features = path + ".features.jsonl"
        request.domain = domain
        return try LabelledRows(request)
    }
}

@Suite("Calibrations")
struct CalibrationTests {
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "scriptorium-calibration-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test("what was planted is found: rates of rows and words on rows that were not seen")
    func finds() throws {
        try withFolder { folder in
            let path = try PlantedOutput.write(rows: 1_200, seed: 1, in: folder)
            let data = try PlantedOutput.labelled(path, domain: "domain")
            #expect(data.rows.count == 1_200)
            #expect(data.words.count == 12_000)
            #expect(data.groupNames.count == 12)
            let calibration = try Calibration(fitting: data, normalizer: "basic")
            #expect(calibration.rows.method == .isotonic)
            #expect(calibration.measured.folds == 5)
            #expect(calibration.measured.calibrationError < 0.03)
            #expect(try #require(calibration.measured.wordCalibrationError) < 0.03)
            #expect(calibration.seen.domains.map(\.name) == ["d0", "d1"])
            #expect(calibration.seen.domains.allSatisfy { $0.rows == 600 })
            // Other rows of the same kind.
            let other = try PlantedOutput.labelled(
                PlantedOutput.write(rows: 600, seed: 2, in: folder))
            let scorer = RowScorer(calibration)
            var reading = RowReading()
            reading.readsWords = true
            let source = try MeasuredRows(
                ofOutput: path, features: path + ".features.jsonl", reading)
            var (said, errors, right) = (0.0, 0.0, 0.0)
            for row in 0..<other.rows.count {
                let (next, _) = try #require(try source.next())
                said += scorer(next).expected * 10
                errors += other.rows.errors[row]
                right += scorer.words(of: next).reduce(0, +)
            }
            #expect(abs(said - errors) / 6_000 < 0.02)
            let wrong = other.words.errors.reduce(0, +)
            #expect(abs(6_000 - wrong - right) / 6_000 < 0.02)
        }
    }

    @Test(
        "a measure that says nothing is not chosen, and the chosen one is no worse than any alone")
    func chooses() throws {
        try withFolder { folder in
            let path = try PlantedOutput.write(rows: 600, seed: 3, in: folder, withTimes: false)
            let calibration = try Calibration(
                fitting: PlantedOutput.labelled(path), normalizer: "basic")
            let areas = calibration.measured.rowAreas
            #expect(areas.first?.name == calibration.rows.name)
            #expect(areas.first?.name != "least_posterior")
            #expect(areas.count > 5)
            for (left, right) in zip(areas, areas.dropFirst()) { #expect(left.area <= right.area) }
            #expect(calibration.words == nil)
        }
    }

    @Test("with fewer than 500 words the map is a logistic curve")
    func fewWords() throws {
        try withFolder { folder in
            let path = try PlantedOutput.write(rows: 49 + 1, seed: 4, in: folder, speakers: 4)
            let data = try PlantedOutput.labelled(path)
            let all = Array(data.rows.trials.indices)
            let few = try #require(
                ErrorModel(
                    fitting: data.rows, name: "few", columns: [5], rows: Array(all.prefix(40))))
            #expect(few.method == .logistic)
            let enough = try #require(
                ErrorModel(fitting: data.rows, name: "enough", columns: [5], rows: all))
            #expect(enough.method == .isotonic)
            // The odds are the score's.
            #expect(abs(few.map(0) - 0.5) < 0.01)
            #expect(few.map(-30) < 0.001)
        }
    }

    @Test("too few rows or one group are refused with what is needed")
    func refuses() throws {
        try withFolder { folder in
            let few = try PlantedOutput.labelled(
                PlantedOutput.write(rows: 20, seed: 5, in: folder))
            let tooFew = #expect(throws: CalibrationError.self) {
                try Calibration(fitting: few, normalizer: "basic")
            }
            #expect("\(try #require(tooFew))".contains("50 rows of 2 groups are needed"))
            let one = try PlantedOutput.labelled(
                PlantedOutput.write(rows: 100, seed: 5, in: folder, speakers: 1))
            #expect(throws: CalibrationError.self) {
                try Calibration(fitting: one, normalizer: "basic")
            }
            let path = folder.appending(path: "none.jsonl").path
            try Data(#"{"audio_filepath":"a.wav","pred_text":"A","status":"transcribed"}"#.utf8)
                .write(to: URL(fileURLWithPath: path))
            let none = #expect(throws: CalibrationError.self) {
                try LabelledRows(
                    LabelledRows.Request(
                        output: path, comparison: TextComparison(normalizer: .basic)))
            }
            #expect("\(try #require(none))".contains("both a transcript and a reference"))
        }
    }

    @Test("groups that differ widen the interval of a set of one group")
    func groupsDiffer() throws {
        let spread = ErrorSpread(
            scores: [0], replicates: [], dispersion: 1, groupVariance: 0.04)
        let alike = spread.interval(
            rate: 0.05, errors: 500, replicateErrors: [], groupShares: 0.01)
        let one = spread.interval(rate: 0.05, errors: 500, replicateErrors: [], groupShares: 1)
        #expect(alike.contains(0.05))
        #expect(one.lowerBound < alike.lowerBound && one.upperBound > alike.upperBound)
        #expect(one.upperBound > 0.05 * 1.3)
        let drawn = spread.interval(
            rate: 0.05, errors: 500, replicateErrors: [400, 500, 600], groupShares: 0.01)
        #expect(drawn.upperBound > alike.upperBound)
    }

    @Test("domains that differ widen the interval, and what the others let expect of each is told")
    func domainsDiffer() throws {
        try withFolder { folder in
            // Nine domains, of which every third has more errors than its entropy tells.
            func calibration(_ excess: Double) throws -> Calibration {
                let path = try PlantedOutput.write(
                    rows: 1_800, seed: 8, in: folder, domains: 9, excess: excess)
                return try Calibration(
                    fitting: PlantedOutput.labelled(path, domain: "domain"), normalizer: "basic")
            }
            let alike = try calibration(0), unlike = try calibration(0.2)
            let (small, large) = (alike.spread.domainVariance, unlike.spread.domainVariance)
            #expect(try #require(small) < 0.02)
            // A fifth, as a standard deviation: confidences tell a part of what the entropy does not.
            #expect(try #require(large) > 0.03, "\(String(describing: large))")
            for domain in unlike.seen.domains {
                let leftOut = try #require(domain.leftOutErrorRate)
                let isWorse = ["d0", "d3", "d6"].contains(domain.name)
                #expect((domain.errorRate > leftOut) == isWorse, "\(domain)")
            }
            #expect(unlike.text(digest: "").contains("by the other domains"))
            func interval(_ calibration: Calibration) -> ClosedRange<Double> {
                calibration.spread.interval(
                    rate: 0.05, errors: 100, replicateErrors: [], groupShares: 0.1)
            }
            #expect(interval(unlike).upperBound > interval(alike).upperBound * 1.2)
            // Two are too few to tell.
            let two = try Calibration(
                fitting: PlantedOutput.labelled(
                    PlantedOutput.write(rows: 300, seed: 8, in: folder), domain: "domain"),
                normalizer: "basic")
            #expect(two.spread.domainVariance == nil)
            #expect(two.seen.domains.allSatisfy { $0.leftOutErrorRate == nil })
        }
    }

    @Test("nineteen of twenty calibrating rows are near, and so are others of their kind")
    func likeness() throws {
        try withFolder { folder in
            let calibration = try Calibration(
                fitting: PlantedOutput.labelled(
                    PlantedOutput.write(rows: 600, seed: 9, in: folder)), normalizer: "basic")
            let likeness = try #require(calibration.seen.likeness)
            #expect(likeness.isUsable && likeness.names.contains("mean_entropy"))
            #expect(!likeness.names.contains("level"))
            #expect(likeness.distance(likeness.means) < 1e-12)
            let scorer = RowScorer(calibration)
            func share(seed: UInt64) throws -> Double {
                let path = try PlantedOutput.write(rows: 600, seed: seed, in: folder)
                let source = try MeasuredRows(
                    ofOutput: path, features: path + ".features.jsonl", RowReading())
                var far = 0
                while let (row, _) = try source.next() { far += scorer(row).isFar ? 1 : 0 }
                return Double(far) / 600
            }
            #expect(try share(seed: 9) <= 0.05)
            #expect(try (0.01...0.10).contains(share(seed: 10)))
        }
    }

    @Test(
        "a file reads back as what was written; damage, other versions and impossible numbers are refused"
    )
    func file() throws {
        try withFolder { folder in
            let path = try PlantedOutput.write(rows: 300, seed: 6, in: folder)
            let calibration = try Calibration(
                fitting: PlantedOutput.labelled(path, domain: "domain"), normalizer: "basic")
            let file = CalibrationFile(calibration)
            let place = folder.appending(path: "x.calibration").path
            try file.write(to: place)
            let read = try CalibrationFile(path: place)
            #expect(read.calibration == calibration)
            #expect(read.digest == file.digest)
            let text = String(decoding: file.bytes, as: UTF8.self)
            func refused(_ changed: String, _ sentence: String) {
                let error = #expect(throws: CalibrationError.self) {
                    try CalibrationFile(bytes: Array(changed.utf8), path: "x")
                }
                #expect("\(error.map { "\($0)" } ?? "")".contains(sentence), "\(sentence)")
            }
            #expect(text.contains(#""scale":"#))
            refused(
                text.replacingOccurrences(of: #""scale":"#, with: #""scale":1"#),
                "its digest is another")
            refused(
                text.replacingOccurrences(
                    of: #""scriptorium_calibration":1"#, with: #""scriptorium_calibration":2"#),
                "of version 2")
            refused("{}", "this is no calibration")
            refused("[", "scriptorium calibrate writes such files")
            var falling = calibration
            falling.seen.ranges.removeLast()
            refused(
                String(decoding: CalibrationFile(falling).bytes, as: UTF8.self), "out of range")
            var short = calibration
            short.seen.likeness?.whitening.removeLast()
            refused(
                String(decoding: CalibrationFile(short).bytes, as: UTF8.self), "out of range")
        }
    }

    @Test("features of another row are refused by their line")
    func otherFeatures() throws {
        try withFolder { folder in
            let path = try PlantedOutput.write(rows: 60, seed: 7, in: folder)
            let features = path + ".features.jsonl"
            let lines = try String(contentsOfFile: features, encoding: .utf8)
                .split(separator: "\n")
            try Data((lines[1...].joined(separator: "\n") + "\n").utf8)
                .write(to: URL(fileURLWithPath: features))
            let fault = #expect(throws: MeasuredRows.Fault.self) {
                try PlantedOutput.labelled(path)
            }
            #expect("\(try #require(fault))".contains("features of row 1 stand in the place"))
        }
    }
}

@Suite("Numbers of rows")
struct MeasuredRowTests {
    @Test("decimals are read as the general reader reads them")
    func decimals() {
        for text in [
            "0", "-120.00", "0.123456", "12.5", "1e-3", "99999999999999999999", "0.000001",
            "3.14159265358979",
        ] {
            let value = Array(text.utf8).withUnsafeBytes { DecimalNumber.value($0) }
            #expect(value == Double(text), "\(text)")
        }
        for text in ["", "-", "1.2.3", "abc"] {
            #expect(Array(text.utf8).withUnsafeBytes { DecimalNumber.value($0) } == nil)
        }
    }
}
