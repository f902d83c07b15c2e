internal import CHostCalls
internal import Files
internal import Glibc
internal import SystemErrors
internal import Threading

/// A folder as the place of an output and its journal.
package struct DiskFacts: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case local
        /// Gone when the machine starts again.
        case inMemory
        /// Other machines have it, too.
        case network(String)
    }

    package var folder: String
    package var kind = Kind.local
    package var freeBytes: Int?
    /// Until one page is on the disk, as each commit of the journal waits: the median of several.
    package var syncMilliseconds: Double?
    /// Bytes a second that are written and on the disk.
    package var bytesPerSecond: Double?
    /// Why nothing could be written.
    package var refusal: String?

    package init(folder: String) { self.folder = folder }

    private static let freeBytesFew = 1 << 30
    private static let syncMillisecondsSlow = 50.0

    package var finding: Finding {
        var values: [String: Finding.Value] = ["folder": .text(folder)]
        values["free_mib"] = freeBytes.map { .count($0 >> 20) }
        values["sync_ms"] = syncMilliseconds.map { .number(tenths($0)) }
        values["write_mb_per_second"] = bytesPerSecond.map { .number(tenths($0 / 1e6)) }
        if let refusal {
            return Finding(
                "disk", .problem, "\(folder): \(refusal)",
                remedy: "name a folder of yours on a disk with room: --folder, and -o for jobs",
                values: values)
        }
        var fact = folder
        if let freeBytes { fact += ": \(freeBytes >> 20) MiB free" }
        if let syncMilliseconds { fact += ", a sync takes \(tenths(syncMilliseconds)) ms" }
        if let bytesPerSecond { fact += ", \(Int(bytesPerSecond / 1e6)) MB/s are written" }
        switch kind {
        case .network(let name):
            return Finding(
                "disk", .warning, "\(fact); it is a network file system (\(name))",
                remedy:
                    "write outputs and their .job folders to a local disk, and copy them at the end",
                values: values)
        case .inMemory:
            return Finding(
                "disk", .warning, "\(fact); it is in memory",
                remedy: "write outputs where they survive a restart of the machine", values: values)
        case .local: break
        }
        if let freeBytes, freeBytes < Self.freeBytesFew {
            return Finding(
                "disk", .warning, fact,
                remedy: "make room: a journal of a million rows takes some GiB", values: values)
        }
        if let syncMilliseconds, syncMilliseconds > Self.syncMillisecondsSlow {
            return Finding(
                "disk", .warning, "\(fact), which is slow",
                remedy: "put outputs on another disk: each second of a job waits for a few syncs",
                values: values)
        }
        return Finding("disk", fact, values: values)
    }

    private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    // MARK: Measuring

    private static let syncsMax = 20
    private static let blockBytes = 1 << 20
    private static let blocksMax = 64
    private static let patienceMilliseconds = 1_000

    /// Measures a folder, with a file that has no name: two seconds at most, where the disk answers.
    package static func measured(_ folder: String) -> DiskFacts {
        var facts = DiskFacts(folder: folder)
        facts.kind = kind(of: folder)
        var space = statvfs()
        if statvfs(folder, &space) == 0 {
            facts.freeBytes = Int(
                clamping: UInt64(space.f_bavail).multipliedReportingOverflow(
                    by: UInt64(space.f_frsize)
                ).partialValue)
        }
        do throws(FileError) {
            let descriptor = try AnonymousFile.open(in: folder)
            defer { close(descriptor) }
            do throws(SystemError) {
                facts.syncMilliseconds = try syncMilliseconds(descriptor)
                facts.bytesPerSecond = try bytesPerSecond(descriptor)
            } catch {
                throw FileError(folder, "write", error)
            }
        } catch {
            facts.refusal = error.sentence
        }
        return facts
    }

    private static func syncMilliseconds(_ descriptor: Int32) throws(SystemError) -> Double? {
        let page = [UInt8](repeating: 0x5A, count: 4 << 10)
        let deadline = MonotonicClock.milliseconds() + patienceMilliseconds
        var times: [Int] = []
        repeat {
            let began = MonotonicClock.nanoseconds()
            try DescriptorIO.write(page, to: descriptor)
            guard fsync(descriptor) == 0 else { throw SystemError.last }
            times.append(MonotonicClock.nanoseconds() - began)
        } while times.count < syncsMax && MonotonicClock.milliseconds() < deadline
        return Double(times.sorted()[times.count / 2]) / 1e6
    }

    private static func bytesPerSecond(_ descriptor: Int32) throws(SystemError) -> Double? {
        let block = [UInt8](repeating: 0xA5, count: blockBytes)
        let began = MonotonicClock.nanoseconds()
        let deadline = MonotonicClock.milliseconds() + patienceMilliseconds
        var blocks = 0
        repeat {
            try DescriptorIO.write(block, to: descriptor)
            blocks += 1
        } while blocks < blocksMax && MonotonicClock.milliseconds() < deadline
        guard fsync(descriptor) == 0 else { throw SystemError.last }
        let seconds = Double(max(1, MonotonicClock.nanoseconds() - began)) / 1e9
        return Double(blocks * blockBytes) / seconds
    }

    /// Numbers of file systems, of statfs(2).
    private static let networks: [UInt32: String] = [
        0x6969: "NFS", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2", 0x517B: "SMB", 0x00C3_6400: "Ceph",
        0x0BD0_0BD0: "Lustre", 0x4750_4653: "GPFS", 0x1983_0326: "BeeGFS", 0x6573_5546: "FUSE",
        0x0102_1997: "9P", 0x5346_414F: "AFS",
    ]
    private static let temporary: Set<UInt32> = [0x0102_1994, 0x8584_58F6]

    private static func kind(of folder: String) -> Kind {
        let number = scriptorium_file_system(folder)
        if let name = networks[number] { return .network(name) }
        return temporary.contains(number) ? .inMemory : .local
    }
}
