import Digests
import Files
import Foundation

/// Reads a folder that `select` wrote again, from its rows alone, and says what does not agree.
///
/// It knows nothing of how rows are chosen: only the output, the folder, and what a row's group is.
struct CorpusCheck {
    let output: String
    let folder: String
    /// What must not be in two parts.
    let group: (_ record: [String: Any]) -> String

    init(
        output: String, folder: String,
        group: @escaping (_ record: [String: Any]) -> String = {
            $0["speaker"] as? String ?? $0["audio_filepath"] as? String ?? ""
        }
    ) {
        (self.output, self.folder, self.group) = (output, folder, group)
    }

    /// Sentences about what is wrong; none where all is right.
    func problems() throws -> [String] {
        var problems: [String] = []
        func expect(_ isTrue: Bool, _ sentence: @autoclosure () -> String) {
            if !isTrue { problems.append(sentence()) }
        }
        let card = try object(Data(contentsOf: url("card.json")))
        let files = card["files"] as? [[String: Any]] ?? []
        let read = try records(URL(fileURLWithPath: output))
        let lines = Set(read.map { "\($0["audio_filepath"] ?? "")\($0["offset"] ?? "")" })

        var kept: [[String: Any]] = []
        var partsOfGroup: [String: Set<String>] = [:]
        var places: Set<String> = []
        let page = try String(contentsOf: url("README.md"), encoding: .utf8)
        for file in files {
            let name = file["name"] as? String ?? ""
            let rows = try records(url(name))
            let hours = rows.reduce(0) { $0 + ($1["duration"] as? Double ?? 0) } / 3_600
            let groups = Set(rows.map(group))
            expect(file["rows"] as? Int == rows.count, "\(name): \(rows.count) rows")
            expect(
                abs((file["hours"] as? Double ?? -1) - hours) < 2e-6, "\(name): \(hours) hours")
            expect(file["groups"] as? Int == groups.count, "\(name): \(groups.count) groups")
            let digest = try FileDigest.sha256(of: url(name).path)?.hex
            expect(file["sha256"] as? String == digest, "\(name): its digest")
            expect(
                page.contains(
                    "| `\(name)` | \(rows.count) | \(String(format: "%.2f", hours)) | \(groups.count) |"
                ), "README.md has no line of \(name) with its counts")
            for key in groups { partsOfGroup[key, default: []].insert(name) }
            for row in rows {
                let place = "\(row["audio_filepath"] ?? "")\(row["offset"] ?? "")"
                expect(places.insert(place).inserted, "\(name): \(place) is there twice")
                expect(lines.contains(place), "\(name): \(place) is no row of the output")
            }
            kept += rows
        }
        for (key, parts) in partsOfGroup where parts.count > 1 {
            problems.append("\(key) is in \(parts.sorted().joined(separator: " and "))")
        }

        let rejected = try records(url("rejected.jsonl"))
        var reasons: [String: Int] = [:]
        var numbers: Set<Int> = []
        for rejection in rejected {
            reasons[rejection["reason"] as? String ?? "none", default: 0] += 1
            let row = rejection["row"] as? Int ?? -1
            expect(numbers.insert(row).inserted, "row \(row) is rejected twice")
            guard read.indices.contains(row) else {
                problems.append("a reason is without a row: \(row)")
                continue
            }
            expect(
                read[row]["audio_filepath"] as? String == rejection["audio_filepath"] as? String,
                "row \(row) is another recording")
            expect(
                !places.contains(
                    "\(read[row]["audio_filepath"] ?? "")\(read[row]["offset"] ?? "")"),
                "row \(row) is kept and has a reason")
        }
        let rows = card["rows"] as? [String: Any] ?? [:]
        expect(rows["read"] as? Int == read.count, "rows that were read: \(read.count)")
        expect(rows["kept"] as? Int == kept.count, "rows that are kept: \(kept.count)")
        expect(rows["rejected"] as? [String: Int] == reasons, "reasons: \(reasons)")
        expect(
            kept.count + rejected.count == read.count,
            "\(read.count - kept.count - rejected.count) rows have neither a place nor a reason")
        expect(card["groups"] as? Int == partsOfGroup.count, "groups: \(partsOfGroup.count)")
        let licences = kept.reduce(into: [String: Int]()) { licences, row in
            if let name = row["licence"] as? String { licences[name, default: 0] += 1 }
        }
        expect(card["licences"] as? [String: Int] == licences, "licences: \(licences)")

        expect(
            page.contains("\n\(kept.count) of \(read.count) rows, "),
            "README.md does not say \(kept.count) of \(read.count) rows")
        for (reason, count) in reasons {
            expect(
                page.contains("\n- \(count): ") && page.contains("(`\(reason)`)"),
                "README.md does not say that \(count) rows are left out for \(reason)")
        }
        // The bars of the lengths, of which each row is in one.
        let bars = page.components(separatedBy: "\n## seconds\n").last?
            .components(separatedBy: "```")
        let told =
            (bars ?? []).dropFirst().first?.split(separator: "\n")
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } } ?? []
        expect(
            told.reduce(0, +) == kept.count,
            "the histogram of lengths has \(told.reduce(0, +)) rows")
        return problems
    }

    private func url(_ name: String) -> URL { URL(fileURLWithPath: "\(folder)/\(name)") }

    private func records(_ url: URL) throws -> [[String: Any]] {
        try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
            try object(Data($0.utf8))
        }
    }

    private func object(_ data: Data) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }
}
