import Diagnosis
import StrictJSON
import Testing

@Suite("What a diagnosis says")
struct FindingTests {
    private let report = DiagnosisReport(
        heading: "scriptorium on a \"machine\"",
        findings: [
            Finding("disk", "fast", values: ["sync_ms": .number(0.5), "free_mib": .count(7)]),
            Finding(
                "processor", .warning, "old", remedy: "take another", values: ["name": .text("x")]),
        ])

    @Test("the worst finding is the report's")
    func worst() {
        #expect(report.worst == .warning)
        let problem = Finding("a", .problem, "b", remedy: "c")
        #expect(
            DiagnosisReport(heading: "", findings: [problem] + report.findings).worst == .problem)
        #expect(DiagnosisReport(heading: "", findings: []).worst == .good)
    }

    @Test("remedies stand below what they are for, in one column")
    func text() {
        #expect(
            report.text == """
                scriptorium on a "machine"
                ok       disk       fast
                warning  processor  old
                                    → take another

                """)
    }

    @Test("programs read one object, with values of their own types")
    func json() throws {
        let object = try #require(try JSONParser.parse(Array(report.json.utf8)).object)
        #expect(object["worst"]?.string == "warning")
        let findings = try #require(object["findings"]?.array)
        #expect(findings[0].object?["free_mib"]?.int == 7)
        #expect(findings[0].object?["sync_ms"]?.double == 0.5)
        #expect(findings[0].object?["remedy"] == nil)
        #expect(findings[1].object?["remedy"]?.string == "take another")
        #expect(findings[1].object?["name"]?.string == "x")
    }
}
