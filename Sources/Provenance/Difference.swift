/// One way in which an output is not what it should be.
package struct Difference: Hashable, Sendable {
    /// What differs; raw values are for other programs.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// The output's SHA-256.
        case output
        /// The report beside the output.
        case report
        /// The file of digests beside the output.
        case digests
        /// The file of features beside the output.
        case features
        /// The input's bytes.
        case manifest
        /// A row without a record.
        case missing
        /// A record that stands twice.
        case repeated
        /// A record that stands in another row's place.
        case misplaced
        /// A record that is not what was recorded.
        case changed
        /// A line that is no row's record.
        case foreign
        /// The end of the file is missing.
        case truncated
        /// Audio that does not decode to what was transcribed.
        case audio
        /// A row that is transcribed to another record now.
        case transcript
    }

    package var kind: Kind
    /// The row it is about; nil for the whole.
    package var row: Int?
    /// The last row of several in a sequence that it is about.
    package var lastRow: Int?
    /// What was found, for people.
    package var text: String

    package init(_ kind: Kind, row: Int? = nil, lastRow: Int? = nil, _ text: String) {
        self.kind = kind
        self.row = row
        self.lastRow = lastRow
        self.text = text
    }

    /// `row 17: no record`.
    package var sentence: String {
        switch (row, lastRow) {
        case (let row?, let last?): "rows \(row) to \(last): \(text)"
        case (let row?, nil): "row \(row): \(text)"
        case (nil, _): text
        }
    }
}

/// Differences as they are found: the first of them, and how many there are.
package struct DifferenceList: Sendable {
    package private(set) var first: [Difference] = []
    package private(set) var count = 0
    private let shownMax: Int

    /// - Parameter shownMax: differences that are kept.
    package init(shownMax: Int = 100) {
        self.shownMax = shownMax
    }

    package mutating func add(_ difference: Difference) {
        count += 1
        if first.count < shownMax { first.append(difference) }
    }

    package mutating func add(_ kind: Difference.Kind, row: Int? = nil, _ text: String) {
        add(Difference(kind, row: row, text))
    }
}
