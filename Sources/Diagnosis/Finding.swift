internal import StrictJSON

/// One thing about a machine, what follows from it, and what helps.
package struct Finding: Hashable, Sendable {
    package enum Verdict: String, Hashable, Sendable, Comparable {
        case good
        /// Work is possible, slower or with less than it could have.
        case warning
        /// Work is not possible, or would be lost.
        case problem

        package static func < (left: Verdict, right: Verdict) -> Bool {
            left.weight < right.weight
        }

        private var weight: Int {
            switch self {
            case .good: 0
            case .warning: 1
            case .problem: 2
            }
        }
    }

    /// A measured value, under a name that has its unit.
    package enum Value: Hashable, Sendable {
        case text(String)
        case number(Double)
        case count(Int)
    }

    /// What it is about: one word.
    package let topic: String
    package let verdict: Verdict
    /// A sentence with what was found.
    package let fact: String
    /// What to do; nil where nothing needs to be done.
    package let remedy: String?
    package let values: [String: Value]

    package init(_ topic: String, _ fact: String, values: [String: Value] = [:]) {
        self.init(topic, .good, fact, remedy: nil, values: values)
    }

    package init(
        _ topic: String, _ verdict: Verdict, _ fact: String, remedy: String?,
        values: [String: Value] = [:]
    ) {
        self.topic = topic
        self.verdict = verdict
        self.fact = fact
        self.remedy = remedy
        self.values = values
    }
}

/// What was found on a machine.
package struct DiagnosisReport: Hashable, Sendable {
    /// The program, the system and the time, in one line.
    package let heading: String
    package let findings: [Finding]

    package init(heading: String, findings: [Finding]) {
        self.heading = heading
        self.findings = findings
    }

    package var worst: Finding.Verdict { findings.map(\.verdict).max() ?? .good }

    /// Lines for people; remedies stand below what they are for.
    package var text: String {
        let width = findings.map(\.topic.count).max() ?? 0
        var lines = [heading]
        for finding in findings {
            let topic =
                finding.topic + String(repeating: " ", count: width - finding.topic.count)
            lines.append("\(Self.mark(finding.verdict)) \(topic)  \(finding.fact)")
            if let remedy = finding.remedy {
                lines.append(String(repeating: " ", count: width + 11) + "→ \(remedy)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func mark(_ verdict: Finding.Verdict) -> String {
        switch verdict {
        case .good: "ok      "
        case .warning: "warning "
        case .problem: "PROBLEM "
        }
    }

    /// One JSON object, with a newline.
    package var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("heading", heading)
        writer.member("worst", worst.rawValue)
        writer.key("findings")
        writer.beginArray()
        for finding in findings {
            writer.beginObject()
            writer.member("topic", finding.topic)
            writer.member("verdict", finding.verdict.rawValue)
            writer.member("fact", finding.fact)
            if let remedy = finding.remedy { writer.member("remedy", remedy) }
            for (name, value) in finding.values.sorted(by: { $0.key < $1.key }) {
                switch value {
                case .text(let text): writer.member(name, text)
                case .number(let number): writer.member(name, number)
                case .count(let count): writer.member(name, count)
                }
            }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}
