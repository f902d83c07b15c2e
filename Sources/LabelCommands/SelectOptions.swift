internal import ArgumentParser
internal import Selection

/// Numbers as people write them.
enum Shares {
    /// `5%` or `0.05`.
    static func share(_ text: String, _ option: String) throws -> Double {
        let isPercent = text.hasSuffix("%")
        let number = Double(isPercent ? String(text.dropLast()) : text)
        let share = number.map { isPercent ? $0 / 100 : $0 }
        guard let share, (0...1).contains(share) else {
            throw ValidationError("\(option) is a share such as 5% or 0.05, and \(text) is none")
        }
        return share
    }

    /// More than any archive has.
    private static let hoursMax = 1e8

    static func hours(_ number: Double, _ option: String) throws -> Double {
        guard number.isFinite, number > 0, number <= hoursMax else {
            throw ValidationError("\(option) is a number of hours")
        }
        return number
    }

    /// Wider than anything that is measured.
    private static let endless = 1e9

    /// `1..20`, `1..` or `..20`.
    static func range(_ text: String, _ option: String) throws -> ClosedRange<Double> {
        func failure() -> ValidationError {
            ValidationError(
                "\(option) is a range such as 1..20, 1.. or ..20, and \(text) is none")
        }
        var rest = Substring(text)
        var ends: [Substring] = []
        // The first two dots that stand together: `0.5..20`.
        var index = rest.startIndex
        while index < rest.endIndex {
            if rest[index...].hasPrefix("..") {
                ends = [rest[..<index], rest[rest.index(index, offsetBy: 2)...]]
                break
            }
            index = rest.index(after: index)
        }
        rest = ""
        guard ends.count == 2, ends.contains(where: { !$0.isEmpty }) else { throw failure() }
        guard let low = ends[0].isEmpty ? -endless : Double(ends[0]),
            let high = ends[1].isEmpty ? endless : Double(ends[1]),
            low.isFinite, high.isFinite, low <= high
        else { throw failure() }
        return low...high
    }
}

/// How much is kept.
struct BudgetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("What says which error rate to expect.", valueName: "file"),
        completion: .file(extensions: ["calibration"]))
    var calibration: String?

    @Option(
        help: ArgumentHelp(
            "Keep as many rows as have this expected word error rate together, such as 5%.",
            valueName: "share"))
    var wer: String?

    @Flag(
        help: """
            Go by the calibration although the rows are unlike those that it was made of, where --wer is refused.
            """)
    var unlike = false

    @Option(help: ArgumentHelp("Keep this many hours at most.", valueName: "hours"))
    var hours: Double?

    @Option(
        help: ArgumentHelp("Hours of one speaker (or recording) at most.", valueName: "hours"))
    var speakerHours: Double?

    @Option(help: ArgumentHelp("Hours of one folder at most.", valueName: "hours"))
    var folderHours: Double?

    init() {}
}

/// What each row is held to.
struct LimitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Least `confidence` of a row, 0 to 1.", valueName: "number"))
    var minConfidence: Double?

    @Option(
        help: ArgumentHelp("Greatest expected word error rate of a row.", valueName: "share"))
    var rowWer: String?

    @Option(help: ArgumentHelp("Length of a row.", valueName: "range"))
    var seconds: String?

    @Option(help: ArgumentHelp("Characters a second.", valueName: "range"))
    var rate: String?

    @Option(help: ArgumentHelp("Greatest share of repeated symbols.", valueName: "share"))
    var repetition: String?

    @Option(
        help: ArgumentHelp(
            "Leave out rows that say one to four words this often in a row.", valueName: "count"))
    var loops: Int?

    @Option(help: ArgumentHelp("Scripts of letters, such as latin.", valueName: "names"))
    var script: [String] = []

    @Option(help: ArgumentHelp("Languages, as rows name theirs.", valueName: "names"))
    var language: [String] = []

    @Option(help: ArgumentHelp("Greatest share of clipped samples.", valueName: "share"))
    var clipped: String?

    @Option(
        help: ArgumentHelp(
            "Level in dBFS; write --level=-50..-3, since it begins with a minus.",
            valueName: "range"))
    var level: String?

    @Option(help: ArgumentHelp("Least bandwidth in hertz.", valueName: "number"))
    var bandwidth: Double?

    @Option(help: ArgumentHelp("Greatest share of silence.", valueName: "share"))
    var silence: String?

    @Option(
        help: ArgumentHelp(
            "Leave out texts that share so much with one that is kept, such as 80%.",
            valueName: "share"))
    var duplicates: String?

    @Flag(
        help: ArgumentHelp(
            "Leave out rows whose recording is that of one that is kept.",
            discussion:
                "Whatever its codec, level or rate. All audio is read, and libchromaprint needed."))
    var duplicateAudio = false

    @Option(
        help: ArgumentHelp(
            "Where relative recordings are; by default what the job's report says.",
            valueName: "folder"), completion: .directory)
    var audioRoot: String?

    @Option(
        help: ArgumentHelp(
            "Another output of the same rows, by another model or decoder.", valueName: "output"),
        completion: .file(extensions: ["jsonl", "json"]))
    var agree: String?

    @Option(
        help: ArgumentHelp("How much of both outputs' words must be the same.", valueName: "share"))
    var agreement: String?

    @Flag(help: "Leave out rows that are unlike what the calibration saw.")
    var inside = false

    init() {}

    var limits: SelectionLimits {
        get throws {
            var limits = SelectionLimits()
            if let minConfidence {
                guard (0...1).contains(minConfidence) else {
                    throw ValidationError("--min-confidence is from 0 to 1")
                }
                limits.confidenceMin = minConfidence
            }
            limits.rowErrorsMax = try rowWer.map { try Shares.share($0, "--row-wer") }
            limits.seconds = try seconds.map { try Shares.range($0, "--seconds") }
            limits.rate = try rate.map { try Shares.range($0, "--rate") }
            limits.repetitionMax = try repetition.map { try Shares.share($0, "--repetition") }
            if let loops {
                guard (2...1_000).contains(loops) else {
                    throw ValidationError("--loops is from 2 to 1000")
                }
                limits.loopsMax = loops
            }
            limits.scripts = Self.names(script)
            limits.languages = Self.names(language)
            limits.clippedMax = try clipped.map { try Shares.share($0, "--clipped") }
            limits.level = try level.map { try Shares.range($0, "--level") }
            if let bandwidth {
                guard (0...100_000).contains(bandwidth) else {
                    throw ValidationError("--bandwidth is a number of hertz, such as 5000")
                }
                limits.bandwidthMin = bandwidth
            }
            limits.silenceMax = try silence.map { try Shares.share($0, "--silence") }
            limits.staysInside = inside
            limits.agreementMin = try agreement.map { try Shares.share($0, "--agreement") }
            return limits
        }
    }

    private static func names(_ lists: [String]) -> [String] {
        lists.flatMap { $0.split(separator: ",").map(String.init) }
    }
}

/// How what is kept is divided.
struct PartOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Shares of train, valid and test, such as 90/5/5; a speaker (or recording) is in one.",
            valueName: "shares"))
    var split: String?

    @Option(
        help: ArgumentHelp(
            "What is capped and goes to one part as a whole: speaker (recordings where rows have none) or file.",
            valueName: "key"))
    var by = "speaker"

    @Option(help: ArgumentHelp("Decides who goes to which part.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("The field that names a row's licence.", valueName: "field"))
    var licenceField = "licence"

    init() {}

    private static let names = ["train", "valid", "test"]

    var parts: [SelectionRequest.Part] {
        get throws {
            guard let split else { return [] }
            let shares = split.split(separator: "/", omittingEmptySubsequences: false)
                .map { Double($0) ?? -1 }
            guard (2...3).contains(shares.count), shares.allSatisfy({ (0...100).contains($0) })
            else {
                throw ValidationError(
                    "--split is such as 90/5/5 (train, valid, test) or 90/10 (train, valid)")
            }
            return zip(Self.names, shares).map {
                SelectionRequest.Part(name: $0, share: $1 / 100)
            }
        }
    }
}
