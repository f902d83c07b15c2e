internal import ClusterRuntime
internal import Foundation
internal import SpeechTypes
internal import Testing

@Suite("Places that workers run in") struct WorkerSlotTests {
    @Test("two workers on one machine never claim one place")
    func claims() throws {
        let slots = try (0..<3).map { _ in try WorkerSlot() }
        #expect(Set(slots.map(\.name)).count == 3)
        #expect(Set(slots.map { $0.name.split(separator: "/").first }).count == 1)
    }

    @Test("instances differ, and have 128 bits")
    func instances() {
        let instances = Set((0..<100).map { _ in WorkerSlot.newInstance() })
        #expect(instances.count == 100)
        #expect(instances.allSatisfy { $0.count == 32 && $0.allSatisfy(\.isHexDigit) })
    }

    @Test("the folder for sockets is closed to everybody else")
    func runtimeFolder() throws {
        let path = try RuntimeFolder.path()
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o700)
        let endpoint = try RuntimeFolder.endpoint(ofJobFolder: "/archive/out.jsonl.job")
        #expect(endpoint.hasPrefix("ipc://\(path)/"))
        #expect(try RuntimeFolder.endpoint(ofJobFolder: "/archive/out.jsonl.job") == endpoint)
        #expect(try RuntimeFolder.endpoint(ofJobFolder: "/archive/other.jsonl.job") != endpoint)
    }
}
