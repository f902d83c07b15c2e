internal import ClusterRuntime
internal import ClusterSecurity
internal import Foundation
internal import Glibc
internal import LoopbackServers
internal import Processes
internal import ReservedPorts
internal import Testing

/// Many sessions in one process against one coordinator, over CURVE, to a durable journal.
///
/// Small in every run of the tests. `SCRIPTORIUM_SCALE_ROWS` makes it large, and then it prints what
/// the coordinator took; it never judges that. Its metrics are asked for every second meanwhile.
@Suite("A coordinator with a large fleet and many rows") struct ScaleTests {
    @Test("records every row of a fleet's sessions, in order")
    func largeFleet() throws {
        let environment = ProcessInfo.processInfo.environment
        let wanted = environment["SCRIPTORIUM_SCALE_ROWS"].flatMap { Int($0) }
        let rows = wanted ?? 20_000
        let sessions = environment["SCRIPTORIUM_SCALE_SESSIONS"].flatMap { Int($0) } ?? 100

        let guarded = try GuardedJob(rows: [])
        try Self.write(rows, to: guarded.job.input)
        let began = ContinuousClock.now
        let port = try ReservedPort()
        let coordinator = try guarded.job.coordinate(
            workers: 0, listen: guarded.endpoint,
            settings: ["STANDIN_KEYS": guarded.keys.path, "STANDIN_HTTP": "\(port.number)"])
        #expect(
            coordinator.wait(milliseconds: Self.patience) {
                coordinator.errors.contains("listening on")
            })
        let planned = ContinuousClock.now
        let before = ProcessUse(of: coordinator.identifier)
        let scraper = Scraper(port: port.number)
        #expect(scraper.scrape()?.contains("scriptorium_rows") == true)
        let swarm = try guarded.swarm(sessions: sessions)
        var last = before
        var scrapes = 0
        _ = coordinator.wait(milliseconds: Self.patience) {
            last = ProcessUse(of: coordinator.identifier) ?? last
            if scraper.isDue, scraper.scrape() != nil { scrapes += 1 }
            return !coordinator.isRunning
        }
        let ended = ContinuousClock.now
        #expect(coordinator.waitForEnd() == .exited(0), "\(coordinator.errors)")
        #expect(swarm.waitForEnd() == .exited(0), "\(swarm.errors)")
        #expect(try Self.ordinals(of: guarded.job.output).elementsEqual(0..<rows))

        guard wanted != nil, let before, let last else { return }
        let seconds = (ended - planned) / .seconds(1)
        let processor = (last.processorSeconds - before.processorSeconds) / Double(rows)
        print(
            """
            \(rows) rows, \(sessions) sessions: planned in \((planned - began) / .seconds(1)) s; \
            computed and written in \(seconds) s, \(Int(Double(rows) / seconds)) rows/s, \
            \(processor * 1e6) µs of processor a row; \
            \(scrapes) scrapes of its metrics; heap \(before.heapBytes >> 10) KiB at the start, peak memory \(last.peakBytes >> 20) MiB
            """)
    }

    /// Milliseconds that ten million rows may take.
    private static let patience = 1_800_000

    /// Rows with their ordinals, a few at a time in memory.
    private static func write(_ rows: Int, to path: String) throws {
        let file = try #require(FileHandle(forWritingAtPath: path))
        for start in stride(from: 0, to: rows, by: 10_000) {
            let lines = (start..<min(start + 10_000, rows)).map {
                "{\"audio_filepath\":\"archive/clip-\($0).flac\",\"duration\":6.5}\n"
            }
            try file.write(contentsOf: Data(lines.joined().utf8))
        }
        try file.close()
    }

    /// The ordinal in the path of each record.
    private static func ordinals(of path: String) throws -> [Int] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        return data.split(separator: UInt8(ascii: "\n")).map { line in
            let digits = line.drop { $0 != UInt8(ascii: "-") }.dropFirst()
                .prefix { $0 != UInt8(ascii: ".") }
            return Int(String(decoding: digits, as: UTF8.self)) ?? -1
        }
    }
}

/// Asks for a coordinator's metrics, as Prometheus does.
private final class Scraper {
    private let port: UInt16
    private var last = ContinuousClock.now

    init(port: UInt16) { self.port = port }

    /// A second has passed since the last one.
    var isDue: Bool { ContinuousClock.now - last >= .seconds(1) }

    /// The answer; nil if nobody gives one.
    func scrape() -> String? {
        last = ContinuousClock.now
        guard let client = try? RawHTTPClient(port: port) else { return nil }
        client.send(
            "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n")
        return client.receiveToEnd()
    }
}

/// What a process has used so far.
private struct ProcessUse {
    var processorSeconds: Double
    /// Memory of its own, that no file backs.
    var heapBytes: Int
    var peakBytes: Int

    /// Nil if there is no such process any more.
    init?(of identifier: pid_t) {
        func text(_ name: String) -> String {
            (try? String(contentsOfFile: "/proc/\(identifier)/\(name)", encoding: .utf8)) ?? ""
        }
        func kibibytes(_ field: String) -> Int? {
            let line = text("status").split(separator: "\n").first { $0.hasPrefix(field) }
            return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        }
        // The name in parentheses may hold spaces; ticks in user and system mode come 12th and 13th after.
        let fields = text("stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]),
            let heap = kibibytes("RssAnon:"), let peak = kibibytes("VmHWM:")
        else { return nil }
        processorSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        heapBytes = heap << 10
        peakBytes = peak << 10
    }
}
