import Calibration
import ErrorRates
import Foundation
import Selection
import TemporaryFolders
import Testing
import TextNormalizers

@Suite("Choosing rows by expected errors")
struct CalibratedSelectionTests {
    /// Rows of which every fourth has two words wrong of four, and says so by its entropy; the others have
    /// none wrong.
    private func planted(_ count: Int, entropyOfAll: Double? = nil) throws -> Bed {
        var bed = try Bed()
        for number in 0..<count {
            let isWrong = number % 4 == 3
            let base = isWrong ? 0.5 : 0.1
            let entropy = entropyOfAll ?? base + Double(number * 37 % 100) / 1_000
            var row = Bed.Row()
            row.text = isWrong ? "ONE NO NO FOUR" : row.reference
            row.speaker = "s\(number % 10)"
            row.features["mean_entropy"] = String(format: "%.6f", entropy)
            row.features["mean_posterior"] = String(format: "%.6f", 1 - entropy / 2)
            bed.rows.append(row)
        }
        return bed
    }

    private func calibration(_ bed: Bed, _ name: String = "x.calibration") throws -> String {
        var request = LabelledRows.Request(
            output: try bed.write("dev.jsonl"), comparison: TextComparison(normalizer: .basic))
        request.features = bed.path("dev.jsonl.features.jsonl")
        let file = CalibrationFile(
            try Calibration(fitting: LabelledRows(request), normalizer: "basic"))
        try file.write(to: bed.path(name))
        return bed.path(name)
    }

    @Test(
        "rows are kept up to the error rate that is asked for, and each says what is expected of it"
    )
    func errorRate() throws {
        let bed = try planted(800)
        var request = try bed.request()
        request.calibration = try calibration(bed)
        request.errorRateMax = 0.05
        let result = try bed.run(request)
        let kept = try #require(result.kept["selected"])
        // All 600 right rows and some of the wrong ones: 0.5 w = 0.05 (600 + w).
        #expect((600...690).contains(kept.count), "\(kept.count)")
        let point = try #require(result.summary.kept)
        #expect(try #require(point.errorRate) <= 0.05)
        #expect(try #require(point.interval).contains(try #require(point.errorRate)))
        let wrong = kept.count { $0.contains("NO NO") }
        let measured = Double(wrong * 2) / Double(kept.count * 4)
        #expect(abs(measured - 0.05) < 0.02, "\(measured)")
        #expect(result.reasons.values.allSatisfy { $0 == "wer" })
        for line in kept {
            let object = try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let expected = try #require(object["expected_wer"] as? Double)
            #expect(
                line.contains("NO NO") ? expected > 0.3 : expected < 0.2, "\(expected): \(line)")
        }
        // The curve rises, in rows and in errors.
        let points = result.summary.curve.points
        #expect(points.count > 50)
        for (one, next) in zip(points, points.dropFirst()) {
            #expect(one.rows < next.rows)
            #expect(try #require(one.errorRate) <= (try #require(next.errorRate)) + 1e-12)
        }
        #expect(points.last?.rows == 800)
        let picture = try String(contentsOfFile: bed.path("chosen/yield.svg"), encoding: .utf8)
        #expect(picture.contains("<polyline") && picture.contains("<circle"))
        // What was chosen once can be chosen of again: the member stays as it is.
        var again = SelectionRequest(output: bed.path("chosen/selected.jsonl"))
        again.limits.confidenceMin = 0.1
        let second = try bed.run(again, into: "again")
        #expect(second.kept["selected"] == kept)
    }

    @Test("an error rate that may be a fifth higher is said to be uncertain")
    func uncertain() throws {
        let bed = try planted(800)
        var request = try bed.request()
        request.calibration = try calibration(bed)
        request.errorRateMax = 0.05
        var summary = try bed.run(request).summary
        let rate = try #require(summary.kept?.errorRate)
        summary.kept?.interval = rate / 1.3...rate * 1.3
        #expect(SelectionReport.text(summary).contains("uncertain   it may well be more than"))
        summary.kept?.interval = rate / 1.1...rate * 1.1
        #expect(!SelectionReport.text(summary).contains("uncertain"))
        summary.kept?.interval = nil
        #expect(!SelectionReport.text(summary).contains("uncertain"))
    }

    @Test("the row's own limit leaves out rows that are expected to be worse")
    func rowLimit() throws {
        let bed = try planted(400)
        var request = try bed.request()
        request.calibration = try calibration(bed)
        request.limits.rowErrorsMax = 0.25
        let result = try bed.run(request)
        #expect(result.reasons.count == 100)
        #expect(result.reasons.allSatisfy { $0.key % 4 == 3 && $0.value == "row_wer" })
    }

    @Test("speech that the calibration never saw is said to be so, and --inside leaves it out")
    func unlike() throws {
        let seen = try planted(400)
        let path = try calibration(seen)
        let like = try planted(200)
        var request = try like.request()
        request.calibration = path
        #expect(try like.run(request).summary.isUnlike == false)
        let other = try planted(200, entropyOfAll: 2.5)
        request = try other.request()
        request.calibration = path
        let result = try other.run(request)
        #expect(result.summary.isUnlike)
        #expect(result.summary.rowsOutside == 200)
        #expect(SelectionReport.text(result.summary).contains("does not hold, and has no interval"))
        let page = try String(contentsOfFile: other.path("chosen/README.md"), encoding: .utf8)
        #expect(page.contains("the expected rate does not hold"))
        #expect(result.summary.kept?.errorRate != nil && result.summary.kept?.interval == nil)
        #expect(result.summary.curve.points.allSatisfy { $0.interval == nil })
        request.limits.staysInside = true
        let inside = try other.run(request, into: "inside")
        #expect(inside.reasons.count == 200)
        #expect(inside.reasons.values.allSatisfy { $0 == "outside" })
    }

    @Test("of a calibration on few rows the very speech has more rows outside")
    func fewRows() throws {
        var summary = SelectionSummary()
        summary.rowsWithin = 225
        summary.rowsOutside = 28
        summary.rowsFar = 22
        #expect(summary.isUnlike, "of thousands of rows nearly all would be inside")
        var seen = Calibration.Seen()
        seen.rows = 112
        seen.ranges = (0..<6).map { .init(name: "\($0)", low: 0, high: 1) }
        summary.usualOutsideShare = seen.usualOutsideShare
        #expect((0.10...0.11).contains(summary.usualOutsideShare))
        #expect(!summary.isUnlike)
        summary.rowsOutside = 60
        #expect(summary.isUnlike)
        // What a run says comes from the calibration.
        let bed = try planted(400)
        let like = try planted(50)
        var request = try like.request()
        request.calibration = try calibration(bed)
        #expect(try like.run(request).summary.usualOutsideShare > 0)
    }

    @Test("a mixture of measures that no calibrating row had is far, though each was seen")
    func far() throws {
        let seen = try planted(400)
        let path = try calibration(seen)
        // Entropy of sure rows with the posterior of unsure ones.
        var mixed = try planted(200)
        for row in mixed.rows.indices {
            mixed.rows[row].features["mean_entropy"] = "0.150000"
            mixed.rows[row].features["mean_posterior"] = "0.720000"
        }
        var request = try mixed.request()
        request.calibration = path
        let result = try mixed.run(request)
        #expect(result.summary.rowsOutside == 0)
        #expect(result.summary.rowsFar == 200)
        #expect(result.summary.isUnlike)
        #expect(SelectionReport.text(result.summary).contains("far         200 of 200 rows"))
        let card = try String(contentsOfFile: mixed.path("chosen/card.json"), encoding: .utf8)
        #expect(card.contains("\"rows_far_from_calibration\":200"))
    }

    @Test("other speech is not chosen by an error rate that nobody knows, unless that is asked for")
    func refusesUnlike() throws {
        let seen = try planted(400)
        let path = try calibration(seen)
        let other = try planted(200, entropyOfAll: 2.5)
        var request = try other.request()
        request.calibration = path
        for (wer, row) in [(0.05, nil), (nil, 0.05)] as [(Double?, Double?)] {
            request.errorRateMax = wer
            request.limits.rowErrorsMax = row
            let error = #expect(throws: CalibrationError.self) { try other.run(request) }
            #expect("\(try #require(error))".contains("is other speech than \(path) was made of"))
            #expect(!FileManager.default.fileExists(atPath: other.path("chosen")))
        }
        request.limits.rowErrorsMax = nil
        request.errorRateMax = 0.9
        request.trustsUnlike = true
        let result = try other.run(request)
        #expect(result.summary.kept?.interval == nil)
        let (again, _, _) = try SelectionCard.read(other.path("chosen/card.json"))
        #expect(again.trustsUnlike)
        // A few odd rows among many are no other speech.
        var mixture = try planted(200)
        for row in 0..<9 { mixture.rows[row].features["mean_entropy"] = "2.500000" }
        request = try mixture.request()
        request.calibration = path
        request.errorRateMax = 0.05
        #expect(try mixture.run(request).summary.rowsFar >= 9)
    }

    @Test("a calibration that goes by features refuses an output without them")
    func withoutFeatures() throws {
        let bed = try planted(200)
        var request = try bed.request()
        request.calibration = try calibration(bed)
        request.features = nil
        let error = #expect(throws: CalibrationError.self) { try bed.run(request) }
        #expect("\(try #require(error))".contains("--features"))
    }
}
